"""Random moves by random people on every shipped rulebook, held against a model of what is declared.

Engine and model must agree on every attempt, and after every step: what is offered is
what is accepted, the events tell the stored state, numbers have no gap and no twin, the
signed text is the signer's, nothing is owed by a closed matter, nobody passed a gate.
`-s` shows how many steps ran.
"""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from officeapp import attachments, db, deadlines, engine, matters, options, texts
from officeapp.clock import ZONE
from officeapp.decisions import Refused, Stale
from officeapp.desks import Paper
from officeapp.procedures import book
from officeapp.procedures.grammar import MoveKind
from tests import conftest
from tests.cast import NAMES, cast, delegations_of
from tests.filled_forms import drafted, filled
from tests.matter_invariants import check_matter, check_numbers, check_offers
from tests.rulebook_model import MEDIA, Attempt, Model

THOROUGH = settings.get_profile("thorough").max_examples
GRADES, GENRES = ("ordinary", "expedited", "urgent"), ("通知", "请示", "报告", "函", "纪要")
BODIES = ("一、总体要求\n做好环境保障。", "一、总体要求\n做好环境保障，落实责任。", "")
FORMS = st.fixed_dictionaries({
    "grade": st.sampled_from(GRADES), "genre": st.sampled_from(GENRES), "normative": st.booleans(),
    "collective": st.booleans(), "recipients": st.sampled_from(("各科室", "")),
})
DRAFTERS = st.sampled_from(("drafter", "drafter", "officer", "reviewer", "lawyer", "captain"))
SLIPS = ("no note", "no fields", "no such series", "no text", "signer", "tomorrow", "long ago")
TALLY: Counter = Counter()


