"""Random days in a bureau under 督办单, 联系单, 群众事务 and 重要情况报告, and under whatever comes of them.

Everybody tries everything; days and months pass, the sweeps run, sometimes after an outage. What is accepted or
refused, what each ladder says, what each month owes is foretold by tests/family_model.py, and after every step the
record must tell the stored state. `-s` shows how many steps ran.
"""

from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from sqlite3 import connect
from types import SimpleNamespace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from officeapp import db, deadlines, engine, matters, progress
from officeapp.clock import ZONE
from officeapp.decisions import Stale
from officeapp.procedures.grammar import MoveKind
from tests import conftest, databases
from tests.cast import NAMES, delegations_of
from tests.family_invariants import check_member
from tests.family_machine import DAYS, FOLK, START, TALLY, Bureau, pick
from tests.matter_invariants import check_numbers
from tests.procedures.ladders import inspected
from tests.rulebook_model import Attempt

THOROUGH = settings.get_profile("thorough").max_examples
EVERYBODY = (*NAMES, "assessor", "discipline")
END = datetime(2026, 10, 31, tzinfo=ZONE)
KINDS = ("supervision_order", "liaison_slip", "public_matter", "leader_report")
ABLE = {"supervision_order": "clerk", "liaison_slip": "drafter", "public_matter": "officer", "leader_report": "deputy"}
MANY = 6  # members, before no further order is begun from one
SLIPS = ("no note", "no fields", "stranger", "signer", "tomorrow")


