"""A matter and what comes of it, told a second time: reports each month, extensions, documents of the ladder.

Beside rulebook_model.py, which tells of one matter alone: clocks, who may begin what, and what one matter's move
does to another (DB-4, DB-7, DB-10, LX-5). Neither the database nor the engine is read.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from officeapp.people import ADMIN_KINDS, Actor
from officeapp.procedures import book
from officeapp.procedures.clauses import Facts, settle
from officeapp.procedures.grammar import Move, MoveKind, Offshoot, Procedure, Rung
from officeapp.workdays import add_months
from tests.clock_model import Clock, begun, day_of
from tests.rulebook_model import Attempt, Model


class Member(Model):
    """One matter of a family, with its clocks."""

    id = 0
    parent: "Member | None" = None
    period = ""
    returns = 0
    tracked: date | None = None
    extended = False
    cycle: Clock | None = None
    own: Clock | None = None
    own_scope = ""

    def launch(self, now: datetime) -> "Member":
        self.now, self.number = now, bool(self.rules.series)
        self.before: dict[str, Clock] = {}
        self.enter(now)
        return self

    @property
    def due(self) -> str:
        return self.cycle.due.isoformat() if self.cycle else ""

    @property
    def begun(self) -> str:
        return day_of(self.cycle.start).isoformat() if self.cycle else ""

    @begun.setter
    def begun(self, _: str) -> None:
        """The clock tells it."""

    @due.setter
    def due(self, _: str) -> None:
        """The clock tells it."""

    def moved(self, move: Move) -> None:
        self.returns += move.kind is MoveKind.RETURN
        if self.own:
            self.own.stop("met", self.now)
            self.before[self.own_scope], self.own = self.own, None
        if self.stage.closed:
            self.end_clocks(done=move.kind is not MoveKind.VOID)
        else:
            self.enter(self.now, taken_back=move.kind is MoveKind.WITHDRAW)
        if self.stage.monthly and not self.tracked:
            self.tracked = day_of(self.now)

    def end_clocks(self, done: bool = False) -> None:
        if self.cycle and self.cycle.state != "met":
            self.cycle.stop("met", self.now)
            self.cycle = self.cycle if done else None
        self.own = None

    def enter(self, now: datetime, taken_back: bool = False) -> None:
        facts = self.facts()
        if self.cycle:
            self.cycle.turn(self.stage.clock, now)
            self.cycle = None if self.cycle.state == "cancelled" else self.cycle
        elif self.stage.clock == "runs":
            self.cycle = begun(settle(self.rules.cycle, facts), self.rules.ladder, self.values, now, self.opened)
        limit = settle(self.stage.limit, facts)
        if limit and taken_back and self.stage.key in self.before:
            self.own = self.before[self.stage.key]
            self.own.again(now)
        else:
            self.own = begun(limit, self.rules.stage_ladder, self.values, now, self.opened)
        self.own_scope = self.stage.key

    def edited(self, values: dict[str, Any], text: bool, rewritten: bool) -> None:
        super().edited(values, text, rewritten)
        limit = settle(self.rules.cycle, self.facts())
        if self.cycle and self.cycle.measure(limit, self.values):
            self.cycle.recount(self.now)
        self.desk = self.seats(self.stage)

    @property
    def clocks(self) -> Iterator[tuple[str, Clock]]:
        yield from ((scope, clock) for scope, clock in (("cycle", self.cycle), (self.own_scope, self.own)) if clock)

    @property
    def nearest(self) -> date | None:
        return min((clock.due for _, clock in self.clocks if clock.state == "open"), default=None)

    def supervised_by(self, actor: Actor) -> bool:
        return not actor.has(*ADMIN_KINDS) and not self.stage.closed and self.among(actor, self.rules.supervisors)


class Family:
    """The matters that came of one, in the order they began; `awaited` have begun but are not yet found."""

    def __init__(self, rules: Procedure, cast: dict[str, Actor], folk: dict[str, tuple], units: dict[str, int]) -> None:
        self.rules, self.cast, self.folk, self.units = rules, cast, folk, units
        self.members: list[Member] = []
        self.awaited: list[Member] = []

    def member(self, kind: str, drafter: Actor, values: dict[str, Any], now: datetime,
               parent: Member | None = None, period: str = "") -> Member:
        """A matter as its form would make it; of no effect until it is begun."""
        rules = book.current(kind)
        form = {f.key: values.get(f.key, f.default) for f in rules.fields if not f.at}
        form |= {f.key: drafter.unit_id for f in rules.fields if f.type == "own_unit"}
        unit = parent.unit if parent and rules.ends_with_parent else 0
        found = Member(rules, self.cast, self.units, drafter, form, {}, now, folk=self.folk, unit=unit)
        found.parent, found.period = parent, period
        return found

    def may_open(self, member: Member) -> bool:
        """Whether its drafter may begin it with that form."""
        openers = member.rules.openers
        allowed = not member.drafter.has(*ADMIN_KINDS) and (not openers or member.among(member.drafter, openers))
        return allowed and member.fits_form(member.values)

    def await_(self, member: Member, now: datetime) -> None:
        self.awaited.append(member.launch(now))

    def children(self, member: Member) -> list[Member]:
        return [each for each in [*self.members, *self.awaited] if each.parent is member]

    # What a move does beyond its matter

    def after(self, member: Member, attempt: Attempt, now: datetime) -> None:
        move, parent = attempt.move, member.parent
        if move.extends and not parent.stage.closed:
            self._extend(parent, member.values[move.extends], now)
        if move.on_parent:
            parent.now, follows = now, Attempt(parent.rules.move(move.on_parent), attempt.actor)
            parent.make(follows)
            self.after(parent, follows, now)
        if move.sets_off:
            rung = next(rung for rung in member.rules.ladder if rung.key == move.sets_off)
            self.set_off(member, rung, self.cast["director"], now)
        if member.stage.monthly:
            self.owe_report(member, now)
        if member.stage.closed or member.stage.clock == "ended" and not member.stage.monthly:
            for child in self.children(member):
                self._end(child)

    def _extend(self, parent: Member, day: str, now: datetime) -> None:
        limit = settle(parent.rules.cycle, parent.facts())
        if limit.until:
            parent.values = {**parent.values, limit.until: day}
        parent.extended = True
        if parent.cycle:
            parent.cycle.extend(date.fromisoformat(day), now)

    def _end(self, child: Member) -> None:
        falls_to = child.rules.ends_with_parent
        if falls_to and not child.stage.closed:
            child.stage, child.desk = child.rules.stage(falls_to), []
            child.visited = [*child.visited, falls_to]
            child.end_clocks()

    # What comes of it

    def offshoot_open(self, member: Member, offshoot: Offshoot, actor: Actor, now: datetime) -> bool:
        """Whether this person may begin it from there now."""
        facts = Facts(values=member.values, due=member.due, today=day_of(now).isoformat())
        twin = any(each.rules.kind == offshoot.kind and not each.stage.closed for each in self.children(member))
        return ((offshoot.after_closing or not member.stage.closed) and not actor.has(*ADMIN_KINDS)
                and (not offshoot.who or member.among(actor, offshoot.who))
                and (not actor.delegate or actor.id in member.on_turn)
                and (not offshoot.stages or member.stage.key in offshoot.stages)
                and (offshoot.when is None or offshoot.when(facts)) and not (offshoot.once and twin)
                and not (member.extended and settle(offshoot.at_most, member.facts())))

    def owe_report(self, member: Member, now: datetime) -> bool:
        """DB-7: the next month's report is begun unless one is still to come."""
        kind, today = member.stage.monthly, day_of(now)
        owed = [each for each in self.children(member) if each.rules.kind == kind]
        if any(date.fromisoformat(each.period) > today for each in owed):
            return False
        day = add_months(member.tracked, len(owed) + 1)
        writer = next(actor for actor in self.cast.values() if actor.id in member.on_turn and not actor.delegate)
        values = {"title": f"{member.values['title'][:100]}：{day.year}年{day.month}月进展", "due_on": day.isoformat()}
        self.await_(self.member(kind, writer, values, now, member, day.isoformat()), now)
        return True

    def month(self, now: datetime) -> None:
        """What the month's sweep begins."""
        for member in list(self.members):
            while member.stage.monthly and not member.stage.closed and self.owe_report(member, now):
                pass

    def sweep(self, now: datetime) -> dict[Member, list[tuple[str, str]]]:
        """What the ladders say at this moment: (scope, rung) of each member; their documents are awaited."""
        told = {}
        for member in list(self.members):
            fired = [(scope, key) for scope, clock in member.clocks if (key := clock.sweep(now))]
            told[member.id] = fired
            for scope, key in fired:
                self._document(member, scope, key, now)
        return told

    def _document(self, member: Member, scope: str, key: str, now: datetime) -> None:
        ladder = member.rules.ladder if scope == "cycle" else member.rules.stage_ladder
        rung = next(rung for rung in ladder if rung.key == key)
        if rung.opens:
            self.send(member, rung.opens, self.cast["director"], now)

    def set_off(self, member: Member, rung: Rung, issuer: Actor, now: datetime) -> bool:
        """A document before its day, once for one due day."""
        if not member.cycle or rung.key in member.cycle.fired or not self.send(member, rung.opens, issuer, now):
            return False
        member.cycle.fired.add(rung.key)
        member.cycle.pending.pop(rung.key, None)
        return True

    def send(self, member: Member, kind: str, issuer: Actor, now: datetime) -> bool:
        """A numbered document, if somebody is there to receive it."""
        found = self.member(kind, issuer, {"title": "", "content": ""}, now, member)
        if not found.seatable(found.stage, found.values):
            return False
        self.await_(found, now)
        return True
