"""邮件发送: what waits, left, failed and will be told today; and the red banner when the sweep stands still."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, event, insert

from officeapp import clock, db, deadlines, digests, outbox, schedule
from officeapp.matters import Step
from officeapp.outbox import Message
from officeapp.people import Holding, Person
from officeapp.web import messages
from tests import conftest
from tests.desks import doors
from tests.reminding import VALUES, at, at_unit_review, mails

TITLE = VALUES["title"]


@pytest.fixture
def morning():
    """The clock of every request stands near eight in the morning of Tuesday, 24 February 2026."""
    clock.set_offset(at(24, 8) - clock.machine_now())
    yield
    clock.set_offset(timedelta(0))


@pytest.fixture
def enter(bureau, database, tmp_path, morning):
    begin = doors(database, tmp_path)
    clock.set_offset(at(24, 8) - clock.machine_now())  # making the site sets its own
    return begin


def page(client, **asked):
    return client.get("/admin/messages", query_string=asked).text


def test_what_will_be_told_today_is_shown_before_it_is_sent(bureau, enter):
    matter = at_unit_review(bureau)
    at_unit_review(bureau, grade="expedited", title="加急的另一件")
    deadlines.sweep(at(23))
    before = len(mails())
    shown = page(enter(bureau.director), state="today")
    assert TITLE in shown and "到期当日提醒" in shown and "王建国" in shown
    assert "2月24日 08:30起，并入每日提醒" in shown
    assert len(mails()) == before
    with db.reading() as session:
        expected = deadlines.expected(session, at(24, 8), at(25, 0))
    told = [(each.matter.id, [told.name for told in each.told]) for each in expected]
    assert (matter.id, ["王建国"]) in told
    deadlines.sweep(at(24, 23, 59))
    sent = {mail.matter_id for mail in mails()[before:]}
    assert sent == {matter_id for matter_id, _ in told}


def test_what_the_next_working_day_will_tell_is_shown_the_day_before_days_off_included(bureau, enter):
    """The reminders of a day come due as the office opens: whoever looks during the day looks for tomorrow's."""
    at_unit_review(bureau)
    director = enter(bureau.director)
    for day, days in ((14, "2月15日至2月24日"), (23, "2月24日")):  # the first over Spring Festival
        clock.set_offset(at(day, 15) - clock.machine_now())
        deadlines.sweep(at(day, 15))
        assert TITLE not in page(director, state="today")
        assert "以后的看“下一工作日将发”" in page(director, state="today")
        shown = page(director, state="next")
        assert TITLE in shown and "到期当日提醒" in shown and f"{days}到点的提醒" in shown


def test_a_mail_that_failed_is_counted_in_the_navigation_of_who_mends_it(bureau, enter):
    director, head = enter(bureau.director), enter(bureau.head)
    link = '<span>邮件发送</span>'
    assert link + "</a>" in page(director)
    with db.transaction() as session:
        outbox.owe(session, session.get_one(Person, bureau.head.id), outbox.MAIL, key="test:1", subject="题", body="文",
                   link="/", matter_id=None, now=at(24, 7))
        session.query(Message).update({"state": "dead", "error": "550 no such user"})
    assert link + '<span class="count count--urgent">1</span>' in page(director)
    assert "邮件发送" not in head.get("/notices").text


def test_after_an_outage_the_list_shows_only_the_highest_of_what_is_due(either_database):
    bureau = conftest.seeded()
    ids = [at_unit_review(bureau).id for _ in range(3)]
    with db.reading() as session:
        due = deadlines.expected(session, at(26, 15), at(27, 0))
        rest = deadlines.expected(session, at(26, 15), at(27, 0), after=due[0].step.id, limit=1)
    assert [(each.matter.id, each.rung.key) for each in due] == [(n, "overdue_head") for n in ids]
    assert [each.matter.id for each in rest] == ids[1:2]


def test_what_is_written_already_and_leaves_today_is_counted_too(bureau, enter):
    at_unit_review(bureau)
    deadlines.sweep(at(14))  # held for a digest that nobody has gathered yet
    assert "另有 1 封邮件已经生成、今天发出" in page(enter(bureau.director), state="today")


