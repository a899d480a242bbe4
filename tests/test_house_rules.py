"""The house's rules, each with a message that says what to do instead (style: principles 1–3, 6, 10, 16, 19)."""

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from app import create_app
from officeapp.procedures import book
from tests.services import settings_of

ROOT = Path(__file__).parent.parent
FOLDERS = ("officeapp", "jobs", "tools")
SHIPPED = sorted([*(path for folder in FOLDERS for path in ROOT.glob(f"{folder}/**/*.py")), ROOT / "app.py"])
SOURCES = [path for path in SHIPPED if "migrations" not in path.parts]
TESTS = sorted(ROOT.glob("tests/**/*.py"))
TEMPLATES = sorted(ROOT.glob("templates/**/*.html"))
SCRIPTS = sorted(ROOT.glob("static/*.js"))
GENERIC = ("engine", "decisions", "manuscripts", "roles", "desks", "refusals", "timing", "notices", "outbox", "matters",
           "numbers", "deadlines", "recalendar", "fields", "visibility", "boards", "todo")
MAY_READ_THE_ENVIRONMENT = {
    "officeapp/settings.py": "it is the one reader",
    "officeapp/supervisor.py": "it hands its own environment on to its children",
    "officeapp/redis_server.py": "the same, to the embedded Redis",
}
THE_RECORD = {"Matter", "Event", "TextVersion", "Attachment", "Task", "Deadline", "Step", "Number", "Message",
              "AdminEvent", "LoginEvent", "Seal", "CalendarVersion", "Delegation", "Person", "Unit"}
MAY_READ_THE_CLOCK = {"officeapp/clock.py": "it is the one reader"}
# A whole word like 发文 or "lucheng-2019" in the engine would be a rule hidden in code.
NAMES_OF_THE_BOOK = {p.kind for p in book.PROCEDURES} | {p.rulebook for p in book.PROCEDURES}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def lines(path: Path) -> int:
    return path.read_text("utf-8").count("\n")


def said_lines(path: Path) -> int:
    """Lines that say something: blank ones are not counted."""
    return sum(bool(line.strip()) for line in path.read_text("utf-8").splitlines())


def test_functions_are_short():
    lengths = [(f.end_lineno - f.lineno + 1, f"{name(path)}:{f.lineno} {f.name}")
               for path in SOURCES for f in functions(path)]
    sizes = sorted(size for size, _ in lengths)
    assert statistics.median(sizes) <= 8 and sizes[int(len(sizes) * 0.9)] <= 20, "Most functions should do one thing."
    assert not [f for f in lengths if f[0] > 45], "Split it: a function over 45 lines does more than its name says."


def test_files_are_small():
    assert statistics.median(said_lines(path) for path in SOURCES) <= 90, "Split modules that hold two nouns."
    big = [f"{name(path)}: {lines(path)}" for path in SOURCES if lines(path) > 300]
    big += [f"{name(path)}: {said_lines(path)}" for path in TESTS if said_lines(path) > 300]
    assert not big, f"Over 300 lines, make it a package of the same name or two nouns: {big}"


def test_imports_stand_at_the_top():
    hidden = [f"{name(path)}:{node.lineno}" for path in SOURCES for f in functions(path) for node in ast.walk(f)
              if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert not hidden, f"An import inside a function hides a cycle; move what both need one layer down: {hidden}"


def test_every_init_is_empty():
    full = [name(path) for path in [*SHIPPED, *TESTS] if path.name == "__init__.py" and path.read_text("utf-8")]
    assert not full, f"Import the module you need by its own name and leave __init__.py empty: {full}"


def test_modules_are_nouns_of_the_office():
    vague = [name(path) for path in SHIPPED if re.search(r"(services?|helpers?|managers?|utils?)$", path.stem)]
    assert not vague, f"Name the thing it holds: {vague}"


def test_only_the_clock_reads_the_time():
    called = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "datetime.datetime.now"}
    found = [f"{name(path)}:{node.lineno}" for path in SOURCES if name(path) not in MAY_READ_THE_CLOCK
             for node in ast.walk(tree(path)) if isinstance(node, ast.Call) and dotted(node.func) in called]
    assert not found, f"Take `now` as an argument; only officeapp/clock.py reads the clock: {found}"


def test_only_settings_reads_the_environment():
    found = [f"{name(path)}:{node.lineno}" for path in SOURCES
             if name(path) not in MAY_READ_THE_ENVIRONMENT and not name(path).startswith("tools/")
             for node in ast.walk(tree(path)) if dotted(node) in ("os.environ", "os.getenv", "os.putenv")]
    assert not found, f"Add a field to officeapp/settings.py and take it from there: {found}"


def test_only_the_transaction_commits():
    found = [f"{name(path)}:{node.lineno}" for path in SOURCES if name(path) != "officeapp/db.py"
             for node in ast.walk(tree(path)) if isinstance(node, ast.Call) and dotted(node.func).endswith(".commit")]
    assert not found, f"Use `with db.transaction()`, the only place that commits: {found}"


