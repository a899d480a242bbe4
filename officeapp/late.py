"""Libraries that most processes never need: loaded when something of them is first used, or left out.

A web process that asks no directory and no provider, writes no workbook and counts no new year's holidays keeps
some thirty megabytes for its work.
"""

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Late:
    """A library by its name. Several threads may be the first: the import's own lock lets them wait."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self._name), name)


def module(name: str) -> Late:
    """The module, imported at the first look into it. ModuleNotFoundError at once if it is not installed."""
    if importlib.util.find_spec(name) is None:
        raise ModuleNotFoundError(name)
    return Late(name)


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Whoever imports meanwhile finds none of these: what others take along where it happens to be installed."""
    known = {name: sys.modules.get(name) for name in names}
    sys.modules.update(dict.fromkeys(names))  # as the import system wants it said
    try:
        yield
    finally:
        for name, found in known.items():
            del sys.modules[name]
            if found is not None:
                sys.modules[name] = found
