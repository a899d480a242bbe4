"""授权代办 (domain.md SW-15): what a stand-in sees, is offered, may do and is told, and when."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import func, select

from officeapp import (
    db,
    deadlines,
    decisions,
    desks,
    engine,
    figures,
    grants,
    matters,
    notices,
    outbox,
    people,
    todo,
    visibility,
)
from officeapp.clock import ZONE
from officeapp.decisions import Refused
from officeapp.delegations import Delegation
from officeapp.desks import Paper
from officeapp.matters import Step, Task
from officeapp.outbox import Message
from tests import conftest
from tests.procedures.walking import Walk

TUESDAY, THURSDAY = date(2026, 11, 3), date(2026, 11, 5)


@pytest.fixture
def office(either_database):
    return conftest.seeded()


def at(day, hour=10):
    return datetime(2026, 11, day, hour, tzinfo=ZONE)


def granted(principal, delegate, first=TUESDAY, last=THURSDAY, *, by=None, now=at(2), reason="出差"):
    with db.transaction() as session:
        return grants.grant(session, principal.id, delegate.id, first, last, reason, by=by or principal, now=now).id


def present(actor, now):
    """The actor as a request at that moment finds him."""
    with db.reading() as session:
        return people.actor(session, actor.id, now)


def face(delegate, principal, now):
    return next(each for each in present(delegate, now).principals if each.id == principal.id)


class Undo(Exception):
    """Leaves a transaction that was only a trial."""


def moves(walk, key, actor, now):
    """Whether the engine would let this actor make the move, in his own name or another's."""
    with db.reading() as session:
        case = engine.case(session, matters.find(session, walk.id))
        version = case.matter.version
    try:
        with db.transaction() as session:
            engine.move(session, walk.id, key, decisions.acting(case, actor), version=version, note="同意。", now=now)
            raise Undo
    except Undo:
        return True
    except Refused:
        return False


def told(walk, now):
    """Who would be told of a task that came to this desk at that moment."""
    with pytest.raises(Undo), db.transaction() as session:
        matter = matters.lock(session, walk.id)
        matter.version += 1  # another arrival than the one already told
        there = desks.told(session, matter, now)
        notices.task_opened(session, matter, there, now=now, from_name="甲", move_title="送审")
        found = set(session.scalars(select(Message.person_id).where(Message.matter_id == walk.id,
                                                                    Message.created_at == now)))
        raise Undo
    return found


def listed(actor, now):
    """Matter → for whom, as 我的待办 of that moment lists it."""
    with db.reading() as session:
        return {line.id: line.for_whom for line in todo.to_act(session, people.actor(session, actor.id, now))}


WHEN = {"before": at(2, 17), "in force": at(3, 0), "to the last hour": at(5, 23), "after": at(6, 0)}


def row(office, walk, key, now):
    """One row of the truth table for the stand-in: sees, is offered, may move, is told, has it on his list."""
    actor = present(office.officer, now)
    with db.reading() as session:
        sees = visibility.may_see(session, actor, walk.id)
    return (sees, key in walk.offered(actor), moves(walk, key, actor, now), office.officer.id in told(walk, now),
            walk.id in listed(office.officer, now))


def test_the_truth_table(office):
    """Own tasks always; the principal's and his posts' tasks only while the delegation is in force."""
    granted(office.head, office.officer)
    drafters = (office.officer, office.head, office.drafter)
    own, persons, posts = (Walk("lucheng-2019", drafter, at(2)) for drafter in drafters)
    posts.go(office.drafter, "submit")
    ways = ((own, "submit"), (persons, "submit"), (posts, "unit_pass_ordinary"))
    always, never = (True,) * 5, (False,) * 5
    for when, now in WHEN.items():
        theirs = always if when in ("in force", "to the last hour") else never
        assert [row(office, walk, key, now) for walk, key in ways] == [always, theirs, theirs], when
        assert office.head.id in told(posts, now), "who delegates goes on being told"
    assert listed(office.officer, at(4, 15)) == {own.id: "", persons.id: "王建国", posts.id: "王建国"}
    with db.transaction() as session:
        grants.end(session, session.scalar(select(Delegation.id)), by=office.head, now=at(4, 14))
    assert [row(office, walk, key, at(4, 15)) for walk, key in ways] == [always, never, never], "ended early"


def test_what_came_before_and_what_comes_meanwhile_both_lie_on_the_stand_ins_desk(bureau):
    early = Walk("lucheng-2019", bureau.drafter, at(2))
    early.go(bureau.drafter, "submit")
    granted(bureau.head, bureau.officer)
    late = Walk("lucheng-2019", bureau.drafter, at(4))
    late.go(bureau.drafter, "submit")
    assert listed(bureau.officer, at(4, 11)) == {early.id: "王建国", late.id: "王建国"}
    with db.reading() as session:
        assert figures.of(session, people.actor(session, bureau.officer.id, at(4, 11)), at(4, 11)).act == 2
        addressed = session.execute(select(Message.person_id, Message.subject).where(
            Message.matter_id == late.id, Message.channel == outbox.NOTICE)).all()
    assert {(person, "（代王建国办理）" in subject) for person, subject in addressed} == {
        (bureau.head.id, False), (bureau.officer.id, True)}


