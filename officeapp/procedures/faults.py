"""What is wrong with a procedure: checked when book.py is imported."""

from collections import Counter

from officeapp.procedures.grammar import By, Limit, Move, MoveKind, Procedure


def faults_in(procedure: Procedure) -> list[str]:
    """Sentences, one a fault; empty when the procedure may be used."""
    checks = (_unknown_places, _unreachable, _dead_ends, _twins, _without_clause, _unknown_fields, _order)
    return [fault for check in checks for fault in check(procedure)]


def _unknown_places(p: Procedure) -> list[str]:
    keys = {s.key for s in p.stages}
    return [
        f"move {m.key} names an unknown stage {place!r}"
        for m in p.moves
        for place in (m.source, m.target)
        if place and place not in keys
    ]


def _targets(p: Procedure, m: Move) -> list[str]:
    return [m.target] if m.target else []


def _unreachable(p: Procedure) -> list[str]:
    reached, frontier = {p.start.key}, [p.start.key]
    while frontier:
        for m in p.moves_from(frontier.pop()):
            new = [t for t in _targets(p, m) if t not in reached]
            reached.update(new)
            frontier.extend(new)
    return [f"stage {s.key} cannot be reached" for s in p.stages if s.key not in reached]


def _dead_ends(p: Procedure) -> list[str]:
    forward = {m.source for m in p.moves if m.kind is MoveKind.FORWARD}
    held = [f"stage {s.key} has no way out" for s in p.stages if not s.closed and s.key not in forward]
    lost = [f"stage {s.key} is held by nobody" for s in p.stages if not s.closed and s.holder is None]
    shut = [f"closed stage {s.key} has a way out" for s in p.stages if s.closed and p.moves_from(s.key)]
    return held + lost + shut


def _twins(p: Procedure) -> list[str]:
    keys = Counter(m.key for m in p.moves)
    drops = Counter(
        (m.source, m.target, m.kind, m.when.title if m.when else "") for m in p.moves if m.target
    )
    doubled = [f"two moves are called {key}" for key, n in keys.items() if n > 1]
    same = [f"two moves mean the drop {s} → {t}" for (s, t, _, _), n in drops.items() if n > 1]
    return doubled + same


def _limits(p: Procedure) -> list[Limit]:
    found, open_ = [], [p.cycle, *(s.limit for s in p.stages)]
    while open_:
        value = open_.pop()
        if isinstance(value, By):
            open_ += [*value.table.values(), value.otherwise]
        elif isinstance(value, Limit):
            found.append(value)
    return found


def _without_clause(p: Procedure) -> list[str]:
    moves = [f"move {m.key} cites no clause" for m in p.moves if not (m.clause and m.clause.place)]
    stages = [f"stage {s.key} cites no clause" for s in p.stages if not (s.clause and s.clause.place)]
    limits = [f"limit {x.words} cites no clause" for x in _limits(p) if not (x.clause and x.clause.place)]
    return moves + stages + limits


def _unknown_fields(p: Procedure) -> list[str]:
    keys = {f.key for f in p.fields}
    boxes = {s.key for s in p.stages}
    asked = [f"move {m.key} asks for an unknown field {k}" for m in p.moves for k in m.needs.fields if k not in keys]
    cells = [c.key for row in p.form for c in row]
    drawn = [
        f"the form draws an unknown cell {key}"
        for key in cells
        if not key.startswith("@") and key.lstrip("#") not in (boxes if key.startswith("#") else keys)
    ]
    return asked + drawn


def _order(p: Procedure) -> list[str]:
    """Signing before number (FW-16), in the order the stages are listed."""
    signs = [p.order(m.source) for m in p.moves if m.signs]
    numbers = [p.order(m.source) for m in p.moves if m.numbers]
    late = bool(signs and numbers) and min(numbers) < min(signs)
    return ["a number is given before signing"] if late else []