class Machine(Bureau):
    """One matter and its family."""

    # Beginning

    @initialize(data=st.data(), hops=st.integers(0, 14))
    def begin(self, data, hops):
        self.open(data)
        for _ in range(hops):
            self.go_forward(data)

    @precondition(lambda self: all(member.stage.closed for member in self.family.members))
    @rule(data=st.data(), hops=st.integers(0, 9))
    def begin_another(self, data, hops):
        self.begin(data, hops)

    def open(self, data):
        """Somebody with any form; when that is refused, the right person with a sound one."""
        form = [f for f in self.rules.fields if not f.at]
        who = data.draw(st.sampled_from([name for name in FOLK if name != "admin"] + ["admin", "drafter_as_admin"]))
        if not self.opened(self.actors[who], {f.key: self.typed(data, f) for f in form}):
            others = {"assisting": data.draw(st.sampled_from(([], [self.units["south"], self.units["legal"]])))}
            assert self.opened(self.actors[ABLE[self.rules.kind]], self.sound(**others))

    # Moves

    @rule(data=st.data())
    def go_forward(self, data):
        self.go(data, lambda move: move.kind is MoveKind.FORWARD)

    @rule(data=st.data())
    def go_on_together(self, data):
        """Several steps in a row, whoever has one to make."""
        for _ in range(4):
            self.go_forward(data)

    @rule(data=st.data(), kind=st.sampled_from([kind for kind in MoveKind if kind is not MoveKind.VOID]))
    def go_that_way(self, data, kind):
        self.go(data, lambda move: move.kind is kind)

    @rule(data=st.data(), really=st.integers(0, 5))
    def give_up(self, data, really):
        self.go(data, lambda move: move.kind is MoveKind.VOID and not really)

    @rule(data=st.data(), who=st.sampled_from(EVERYBODY), note=st.sampled_from(("", "  ", "请修改。")),
          signer=st.sampled_from((None, None, None, *FOLK)), back=st.integers(-1, 9))
    def meddle(self, data, who, note, signer, back):
        """Anybody tries any move of a rulebook."""
        member = pick(data, self.family.members)
        here = [m for m in member.rules.moves_from(member.stage.key) if m.kind is not MoveKind.VOID]
        move = pick(data, [*(here or member.rules.moves) * 3, *member.rules.moves])
        signed = (self.actors[signer].id, self.today - timedelta(days=back)) if signer else (None, None)
        attempt = Attempt(move, self.actors[who], note, {}, *signed)
        self.attempt(member, replace(attempt, values=self.filled(data, member, attempt)))

    @rule(data=st.data(), slip=st.sampled_from(SLIPS))
    def stumble(self, data, slip):
        """The right person, the right move, and one thing wrong, which may or may not matter here."""
        ways = self.ways(lambda move: move.kind is not MoveKind.VOID)
        if ways:
            member, right = self.prepared(data, *pick(data, ways))
            self.attempt(member, replace(right, **self.slipped(right, slip)))

    @rule(data=st.data(), who=st.sampled_from(EVERYBODY))
    def come_late(self, data, who):
        member = pick(data, self.family.members)
        move = pick(data, member.rules.moves)
        with pytest.raises(Stale), db.transaction() as session:
            engine.move(session, member.id, move.key, self.actors[who], version=self.version(session, member) - 1,
                        now=self.now)

    # What else people do

    @rule(data=st.data(), who=st.sampled_from(EVERYBODY), mine=st.booleans())
    def edit(self, data, who, mine):
        member = pick(data, self.family.members)
        able = [actor for actor in self.actors.values() if member.may_edit(actor)]
        actor = able[0] if mine and able else self.actors[who]
        form = [f for f in member.rules.fields if not f.at and f.type != "own_unit" and f.key != "title"]
        values = {f.key: self.typed(data, f) for f in form if data.draw(st.booleans())}
        member.now = self.now
        expected = member.may_edit(actor) and member.fits_form({**member.values, **values}, member.values)
        assert bool(self.tried(self._edit, member, actor, values)) == expected, (actor.name, values)
        if expected:
            member.edited(values, member.text, False)

    @rule(data=st.data(), who=st.sampled_from(EVERYBODY), right=st.booleans(), days=DAYS)
    def begin_offshoot(self, data, who, right, days):
        """DB-4, DB-1: another day is asked for, in time or not, or an order begun, by one who may or not."""
        few = len(self.family.members) < MANY
        ways = [(member, offshoot) for member in self.family.members for offshoot in member.rules.offshoots
                if few or offshoot.once]
        if not ways:
            return
        member, offshoot = pick(data, ways)
        able = [a for a in self.actors.values() if self.family.offshoot_open(member, offshoot, a, self.now)]
        actor = able[0] if right and able else self.actors[who]
        old = date.fromisoformat(member.due) if member.due else self.today
        values = self.sound(new_due=(old + timedelta(days=days)).isoformat(), reason="雨雪影响。")
        facts = {"@title": member.values["title"], "@due": member.due}
        carried = {own: facts[source] if source in facts else member.values.get(source)
                   for own, source in offshoot.carries}
        child = self.family.member(offshoot.kind, actor, values | carried, self.now, member)
        expected = self.family.offshoot_open(member, offshoot, actor, self.now) and self.family.may_open(child)
        made = self.tried(self._begin, member, offshoot.kind, actor, values)
        assert bool(made) == expected, (actor.name, values)
        if expected:
            self.family.await_(child, self.now)

    @rule(data=st.data(), days=DAYS)
    def ask_and_decide(self, data, days):
        """An extension from the asking to the decision, unless something comes between."""
        self.begin_offshoot(data, "drafter", True, days)
        self.find()
        asked = [member for member in self.family.members if member.rules.kind == "extension_request"]
        for _ in range(4 if asked else 0):
            self.go(data, lambda move: move.kind is MoveKind.FORWARD and move in asked[-1].rules.moves)

    @rule(data=st.data(), who=st.sampled_from(tuple(FOLK)), said=st.sampled_from(("人手不足。", " ")))
    def call(self, data, who, said):
        member = pick(data, self.family.members)
        made = self.tried(self._call, member, self.actors[who], said)
        assert bool(made) == (member.supervised_by(self.actors[who]) and bool(said.strip()))

    @rule(data=st.data(), who=st.sampled_from(tuple(FOLK)), right=st.booleans(), reason=st.sampled_from(("不办。", "")))
    def send_up(self, data, who, right, reason):
        """DB-10: a document of the ladder before its day, once for one due day."""
        member = pick(data, self.family.members)
        able = [self.actors[name] for name in FOLK if member.supervised_by(self.actors[name])]
        actor = able[0] if right and able else self.actors[who]
        rungs = [rung for rung in member.rules.ladder if rung.opens]
        rung = pick(data, rungs) if rungs else SimpleNamespace(key="notice", opens="")
        allowed = member.supervised_by(actor) and rungs and reason
        allowed = allowed and self.family.set_off(member, rung, actor, self.now)
        assert bool(self.tried(self._send_up, member, actor, rung.key, reason)) == bool(allowed)

    # Time

    @precondition(lambda self: self.now < END)
    @rule(hours=st.sampled_from((0.2, 3, 24, 24, 50, 120, 400, 750)))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    @precondition(lambda self: self.now < END)
    @rule(days=st.integers(1, 9))
    def days_pass(self, days):
        """Each morning the sweeps run, as the timetable runs them."""
        for _ in range(days):
            self.now = (self.now.astimezone(ZONE) + timedelta(days=1)).replace(hour=9, minute=0)
            self.sweep()
            self.find()

    @rule()
    def sweep(self):
        """Once and once more: the second writes nothing."""
        self.family.month(self.now)
        progress.sweep(self.now)
        self.find()
        before = {member.id: len(self.reminders(member)) for member in self.family.members}
        told = self.family.sweep(self.now)
        swept = deadlines.sweep(self.now)
        assert swept.failed == 0 and swept.fired == sum(map(len, told.values()))
        for member in self.family.members:
            new = self.reminders(member)[before[member.id]:]
            assert sorted((e.data["scope"], e.data["rung"]) for e in new) == sorted(told[member.id]), member.rules.kind
        assert deadlines.sweep(self.now) == deadlines.Swept() and progress.sweep(self.now) == (0, 0)
        TALLY["reminders"] += swept.fired

    @invariant()
    def hold(self):
        TALLY["steps"] += 1
        self.find()
        with db.reading() as session:
            for member in self.family.members:
                check_member(session, session.get_one(matters.Matter, member.id), member)
            check_numbers(session)

def run(kind, fresh, share=1.0):
    """A short campaign by default; `make check` runs it about ten times as long."""
    long = settings().max_examples >= THOROUGH
    examples, steps = (100, 60) if long else (8, 30)
    TALLY.clear()
    run_state_machine_as_test(lambda: Machine(kind, fresh), settings=settings(
        max_examples=max(2, round(examples * share)), stateful_step_count=steps))
    print(f"\n{kind}: {dict(sorted(TALLY.items()))}")
    assert TALLY["steps"] > 50


def seeded():
    office = inspected(conftest.seeded())
    with db.transaction() as session:
        session.add_all(delegations_of(office, START))
    return office


@pytest.mark.parametrize("kind", KINDS)
def test_what_comes_of_a_matter_is_what_its_rules_foretell(kind, tmp_path):
    databases.fresh_sqlite(tmp_path)
    office, copies = seeded(), iter(range(10**6))
    db.engine().dispose()

    def fresh():
        path = tmp_path / f"{next(copies)}.db"
        with closing(connect(tmp_path / "test.db")) as first, closing(connect(path)) as own:
            first.backup(own)
        db.configure(f"sqlite:///{path}")
        return office

    run(kind, fresh)


def test_the_same_holds_on_PostgreSQL():
    def fresh():
        databases.fresh_postgresql()
        return seeded()

    run("supervision_order", fresh, share=0.3)
