"""Whether two moves could both be meant by one drop, tried on every case their guards look at."""

from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Any

from officeapp.procedures.clauses import Facts
from officeapp.procedures.grammar import Move, Procedure

MOST_CASES = 5000


class _Watched(Mapping):
    """Field values that remember which fields were asked for."""

    def __init__(self, values: Mapping[str, Any], asked: set[str]) -> None:
        self.values_, self.asked = values, asked

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return self.values_[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_)

    def __len__(self) -> int:
        return len(self.values_)


class _WatchedPath(tuple):
    """Visited stages that remember which stages were asked for."""

    asked: set[str]

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return tuple.__contains__(self, key)


def overlap(p: Procedure, a: Move, b: Move) -> str | None:
    """The words of a case in which both moves are open; None when there is none."""
    fields: set[str] = set()
    stages: set[str] = set()
    known = (-1, -1)
    found = None
    while known != (known := (len(fields), len(stages))):
        found = _first(p, a, b, fields, stages)
    return found


def _first(p: Procedure, a: Move, b: Move, fields: set[str], stages: set[str]) -> str | None:
    """Try every case of what is known to matter; the sets grow by what the guards ask for."""
    for values, visited, returned in islice(_cases(p, sorted(fields), sorted(stages)), MOST_CASES):
        path = _WatchedPath(visited)
        path.asked = stages
        facts = Facts(stage=a.source, values=_Watched(values, fields), visited=path, returned_from=returned)
        opens = [m.when is None or m.when(facts) for m in (a, b)]  # both are asked, to see what each looks at
        if all(opens):
            return "".join(f", {key}={value!r}" for key, value in values.items())
    return None


def _cases(p: Procedure, fields: list[str], stages: list[str]) -> Iterator[tuple[dict, tuple, str]]:
    choices = [_choices(p, key) for key in fields]
    passed = [((), (key,)) for key in stages]
    for combined in product(*choices, *passed, ("", "somewhere")):
        values = dict(zip(fields, combined, strict=False))
        visited = sum(combined[len(fields):-1], ())
        yield values, visited, combined[-1]


def _choices(p: Procedure, key: str) -> tuple:
    field = p.field(key)
    if field is None:
        return (None,)
    if field.type == "yesno":
        return (False, True)
    return tuple(choice for choice, _ in field.choices) or ("", "x")
