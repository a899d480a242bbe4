"""docs/clauses.md names every clause of 办事, and only tests that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
TABLE = (ROOT / "docs" / "clauses.md").read_text("utf-8")
NUMBERS = {"DB": range(1, 14), "LX": range(1, 9), "QZ": range(1, 6), "LD": range(1, 7)}


def test_every_clause_of_these_kinds_has_its_line():
    lines = set(re.findall(r"^\| ([A-Z]+-?\d+) \|", TABLE, flags=re.MULTILINE))
    missing = {f"{kind}-{n}" for kind, numbers in NUMBERS.items() for n in numbers} - lines
    assert not missing, f"docs/clauses.md has no line for {sorted(missing)}"


def test_every_test_that_it_names_exists():
    said = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    gone = [name for name in re.findall(r"`(test_\w+)`", TABLE) if f"def {name}(" not in said]
    assert not gone, f"docs/clauses.md names tests that there are no more: {gone}"
