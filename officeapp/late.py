"""Libraries that most processes never need, loaded when something of them is first used.

A web process that asks no directory, no provider and no migration keeps some thirty megabytes for its work.
"""

import importlib.util
import sys
from types import ModuleType


def module(name: str) -> ModuleType:
    """The module, executed at the first look into it. ModuleNotFoundError at once if it is not installed."""
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(name)
    spec.loader = importlib.util.LazyLoader(spec.loader)
    found = importlib.util.module_from_spec(spec)
    sys.modules[name] = found
    spec.loader.exec_module(found)
    return found
