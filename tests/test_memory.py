"""What a web process holds: what it loads at its start, and what it keeps of what it has drawn."""

import importlib
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from officeapp import db, figures, late, todo, visibility
from officeapp.people import Actor
from officeapp.settings import ROOT
from tests.test_moves_web import opened

OF_FEW = ("ldap3", "requests", "authlib.oauth2", "alembic", "holidays", "xlsxwriter", "segno")
OF_NOBODY = ("rich", "pygments", "twisted", "valkey")  # what others take along where tests and tools installed it
LOADED = "import sys, app; app.create_app(); print(*(name for name in sys.argv[1:] if name in sys.modules))"


def test_a_web_process_loads_no_library_for_what_few_bureaus_use(tmp_path: Path) -> None:
    env = {"DATABASE_URL": f"sqlite:///{tmp_path / 'empty.db'}", "DATA_DIR": str(tmp_path), "DEMO": "1"}
    told = subprocess.run([sys.executable, "-c", LOADED, "sqlalchemy", *OF_FEW, *OF_NOBODY], env=env, cwd=ROOT,
                          capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["sqlalchemy"]


def test_a_late_library_is_there_when_it_is_asked() -> None:
    assert late.module("fractions").Fraction(1, 2) == 0.5


def test_a_late_library_that_is_not_installed_is_missed_at_the_start() -> None:
    with pytest.raises(ModuleNotFoundError):
        late.module("no_such_library")


def test_what_is_left_out_can_be_imported_again_afterwards() -> None:
    with late.without("fractions"), pytest.raises(ModuleNotFoundError):
        importlib.import_module("fractions")
    assert importlib.import_module("fractions").Fraction


KEPT = (visibility._seeing, todo._on, figures._asking)


def test_readers_who_differ_in_ids_alone_share_statements_and_not_what_they_see(bureau, now) -> None:
    matter = opened(bureau.drafter)
    assert looked(bureau.drafter, matter, now) == (True, 1, 0)
    shapes = [kept.cache_info().currsize for kept in KEPT]
    assert looked(bureau.officer, matter, now) == (False, 0, 0)
    assert [kept.cache_info().currsize for kept in KEPT] == shapes


def looked(reader: Actor, matter: int, now: datetime) -> tuple[bool, int, int]:
    """Whether the matter is seen, how many lie on the desk, how many of them are late."""
    with db.reading() as session:
        return (visibility.may_see(session, reader, matter), len(todo.to_act(session, reader)),
                figures.of(session, reader, now).late)
