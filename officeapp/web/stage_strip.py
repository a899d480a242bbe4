"""The strip of stages: what is done, where the matter lies, and the way it will still go."""

from dataclasses import dataclass, replace

from officeapp.decisions import Case
from officeapp.procedures import book
from officeapp.procedures.clauses import Facts
from officeapp.procedures.grammar import MoveKind, Procedure, Stage


@dataclass(frozen=True)
class Mark:
    """One stage of the strip; state is done, now, todo, or skipped of one that nobody did."""

    key: str
    title: str
    state: str


def strip_of(case: Case, left: str = "") -> list[Mark]:
    """The stages this matter goes through, in order; those its grade never visits are left out.

    `left` is the stage from which it ended: nobody did it where the matter was called off or fell away.
    """
    matter, rules = case.matter, case.matter.rules
    place = matter.place
    done = [rules.stage(key) for key in matter.visited if _passed(rules, key, place)]
    if matter.closed:
        end = [] if place.key == _natural_end(rules) else [Mark(place.key, place.title, "now")]
        undone = left if place.key in book.dropped_ends() else ""
        return [Mark(s.key, s.title, "skipped" if s.key == undone else "done") for s in done] + end
    ahead = [Mark(s.key, s.title, "todo") for s in _way_ahead(rules, place, case.facts)]
    return [Mark(s.key, s.title, "done") for s in done] + [Mark(place.key, place.title, "now"), *ahead]


def _passed(rules: Procedure, key: str, place: Stage) -> bool:
    return not rules.stage(key).closed and (place.closed or rules.order(key) < rules.order(place.key))


def _natural_end(rules: Procedure) -> str:
    """The closed stage that forward moves lead to."""
    ends = (m.target for m in rules.moves if m.kind is MoveKind.FORWARD and rules.stage(m.target).closed)
    return next(ends, "")


def _way_ahead(rules: Procedure, place: Stage, facts: Facts) -> list[Stage]:
    """Follow the first move that the facts allow, again and again, until the matter is closed."""
    way: list[Stage] = []
    while (following := _next(rules, facts)) and not following.closed and following not in (place, *way):
        way.append(following)
        facts = replace(facts, stage=following.key, visited=(*facts.visited, following.key))
    return way


def _next(rules: Procedure, facts: Facts) -> Stage | None:
    # What only adds a part leaves the matter where it lies.
    onward = [m for m in rules.moves_from(facts.stage) if m.kind is MoveKind.FORWARD and m.target != m.source]
    open_now = [m for m in onward if m.when is None or m.when(facts)]
    return rules.stage((open_now or onward)[0].target) if onward else None
