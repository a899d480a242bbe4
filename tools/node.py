"""npm for a machine that may have no Node: the system's when new enough, else a wheel in our venv."""

import re
import shutil
import subprocess  # nosec B404 # starts npm and pip only
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_NODE = 20


def install_packages(*options: str) -> None:
    """`npm ci` from the lock; what it downloads is checked against the lock's hashes."""
    # A cache of our own: the home may be empty, or not ours to write.
    with tempfile.TemporaryDirectory() as cache:
        command = [*tool("npm"), "ci", "--loglevel=error", "--logs-max=0", "--cache", cache]
        subprocess.run([*command, *options], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)  # nosec B603 # no shell, arguments of ours


def tool(name: str) -> list[str]:
    """How to call `node` or `npm`."""
    if _system_node_is_new_enough():
        return [name]
    ours = Path(sys.prefix) / "bin" / name
    if not ours.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "-r", "requirements-node.txt"]
        subprocess.run(pip, cwd=ROOT, check=True)  # nosec B603 # no shell, arguments of ours
    return [str(ours)]


def _system_node_is_new_enough() -> bool:
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    answer = subprocess.run(["node", "--version"], capture_output=True, text=True)  # nosec B603, B607 # no shell; node of the PATH is meant
    version = re.match(r"v(\d+)", answer.stdout)
    return bool(version) and int(version[1]) >= OLDEST_NODE
