"""A bureau in which everybody may try anything on a family of matters, each try foretold by tests/family_model.py."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import select

from officeapp import db, engine, matters, offshoots, supervision
from officeapp.clock import ZONE
from officeapp.decisions import Refused
from officeapp.desks import Paper
from officeapp.procedures import book
from officeapp.supervision import Contact
from tests.cast import cast
from tests.clock_model import day_of
from tests.family_model import Family
from tests.people import PEOPLE
from tests.rulebook_model import MEDIA, Attempt

FOLK = PEOPLE | {"assessor": ("郝考核", "command", ("assessment_section",)),
                 "discipline": ("纪检", "command", ("discipline_committee",))}
START = datetime(2026, 8, 3, 9, 0, tzinfo=ZONE)
SOUND = {"title": "落实市容保障", "source": "meeting", "ordered_on": "2026-08-03", "content": "整治主干道。",
         "instruction": "党组会议定。", "manner": "system", "due_on": "2026-09-24", "way": "visit", "clock": "agreed",
         "situation": "占道经营反弹。", "plan": "联合整治。", "advice": "增派人员。"}
DAYS = st.sampled_from((-30, -3, 0, 0, 1, 4, 20, 45))
UNITS = ("appearance", "south", "legal", "appearance", "south", "legal", "office", "archive")
TALLY: Counter = Counter()


def pick(data, many):
    """One of these, told by its place: what they are would fill pages when a run fails."""
    return many[data.draw(st.integers(0, len(many) - 1))]


class Bureau(RuleBasedStateMachine):
    """What people do, and whether it had to succeed."""

    def __init__(self, kind: str, fresh: Callable[[], SimpleNamespace]) -> None:
        super().__init__()
        self.rules, self.now = book.current(kind), START
        office = fresh()
        self.units, self.actors = office.units, cast(office, tuple(FOLK))
        self.family = Family(self.rules, self.actors, FOLK, self.units)

    @property
    def today(self):
        return day_of(self.now)

    def sound(self, **values):
        """A form that must be taken, however late it has become meanwhile."""
        ahead = max(SOUND["due_on"], (self.today + timedelta(days=14)).isoformat())
        return SOUND | {"due_on": ahead, "lead_unit": self.units["appearance"], "to_unit": self.units["south"],
                        "unit": self.units["south"]} | values

    def opened(self, actor, values):
        wanted = self.family.member(self.rules.kind, actor, values, self.now)
        expected = self.family.may_open(wanted)
        made = self.tried(self._open, actor, values)
        assert bool(made) == expected, (actor.name, values)
        if expected:
            wanted.id = made
            self.family.members.append(wanted.launch(self.now))
        return expected

    def _open(self, session, actor, values):
        return engine.open_matter(session, self.rules.kind, actor, values, now=self.now).id

    def typed(self, data, field, able=()):
        """Something for a field: mostly what fits."""
        if data.draw(st.integers(0, 11)) == 0:
            return None
        if field.type == "choice":
            return pick(data, field.choices)[0]
        if field.type == "date":
            day = (self.today + timedelta(days=data.draw(DAYS))).isoformat()
            return day if data.draw(st.integers(0, 30)) else day.replace("-", "")
        if field.type == "unit":
            return self.units[data.draw(st.sampled_from(UNITS))]
        if field.type == "units":
            names = data.draw(st.lists(st.sampled_from(UNITS[:3]), max_size=2, unique=True))
            return [self.units[name] for name in names]
        if field.type == "person":
            anybody = [actor.id for actor in self.actors.values()] + [987654]
            return pick(data, sorted(able) * 15 + anybody)
        return "0577-88001234转806" if field.key == "phone" else "填写"

    def tried(self, verb, *given):
        """What the verb answers in a transaction of its own; None when it refuses."""
        TALLY[verb.__name__] += 1
        try:
            with db.transaction() as session:
                return verb(session, *given)
        except Refused:
            TALLY["refused"] += 1
            return None

    def ways(self, wanted):
        return [(member, *way) for member in self.family.members for way in member.ways() if wanted(way[1])]

    def go(self, data, wanted):
        """One of these moves by one who may, with everything it needs."""
        ways = self.ways(wanted)
        if ways:
            self.attempt(*self.prepared(data, *pick(data, ways)))

    def prepared(self, data, member, actor, move, medium):
        signer = pick(data, sorted(member.on_turn)) if medium is MEDIA[1] else None
        attempt = Attempt(move, actor, "同意。", {}, signer, self.today if signer else None)
        return member, replace(attempt, values=self.filled(data, member, attempt))

    def filled(self, data, member, attempt):
        """Each asked field with what fits, but dates and choices as they come."""
        units = member.units_of(attempt) or set(self.units.values())
        able = {one for unit in units for one in member.people_with("", unit)}
        values = {f.key: self.typed(data, f, able) for f in member.asked(attempt.move)}
        whole = data.draw(st.integers(0, 9))
        return {key: value if value is not None or not whole else "填写" for key, value in values.items()}

    def slipped(self, right, slip):
        if slip in ("signer", "tomorrow") and not right.signer:
            return {}
        return {"no note": {"note": "  "}, "no fields": {"values": {}},
                "stranger": {"actor": self.actors["colleague"]}, "signer": {"signer": self.actors["colleague"].id},
                "tomorrow": {"on": self.today + timedelta(days=1)}}[slip]

    def attempt(self, member, attempt):
        expected = member.accepts(attempt, self.now)
        made = self.tried(self._move, member, attempt)
        assert bool(made) == expected, (attempt, "must succeed" if expected else "must be refused")
        if expected:
            TALLY[f"{member.rules.kind} {attempt.move.kind.value}{' on paper' if attempt.signer else ''}"] += 1
            member.make(attempt)
            self.family.after(member, attempt, self.now)

    def _move(self, session, member, attempt):
        paper, seen = Paper(attempt.signer, attempt.on) if attempt.signer else None, self.version(session, member)
        made = engine.move(session, member.id, attempt.move.key, attempt.actor, version=seen, note=attempt.note,
                           values=attempt.values, paper=paper, now=self.now)
        assert made.version > seen
        return made

    def version(self, session, member):
        return session.get_one(matters.Matter, member.id).version

    def _edit(self, session, member, actor, values):
        return engine.edit(session, member.id, actor, values, None, version=self.version(session, member), now=self.now)

    def _begin(self, session, member, kind, actor, values):
        return engine.open_from(session, member.id, kind, actor, values, now=self.now)

    def _call(self, session, member, actor, said):
        return supervision.contact(session, member.id, actor, Contact("phone", "李强", said, "再催。"), now=self.now)

    def _send_up(self, session, member, actor, key, reason):
        return supervision.escalate(session, member.id, actor, key, reason, version=self.version(session, member),
                                    now=self.now)

    def reminders(self, member):
        with db.reading() as session:
            query = select(matters.Event).where(matters.Event.matter_id == member.id, matters.Event.what == "reminded")
            return list(session.scalars(query.order_by(matters.Event.seq)))

    def find(self):
        """What has come of the family is what was foretold, no more and no less."""
        known = {member.id for member in self.family.members}
        with db.reading() as session:
            found = [child for each in known for child in offshoots.children(session, each) if child.id not in known]
        for child in sorted(found, key=lambda child: child.id):
            twin = next(m for m in self.family.awaited
                        if (m.rules.kind, m.parent.id, m.period) == (child.kind, child.parent_id, child.period))
            twin.id = child.id
            if child.kind in ("prompt_slip", "supervision_notice"):
                twin.values = dict(child.values)  # their words have tests of their own
            self.family.awaited.remove(twin)
            self.family.members.append(twin)
            TALLY[f"begun {child.kind}"] += 1
        assert not self.family.awaited
