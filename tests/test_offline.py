"""The archive for machines without internet holds all that the program needs (运维手册, 离线安装)."""

import os
import shutil
import subprocess
import sys
import tarfile

import pytest

from officeapp.settings import ROOT, VARIABLES
from tools import wheelhouse


@pytest.fixture
def copied(tmp_path):
    """The parts that the archive carries, and nothing else of ours."""
    for part in wheelhouse.PROGRAM:
        source, target = ROOT / part, tmp_path / "there" / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)
    return tmp_path / "there"


def test_the_program_prepares_a_database_from_these_parts_alone(copied, tmp_path):
    bare = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    environ = bare | {"DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(copied)}
    for words in (["due", "2026-02-11", "5", "workday"], ["check"]):
        told = subprocess.run([sys.executable, "-m", "flask", "--app", "app", *words], cwd=copied, env=environ,
                              capture_output=True, text=True, timeout=60)
        assert told.returncode in (0, 1) and "Traceback" not in told.stderr, told.stderr
    assert "正常  网页文件：齐全" in told.stdout and "还没有建表" in told.stdout


def test_the_pages_files_that_are_not_in_the_repository_come_along(copied):
    assert (copied / "static/vendor/vendor.js").stat().st_size > 50_000


def test_an_archive_names_nobody_and_carries_no_leavings():
    member = wheelhouse._without_leavings(tarfile.TarInfo("officeapp-0.1.0/app.py"))
    assert (member.uid, member.uname) == (0, "root")
    assert wheelhouse._without_leavings(tarfile.TarInfo("officeapp-0.1.0/jobs/__pycache__/x.pyc")) is None
