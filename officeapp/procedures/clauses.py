"""What a regulation says and when it applies: clauses, the facts of one matter, guards and tables over them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

OWN_UNIT = "@own_unit"  # a field's default: the unit of whoever fills the form


class Force(Enum):
    """How a regulation binds (domain.md, modality table)."""

    FORBIDDEN = "严禁"  # 严禁/不得/一律/必须: refused
    REQUIRED = "应当"  # 应当/须: a required step or field
    NORMALLY = "原则上"  # 原则上/一般: allowed with a written reason that is kept
    OPTIONAL = "可以"


@dataclass(frozen=True)
class Clause:
    """One place in one regulation: `source` 文号 or title, `place` 条款, `text` its words."""

    source: str
    place: str
    text: str
    force: Force = Force.REQUIRED
    rule: str = ""

    @property
    def cite(self) -> str:
        return f"{self.source} {self.place}".strip()


@dataclass(frozen=True)
class Facts:
    """What a guard may look at: one matter as it stands, without a database."""

    stage: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    visited: tuple[str, ...] = ()
    returned_from: str = ""
    number: str = ""
    frozen_hash: str = ""
    text_hash: str = ""
    proof_hash: str = ""
    signed_on: str = ""  # ISO day of the signature; as `today`, known when a move is made
    today: str = ""
    next_workday: Callable[[], str] = str  # the first one after today, known likewise; asked of whoever has a calendar
    text_length: int = 0
    desks: int = 1  # open tasks where it lies
    due: str = ""  # ISO day its course ends
    opened: str = ""  # ISO day it was opened
    begun: str = ""  # ISO day its course began, "" before


@dataclass(frozen=True)
class Guard:
    """A named pure condition; `title` is how pages and docs say it."""

    title: str
    test: Callable[[Facts], bool]

    def __call__(self, facts: Facts) -> bool:
        return bool(self.test(facts))


@dataclass(frozen=True)
class By:
    """A value that depends on one field: By("grade", {"ordinary": A}, otherwise=B)."""

    field: str
    table: Mapping[str, Any]
    otherwise: Any = None
    option: str = ""

    def of(self, facts: Facts) -> Any:
        if self.option:
            return self.table.get(facts.options.get(self.option), self.otherwise)
        return self.table.get(facts.values.get(self.field), self.otherwise)


def settle(value: Any, facts: Facts) -> Any:
    """A plain value itself, a By resolved on the facts (also By within By)."""
    while isinstance(value, By):
        value = value.of(facts)
    return value