def test_a_reminder_that_the_rules_do_not_know_is_shown_and_breaks_neither_page_nor_others(bureau, enter):
    broken = at_unit_review(bureau)
    at_unit_review(bureau, title="另一件事")
    with db.transaction() as session:
        session.query(Step).filter_by(matter_id=broken.id).update({"rung": Step.rung + "?"})
    shown = page(enter(bureau.admin), state="today")
    assert "on_the_day?" in shown and "办理规程里没有这一级提醒" in shown and "到期当日提醒" in shown


def test_an_empty_role_is_seen_before_the_reminder_falls_silent(bureau, enter):
    at_unit_review(bureau)
    with db.transaction() as session:
        session.execute(delete(Holding).where(Holding.person_id == bureau.head.id))
    assert "无人接收" in page(enter(bureau.director), state="today")


def test_the_system_administrator_sees_no_title_on_any_list(bureau, enter):
    matter = at_unit_review(bureau)
    deadlines.sweep(at(14))
    admin, director = enter(bureau.admin), enter(bureau.director)
    for state in messages.TABS:
        assert TITLE not in page(admin, state=state), state
    assert f"事项编号{matter.id}" in page(admin, state="waiting") and TITLE in page(director, state="waiting")
    assert enter(bureau.drafter).get("/admin/messages").status_code == 403
    assert enter(bureau.inspector).post("/admin/messages/1/send").status_code == 403


def test_what_went_into_a_digest_stands_under_sent_and_says_so(bureau, enter):
    at_unit_review(bureau)
    deadlines.sweep(at(14))
    assert "起并入每日提醒" in page(enter(bureau.director), state="waiting")
    digests.gather(at(14), "http://oa.test", at(14))
    shown = page(enter(bureau.director), state="sent")
    assert "已并入每日提醒" in shown and TITLE in shown


def test_the_lists_are_narrowed_by_person_and_matter_and_turned_by_id(bureau, enter, monkeypatch):
    monkeypatch.setattr(messages, "PAGE", 2)
    first, second = at_unit_review(bureau), at_unit_review(bureau, title="另一件事")
    deadlines.sweep(at(14))
    with db.transaction() as session:
        other = session.get_one(Person, bureau.lawyer.id)
        outbox.owe(session, other, outbox.MAIL, key="test:1", subject="第三封", body="文", link="/",
                   matter_id=first.id, now=at(24, 7), leaves_at=at(24, 20))
    director = enter(bureau.director)
    shown = page(director, state="waiting")
    assert "第三封" in shown and "另一件事" in shown and f"《{TITLE}》" not in shown and "更早的邮件" in shown
    assert f"《{TITLE}》" in page(director, state="waiting", before=mails()[1].id)
    assert "第三封" in page(director, state="waiting", person="钱法规")
    assert "另一件事" not in page(director, state="waiting", person="钱法规")
    assert "没有符合条件的邮件" in page(director, state="waiting", person="无此人")
    assert "另一件事" in page(director, state="waiting", matter=second.id)
    assert "没有符合条件的邮件" in page(director, state="waiting", matter="九")


def test_everything_that_failed_can_be_sent_again_at_once_or_of_one_person(bureau, enter):
    director = enter(bureau.director)
    for n, person in enumerate((bureau.head, bureau.head, bureau.lawyer)):
        with db.transaction() as session:
            outbox.owe(session, session.get_one(Person, person.id), outbox.MAIL, key=f"test:{n}", subject=f"第{n}封",
                       body="文", link="/", matter_id=None, now=at(24, 7))
    with db.transaction() as session:
        session.query(Message).update({"state": "dead", "error": "550 no such user"})
    assert "全部重发" in page(director)
    answer = director.post("/admin/messages/send", data={"person": "王建国"})
    assert answer.status_code == 303 and "2封" in director.get(answer.location).text
    assert [mail.state for mail in mails()] == ["pending", "pending", "dead"]
    assert "全部重发" not in page(director)  # a single one has its own button
    assert enter(bureau.admin).post("/admin/messages/send").status_code == 303
    assert [mail.state for mail in mails()] == ["pending"] * 3
    assert enter(bureau.drafter).post("/admin/messages/send").status_code == 403


