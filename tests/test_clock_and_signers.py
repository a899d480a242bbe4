"""What the clock and the signers must not let through: rules FW-3, FW-12, FW-49, TL3, TL11."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from officeapp import calendar_documents, calendars, db, deadlines, engine, people, recalendar
from officeapp.decisions import Refused
from officeapp.desks import Paper
from officeapp.matters import Deadline, Event, Matter, Step
from officeapp.outbox import Message
from officeapp.people import Holding, Post
from tests.procedures.walking import Walk


def rewrite(walk: Walk, actor, body: str, **values) -> None:
    with db.transaction() as session:
        matter = session.get(Matter, walk.id)
        engine.edit(session, walk.id, actor, {**matter.values, **values}, body, version=matter.version, now=walk.now)


def rows(table, *where):
    with db.reading() as session:
        return list(session.scalars(select(table).where(*where).order_by(table.id)))


def test_fw_12_a_normative_text_rewritten_by_its_drafter_is_reviewed_again(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now, normative=True)
    walk.go(bureau.drafter, "submit")
    walk.go(bureau.head, "unit_to_legality", "同意送审。")
    walk.attach("legal_opinion", bureau.lawyer)
    walk.go(bureau.lawyer, "legality_pass", "合法。")
    walk.go(bureau.reviewer, "office_review_return_to_drafting", "请重写。")
    rewrite(walk, bureau.drafter, "一、全部重写\n另有规定。")
    walk.go(bureau.drafter, "drafting_straight_back")
    assert "office_pass_ordinary" not in walk.offered(bureau.reviewer)
    assert "office_to_legality" in walk.offered(bureau.reviewer)


def test_fw_13_what_the_office_corrects_after_the_review_needs_no_second_one(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now, normative=True)
    walk.go(bureau.drafter, "submit")
    walk.go(bureau.head, "unit_to_legality", "同意送审。")
    walk.attach("legal_opinion", bureau.lawyer)
    walk.go(bureau.lawyer, "legality_pass", "合法。")
    rewrite(walk, bureau.reviewer, "一、总体要求\n做好冬季市容环境保障。请遵照执行。")
    assert "office_pass_ordinary" in walk.offered(bureau.reviewer)


def test_tl11_taking_a_draft_back_gives_no_second_24_hours(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now)
    [_, first] = rows(Deadline, Deadline.matter_id == walk.id)
    walk.now += timedelta(hours=20)
    walk.go(bureau.drafter, "submit")
    walk.go(bureau.drafter, "unit_review_withdraw", "还要改。")
    drafting = rows(Deadline, Deadline.matter_id == walk.id, Deadline.scope == "drafting")
    assert [(d.due_at, d.state) for d in drafting] == [(first.due_at, "open")]
    assert walk.state.due_at == first.due_at


def test_tl11_what_grew_late_while_it_was_sent_on_is_told_once_when_it_is_taken_back(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now)
    walk.go(bureau.drafter, "submit")
    walk.now += timedelta(days=3)
    deadlines.sweep(walk.now)
    assert not reminded_of(walk, "drafting")
    for _ in range(2):  # sent on and taken back once more, nobody hears of the same day again
        walk.go(bureau.drafter, "unit_review_withdraw", "还要改。")
        deadlines.sweep(walk.now)
        assert reminded_of(walk, "drafting") == ["stage_overdue"]
        walk.go(bureau.drafter, "submit")


def reminded_of(walk: Walk, scope: str) -> list[str]:
    told = rows(Event, Event.matter_id == walk.id, Event.what == "reminded")
    return [event.data["rung"] for event in told if event.data["scope"] == scope]


def test_the_desk_it_was_taken_back_from_is_told(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now)
    walk.go(bureau.drafter, "submit")
    walk.go(bureau.drafter, "unit_review_withdraw", "还要改。")
    told = [m for m in rows(Message) if "撤回" in m.subject]
    assert [m.person_id for m in told] == [bureau.head.id]


def test_tl3_a_grade_made_urgent_too_late_still_reminds_once(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now)
    walk.now += timedelta(days=9)
    rewrite(walk, bureau.drafter, "一、情况紧急\n请立即办理。", grade="urgent")
    cycle = next(d for d in rows(Deadline, Deadline.matter_id == walk.id) if d.scope == "cycle")
    pending = rows(Step, Step.deadline_id == cycle.id, Step.state == "pending")
    assert [(s.rung, s.fire_at == walk.now) for s in pending] == [("overdue_office", True)]


def test_each_calendar_that_moves_a_due_date_tells_the_desk(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now)
    due = rows(Deadline, Deadline.matter_id == walk.id)[0].due_at.date()
    for number, day in enumerate((due, due - timedelta(days=1)), start=2):
        with db.transaction() as session:
            calendar = calendars.current(session)
            document = calendar_documents.export(calendar)
            year = document[str(day.year)]
            year["off"] = {d: n for d, n in year["off"].items() if n != "试验放假"} | {
                date.isoformat(d): "试验放假" for d in _rest(calendar, due, number)}
            proposed = calendar_documents.with_years(calendar, calendar_documents.read_years(document, "试验"))
            saved = calendars.save(session, proposed, now=walk.now, author="试验")
            recalendar.apply(session, saved, bureau.director, walk.now)
    told = [m for m in rows(Message) if "期限调整" in m.subject and m.channel == "notice"]
    events = [e for e in _history(walk) if e.what == "recounted"]
    assert len(events) == len(told) == 2


def _rest(calendar, due, number):
    """One working day more off each time, beginning at the due day."""
    found, day = [], due
    while len(found) < number:
        if calendar.is_workday(day) and day >= due:
            found.append(day)
        day += timedelta(days=1)
    return found


def _history(walk):
    with db.reading() as session:
        return engine.matters.history(session, walk.id)


def test_fw_49_one_person_in_two_joint_posts_consents_once(bureau, now):
    with db.transaction() as session:
        post = session.scalar(select(Post).where(Post.kind == "party_secretary"))
        session.execute(Holding.__table__.delete().where(Holding.post_id == post.id))
        session.add(Holding(person_id=bureau.chief.id, post_id=post.id))
    with db.reading() as session:
        chief = people.actor(session, bureau.chief.id)
    walk = Walk("secretariat", bureau.drafter, now)
    with db.transaction() as session:
        matter = session.get(Matter, walk.id)
        joint = next(s for s in matter.rules.stages if s.how == "all")
        engine.desks.seat(session, matter, joint, now)
        move = next(m for m in matter.rules.moves_from(joint.key) if m.kind.value == "forward")
        done = engine.desks.act(session, matter, move, chief, None, now)
        assert done and not engine.matters.open_tasks(session, walk.id)


def test_fw_3_a_signature_is_not_older_than_the_one_before(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now, grade="expedited")
    walk.go(bureau.drafter, "submit")
    walk.now += timedelta(days=2)
    signed = walk.now.date()
    walk.go(bureau.drafter, "unit_pass", "同意送审。", Paper(bureau.head.id, signed))
    with pytest.raises(Refused, match="前一环节签字"):
        walk.go(bureau.drafter, "vet_pass", "同意。", Paper(bureau.deputy.id, signed - timedelta(days=1)))


def test_fw_3_who_only_records_a_signature_may_not_change_what_is_to_be_signed(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now, grade="expedited")
    walk.go(bureau.drafter, "submit")
    with pytest.raises(Refused, match="由市容管理科 · 王建国办理"):
        rewrite(walk, bureau.drafter, "一、暗改")


SENT = {"sealed_on": "2026-11-02", "channel": "intranet", "distribution": "各科室1份"}


def at_dispatch(bureau, now, **values):
    walk = Walk("lucheng-2019", bureau.drafter, now, **values)
    for actor, key in ((bureau.drafter, "submit"), (bureau.head, "unit_pass_ordinary"),
                       (bureau.reviewer, "office_pass_ordinary"), (bureau.deputy, "sign")):
        walk.go(actor, key)
    walk.go(bureau.clerk, "number", series="临综法发", copies=6)
    walk.go(bureau.clerk, "proofread")
    return walk


@pytest.mark.parametrize("day", ["2026-11-01", "2026-11-03"])
def test_fw_32_the_seal_is_used_between_the_signature_and_today(bureau, now, day):
    walk = at_dispatch(bureau, now)
    refusal = walk.refusal(bureau.dispatcher, "issue", **{**SENT, "sealed_on": day})
    assert "签发当日到今天之间" in refusal.sentence and refusal.clause.rule == "FW-32"
    assert walk.go(bureau.dispatcher, "issue", **SENT).stage == "archiving"


@pytest.mark.parametrize("values", [{"scope": "internal"}, {"disclosure": "none"}])
def test_fw_19_what_is_not_open_never_goes_to_the_chat_group(bureau, now, values):
    walk = at_dispatch(bureau, now, **values)
    refusal = walk.refusal(bureau.dispatcher, "issue", **{**SENT, "channel": "group"})
    assert "不得上传局工作QQ群" in refusal.sentence and refusal.clause.rule == "FW-19"


def test_fw_12_only_the_reviewing_desk_supplies_the_legal_opinion(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now, normative=True)
    walk.attach("legal_opinion", bureau.drafter)
    walk.go(bureau.drafter, "submit")
    walk.go(bureau.head, "unit_to_legality", "同意送审。")
    assert "请先上传合法性审查意见" in walk.refusal(bureau.lawyer, "legality_pass", "合法。").sentence
    walk.attach("legal_opinion", bureau.drafter)
    assert "请先上传合法性审查意见" in walk.refusal(bureau.lawyer, "legality_pass", "合法。").sentence
    walk.attach("legal_opinion", bureau.lawyer)
    assert walk.go(bureau.lawyer, "legality_pass", "合法。").stage == "office_review"


def test_fw_3_the_signer_hears_what_was_recorded_in_his_name(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now, grade="expedited")
    walk.go(bureau.drafter, "submit")
    walk.go(bureau.drafter, "unit_pass", "同意送审。", Paper(bureau.head.id, now.date(), "电话同意"))
    [told] = [m for m in rows(Message) if "代录告知" in m.subject]
    assert told.person_id == bureau.head.id and "林晓代录了您在“核稿（科室）”栏的签字" in told.body
    assert "“同意送审。”" in told.body and "电话同意" in told.body
