"""What is wrong with a procedure: checked when book.py is imported."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from officeapp.procedures.clauses import By, Clause
from officeapp.procedures.grammar import Holder, Medium, Move, MoveKind, Procedure, Stage
from officeapp.procedures.overlaps import overlap
from officeapp.procedures.ties import limits_of, outcomes, ties_in


def faults_in(procedure: Procedure) -> list[str]:
    """Sentences, one a fault; empty when the procedure may be used."""
    unknown = _unknown_places(procedure)
    # The other checks look stages up by name; with a wrong name they could only crash.
    return unknown or [fault for check in CHECKS for fault in check(procedure)]


def _unknown_places(p: Procedure) -> list[str]:
    keys = {s.key for s in p.stages}
    doubled = [f"two stages are called {key}" for key, n in Counter(s.key for s in p.stages).items() if n > 1]
    gates = [f"gate of {s.key} names an unknown source {place!r}"
             for s in p.stages if s.gate for place in s.gate.sources if place not in keys]
    moves = [f"move {m.key} names an unknown stage {place!r}"
             for m in p.moves for place in (m.source, m.target) if place and place not in keys]
    return doubled + gates + moves


def _reached(p: Procedure, moves: list[Move]) -> set[str]:
    reached, frontier = {p.start.key, p.ends_with_parent}, [p.start.key]
    while frontier:
        here = frontier.pop()
        new = {m.target for m in moves if m.source == here and m.target} - reached
        reached |= new
        frontier += new
    return reached


def _unreachable(p: Procedure) -> list[str]:
    reached = _reached(p, list(p.moves))
    return [f"stage {s.key} cannot be reached" for s in p.stages if s.key not in reached]


def _dead_ends(p: Procedure) -> list[str]:
    forward = {m.source for m in p.moves if m.kind is MoveKind.FORWARD}
    held = [f"stage {s.key} has no way out" for s in p.stages if not s.closed and s.key not in forward]
    shut = [f"closed stage {s.key} has a way out" for s in p.stages if s.closed and p.moves_from(s.key)]
    return held + shut


def _holders(p: Procedure) -> list[str]:
    lost = [f"stage {s.key} is held by nobody{where}" for s in p.stages if not s.closed
            for where, value in outcomes(p, s.holder) if not value]
    kept = [f"closed stage {s.key} is held by someone" for s in p.stages if s.closed and s.holder is not None]
    alone = [f"stage {s.key} asks {s.how} of a single drafter" for s in p.stages
             if s.how != "one" and s.holder == Holder("drafter", getattr(s.holder, "title", ""))]
    return lost + kept + alone


def _twins(p: Procedure) -> list[str]:
    keys = Counter(m.key for m in p.moves)
    doubled = [f"two moves are called {key}" for key, n in keys.items() if n > 1]
    same = [f"moves {a.key} and {b.key} mean the same drop {a.source} → {a.target}{seen}"
            for a, b in combinations((m for m in p.moves if not m.contributes), 2)
            if a.target and (a.source, a.target) == (b.source, b.target) and (seen := overlap(p, a, b)) is not None]
    return doubled + same


def _clauses(p: Procedure) -> Iterator[tuple[str, Clause | None]]:
    yield from ((f"move {m.key}", m.clause) for m in p.moves)
    yield from ((f"stage {s.key}", s.clause) for s in p.stages)
    yield from ((f"gate of {s.key}", s.gate.clause) for s in p.stages if s.gate)
    yield from ((f"limit {limit.words}", limit.clause) for limit in limits_of(p))
    yield from ((f"rung {rung.key}", rung.clause) for rung in p.ladder + p.stage_ladder)
    yield from ((f"rule {r.key}", r.clause) for r in p.rules + tuple(r for m in p.moves for r in m.ready))


def _without_clause(p: Procedure) -> list[str]:
    return list(dict.fromkeys(
        f"{name} cites no clause" for name, clause in _clauses(p) if not (clause and clause.source and clause.place)))


def _unknown_fields(p: Procedure) -> list[str]:
    keys, boxes = {f.key for f in p.fields}, {s.key for s in p.stages}
    doubled = [f"two fields are called {key}" for key, n in Counter(f.key for f in p.fields).items() if n > 1]
    asked = [f"move {m.key} asks for an unknown field {k}" for m in p.moves for k in m.needs.fields if k not in keys]
    late = [f"field {f.key} is filled at an unknown stage {f.at!r}" for f in p.fields if f.at and f.at not in boxes]
    cells = [f"the form draws an unknown cell {c.key}" for row in p.form for c in row
             if not c.key.startswith("@") and c.key.lstrip("#") not in (boxes if c.key.startswith("#") else keys)]
    cells += [f"the ledger has an unknown column {c.key}" for c in p.ledger if c.key[0] != "@" and c.key not in keys]
    return doubled + asked + late + cells


def _tables(p: Procedure) -> list[str]:
    return [fault for value in (p.cycle, *(v for s in p.stages for v in (s.holder, s.limit, s.medium)))
            for fault in _table(p, value)]


def _table(p: Procedure, value: object) -> list[str]:
    if not isinstance(value, By):
        return []
    inner = [fault for each in (*value.table.values(), value.otherwise) for fault in _table(p, each)]
    if value.option:
        return inner
    field = p.field(value.field)
    if field is None:
        return [f"a table depends on an unknown field {value.field!r}", *inner]
    allowed = {True, False} if field.type == "yesno" else {key for key, _ in field.choices}
    return [f"a table names {key!r}, no choice of {value.field}" for key in value.table if key not in allowed] + inner


def _recorders(p: Procedure) -> list[str]:
    found = []
    for s in p.stages:
        paper = any(medium is not Medium.ONLINE for _, medium in outcomes(p, s.medium))
        if s.recorder and not paper:
            found.append(f"stage {s.key} has a recorder but is never on paper")
        if paper and not s.recorder:
            found.append(f"stage {s.key} may be on paper but nobody may record it")
    return found


def _who(p: Procedure, m: Move) -> set[Holder]:
    values = [m.who] if m.who else [value for _, value in outcomes(p, p.stage(m.source).holder)]
    return {h for value in values if value for h in (value if isinstance(value, tuple) else (value,))}


def _readers(p: Procedure) -> list[str]:
    lost = [f"is handed to its units at an unknown stage {p.handed_at!r}"] if p.handed_at and p.handed_at not in {
        s.key for s in p.stages} else []
    return lost + [f"reader {h.title} is no post of the bureau" for h in p.readers if h.rule != "bureau"]


def _gates(p: Procedure) -> list[str]:
    """A declared move that its target's gate always refuses is a promise nobody can keep (FW-14)."""
    entering = [(m, p.stage(m.target).gate) for m in p.moves if m.target and p.stage(m.target).gate]
    used = {(m.target, m.source) for m, _ in entering}
    outside = [f"move {m.key} passes the gate of {m.target} from outside" for m, gate in entering
               if m.source not in gate.sources]
    barred = [f"gate of {m.target} lets nobody make the move {m.key}" for m, gate in entering
              if m.source in gate.sources and not _seats(_who(p, m)) & _seats(gate.who)]
    idle = [f"gate of {s.key} names {place}, from where no move comes" for s in p.stages if s.gate
            for place in s.gate.sources if (s.key, place) not in used]
    return outside + barred + idle


def _seats(holders: set[Holder] | tuple[Holder, ...]) -> set[tuple[str, str]]:
    return {(h.rule, h.name) for h in holders}


def _order(p: Procedure) -> list[str]:
    """No path may reach a number without a signature on the way (FW-16)."""
    unsigned = _reached(p, [m for m in p.moves if not m.signs])
    return [f"move {m.key} gives a number that no signature precedes" for m in p.moves
            if m.numbers and m.source in unsigned and any(each.signs for each in p.moves)]


def _closing(p: Procedure) -> list[str]:
    """Only the last stage that counts as done leads into a closed one, voiding apart (FW-20)."""
    last = max((p.order(s.key) for s in p.stages if not s.closed), default=-1)
    return [f"move {m.key} closes the matter before {_at(p, last).key}" for m in p.moves
            if m.kind is not MoveKind.VOID and m.target and p.stage(m.target).closed and p.order(m.source) != last]


def _at(p: Procedure, order: int) -> Stage:
    return p.stages[order]


CHECKS = (_unreachable, _dead_ends, _holders, _twins, _without_clause, _unknown_fields, _tables,
          _recorders, _readers, _gates, _order, _closing, ties_in)
