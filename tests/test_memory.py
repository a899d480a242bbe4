"""What a web process holds: what it loads at its start, and what it keeps of what it has drawn."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from officeapp import late
from officeapp.settings import ROOT

OF_FEW = ("ldap3", "requests", "authlib.oauth2", "alembic", "holidays", "xlsxwriter")
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
