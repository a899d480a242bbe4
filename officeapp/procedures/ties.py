"""What a procedure ties together by name: holders and fields, rungs and whom they reach, one kind and another.

Checked when book.py is imported, beside faults.py: a name that nothing answers to would be found on the day that
a reminder is due.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from officeapp.procedures.clauses import By
from officeapp.procedures.grammar import Holder, Limit, Procedure

UNITS, PEOPLE = ("unit", "units", "own_unit"), ("person", "people")
NAMES = {"heads_of": UNITS, "deputies_of": UNITS, "people_of": UNITS, "people_in": PEOPLE}  # rule → types of its field
RULES = {"drafter", "head", "deputy", "bureau", *NAMES}
OF_ITSELF = ("@title", "@name", "@due")


def outcomes(p: Procedure, value: object) -> Iterator[tuple[str, object]]:
    """Each value a By may settle to with the words of its case; a plain value once."""
    if not isinstance(value, By):
        yield "", value
        return
    field = p.field(value.field)
    cases = dict(value.table)
    whole = field and field.choices and {key for key, _ in field.choices} <= set(cases)
    for key, inner in cases.items():
        yield from ((f" when {value.field or value.option} is {key!r}{more}", v) for more, v in outcomes(p, inner))
    if not whole:
        yield from ((f" when {value.field or value.option} is none of these{more}", v)
                    for more, v in outcomes(p, value.otherwise))


def limits_of(p: Procedure) -> list[Limit]:
    values = (p.cycle, *(s.limit for s in p.stages))
    return [limit for value in values for _, limit in outcomes(p, value) if isinstance(limit, Limit)]


def ties_in(p: Procedure) -> list[str]:
    """Sentences, one for each name within the procedure that nothing answers to."""
    return [fault for check in (_holders, _limits, _fields, _rungs, _moves, _offshoots) for fault in check(p)]


def _named(p: Procedure) -> Iterator[tuple[str, Holder]]:
    groups = [(f"stage {s.key}", value if isinstance(value, tuple) else (value,) if value else ())
              for s in p.stages for _, value in outcomes(p, s.holder)]
    groups += [(f"stage {s.key}", s.recorder + (s.gate.who if s.gate else ())) for s in p.stages]
    groups += [(f"move {m.key}", m.who + m.tells) for m in p.moves]
    groups += [(f"rung {rung.key}", rung.to) for rung in p.ladder + p.stage_ladder]
    groups += [(f"offshoot {o.kind}", o.who) for o in p.offshoots]
    groups += [("the procedure", p.openers + p.supervisors + p.readers)]
    yield from ((where, holder) for where, holders in groups for holder in holders)


def _holders(p: Procedure) -> list[str]:
    return list(dict.fromkeys(fault for where, holder in _named(p) for fault in _untied(p, where, holder)))


def _untied(p: Procedure, where: str, holder: Holder) -> Iterator[str]:
    if holder.rule not in RULES and not (holder.rule == "current" and where.startswith("rung")):
        yield f"{where} knows no rule {holder.rule!r} of holding"
    if holder.rule == "bureau" and not holder.name:
        yield f"{where} names no post for {holder.title}"
    if holder.rule in NAMES and _type(p, holder.name) not in NAMES[holder.rule]:
        yield f"{where} names {holder.name!r}, no field of {'people' if holder.rule == 'people_in' else 'units'}"
    for key in (holder.through, holder.until):
        if holder.rule == "people_of" and (key or key == holder.through) and not (p.field(key) and p.field(key).per):
            yield f"{where} looks into {key!r}, which no unit fills"
    if holder.again and _type(p, holder.again) not in UNITS:
        yield f"{where} asks anew whom {holder.again!r} names, no field of units"


def _type(p: Procedure, key: str) -> str:
    field = p.field(key)
    return field.type if field else ""


def _limits(p: Procedure) -> list[str]:
    known = limits_of(p)
    unnamed = [f"a limit ends on {limit.until!r}, no day that the drafter writes" for limit in known
               if limit.until and (_type(p, limit.until) != "date" or p.field(limit.until).at)]
    return unnamed + [f"a limit of stage or course counts nothing ({limit.clause.cite})" for limit in known
                      if not limit.n and not limit.until]


def _fields(p: Procedure) -> list[str]:
    asked = {key for move in p.moves for key in move.needs.fields}
    found = [f"field {f.key} is filled by each of {key!r}, no field of units" for f in p.fields for key in f.per
             if _type(p, key) not in UNITS]
    found += [f"field {f.key} chooses among {f.among!r}, no field of units" for f in p.fields
              if f.among and _type(p, f.among) not in UNITS]
    found += [f"field {f.key} is for each unit to fill, and no move asks for it" for f in p.fields
              if f.per and f.key not in asked]
    if p.unit_field and _type(p, p.unit_field) != "unit":
        found.append(f"it is handled by {p.unit_field!r}, no field of one unit")
    return found


def _rungs(p: Procedure) -> list[str]:
    found = [f"rung {rung.key} reaches nobody" for rung in p.ladder + p.stage_ladder if not rung.to]
    for ladder in (p.ladder, p.stage_ladder):
        found += [f"two rungs are called {key}" for key, n in Counter(rung.key for rung in ladder).items() if n > 1]
        offsets = [rung.offset for rung in ladder]
        found += ["a ladder goes down again"] if offsets != sorted(offsets) else []
    sends = {rung.key for rung in p.ladder if rung.opens}
    return found + [f"move {m.key} sets off {m.sets_off!r}, no rung that sends a document" for m in p.moves
                    if m.sets_off and m.sets_off not in sends]


def _moves(p: Procedure) -> list[str]:
    found = [f"move {m.key} adds a part where it lies and leads elsewhere" for m in p.moves
             if m.contributes and m.source != m.target]
    found += [f"move {m.key} reaches what it came from, but it begins by itself" for m in p.moves
              if (m.on_parent or m.extends) and not p.dependent]
    found += [f"move {m.key} sets the day {m.extends!r}, no field of a day" for m in p.moves
              if m.extends and _type(p, m.extends) != "date"]
    ends = p.ends_with_parent
    if ends and not (p.dependent and any(s.key == ends and s.closed for s in p.stages)):
        found.append(f"it falls to {ends!r} with what it came from, no closed stage of a dependent matter")
    return found


def _offshoots(p: Procedure) -> list[str]:
    keys, places = {f.key for f in p.fields}, {s.key for s in p.stages}
    found = [f"offshoot {o.kind} begins at an unknown stage {place!r}" for o in p.offshoots for place in o.stages
             if place not in places]
    return found + [f"offshoot {o.kind} takes over an unknown field {source!r}" for o in p.offshoots
                    for _, source in o.carries + o.suggests if source not in keys and source not in OF_ITSELF]


def ties_between(procedures: Sequence[Procedure]) -> list[str]:
    """Sentences, one for each tie from one kind to another that does not hold."""
    kinds = {p.kind: p for p in procedures}
    return list(dict.fromkeys(fault for p in procedures for each in (_documents, _monthly, _begun, _upward)
                              for fault in each(p, kinds)))


def _documents(p: Procedure, kinds: dict[str, Procedure]) -> Iterator[str]:
    for rung in p.ladder + p.stage_ladder:
        sent = kinds.get(rung.opens)
        if rung.opens and not (sent and sent.dependent and sent.series and sent.field("content")):
            yield f"rung {rung.key} of {p.kind} sends {rung.opens!r}, no numbered document"


def _monthly(p: Procedure, kinds: dict[str, Procedure]) -> Iterator[str]:
    for stage in p.stages:
        owed = kinds.get(stage.monthly)
        if stage.monthly and not (owed and owed.ends_with_parent and _type(owed, "due_on") == "date"):
            yield f"stage {stage.key} of {p.kind} owes each month {stage.monthly!r}, no report with a day"


def _begun(p: Procedure, kinds: dict[str, Procedure]) -> Iterator[str]:
    for offshoot in p.offshoots:
        begun = kinds.get(offshoot.kind)
        if begun is None:
            yield f"{p.kind} begets {offshoot.kind!r}, which nobody wrote"
            continue
        yield from (f"{p.kind} hands an unknown field {own!r} to {offshoot.kind}"
                    for own, _ in offshoot.carries + offshoot.suggests if not begun.field(own))


def _upward(p: Procedure, kinds: dict[str, Procedure]) -> Iterator[str]:
    parents = [each for each in kinds.values() if p.kind in {s.monthly for s in each.stages}
               | {o.kind for o in each.offshoots} | {rung.opens for rung in each.ladder + each.stage_ladder}]
    for move in p.moves:
        yield from (f"move {move.key} of {p.kind} makes {move.on_parent!r}, no move of {parent.kind}"
                    for parent in parents if move.on_parent and not parent.move(move.on_parent))