class Machine(RuleBasedStateMachine):
    """One matter in a bureau where everybody tries everything."""

    def __init__(self, rules, bureau, root):
        super().__init__()
        self.rules, self.root, self.now = rules, root, conftest.MONDAY
        self.actors, self.units = cast(bureau), bureau.units
        self.frozen, self.files = "", 0

    @initialize(who=DRAFTERS, form=FORMS, online=st.booleans(), hops=st.integers(0, 16), data=st.data())
    def begin(self, who, form, online, hops, data):
        """A new matter, already some way along."""
        self.open(who, form, online)
        for _ in range(hops):
            self.go_forward(data)

    @precondition(lambda self: self.model.stage.closed)
    @rule(who=DRAFTERS, form=FORMS, online=st.booleans(), hops=st.integers(0, 16), data=st.data())
    def begin_another(self, who, form, online, hops, data):
        self.begin(who, form, online, hops, data)

    def open(self, who, form, online):
        self.frozen = ""
        values, actor = drafted(self.rules, title="关于做好环境保障工作的通知", **form), self.actors[who]
        with db.transaction() as session:
            options.choose(session, "important_grades_online", online)
        chosen = {"important_grades_online": online}
        self.model = Model(self.rules, self.actors, self.units, actor, values, chosen, self.now)
        if not self.model.fits_form(values):
            assert self.tried(self._open, actor, values) is None
            values = self.model.values = drafted(self.rules, title="关于做好环境保障工作的通知", recipients="各科室")
        self.id = self.tried(self._open, actor, values)

    def _open(self, session, actor, values):
        return engine.open_matter(session, self.rules.kind, actor, values, body=BODIES[0], now=self.now,
                                  rulebook=self.rules.rulebook).id

    def tried(self, verb, *given):
        """What the verb answers in a transaction of its own; None when it refuses."""
        TALLY[verb.__name__] += 1
        try:
            with db.transaction() as session:
                return verb(session, *given)
        except Refused:
            TALLY["refused"] += 1
            return None

    # Moves

    @rule(data=st.data())
    def go_forward(self, data):
        self.go(data, [way for way in self.model.ways() if way[1].kind is MoveKind.FORWARD])

    @rule(data=st.data(), kind=st.sampled_from([kind for kind in MoveKind if kind is not MoveKind.VOID]))
    def go_that_way(self, data, kind):
        self.go(data, [way for way in self.model.ways() if way[1].kind is kind])

    @rule(data=st.data(), who=st.sampled_from(NAMES), form=FORMS)
    def bounce(self, data, who, form):
        """Sent back, perhaps changed, and straight to where it came from, or on the ordinary way."""
        for kind in (MoveKind.RETURN, MoveKind.STRAIGHT_BACK):
            self.go(data, [way for way in self.model.ways() if way[1].kind is kind])
            self.edit(who, form, None, data.draw(st.booleans()))

    @rule(data=st.data(), who=st.sampled_from(NAMES), touch=st.booleans())
    def send_and_take_back(self, data, who, touch):
        """Sent on and withdrawn, unless the next desk was quicker; and sent again."""
        self.go_forward(data)
        if touch:
            self.add_file(who, "scan")
        self.go(data, [way for way in self.model.ways() if way[1].kind is MoveKind.WITHDRAW])
        self.go_forward(data)

    @rule(data=st.data(), really=st.integers(0, 4))
    def give_up(self, data, really):
        self.go(data, [way for way in self.model.ways() if way[1].kind is MoveKind.VOID and not really])

    def go(self, data, ways):
        """One of these moves, with everything it needs."""
        if not ways:
            return
        actor, move, medium = data.draw(st.sampled_from(ways))
        signer = data.draw(st.sampled_from(sorted(self.model.on_turn))) if medium is MEDIA[1] else None
        values = filled(self.model.asked(move), self.today)
        attempt = Attempt(move, actor, "同意。", values, signer, self.today if signer else None)
        if not self.model.supplied(move):
            self.attempt(attempt)
            self.attach(self.actors["lawyer"], move.needs.attachment)
        self.attempt(attempt)

    @rule(data=st.data(), who=st.sampled_from(NAMES), note=st.sampled_from(("", "  ", "请修改。")),
          complete=st.booleans(), signer=st.sampled_from((None, None, *NAMES)), back=st.integers(-1, 9))
    def meddle(self, data, who, note, complete, signer, back):
        """Anybody tries any move of the rulebook, well prepared or not."""
        here = [m for m in self.rules.moves_from(self.model.stage.key) if m.kind is not MoveKind.VOID]
        here = here or self.rules.moves
        move = data.draw(st.sampled_from(here) | st.sampled_from(self.rules.moves))
        values = filled(self.model.asked(move), self.today) if complete else {}
        if not complete and data.draw(st.booleans()):
            values = filled(self.model.asked(move), self.today) | {"series": "无此代字"}
        signed = (self.actors[signer].id, self.today - timedelta(days=back)) if signer else (None, None)
        self.attempt(Attempt(move, self.actors[who], note, values, *signed))

    @rule(data=st.data(), slip=st.sampled_from(SLIPS))
    def stumble(self, data, slip):
        """The right person, the right move, and one thing wrong, which may or may not matter here."""
        able = [actor for actor in self.actors.values() if self.model.may_edit(actor)]
        if slip == "no text" and able:
            self.change(able[0], {}, "")
        ways = [way for way in self.model.ways() if way[1].kind is not MoveKind.VOID]
        if ways:
            actor, move, medium = data.draw(st.sampled_from(ways))
            signer = min(self.model.on_turn) if medium is MEDIA[1] else None
            values = filled(self.model.asked(move), self.today)
            right = Attempt(move, actor, "同意。", values, signer, self.today if signer else None)
            self.attempt(replace(right, **self.slipped(right, slip)))
        if not self.model.text and able and self.model.may_edit(able[0]):
            self.change(able[0], {}, BODIES[0])

    def slipped(self, right, slip):
        if slip in ("signer", "tomorrow", "long ago") and not right.signer:
            return {}
        return {
            "no text": {}, "no note": {"note": "  "}, "no fields": {"values": {}},
            "no such series": {"values": right.values | {"series": "无"}},
            "signer": {"signer": self.actors["colleague"].id}, "tomorrow": {"on": self.today + timedelta(days=1)},
            "long ago": {"on": self.model.opened.date() - timedelta(days=1)},
        }[slip]

    @rule(data=st.data(), paper=st.booleans())
    def overreach(self, data, paper):
        """Who does hold it, opened it or may void it tries, well prepared, what belongs elsewhere."""
        involved = self.model.on_turn | {self.model.drafter.id, self.actors["director"].id, self.model.sender}
        actor = data.draw(st.sampled_from([a for a in self.actors.values() if a.id in involved]))
        move = data.draw(st.sampled_from(self.rules.moves))
        signer = min(self.model.on_turn, default=None) if paper else None
        values = filled(self.model.asked(move), self.today)
        self.attempt(Attempt(move, actor, "同意。", values, signer, self.today if signer else None))

    @rule(who=st.sampled_from(NAMES), data=st.data())
    def invent(self, who, data):
        """What is not declared does not exist."""
        attempt = Attempt(data.draw(st.sampled_from(self.rules.moves)), self.actors[who])
        assert self.tried(self._make, attempt, "teleport") is None

    @rule(data=st.data())
    def come_late(self, data):
        """Who read an older version hears 409, whatever it was."""
        actor, move = self.actors[data.draw(st.sampled_from(NAMES))], data.draw(st.sampled_from(self.rules.moves))
        with pytest.raises(Stale), db.transaction() as session:
            engine.move(session, self.id, move.key, actor, version=self.version(session) - 1, now=self.now)

    def attempt(self, attempt):
        expected = self.model.accepts(attempt, self.now)
        made = self.tried(self._make, attempt, attempt.move.key)
        assert (made is not None) == expected, (attempt, "must succeed" if expected else "must be refused")
        if expected:
            TALLY[f"made {attempt.move.kind.value}{' on paper' if attempt.signer else ''}"] += 1
            signed = attempt.move.signs
            self.model.make(attempt)
            self.frozen = made.frozen_hash if signed else self.frozen

    def _make(self, session, attempt, key):
        paper = Paper(attempt.signer, attempt.on) if attempt.signer else None
        return engine.move(session, self.id, key, attempt.actor, version=self.version(session), note=attempt.note,
                           values=attempt.values, paper=paper, now=self.now)

    # What else people do

    @rule(who=st.sampled_from(NAMES), form=FORMS, body=st.sampled_from((None, *BODIES)), mine=st.booleans())
    def edit(self, who, form, body, mine):
        able = [a for a in self.actors.values() if self.model.may_edit(a)]
        actor = able[0] if mine and able else self.actors[who]
        self.change(actor, {k: v for k, v in form.items() if k in self.model.values}, body)

    def change(self, actor, values, body):
        after, self.model.now = {**self.model.values, **values}, self.now
        expected = self.model.may_edit(actor) and self.model.fits_form(after, self.model.values)
        before = self.fingerprint()
        made = self.tried(self._edit, actor, values | {"series": "临综法函", "nonsense": 1}, body)
        assert (made is not None) == expected
        if expected:
            self.model.edited(values, self.model.text if body is None else bool(body), before != self.fingerprint())

    def fingerprint(self):
        with db.reading() as session:
            return session.get(matters.Matter, self.id).text_hash

    def _edit(self, session, actor, values, body):
        return engine.edit(session, self.id, actor, values, body, version=self.version(session), now=self.now)

    @rule(who=st.sampled_from(NAMES), kind=st.sampled_from(attachments.KINDS))
    def add_file(self, who, kind):
        self.attach(self.actors[who], kind)

    def attach(self, actor, kind):
        expected = not self.model.stage.closed and not (self.model.signed and kind == "attachment")
        assert (self.tried(self._attach, actor, kind) is not None) == expected
        if expected:
            self.model.files.append((kind, actor, self.now))
            self.model.sender = None
            if kind == "attachment":
                self.model.rewritten()

    def _attach(self, session, actor, kind):
        self.files += 1
        content = f"{self.id}-{self.files}".encode()
        accepted = attachments.Accepted("材料.pdf", "application/pdf", "pdf", len(content),
                                        f"{self.id:032x}{self.files:032x}", BytesIO(content))
        attachments.store(session, accepted, self.id, actor.hand, kind, self.now, self.root)
        engine.text_changed(session, matters.lock(session, self.id), actor, "attached", "材料.pdf", self.now)
        return accepted

    @precondition(lambda self: self.model.signed)
    @rule(who=st.sampled_from(NAMES), faithful=st.booleans())
    def proof(self, who, faithful):
        actor = self.actors[who]
        expected = self.model.signed and not self.model.stage.closed and actor.id in self.model.on_turn
        assert (self.tried(self._proof, actor, faithful) is not None) == expected
        if expected:
            self.model.proof, self.model.sender = "signed" if faithful else "other", None

    def _proof(self, session, actor, faithful):
        body = texts.latest(session, self.id, "final").body + ("" if faithful else "改动")
        return engine.save_proof(session, self.id, actor, body, version=self.version(session), now=self.now)

    @rule(hours=st.sampled_from((0.1, 1, 5, 20, 48, 200)))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    @rule()
    def be_reminded(self):
        with db.transaction() as session:
            deadlines.remind(session, self.id, self.now)

    @property
    def today(self):
        return self.now.astimezone(ZONE).date()

    def version(self, session):
        return session.get(matters.Matter, self.id).version

    @invariant()
    def hold(self):
        TALLY["steps"] += 1
        with db.reading() as session:
            matter = session.get(matters.Matter, self.id)
            check_matter(session, matter, self.model, self.frozen)
            check_offers(session, matter, self.model)
            check_numbers(session)


def run(rules, bureau, root, share=1.0):
    """A short campaign by default; `make check` runs it about ten times as long."""
    long = settings().max_examples >= THOROUGH
    examples, steps = (150, 60) if long else (20, 40)
    TALLY.clear()
    with db.transaction() as session:
        session.add_all(delegations_of(bureau, conftest.MONDAY))
    run_state_machine_as_test(lambda: Machine(rules, bureau, root), settings=settings(
        max_examples=max(2, round(examples * share)), stateful_step_count=steps))
    print(f"\n{rules.rulebook}: {dict(sorted(TALLY.items()))}")
    assert TALLY["steps"] > 100


# What several units fill in and what comes of a matter has its own courses in tests/procedures.
@pytest.mark.parametrize("rules", book.editions("outgoing_document"), ids=lambda rules: rules.rulebook)
def test_no_undeclared_move_succeeds_and_every_record_holds(rules, bureau, tmp_path):
    run(rules, bureau, tmp_path)


def test_the_same_holds_on_PostgreSQL(tmp_path):
    conftest.databases.fresh_postgresql()
    run(book.PROCEDURES[0], conftest.seeded(), tmp_path, share=0.2)
