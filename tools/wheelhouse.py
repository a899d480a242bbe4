"""One archive for machines without internet: the program, the wheels it runs on, the pages' third-party files.

    python -m tools.wheelhouse dist --machine aarch64

Unpacked there, `make offline-install` asks nobody for anything (运维手册, 离线安装).
"""

import argparse
import hashlib
import platform
import subprocess  # nosec B404 # starts pip only
import sys
import tarfile
import tempfile
from pathlib import Path

from officeapp.release import VERSION
from tools.node import ROOT

PROGRAM = ("app.py", "gunicorn.conf.py", "officeapp", "jobs", "templates", "static", "tools", "docs", "Makefile",
           "README.md", "pyproject.toml", "requirements.txt", "requirements-node.txt", "package.json",
           "package-lock.json", ".npmrc")
# glibc 2.28 is what the domestic systems of today have; a wheel for an older one runs there too.
GLIBC = range(28, 16, -1)
# pip judges conditions like `python_full_version < "3.11.3"` by the Python that runs it, not by the other machine's;
# for the same reason both must be of one minor version.
OLDER_PATCHES = ("async-timeout",)
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


def main() -> None:
    """Write <folder>/officeapp-<version>-py<python>-<machine>.tar.gz and say where."""
    wanted = _arguments()
    name = f"officeapp-{VERSION}"
    target = wanted.folder / f"{name}-py{PYTHON}-{wanted.machine}.tar.gz"
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        wheels = Path(scratch) / "wheels"
        _download(wheels, wanted.machine)
        _sum(wheels)
        # static/vendor may be a link in a developer's tree; the other machine needs what it leads to.
        with tarfile.open(target, "w:gz", dereference=True) as archive:
            for part in PROGRAM:
                archive.add(ROOT / part, f"{name}/{part}", filter=_without_leavings)
            archive.add(wheels, f"{name}/wheels")
    print(f"{target}（{target.stat().st_size / 1e6:.0f} MB，适用 Python {PYTHON}、{wanted.machine}）")


def _arguments() -> argparse.Namespace:
    here = platform.machine().lower()
    parser = argparse.ArgumentParser(description="做一个离线安装包")
    parser.add_argument("folder", type=Path, help="放安装包的文件夹")
    parser.add_argument("--machine", default=MACHINES.get(here, here), choices=("x86_64", "aarch64"),
                        help="对方机器的处理器（uname -m）")
    return parser.parse_args()


def _download(wheels: Path, machine: str) -> None:
    platforms = [f"--platform=manylinux_2_{minor}_{machine}" for minor in GLIBC]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--dest", str(wheels),
               "--only-binary=:all:", f"--python-version={PYTHON}", "--implementation=cp", *platforms,
               f"--platform=manylinux2014_{machine}", "-r", "requirements.txt", *OLDER_PATCHES]
    subprocess.run(command, cwd=ROOT, check=True)  # nosec B603 # no shell, arguments of ours


def _sum(wheels: Path) -> None:
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(wheels.glob("*.whl"))]
    (wheels / "SHA256SUMS").write_text("".join(sums), "utf-8")


def _without_leavings(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return None if "__pycache__" in member.name else member


if __name__ == "__main__":
    main()