def test_pages_cost_the_same_however_many_mails_there_are(bureau, enter):
    director = enter(bureau.director)
    few = [queries(lambda s=state: page(director, state=s)) for state in messages.TABS]
    row = {"channel": "mail", "person_id": bureau.head.id, "name": "王建国", "subject": "题", "body": "文",
           "attempts": 1, "state": "sent", "created_at": at(1), "next_at": at(1), "sent_at": at(1), "address": "",
           "link": "", "error": ""}
    with db.transaction() as session:
        session.execute(insert(Message), [row | {"key": f"k{n}", "message_id": f"m{n}"} for n in range(500)])
    assert [queries(lambda s=state: page(director, state=s)) for state in messages.TABS] == few


def queries(ask):
    seen = []
    event.listen(db.engine(), "before_cursor_execute", lambda *args: seen.append(args[2]))
    ask()
    return len([s for s in seen if s.startswith("SELECT")])


ALARM = "提醒和催办已停止运行"


def test_who_answers_for_it_sees_in_red_that_the_sweep_stands_still(bureau, enter):
    roles = {"director": True, "admin": True, "inspector": True, "drafter": False, "chief": False}
    browsers = {role: enter(getattr(bureau, role)) for role in roles}
    for role, told in roles.items():
        assert (ALARM in browsers[role].get("/notices").text) is told, role
    schedule.take("reminders", timedelta(minutes=1), clock.now())
    schedule.ran("reminders", clock.now() - timedelta(minutes=4))
    assert ALARM not in browsers["director"].get("/notices").text
    schedule.ran("reminders", clock.now() - timedelta(minutes=6))
    shown = browsers["inspector"].get("/notices").text
    assert ALARM in shown and "上次运行在2月24日" in shown and "banner--alarm" in shown


def test_another_job_that_stands_still_is_named_and_one_that_never_ran_is_none(bureau, enter):
    now, director = clock.now(), enter(bureau.director)
    for job in ("reminders", "mail", "seals", "prompts"):
        schedule.take(job, timedelta(minutes=1), now)
        schedule.ran(job, now)
    assert "已停止" not in director.get("/notices").text
    schedule.ran("mail", now - timedelta(minutes=11)), schedule.ran("seals", now - timedelta(hours=3))
    schedule.ran("prompts", now - timedelta(hours=4))
    shown = director.get("/notices").text
    assert "邮件已停止发出（上次运行在" in shown and "记录封存已停止" in shown and "每日提醒已停止" not in shown
    assert "月度总结已停止发起" in shown and "进展报告已停止" not in shown


def test_reminders_that_fail_and_mails_that_nobody_takes_are_told_in_red(bureau, enter):
    schedule.take("reminders", timedelta(minutes=1), clock.now())
    schedule.ran("reminders", clock.now())
    matter = at_unit_review(bureau)
    director, inspector = enter(bureau.director), enter(bureau.inspector)
    deadlines.sweep(at(14))
    assert "banner--alarm" not in director.get("/notices").text
    with db.transaction() as session:
        session.query(Step).filter_by(rung="on_the_day").update({"fire_at": at(24, 7)})
        session.query(Message).update({"state": "pending", "attempts": 3})
    told = f"有1件事项的提醒到点后没能发出（如事项编号{matter.id}）"
    assert told in director.get("/notices").text and told in inspector.get("/notices").text
    stuck = "有1封邮件超过1小时没能发出"
    assert stuck in director.get("/notices").text and stuck not in inspector.get("/notices").text


def test_the_heartbeat_costs_nobody_else_a_query(bureau, enter):
    drafter, director, seen = enter(bureau.drafter), enter(bureau.director), []
    event.listen(db.engine(), "before_cursor_execute", lambda *args: seen.append(args[2]))
    drafter.get("/notices")
    assert not [s for s in seen if "FROM schedule" in s]
    director.get("/notices")
    assert len([s for s in seen if "FROM schedule" in s]) == 1


def test_a_step_that_is_moot_is_not_announced(bureau, enter):
    at_unit_review(bureau)
    with db.transaction() as session:
        session.query(Step).update({"due_version": 0})
    with db.reading() as session:
        assert deadlines.expected(session, at(24, 8), at(25, 0)) == []
