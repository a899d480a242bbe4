"""The words people are told: an e-mail names the matter and its date, never its text or a reason (DB-6)."""

from officeapp import db, matters, notices, recipients, wording
from officeapp.roles import Assignee
from tests.reminding import VALUES, at, mails, notices_to, opened


def told(bureau, tell, **said):
    """The notice and the mail that one kind of news about an urgent draft brings its drafter."""
    matter = opened(bureau, grade="urgent")
    with db.transaction() as session:
        there = recipients.addressed(session, [Assignee(person_id=bureau.drafter.id)], at(11, 10))
        tell(session, matters.lock(session, matter.id), there, now=at(11, 10), **said)
    return notices_to(bureau.drafter.id)[-1], mails()[-1]


def test_a_returned_document_brings_its_reason_in_the_notice_only(bureau):
    notice, mail = told(bureau, notices.returned, from_name="王建国", move_title="退回起草", note="主送机关有误")
    assert notice.subject == mail.subject == f"【退回】《{VALUES['title']}》（起草）"
    assert notice.body == "王建国退回（退回起草）：主送机关有误"
    assert "主送机关有误" not in mail.body and "已由王建国退回" in mail.body and "发文等级：加急件" in mail.body


def test_a_changed_due_date_names_the_old_the_new_and_why(bureau):
    notice, mail = told(bureau, notices.due_changed, before=at(14), after=at(12), unit="day",
                        reason="工作日历更新")
    assert notice.body == "办理期限由2026年2月14日调整为2026年2月12日：工作日历更新"
    assert "原定期限：2026年2月14日" in mail.body and "现定期限：2026年2月12日" in mail.body


def test_a_numbered_document_is_named_by_its_number(bureau):
    matter = opened(bureau)
    matter.number = "临综法发〔2026〕5号"
    assert wording.name_of(matter) == "临综法发〔2026〕5号"
    matter.number = ""
    assert wording.name_of(matter) == f"《{VALUES['title']}》"


def test_news_of_the_same_version_is_told_once(bureau):
    matter = opened(bureau)
    for _ in range(2):
        with db.transaction() as session:
            there = recipients.addressed(session, [Assignee(person_id=bureau.head.id)], at(11, 10))
            notices.task_opened(session, matters.lock(session, matter.id), there,
                                now=at(11, 10), from_name="林晓", move_title="送科室核稿")
    assert len(notices_to(bureau.head.id)) == 1