def test_it_is_signed_by_the_one_for_the_other(office):
    granted(office.head, office.officer)
    walk = Walk("lucheng-2019", office.drafter, at(4))
    walk.go(office.drafter, "submit")
    walk.go(face(office.officer, office.head, walk.now), "unit_pass_ordinary", "同意。")
    with db.reading() as session:
        event = matters.history(session, walk.id)[-1]
        task = session.scalar(select(Task).where(Task.matter_id == walk.id, Task.state == "done",
                                                 Task.stage == "unit_review"))
        said = session.scalar(select(Message.body).where(Message.matter_id == walk.id,
                                                         Message.person_id == office.reviewer.id))
    assert (event.actor_id, event.principal_id) == (office.officer.id, office.head.id)
    assert (task.done_by, task.on_behalf_of) == (office.officer.id, office.head.id)
    assert said.startswith("何军（代王建国）转来")
    assert walk.path == ["drafting", "unit_review", "office_review"]


def test_after_its_end_he_still_sees_what_he_signed_and_nothing_else(bureau):
    granted(bureau.head, bureau.officer)
    signed, other = (Walk("lucheng-2019", bureau.drafter, at(4)) for _ in range(2))
    for walk in (signed, other):
        walk.go(bureau.drafter, "submit")
    signed.go(face(bureau.officer, bureau.head, signed.now), "unit_pass_ordinary", "同意。")
    later = present(bureau.officer, at(9))
    with db.reading() as session:
        assert [visibility.may_see(session, later, walk.id) for walk in (signed, other)] == [True, False]
        assert [line.id for line in todo.done(session, later)] == [line.id for line in todo.done(session, bureau.head)]


def test_the_principal_may_still_act_and_the_stand_in_is_then_too_late(bureau):
    granted(bureau.head, bureau.officer)
    walk = Walk("lucheng-2019", bureau.drafter, at(4))
    walk.go(bureau.drafter, "submit")
    walk.go(present(bureau.head, walk.now), "unit_pass_ordinary", "同意。")
    assert walk.refusal(face(bureau.officer, bureau.head, walk.now), "unit_pass_ordinary").status == 422
    with db.reading() as session:
        seen = visibility.may_see(session, present(bureau.officer, walk.now), walk.id)
    assert not seen, "what has left the principal's desk is not the stand-in's to read"


def test_a_page_read_before_the_end_signs_nothing_after_it(bureau):
    granted(bureau.head, bureau.officer)
    walk = Walk("lucheng-2019", bureau.drafter, at(4))
    walk.go(bureau.drafter, "submit")
    old = face(bureau.officer, bureau.head, at(5))
    walk.now = at(6, 0)
    late = walk.refusal(old, "unit_pass_ordinary", "同意。")
    assert (late.status, late.sentence) == (403, "王建国的授权代办已经结束，您不能再代为办理。")


def test_what_one_may_do_besides_ones_tasks_is_not_delegated(bureau):
    """Voiding what lies on another desk is the office director's power, no task of his."""
    granted(bureau.drafter, bureau.officer)
    granted(bureau.director, bureau.captain)
    walk = Walk("lucheng-2019", bureau.drafter, at(4))
    assert "drafting_void" in walk.offered(present(bureau.officer, at(4)))
    assert "drafting_void" in walk.offered(bureau.director)
    assert "drafting_void" not in walk.offered(present(bureau.captain, at(4)))
    assert walk.refusal(face(bureau.captain, bureau.director, walk.now), "drafting_void", "重复。").status == 403


def test_either_may_take_back_what_the_stand_in_sent(bureau):
    granted(bureau.drafter, bureau.officer)
    walk = Walk("lucheng-2019", bureau.drafter, at(4))
    walk.go(face(bureau.officer, bureau.drafter, walk.now), "submit")
    for actor in (present(bureau.officer, walk.now), present(bureau.drafter, walk.now)):
        assert "unit_review_withdraw" in walk.offered(actor)
    assert "unit_review_withdraw" not in walk.offered(present(bureau.officer, at(7)))


def test_who_holds_the_task_himself_signs_for_himself(bureau):
    """The head of unit who stands in for his own drafter, and holds the matter, is asked no question."""
    granted(bureau.drafter, bureau.head)
    walk = Walk("lucheng-2019", bureau.drafter, at(4))
    walk.go(bureau.drafter, "submit")
    with db.reading() as session:
        found = engine.moves_open_to(session, matters.find(session, walk.id), present(bureau.head, walk.now))
    onward = [offer for offer in found if offer.move.kind in decisions.ONWARD]
    assert onward and all(offer.actor.delegate is None for offer in onward)


