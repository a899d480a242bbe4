"""What a rulebook declares, told a second time and simply, to hold the engine against.

It reads the procedure's data and the bureau of tests/people.py, and neither the
database nor the engine: who may, to where, with what, and what becomes of it.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from officeapp import people as org
from officeapp.clock import ZONE
from officeapp.people import Actor
from officeapp.procedures.clauses import Facts, Force, settle
from officeapp.procedures.grammar import Holder, Medium, Move, MoveKind, Procedure, Stage
from tests.people import PEOPLE, PORTFOLIOS

ONWARD = (MoveKind.FORWARD, MoveKind.STRAIGHT_BACK)
MEDIA = (Medium.ONLINE, Medium.PAPER)
SERIES = ("临综法发", "临综法函")


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

    def __post_init__(self) -> None:
        self.stage, self.visited = self.rules.stages[0], [self.rules.stages[0].key]
        self.returned_from, self.sender, self.before_sending = "", None, None
        self.signed, self.proof, self.number = False, "", False
        self.files: list[tuple[str, Actor, datetime]] = []
        self.now, self.entered, self.stage_at, self.signed_day = self.opened, {}, self.opened, ""
        self.signed_on = self.opened.astimezone(ZONE).date()
        self.desk = self.seats(self.stage)

    # Who is who

    def filling(self, holder: Holder) -> frozenset[int]:
        """The people behind a holder, by the table the tests' bureau is made from."""
        unit = next(key for key, n in self.units.items() if n == self.drafter.unit_id)
        fits = {
            "drafter": lambda key: self.actors[key].id == self.drafter.id,
            "head": lambda key: PEOPLE[key][1] == unit and "unit_head" in PEOPLE[key][2],
            "deputy": lambda key: unit in PORTFOLIOS.get(key, ()),
            "bureau": lambda key: holder.name in PEOPLE[key][2],
        }[holder.rule]
        return frozenset(self.actors[key].id for key in PEOPLE if fits(key))

    def among(self, actor: Actor, holders: tuple[Holder, ...]) -> bool:
        return any(actor.id in self.filling(holder) for holder in holders)

    def seats(self, stage: Stage) -> list[frozenset[int]]:
        holder = settle(stage.holder, self.facts(stage=stage))
        each = holder if isinstance(holder, tuple) else (holder,) if holder else ()
        return [self.filling(h) for h in each]

    @property
    def on_turn(self) -> frozenset[int]:
        turn = self.desk[:1] if self.stage.how == "in_turn" else self.desk
        return frozenset().union(*turn)

    # What is declared

    def facts(self, stage: Stage | None = None, values: dict[str, Any] | None = None) -> Facts:
        mark = "signed" if self.signed else ""
        return Facts(
            stage=(stage or self.stage).key, values=values or self.values, options=self.options,
            visited=tuple(self.visited), returned_from=self.returned_from, number="1" if self.number else "",
            frozen_hash=mark, text_hash=mark, proof_hash=self.proof,
            attachments=tuple(kind for kind, _, _ in self.files),
            text_length=int(self.text),
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
        return max(self.rules.order(m.source) for m in self.rules.moves if m.signs)

    def accepts(self, attempt: Attempt, now: datetime) -> bool:
        """Whether the whole attempt must succeed."""
        self.now = now
        move, values = attempt.move, {**self.values, **attempt.values}
        if not self.open_to(attempt.actor, move, attempt.medium) or not self._paper_fits(attempt, now):
            return False
        if move.needs.note and not attempt.note.strip():
            return False
        if not self.supplied(move):
            return False
        asked = self.asked(move)
        if any(f.required and attempt.values.get(f.key) in (None, "") for f in asked):
            return False
        if any(f.type == "series" and values.get(f.key) not in SERIES for f in asked):
            return False
        given = {f.key for f in asked}
        return move.kind not in ONWARD or (self.text and not self._broken(move, attempt.note, values, given))

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
        facts = replace(self.facts(values=values), today=self.now.astimezone(ZONE).date().isoformat(),
                        signed_on=self.signed_day if self.signed else "")
        return any(r.breaks(facts) and not (r.clause.force is Force.NORMALLY and note.strip()) for r in rules)

    def fits_form(self, values: dict[str, Any]) -> bool:
        return not any(r.breaks(Facts(values=values)) for r in self.rules.rules if not r.at and not r.brought)

    def may_edit(self, actor: Actor) -> bool:
        if self.stage.closed or self.signed or not self.stage.may_edit or actor.has(*org.ADMIN_KINDS):
            return False
        return actor.id in self.on_turn

    # What becomes of it

    def make(self, attempt: Attempt) -> None:
        move, target = attempt.move, self.target(attempt.move)
        self.signed_on = attempt.on or self.signed_on
        self.values = {**self.values, **{f.key: attempt.values.get(f.key) for f in self.asked(move)}}
        self.number = self.number or move.numbers
        if move.kind is MoveKind.FORWARD and self.stage.how != "one":
            signer, waiting = attempt.signer or attempt.actor.id, self.desk[1:] if self.stage.how == "in_turn" else []
            self.desk = waiting or [seat for seat in self.desk if signer not in seat]
            if self.desk:
                self.sender = None
                return
        self._go(move, target, attempt.actor)

    def _go(self, move: Move, target: str, actor: Actor) -> None:
        source, was = self.stage.key, (self.stage.key, list(self.visited), self.returned_from)
        if move.kind is MoveKind.WITHDRAW:
            _, self.visited, self.returned_from = self.before_sending
        elif move.kind is MoveKind.RETURN:
            self.visited, self.returned_from = [key for key in self.visited if key != source], source
        else:
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
        if self.rules.order(target) <= self.signing_order:
            self.signed, self.proof = False, ""
        self.desk = [] if self.stage.closed else self.seats(self.stage)

    def edited(self, values: dict[str, Any], text: bool, rewritten: bool) -> None:
        self.values, self.text, self.sender = {**self.values, **values}, text, None
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


def filled(asked: list, today: date = date(2026, 11, 2)) -> dict[str, Any]:
    """A fitting value for each field."""
    by_type = {"number": 3, "date": today.isoformat(), "yesno": True, "series": SERIES[0]}
    return {f.key: f.choices[0][0] or f.default if f.type == "choice" else by_type.get(f.type, "填写") for f in asked}


def drafted(rules: Procedure, **values: Any) -> dict[str, Any]:
    """A whole form for the drafter, with these values chosen."""
    form = [f for f in rules.fields if not f.at]
    known = {f.key for f in form}
    base = {f.key: f.default for f in form} | filled([f for f in form if f.required])
    return base | {key: value for key, value in values.items() if key in known}