def test_nothing_of_the_record_is_ever_deleted():
    """Logs are kept for 184 days at least (domain.md 7.2); ours have no end, so there is no setting to be too low."""
    calls = [(path, node) for path in SOURCES for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    found = [f"{name(path)}:{node.lineno}" for path, node in calls if dotted(node.func).endswith("session.delete")
             or dotted(node.func) in ("delete", "sqlalchemy.delete") and ast.unparse(node.args[0]) in THE_RECORD]
    found += [f"{name(path)}: {hit[0]}" for path in SOURCES
              if (hit := re.search(r"(?i)\b(?:delete\s+from|truncate\s+table)\s+\w+", path.read_text("utf-8")))]
    assert not found, f"Close it, hide it or void it, or say delete(Table) of what is no record: {found}"


@pytest.mark.parametrize("module", GENERIC)
def test_the_engine_and_its_readers_name_no_kind_and_no_rulebook(module):
    path = ROOT / "officeapp" / f"{module}.py"
    constants = (node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant))
    words = {value for value in constants if isinstance(value, str)}
    assert not words & NAMES_OF_THE_BOOK, "Say it in the procedure's data; the engine serves every kind alike."
    stages = {s.key for p in book.PROCEDURES for s in p.stages} - {"archiving", "distribution"}
    assert not words & stages, "A stage's name in the engine is a rule hidden in code: declare it on the stage."


@pytest.mark.parametrize("procedure", book.PROCEDURES, ids=lambda p: p.rulebook)
def test_every_move_stage_and_limit_cites_a_clause(procedure):
    cited = [*procedure.moves, *procedure.stages, *procedure.rules, *procedure.ladder]
    bare = [each.key for each in cited if not (each.clause.source and each.clause.place and each.clause.text)]
    assert not bare, f"Name the regulation, the place and its words: {bare}"


def test_urls_are_nouns_in_kebab_case(tmp_path):
    app = create_app(settings_of({"DATA_DIR": str(tmp_path)}))
    rules = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    wrong = [rule for rule in rules if not re.fullmatch(r"/|(/([a-z0-9]+(-[a-z0-9]+)*|<(\w+:)?\w+>))+", rule)]
    assert len(rules) > 30 and not wrong, f"URLs are lower-case nouns joined by hyphens: {wrong}"


def test_templates_hold_no_inline_style_script_or_handler():
    banned = (r"\sstyle\s*=", r"\son[a-z]+\s*=", r"<style\b", r"<script(?![^>]*\ssrc=)", r"hx-on", r"javascript:",
              r"hx-(?:vals|headers)\s*=\s*[\"']js:", r"hx-trigger\s*=\s*[\"'][^\"']*\[")
    found = [f"{name(path)}: {hit[0].strip()}" for path in TEMPLATES for rule in banned
             if (hit := re.search(rule, re.sub(r"{#.*?#}", "", path.read_text("utf-8"), flags=re.S)))]
    assert not found, f"The content security policy drops it; use a class or a listener in static/*.js: {found}"


def test_templates_fetch_nothing_from_elsewhere():
    foreign = r"(?:src|href|url|import)\s*[=(]?\s*[\"'(](?:https?:)?//[^\"')]+"
    found = [f"{name(path)}: {hit[0]}" for path in [*TEMPLATES, *ROOT.glob("static/*.css"), *SCRIPTS]
             if (hit := re.search(foreign, path.read_text("utf-8")))]
    assert not found, f"Offices have no internet: install the file and serve it from static/: {found}"


def test_scripts_stay_in_the_language_of_old_browsers():
    newer = (r"\?\?=|\|\|=|&&=", r"\?\.[\w(\[]", r"\?\?", r"\.replaceAll\(", r"\.at\(-?\d", r"^\s*(?:static\s+)?#\w+")
    found = [f"{name(path)}: {hit[0]}" for path in SCRIPTS for rule in newer
             if (hit := re.search(rule, path.read_text("utf-8"), re.M))]
    assert not found, f"ES2019 at most, old Chromium is among our readers: {found}"


def test_templates_trust_no_text():
    found = [f"{name(path)}: {hit[0]}" for path in TEMPLATES
             if (hit := re.search(r"\|\s*safe\b|autoescape\s+false", path.read_text("utf-8")))]
    assert not found, f"Hand over Markup from the code that made it, or let Jinja escape it: {found}"


def test_no_test_is_skipped():
    skipping = r"mark\.(?:skip|xfail)|pytest\.(?:skip|xfail|importorskip)\("
    found = [f"{name(path)}: {hit[0]}" for path in TESTS if path != Path(__file__)
             if (hit := re.search(skipping, path.read_text("utf-8")))]
    assert not found, f"A skipped test shows nothing: make it run or take it out: {found}"


def test_imports_go_down_and_every_module_has_its_layer():
    linter = Path(sys.executable).with_name("lint-imports")
    told = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    advice = "Give a new module its layer in pyproject.toml, or turn the import round:"
    assert told.returncode == 0, f"{advice}\n{told.stdout}"


def test_no_module_imports_itself_by_a_detour():
    modules = {name(path)[:-3].replace("/", "."): path for path in SOURCES if path.name != "__init__.py"}
    imported = {module: imports(path) & set(modules) for module, path in modules.items()}
    try:
        TopologicalSorter(imported).prepare()
    except CycleError as cycle:
        raise AssertionError(f"Move what both need one layer down: {' → '.join(cycle.args[1])}") from None


def imports(path: Path) -> set[str]:
    found = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom) and node.module]
    return {n.module for n in found} | {f"{n.module}.{alias.name}" for n in found for alias in n.names}