def test_two_principals_are_two_offers_and_each_has_its_name(bureau):
    """会签: the lot of two principals falls to one stand-in, who signs for each in turn."""
    granted(bureau.deputy, bureau.officer)
    granted(bureau.other_deputy, bureau.officer)
    walk = Walk("lucheng-2019", bureau.drafter, at(4))
    with db.transaction() as session:
        matter = matters.lock(session, walk.id)
        for task in matter.tasks:
            task.person_id = None
            task.post_id = bureau.deputy.post_ids[0]
        session.add(Task(matter_id=matter.id, stage=matter.stage, post_id=bureau.other_deputy.post_ids[0],
                         opened_at=walk.now))
    with db.reading() as session:
        found = engine.moves_open_to(session, matters.find(session, walk.id), present(bureau.officer, walk.now))
    assert {offer.actor.signature for offer in found if offer.move.key == "submit"} == {
        "何军（代刘志强）", "何军（代孙副局）"}


def test_reminders_go_to_both_and_the_record_says_so(office):
    granted(office.head, office.officer, last=date(2026, 11, 30))
    walk = Walk("lucheng-2019", office.drafter, at(2))
    walk.go(office.drafter, "submit")
    with db.transaction() as session:
        first = session.scalar(select(func.min(Step.fire_at)).where(
            Step.matter_id == walk.id, Step.state == "pending"))
        deadlines.remind(session, walk.id, first)
    with db.reading() as session:
        event = matters.history(session, walk.id)[-1]
        reminded = {m.person_id: m.subject for m in session.scalars(select(Message).where(
            Message.matter_id == walk.id, Message.created_at == first, Message.channel == outbox.MAIL))}
    assert event.what == "reminded" and "王建国" in event.note and "何军（代王建国）" in event.note
    assert "（代王建国办理）" in reminded[office.officer.id] and "代" not in reminded[office.head.id]


def test_two_delegations_in_different_weeks(bureau):
    granted(bureau.head, bureau.officer, date(2026, 11, 2), date(2026, 11, 6))
    granted(bureau.head, bureau.captain, date(2026, 11, 9), date(2026, 11, 13))
    granted(bureau.officer, bureau.captain, date(2026, 11, 9), date(2026, 11, 10))
    walk = Walk("lucheng-2019", bureau.drafter, at(2))
    walk.go(bureau.drafter, "submit")
    on = {day: [name for name in ("officer", "captain") if walk.id in listed(getattr(bureau, name), at(day))]
          for day in (3, 8, 9, 14)}
    assert on == {3: ["officer"], 8: [], 9: ["captain"], 14: []}


class TestPaper:
    def walked(self, bureau):
        walk = Walk("lucheng-2019", bureau.drafter, at(4), grade="expedited")
        walk.go(bureau.drafter, "submit")
        return walk

    def signed(self, walk):
        with db.reading() as session:
            event = matters.history(session, walk.id)[-1]
        return event.actor_id, event.principal_id, event.data["paper"]

    def test_a_stand_ins_signature_on_paper_is_his_for_the_principal(self, bureau):
        granted(bureau.head, bureau.officer)
        walk = self.walked(bureau)
        paper = Paper(bureau.officer.id, date(2026, 11, 4), for_id=bureau.head.id)
        walk.go(bureau.drafter, "unit_pass", "同意。", paper)
        actor, principal, said = self.signed(walk)
        assert (actor, principal) == (bureau.drafter.id, bureau.head.id)
        assert (said["signer_id"], said["for_id"]) == (bureau.officer.id, bureau.head.id)

    def test_nobody_signs_on_paper_for_another_on_a_day_on_which_he_does_not_stand_in(self, bureau):
        granted(bureau.head, bureau.officer, first=date(2026, 11, 5), last=date(2026, 11, 5))
        walk = self.walked(bureau)
        paper = Paper(bureau.officer.id, date(2026, 11, 4), for_id=bureau.head.id)
        with pytest.raises(Refused, match="这一栏应由王建国签字"):
            walk.go(bureau.drafter, "unit_pass", "同意。", paper)

    def test_the_clerks_stand_in_records_for_the_clerk_and_the_signer_stays_the_signer(self, bureau):
        granted(bureau.drafter, bureau.officer)
        walk = self.walked(bureau)
        recorder = replace(bureau.drafter, delegate=people.Delegate(bureau.officer.id, bureau.officer.name))
        walk.go(recorder, "unit_pass", "同意。", Paper(bureau.head.id, date(2026, 11, 4)))
        actor, principal, said = self.signed(walk)
        assert (actor, principal) == (bureau.officer.id, bureau.head.id)
        assert (said["signer_id"], said["recorded_for"]) == (bureau.head.id, bureau.drafter.id)


def test_an_administrator_never_stands_in_even_if_he_became_one_later(bureau):
    """domain.md 7.2: whoever holds an administrator's post reads no document through another."""
    granted(bureau.head, bureau.officer)
    with db.transaction() as session:
        post = session.scalar(select(people.Post).where(people.Post.kind == "system_admin"))
        session.add(people.Holding(person_id=bureau.officer.id, post_id=post.id))
    assert present(bureau.officer, at(4)).principals == ()
