"""提示单、督办通知 (DB-10, LX-5): always issued, true in what they say of the limit, their mails never lost."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select

from officeapp import calendars, db, matters, notices, supervision, timing
from officeapp.decisions import Refused
from officeapp.matters import CYCLE
from officeapp.outbox import Message
from officeapp.people import Holding, Post
from officeapp.procedures import book
from officeapp.supervision import Contact
from tests.desks import doors
from tests.procedures.ladders import at, inspected, order
from tests.procedures.supervising import reported

LONG = Contact("phone", "李强" * 200, "人手不足。" * 100, "周五再催。" * 100)


@pytest.fixture
def office(bureau):
    return inspected(bureau)


def sent_up(office, course, rung="notice", reason="进展不力。"):
    with db.transaction() as session:
        version = matters.find(session, course.id).version
        supervision.escalate(session, course.id, office.director, rung, reason, version=version, now=course.now)
    return course.children({"notice": "supervision_notice"}.get(rung, rung))[-1]


def mails_of(document):
    with db.reading() as session:
        found = session.scalars(select(Message).where(Message.matter_id == document.id, Message.channel == "mail",
                                                      Message.key.startswith("notice:"))).all()
        return [mail.subject for mail in found], notices.moot(session, found)


def test_DB_10_many_long_calls_do_not_keep_the_notice_back(office):
    course = order(office)
    with db.transaction() as session:
        for _ in range(4):
            supervision.contact(session, course.id, office.director, LONG, now=course.now)
    course.until("2026-10-14")
    notice = course.children("supervision_notice")[0]
    content = notice.values["content"]
    assert len(content) <= book.current("supervision_notice").field("content").longest
    assert content.count("电话督催李强") == 4 and content.endswith(notice.rules.start.clause.text)


def shown(database, folder, office, course):
    """The 时限说明 page's lines on the ladder, without their moment."""
    page = doors(database, folder)(office.clerk).get(f"/matters/{course.id}/deadlines").text
    return dict(re.findall(r"<td>(督办[^<]+)</td><td>[^<]*</td><td>([^<]+)</td>", page))


def test_DB_10_what_nobody_could_issue_may_be_sent_by_hand_once_somebody_can(office, database, tmp_path):
    course = order(office)
    with db.transaction() as session:
        directors = select(Post.id).where(Post.kind == "office_director")
        kept = session.execute(select(Holding.person_id, Holding.post_id).where(Holding.post_id.in_(directors))).all()
        session.execute(delete(Holding).where(Holding.post_id.in_(directors)))
    course.until("2026-10-14")
    assert not course.children("supervision_notice")
    notice = "督办通知：督考组、监督考核科、机关纪委"
    assert shown(database, tmp_path, office, course)[notice].startswith("没有发出：本局还没有人担任「办公室主任」")
    with db.transaction() as session:
        session.add_all(Holding(person_id=person, post_id=post) for person, post in kept)
    assert sent_up(office, course).number == "督办通知〔2026〕1号"
    assert shown(database, tmp_path, office, course)[notice] == "已发"


def test_DB_10_what_went_out_for_a_day_does_not_go_out_again_when_that_day_is_counted_anew(office):
    course = order(office)
    course.until("2026-10-14")
    with db.transaction() as session:
        matter = matters.lock(session, course.id)
        limit = next(d for d in matter.deadlines if d.scope == CYCLE)
        assert not timing.recount(session, matter, limit, calendars.current(session), course.now)
    with pytest.raises(Refused, match="已经发过，不再重复"):
        sent_up(office, course)
    assert len(course.children("supervision_notice")) == 1


def test_DB_10_of_a_limit_that_was_met_no_document_says_that_it_is_late(office):
    course = reported(office, at(date(2026, 9, 18)))
    course.go(office.chief, "track")
    course.now = at(date(2026, 12, 1))
    with db.reading() as session:
        cycle = next(d for d in matters.find(session, course.id).deadlines if d.scope == CYCLE)
        assert cycle.state == "met" and cycle.due_at < course.now
    notice = sent_up(office, course)
    assert "超期" not in notice.values["content"] and "未按期" not in notice.title
    subjects, moot = mails_of(notice)
    assert len(subjects) == 3 and not moot and not any("超期" in subject for subject in subjects)


def test_DB_10_another_due_day_of_the_order_does_not_recall_the_mails_of_its_notice(office):
    course = order(office)
    notice = sent_up(office, course)
    course.now += timedelta(minutes=1)
    course.go(office.director, "suspend", "等待上级批复。")
    subjects, moot = mails_of(notice)
    assert len(subjects) == 3 and not moot
