"""Fingerprints of static files, so that browsers may keep each version for ever."""

import hashlib
import os
from functools import lru_cache

from officeapp.settings import ROOT

STATIC = ROOT / "static"


def fingerprint(name: str) -> str:
    """Twelve hex digits of the content of static/<name>, for `?v=`; empty when there is no such file."""
    try:
        return _digest(name, os.stat(f"{STATIC}/{name}").st_mtime_ns)
    except OSError:
        return ""


@lru_cache(maxsize=256)
def _digest(name: str, changed: int) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
