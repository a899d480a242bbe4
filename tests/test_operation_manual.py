"""运维手册 is complete: every variable, alarm, reason, finding and metric is explained, and its files really work."""

import ast
import importlib.util
import os
import re
import subprocess
import tarfile
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from officeapp import calendars, checkup, clock, db, schedule, schema
from officeapp.settings import ROOT, VARIABLES
from officeapp.web import alarms, health, messages, metrics, safety
from tests import conftest
from tests.desks import opened
from tests.test_backup import TOOLS

MANUAL = (ROOT / "docs/运维手册.md").read_text("utf-8")
UNITS = sorted((ROOT / "docs/systemd").glob("*.service"))
RULES = (ROOT / "docs/prometheus/officeapp.rules.yml").read_text("utf-8")


def source(module):
    return Path(module.__file__).read_text("utf-8")


def spoken(module, *functions):
    """The Chinese phrases that these functions of a module put together, up to the first mark or blank."""
    found = [node for node in ast.walk(ast.parse(source(module))) if getattr(node, "name", "") in functions]
    assert len(found) == len(functions)
    words = [node.value for each in found for node in ast.walk(each)
             if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    pieces = [piece for word in words for piece in re.split("[（）。，、“”：；]|\\n", word)]
    return {piece for piece in pieces if re.fullmatch("[\u4e00-\u9fff0-9]{5,}", piece)}


@pytest.mark.parametrize("name", sorted(set(VARIABLES) - {"DEMO_STARTED_AT"}))  # which only the supervisor sets
def test_every_variable_has_its_line(name):
    assert re.search(rf"^\| (`\w+` )*`{name}`( `\w+`)* \|", MANUAL, re.M), f"运维手册 says nothing of {name}"


def test_every_alarm_on_the_pages_is_explained():
    said = {words for _, words in alarms.OTHERS.values()} | spoken(alarms, "alarms", "_late")
    said = {words for words in said if not words.startswith("请系统管理员")}
    assert {"提醒和催办已停止运行", "邮件已停止发出", "件事项的提醒到点后没能发出", "封邮件超过1小时没能发出"} <= said
    assert not [words for words in said if words not in MANUAL]


def test_every_reason_of_readyz_is_explained():
    reasons = {"database", "migrations", "attachments", "redis", "reminders", "newer_database"}
    assert all(f'"{reason}"' in source(health) for reason in reasons)
    given = set(re.findall(r'"([a-z_]+)"', re.sub('""".*?"""', "", source(health), flags=re.S)))
    assert given - {"health", "ready", "ahead", "behind"} == reasons  # a new one must be written down
    assert not [reason for reason in reasons if f"`{reason}`" not in MANUAL]


def test_every_finding_of_the_check_is_named():
    about = set(re.findall(r'Finding\(\w+, "([^"]+)"', source(checkup)))
    chapter = MANUAL.partition("### flask check 的各项")[2].partition("\n## ")[0]
    assert len(about) > 12 and not [each for each in about if each not in chapter]


def test_every_state_of_a_mail_is_explained():
    said = spoken(messages, "_state_words")
    assert "已并入每日提醒" in said and not [words for words in said if words not in MANUAL]


def test_every_rule_asks_for_a_metric_that_there_is_and_is_explained():
    asked = set(re.findall(r"\b(?:officeapp|process)_[a-z_]+", RULES))
    told = source(metrics)
    assert len(asked) > 10 and not [name for name in asked if f'"{name}"' not in told]
    names = re.findall(r"alert: ([^,]+),", RULES)
    chapter = MANUAL.partition("### /metrics 的报警")[2].partition("\n### ")[0]
    assert len(names) == len(set(names)) and not [name for name in names if name not in chapter]


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_every_unit_starts_something_that_there_is_with_least_rights(unit):
    said = unit.read_text("utf-8")
    [command] = re.findall(r"^ExecStart=/opt/officeapp/(.+)$", said, re.M)
    words = command.split()
    if "-m" in words:
        assert importlib.util.find_spec(words[words.index("-m") + 1])
    else:
        assert (ROOT / words[-1 if words[-1] == "app.py" else 0]).exists()
    for right in ("NoNewPrivileges=yes", "ProtectSystem=strict", "User=officeapp", "CapabilityBoundingSet=\n"):
        assert right in said
    assert "EnvironmentFile=/etc/officeapp/officeapp.env" in said and f"systemd/{unit.name}" in MANUAL


def test_the_proxys_example_fits_the_program():
    proxy = (ROOT / "docs/nginx/officeapp.conf").read_text("utf-8")
    [megabytes] = re.findall(r"client_max_body_size (\d+)m;", proxy)
    assert f"MAX_CONTENT_LENGTH={megabytes} * 1024 * 1024" in source(safety)
    assert "$remote_addr" in proxy and "$proxy_add_x_forwarded_for" not in proxy
    assert "$request_uri" not in proxy.partition("log_format")[2].partition(";")[0] and "Strict-Transport" in proxy


def test_the_example_of_the_environment_names_only_variables():
    sample = (ROOT / "docs/systemd/officeapp.env").read_text("utf-8")
    named = re.findall(r"^#?([A-Z_]+)=", sample, re.M)
    assert "SECRET_KEY" in named and not set(named) - set(VARIABLES)


@pytest.fixture
def office(either_database, tmp_path):
    bureau = conftest.seeded()
    with db.engine().begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:it)"), {"it": schema.revisions()[0]})
    with db.transaction() as session:
        calendars.ensure_seeded(session)
    opened(bureau.drafter)
    (tmp_path / "attachments").mkdir()
    return {"DATABASE_URL": either_database.replace("+psycopg", ""), "DATA_DIR": str(tmp_path)}


def run_backup(environ, target, **more):
    bare = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    path = f"{TOOLS}:{bare['PATH']}"
    return subprocess.run(["sh", "docs/systemd/backup.sh", str(target)], cwd=ROOT, capture_output=True, text=True,
                          env=bare | environ | more | {"PATH": path}, timeout=100)


def test_the_nightly_backup_takes_checks_and_notes(office, tmp_path):
    target = tmp_path / "copies"
    target.mkdir()
    told = run_backup(office, target)
    assert told.returncode == 0 and "未发现改动" in told.stdout, told.stdout + told.stderr
    names = sorted(re.sub(r"^\d{8}-\d{6}", "", path.name) for path in target.iterdir())
    sqlite = make_url(office["DATABASE_URL"]).get_backend_name() == "sqlite"
    assert names == ([".tar.gz"] if sqlite else [".attachments.tar.gz", ".dump"])
    assert all(path.stat().st_mode & 0o077 == 0 for path in target.iterdir())
    archive = next(path for path in target.iterdir() if path.name.endswith(".tar.gz"))
    assert tarfile.open(archive).getnames()
    with db.reading() as session:
        assert clock.now() - schedule.heartbeats(session)["backup"] < schedule.STALE


@pytest.mark.parametrize("either_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("days", ["183", "-1", "all", "1 -o -name x"])
def test_backups_are_never_kept_for_less_than_half_a_year(office, tmp_path, days):
    told = run_backup(office, tmp_path, KEEP_DAYS=days)
    assert told.returncode == 2 and not list(tmp_path.glob("2*.tar.gz"))
