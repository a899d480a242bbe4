"""催办: one click for many late matters, once a day, by those whose duty it is (DB-10)."""

import pytest
from sqlalchemy import select

from officeapp import clock, db, supervision
from officeapp.decisions import Refused
from officeapp.matters import Event
from officeapp.outbox import Message
from tests.desks import doors, opened
from tests.procedures.supervising import received


@pytest.fixture
def enter(bureau, database, tmp_path):
    return doors(database, tmp_path)


def urgings(matter_id):
    with db.reading() as session:
        return session.scalars(select(Event).where(Event.matter_id == matter_id, Event.what == "urged")).all()


def urged(actor, matter_id, now, note=""):
    with db.transaction() as session:
        return supervision.urge(session, matter_id, actor, note, now=now)


def test_DB_10_the_holder_is_urged_and_once_late_the_unit_s_head_too(bureau, now):
    course = received(bureau, now)
    assert urged(bureau.inspector, course.id, now) == ["林晓", "钱法规", "何军"]
    late = now.replace(day=23)
    assert set(urged(bureau.inspector, course.id, late)) == {"王建国", "林晓", "钱法规", "何军"}


def test_DB_10_the_same_stage_is_urged_once_a_day(bureau, now):
    course = received(bureau, now)
    assert urged(bureau.director, course.id, now) and urged(bureau.director, course.id, now) == []
    assert len(urgings(course.id)) == 1


def test_DB_10_a_colleague_does_not_urge(bureau, now):
    course = received(bureau, now)
    with pytest.raises(Refused, match="不由您催办"):
        urged(bureau.colleague, course.id, now)


@pytest.mark.parametrize("what", ["a call", "sending up"])
def test_whoever_may_not_see_an_order_learns_nothing_of_it_by_supervising_it(bureau, now, what):
    course = received(bureau, now)
    answers = {number: refusal_of(what, number, bureau.admin, now) for number in (course.id, course.id + 1000)}
    assert set(answers.values()) == {(404, "没有这件事项，或者您不在它的知悉范围内。")}
    assert refusal_of(what, course.id, bureau.drafter, now)[0] == 403, "who sees it is told whose duty it is"


def refusal_of(what, matter_id, actor, now):
    with pytest.raises(Refused) as refused, db.transaction() as session:
        if what == "a call":
            made = supervision.Contact("phone", "王建国", "在办", "周五再问")
            supervision.contact(session, matter_id, actor, made, now=now)
        else:
            supervision.escalate(session, matter_id, actor, "prompt_slip", "逾期", version=1, now=now)
    return refused.value.status, refused.value.sentence


def test_DB_6_the_mail_names_the_order_by_its_number_and_not_what_it_says(bureau, now):
    course = received(bureau, now)
    urged(bureau.director, course.id, now, "请今天报。")
    with db.reading() as session:
        mails = session.scalars(select(Message).where(Message.key.like("urged:%"), Message.channel == "mail")).all()
    title = course.matter.title
    assert mails and all("督办〔2026〕1号" in m.subject and title not in m.subject + m.body for m in mails)


def test_many_are_urged_with_one_click_and_each_refusal_is_said(bureau, enter):
    mine, hers = opened(bureau.drafter), opened(bureau.lawyer)
    client = enter(bureau.head)
    answer = client.post("/boards/overdue/urgings", data={"matter": [mine, hers, "x"], "note": "请抓紧"},
                         follow_redirects=True)
    assert f"已催办1件，1件没有催办（事项编号{hers}：这件事项不由您催办）。" in answer.text
    assert len(urgings(mine)) == 1 and not urgings(hers)


def test_nothing_ticked_is_said(bureau, enter):
    answer = enter(bureau.director).post("/boards/overdue/urgings", data={}, follow_redirects=True)
    assert "请先勾选要催办的事项。" in answer.text


def test_an_urging_stands_in_the_history_with_its_clause(bureau, enter):
    matter_id = opened(bureau.drafter)
    urged(bureau.director, matter_id, clock.now(), "请今天报。")
    assert "已提醒林晓：请今天报。" in enter(bureau.drafter).get(f"/matters/{matter_id}").text
    assert urgings(matter_id)[0].clause
