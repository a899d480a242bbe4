"""What a rulebook declares, told a second time and simply, to hold the engine against.

It reads the procedure's data and the bureau of tests/people.py, and neither the
database nor the engine: who may, to where, with what, and what becomes of it.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from officeapp import people as org
from officeapp.clock import ZONE
from officeapp.people import Actor
from officeapp.procedures.clauses import Facts, Force, settle
from officeapp.procedures.grammar import Field, Holder, Medium, Move, MoveKind, Procedure, Stage
from tests.counted_days import worked
from tests.filled_forms import SERIES
from tests.people import PEOPLE, PORTFOLIOS

ONWARD = (MoveKind.FORWARD, MoveKind.STRAIGHT_BACK)
MEDIA = (Medium.ONLINE, Medium.PAPER)
DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Seat:
    """One desk of a stage: who may act there, and for which unit where several take part."""

    people: frozenset[int]
    unit: int | None = None


@dataclass
class Attempt:
    """One try at a move: by whom, and with what in hand."""

    move: Move
    actor: Actor
    note: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    signer: int | None = None
    on: date | None = None

    @property
    def medium(self) -> Medium:
        return Medium.PAPER if self.signer else Medium.ONLINE


@dataclass
class Model:
    rules: Procedure
    actors: dict[str, Actor]
    units: dict[str, int]
    drafter: Actor
    values: dict[str, Any]
    options: dict[str, Any]
    opened: datetime
    text: bool = True
    folk: dict[str, tuple] = field(default_factory=lambda: PEOPLE)
    unit: int = 0  # that handles it; 0 = the drafter's, or the one its form names
    due = ""  # ISO day its course ends, where somebody keeps count
    begun = ""  # likewise, when it began

    def __post_init__(self) -> None:
        self.unit = self.unit or self.drafter.unit_id
        self.stage, self.visited = self.rules.stages[0], [self.rules.stages[0].key]
        self.returned_from, self.sender, self.before_sending = "", None, None
        self.signed, self.proof, self.number = False, "", False
        self.files: list[tuple[str, Actor, datetime]] = []
        self.now, self.entered, self.stage_at, self.signed_day = self.opened, {}, self.opened, ""
        self.signed_on = self.opened.astimezone(ZONE).date()
        self.desk: list[Seat] = []
        self.hand_over()
        self.desk = self.seats(self.stage)

    def hand_over(self) -> None:
        """The unit that its form names handles it, once it has been handed to it."""
        handed = not self.rules.handed_at or self.rules.handed_at in self.visited
        self.unit = (self.values.get(self.rules.unit_field) or self.unit) if handed else self.drafter.unit_id

    # Who is who

    def filling(self, holder: Holder) -> list[Seat]:
        """The seats of a holder, by the table the tests' bureau is made from; one without people is a vacancy."""
        named = _ids(self.values.get(holder.name))
        if holder.rule == "people_of":
            chosen, done = (self.values.get(key) or {} for key in (holder.through, holder.until))
            again = _ids(self.values.get(holder.again))
            return [Seat(frozenset({chosen[str(unit)]}), unit) for unit in named
                    if chosen.get(str(unit)) and (unit in again or not done.get(str(unit)))]
        if holder.rule == "heads_of":
            return [Seat(self.heads(unit), unit) for unit in named]
        if holder.rule in ("drafter", "people_in"):
            return [Seat(frozenset({person})) for person in (named or [self.drafter.id])]
        if holder.rule == "head":
            return [Seat(self.heads(self.unit))]
        if holder.rule == "deputy":
            return [Seat(frozenset(self.actors[key].id for key, charge in PORTFOLIOS.items()
                                   if self.unit in (self.units[name] for name in charge)))]
        found = [Seat(frozenset({self.actors[key].id})) for key in self.folk if holder.name in self.folk[key][2]]
        return found or [Seat(frozenset())]

    def heads(self, unit: int) -> frozenset[int]:
        return self.people_with("unit_head", unit)

    def people_with(self, post: str, unit: int) -> frozenset[int]:
        return frozenset(self.actors[key].id for key, (_, home, posts) in self.folk.items()
                         if self.units[home] == unit and (not post or post in posts))

    def among(self, actor: Actor, holders: tuple[Holder, ...]) -> bool:
        return any(actor.id in seat.people for holder in holders for seat in self.filling(holder))

    def seats(self, stage: Stage) -> list[Seat]:
        return [seat for holder in self.holders(stage) for seat in self.filling(holder) if seat.people]

    def holders(self, stage: Stage) -> tuple[Holder, ...]:
        holder = settle(stage.holder, self.facts(stage=stage))
        return holder if isinstance(holder, tuple) else (holder,) if holder else ()

    def seatable(self, stage: Stage, values: dict[str, Any]) -> bool:
        """GEN-1: whether somebody would hold every seat there."""
        was, self.values = (self.values, self.unit), values
        if stage.key == self.rules.handed_at:
            self.unit = values.get(self.rules.unit_field) or self.unit
        vacant = [h for h in self.holders(stage) if not h.optional and not all(s.people for s in self.filling(h))]
        held = bool(self.seats(stage)) and not vacant
        self.values, self.unit = was
        return stage.closed or held

    @property
    def on_turn(self) -> frozenset[int]:
        return frozenset().union(*(seat.people for seat in self.turn))

    @property
    def turn(self) -> list[Seat]:
        return self.desk[:1] if self.stage.how == "in_turn" else self.desk

    # What is declared

    def facts(self, stage: Stage | None = None, values: dict[str, Any] | None = None) -> Facts:
        mark = "signed" if self.signed else ""
        return Facts(
            stage=(stage or self.stage).key, values=values or self.values, options=self.options,
            visited=tuple(self.visited), returned_from=self.returned_from, number="1" if self.number else "",
            frozen_hash=mark, text_hash=mark, proof_hash=self.proof,
            text_length=int(self.text), desks=len(self.turn), due=self.due,
            opened=_local(self.opened), begun=self.begun,
        )

    def target(self, move: Move) -> str:
        if move.kind is MoveKind.WITHDRAW:
            return self.before_sending[0] if self.before_sending else ""
        return self.returned_from if move.kind is MoveKind.STRAIGHT_BACK else move.target

    def open_to(self, actor: Actor, move: Move, medium: Medium) -> bool:
        """Whether this person may press this button at all."""
        if self.stage.closed or move.source != self.stage.key or actor.has(*org.ADMIN_KINDS):
            return False
        if move.kind is MoveKind.WITHDRAW:
            return medium is Medium.ONLINE and self.sender == actor.id
        return (self._right_person(actor, move, medium) and self._right_medium(move, medium)
                and (move.when is None or move.when(self.facts()))
                and self._through_gate(actor, move) and self._fair_shortcut(move))

    def _right_person(self, actor: Actor, move: Move, medium: Medium) -> bool:
        if move.who:
            return self.among(actor, move.who) and (not actor.delegate or actor.id in self.on_turn)
        return actor.id in self.on_turn or (medium is Medium.PAPER and self.among(actor, self.stage.recorder))

    def _right_medium(self, move: Move, medium: Medium) -> bool:
        wanted = Medium.ONLINE if move.kind is MoveKind.VOID else settle(self.stage.medium, self.facts())
        return wanted in (Medium.EITHER, medium)

    def _through_gate(self, actor: Actor, move: Move) -> bool:
        gate = self.rules.stage(self.target(move)).gate
        return gate is None or (self.stage.key in gate.sources and self.among(actor, gate.who))

    def _fair_shortcut(self, move: Move) -> bool:
        if move.kind is not MoveKind.STRAIGHT_BACK:
            return True
        declared = [m for m in self.rules.moves if m.kind is MoveKind.FORWARD
                    and (m.source, m.target) == (self.stage.key, self.returned_from)]
        shut = declared and not any(m.when is None or m.when(self.facts()) for m in declared)
        past_signing = self.rules.order(self.returned_from) > self.signing_order and not self.signed
        return not shut and not past_signing

    @property
    def signing_order(self) -> int:
        signed = [self.rules.order(m.source) for m in self.rules.moves if m.signs]
        return max(signed, default=len(self.rules.stages))

    def accepts(self, attempt: Attempt, now: datetime) -> bool:
        """Whether the whole attempt must succeed."""
        self.now = now
        move = attempt.move
        if not self.open_to(attempt.actor, move, attempt.medium) or not self._paper_fits(attempt, now):
            return False
        if move.needs.note and not attempt.note.strip() or not self.supplied(move):
            return False
        if not all(self.fits(f, attempt.values.get(f.key), attempt) for f in self.asked(move)):
            return False
        values = self.after(attempt)
        if not self.stays(attempt) and not self.seatable(self.rules.stage(self.target(move)), values):
            return False
        given = {f.key for f in self.asked(move)}
        written = self.text or not self.rules.has_text
        return move.kind not in ONWARD or (written and not self._broken(move, attempt.note, values, given))

    def fits(self, asked: Field, value: Any, attempt: Attempt | None = None) -> bool:
        """Whether one field may be left so. A unit's own person comes from that unit (GEN-1)."""
        if value in (None, "", []):
            return not asked.required
        if asked.type in ("series", "choice"):
            return value in (SERIES if asked.type == "series" else dict(asked.choices))
        if asked.type == "date":
            return bool(DAY.fullmatch(value))
        if asked.type == "person":
            units = self.units_of(attempt) if asked.per else set(self.units.values())
            able = {one for unit in units for one in self.people_with("", unit)}
            return value in able - self.people_with("system_admin", self.units["archive"])
        units = set(_ids(value)) if asked.type in ("unit", "units") else set()
        within = _ids(self.values.get(asked.among)) if asked.among else self.units.values()
        return units <= {unit for unit in within if self.heads(unit)}

    def units_of(self, attempt: Attempt) -> set[int]:
        """The units in whose name somebody acts: those of his seats."""
        return {seat.unit or self.unit for seat in self.signed_for(attempt)}

    def signed_for(self, attempt: Attempt) -> list[Seat]:
        return [seat for seat in self.turn if (attempt.signer or attempt.actor.id) in seat.people]

    def after(self, attempt: Attempt) -> dict[str, Any]:
        """The form as the attempt would leave it; what each unit fills stands beside what the others have filled."""
        found = dict(self.values)
        for asked in self.asked(attempt.move):
            value = attempt.values.get(asked.key)
            own = {str(unit): value for unit in self.units_of(attempt)}
            found[asked.key] = {**(found.get(asked.key) or {}), **own} if asked.per else value
            found |= {holder.again: [unit for unit in _ids(found.get(holder.again)) if str(unit) not in own]
                      for holder in self.holders(self.stage) if holder.again and holder.until == asked.key}
        return found

    def stays(self, attempt: Attempt) -> bool:
        """Whether others must still act where it lies."""
        if attempt.move.kind is not MoveKind.FORWARD:
            return False
        left = self.desk[1:] if self.stage.how == "in_turn" else [
            seat for seat in self.desk if seat not in self.signed_for(attempt)]
        return attempt.move.contributes or self.stage.how in ("all", "in_turn") and bool(left)

    def supplied(self, move: Move) -> bool:
        """Whether the file a move needs came from its desk, or who records there, at this visit."""
        return not move.needs.attachment or any(
            kind == move.needs.attachment and at >= self.stage_at and self._brings_in(actor.hand)
            for kind, actor, at in self.files)

    def _brings_in(self, person: int) -> bool:
        """Whether what this person uploads comes from the desk: his own, one he stands in for, or a recorder's."""
        faces = {actor.id for actor in self.actors.values() if actor.hand == person}
        own = next(actor for actor in self.actors.values() if actor.id == person)
        return bool(faces & self.on_turn) or self.among(own, self.stage.recorder)

    def asked(self, move: Move) -> list:
        found = [self.rules.field(key) for key in move.needs.fields]
        return [f for f in found if not (self.number and f.type == "series")]

    def _paper_fits(self, attempt: Attempt, now: datetime) -> bool:
        if not attempt.signer:
            return True
        days = (self.signed_on, attempt.on, now.astimezone(ZONE).date())
        return attempt.signer in self.on_turn and list(days) == sorted(days)

    def _broken(self, move: Move, note: str, values: dict[str, Any], given: set[str]) -> bool:
        rules = [r for r in self.rules.rules if r.at in ("", move.source)] + list(move.ready)
        rules = [r for r in rules if not r.brought or r.brought in given]
        tomorrow = worked(self.now.astimezone(ZONE).date(), 1).isoformat
        facts = replace(self.facts(values=values), today=_local(self.now), next_workday=tomorrow,
                        signed_on=self.signed_day if self.signed else "")
        return any(r.breaks(facts) and not (r.clause.force is Force.NORMALLY and note.strip()) for r in rules)

    def fits_form(self, values: dict[str, Any], before: dict[str, Any] | None = None) -> bool:
        fresh = {key for key in values if values[key] != (before or {}).get(key)}
        rules = [r for r in self.rules.rules if not r.at and (not r.brought or r.brought in fresh)]
        return all(self.fits(f, values.get(f.key)) for f in self.rules.fields if not f.at) and not any(
            r.breaks(Facts(values=values, today=_local(self.now))) for r in rules)

    def may_edit(self, actor: Actor) -> bool:
        shut = self.stage.closed or self.signed or not self.stage.may_edit or actor.has(*org.ADMIN_KINDS)
        return not shut and actor.id in self.on_turn

    # What becomes of it

    def make(self, attempt: Attempt) -> None:
        move, target = attempt.move, self.target(attempt.move)
        self.signed_on = attempt.on or self.signed_on
        stays, mine, self.values = self.stays(attempt), self.signed_for(attempt), self.after(attempt)
        self.number = self.number or move.numbers
        if stays and move.contributes and len(mine) == len(self.desk):
            return  # a word from the only desk
        if stays:
            self.desk = self.desk[1:] if self.stage.how == "in_turn" else [s for s in self.desk if s not in mine]
            self.sender = None
            return
        self._go(move, target, attempt.actor)

    def _go(self, move: Move, target: str, actor: Actor) -> None:
        source, was = self.stage.key, (self.stage.key, list(self.visited), self.returned_from)
        if move.kind is MoveKind.WITHDRAW:
            _, self.visited, self.returned_from = self.before_sending
        elif move.kind is MoveKind.RETURN:
            self.visited, self.returned_from = [key for key in self.visited if key != source], source
        elif source != target:
            self.returned_from = ""
        self.sender = actor.id if move.kind in ONWARD and move.withdrawable else None
        self.before_sending = was
        self.signed = self.signed or move.signs
        self.proof = "" if move.signs else self.proof
        self.signed_day = self.now.astimezone(ZONE).date().isoformat() if move.signs else self.signed_day
        withdrawn = move.kind is MoveKind.WITHDRAW and settle(self.rules.stage(target).limit, self.facts())
        self.stage_at = self.entered.get(target, self.now) if withdrawn else self.now
        self.entered[target] = self.stage_at
        self.stage = self.rules.stage(target)
        self.visited = list(dict.fromkeys([*self.visited, target]))
        self.hand_over()
        if self.rules.order(target) <= self.signing_order:
            self.signed, self.proof = False, ""
        self.desk = [] if self.stage.closed else self.seats(self.stage)
        self.moved(move)

    def moved(self, move: Move) -> None:
        """What else keeps step with the stage."""

    def edited(self, values: dict[str, Any], text: bool, rewritten: bool) -> None:
        self.values, self.text, self.sender = {**self.values, **values}, text, None
        self.hand_over()
        if rewritten:
            self.rewritten()

    def rewritten(self) -> None:
        """A desk that judged the text, and lies further on, has not judged this one."""
        rules, here = self.rules, self.rules.order(self.stage.key)
        self.visited = [key for key in self.visited if not (rules.stage(key).of_text and rules.order(key) > here)]

    def ways(self) -> list[tuple[Actor, Move, Medium]]:
        """Everything somebody may do now."""
        return [(actor, move, medium) for actor in self.actors.values() for move in self.rules.moves
                for medium in MEDIA if self.open_to(actor, move, medium)]


def _local(moment: datetime) -> str:
    return moment.astimezone(ZONE).date().isoformat()


def _ids(value: Any) -> list[int]:
    each = value if isinstance(value, (list, tuple)) else [value]
    return [x for x in each if x]
