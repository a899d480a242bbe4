"""Reminders and escalation: TL1 (5 days), the ladder of its cycle, design.md §5."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import delete, update

from officeapp import calendars, db, deadlines, engine, matters, timing, workdays
from officeapp.deadlines import Swept
from officeapp.matters import Matter, Step
from officeapp.people import Holding, Person, Post
from tests import conftest
from tests.reminding import (
    VALUES,
    at,
    at_unit_review,
    mails,
    moved,
    notices_to,
    opened,
    reminders_in_history,
    steps,
)


def subjects():
    return [mail.subject for mail in mails()]


def test_TL1_reminds_the_holder_on_the_working_day_before_the_due_day_even_if_that_is_a_worked_saturday(bureau):
    at_unit_review(bureau)
    assert deadlines.sweep(at(14, 8, 29)) == Swept()
    assert deadlines.sweep(at(14)) == Swept(fired=1)
    [mail] = mails()
    assert mail.address == "head@bureau.test"
    assert mail.subject == f"【临期提醒】《{VALUES['title']}》 发文周期剩10天"


def test_TL1_second_sweep_of_the_same_moment_tells_nobody_again(bureau):
    at_unit_review(bureau)
    deadlines.sweep(at(14))
    assert deadlines.sweep(at(14)) == Swept()
    assert deadlines.sweep(at(23)) == Swept()
    assert len(mails()) == 1


def test_sweeps_at_the_same_time_tell_everybody_once(either_database):
    bureau = conftest.seeded()
    for _ in range(5):
        at_unit_review(bureau)
    with ThreadPoolExecutor(4) as pool:
        swept = sum(pool.map(lambda _: deadlines.sweep(at(14)), range(4)), Swept())
    assert swept == Swept(fired=5)
    assert len(mails()) == 5


def test_TL1_climbs_from_the_holder_to_the_unit_head_to_office_and_deputy(bureau):
    matter = moved(at_unit_review(bureau), "unit_pass_ordinary", bureau.head, at(11, 10))
    told = {}
    for day in (14, 24, 25, 26, 27):
        before = len(mails())
        assert deadlines.sweep(at(day)).fired == 1
        told[day] = {mail.name for mail in mails()[before:]}
    assert told == {14: {"吴审核"}, 24: {"吴审核"}, 25: {"吴审核"}, 26: {"吴审核", "王建国"}, 27: {"高明", "刘志强"}}
    assert set(steps(matter).values()) == {"fired"}


def test_a_reminder_says_how_late_it_is_and_what_to_do_and_never_the_text(bureau):
    at_unit_review(bureau)
    for day in (14, 24, 25):
        deadlines.sweep(at(day))
    mail = mails()[-1]
    assert mail.subject.startswith("【超期催办】") and mail.subject.endswith("发文周期已超期1天")
    for said in ("科室核稿", "王建国", "2026年2月24日", "超期催办：办理人", "温鹿综法发〔2019〕20号", "请抓紧办理"):
        assert said in mail.body
    assert "认真落实" not in mail.body
    assert notices_to(bureau.head.id)[-1].link == mail.link


def test_each_reminder_stands_in_the_history_with_its_clause(bureau):
    matter = at_unit_review(bureau)
    deadlines.sweep(at(14))
    assert reminders_in_history(matter) == ["到期前1个工作日提醒，已提醒王建国"]
    with db.reading() as session:
        event = matters.history(session, matter.id)[-1]
    assert event.clause == "温鹿综法发〔2019〕20号 一（一）"
    assert matters.seal(event) == event.hash


def test_after_an_outage_only_the_highest_due_step_fires_and_the_lower_are_merged(bureau):
    matter = at_unit_review(bureau)
    assert deadlines.sweep(at(26, 15)) == Swept(fired=1, merged=3)
    assert steps(matter) == {"before_1": "merged", "on_the_day": "merged", "overdue_holder": "merged",
                             "overdue_head": "fired", "overdue_office": "pending"}
    assert len(mails()) == 1  # holder and unit head are the same person here
    assert len(reminders_in_history(matter)) == 1


def test_a_new_due_date_arms_the_ladder_again_and_the_old_steps_tell_nobody(bureau):
    matter = at_unit_review(bureau)
    deadlines.sweep(at(24))
    with db.transaction() as session:
        own = matters.lock(session, matter.id)
        calendar = with_day_off(calendars.current(session), at(24).date())
        [cycle] = matters.deadlines_of(session, matter.id, "open")
        assert timing.recount(session, own, cycle, calendar, at(24, 10))
    assert deadlines.sweep(at(25)) == Swept(fired=1)
    assert [subject[:6] for subject in subjects()] == ["【到期提醒】"] * 2
    assert [mail.key.split(":")[3] for mail in mails()] == ["2026-02-24", "2026-02-25"]


def with_day_off(calendar, day):
    year = calendar.year(day.year)
    changed = replace(year, off={**year.off, day: "停休"})
    return workdays.Calendar(calendar.version, {**calendar.years, day.year: changed})


def test_a_step_left_behind_by_an_older_due_version_is_cancelled(bureau):
    matter = at_unit_review(bureau)
    with db.transaction() as session:
        session.execute(update(Step).where(Step.matter_id == matter.id, Step.state == "pending").values(due_version=0))
    assert deadlines.sweep(at(14)) == Swept(cancelled=5)
    assert mails() == []


def test_a_closed_matter_cancels_its_steps(bureau):
    matter = at_unit_review(bureau)
    with db.transaction() as session:
        # Closed behind the engine's back: the sweep asks again and believes no step.
        session.execute(update(Matter).where(Matter.id == matter.id).values(closed=True))
    assert deadlines.sweep(at(14)) == Swept(cancelled=5)
    assert set(steps(matter).values()) == {"cancelled"}
    assert mails() == []


def test_a_voided_matter_reminds_nobody(bureau):
    matter = moved(at_unit_review(bureau), "unit_review_void", bureau.head, at(12), note="已以便函代替")
    assert deadlines.sweep(at(27)) == Swept()
    assert set(steps(matter).values()) == {"cancelled"}


def test_FW12_a_paused_cycle_reminds_nobody_of_the_cycle(bureau):
    matter = at_unit_review(bureau, normative=True)
    moved(matter, "unit_to_legality", bureau.head, at(11, 10))
    assert deadlines.sweep(at(27)) == Swept()


def test_TL11_a_limit_in_hours_reminds_when_it_ends(bureau):
    opened(bureau)
    assert deadlines.sweep(at(12, 8, 59)) == Swept()
    assert deadlines.sweep(at(12)) == Swept(fired=1)
    [mail] = mails()
    assert mail.name == "林晓"
    assert "“起草”环节" in mail.subject and "2026年2月12日09:00" in mail.body


def test_an_empty_role_is_told_to_the_office_director_and_the_system_administrator_without_a_title(bureau):
    matter = moved(at_unit_review(bureau), "unit_pass_ordinary", bureau.head, at(11, 10))
    deadlines.sweep(at(25))
    vacate("unit_head", bureau.head.id)
    told = len(mails())
    deadlines.sweep(at(26))
    later = mails()[told:]
    faults = [mail for mail in later if mail.subject.startswith("【提醒无人接收】")]
    assert {mail.name for mail in later} == {"吴审核", "高明", "系统员"}
    assert {mail.name for mail in faults} == {"高明", "系统员"}
    for mail in faults:
        assert "「市容管理科」还没有科室负责人" in mail.body
        assert VALUES["title"] not in mail.subject + mail.body
    assert reminders_in_history(matter)[-1] == \
        "超期催办：科室负责人，已提醒吴审核，有岗位无人接收，已报办公室主任和系统管理员"


def test_a_desk_nobody_sits_at_is_a_fault_too(bureau):
    at_unit_review(bureau)
    vacate("unit_head", bureau.head.id)
    deadlines.sweep(at(14))
    assert {mail.name for mail in mails()} == {"高明", "系统员"}


def vacate(kind, person_id):
    with db.transaction() as session:
        seats = [post.id for post in session.query(Post).filter_by(kind=kind)]
        session.execute(delete(Holding).where(Holding.person_id == person_id, Holding.post_id.in_(seats)))


def test_a_person_without_an_address_still_gets_the_notice(bureau):
    at_unit_review(bureau)
    with db.transaction() as session:
        session.execute(update(Person).values(email=""))
    deadlines.sweep(at(14))
    assert mails() == []
    assert notices_to(bureau.head.id)[-1].body == "到期前1个工作日提醒。期限：2026年2月24日。请抓紧办理。"


def test_one_broken_matter_does_not_silence_the_others(bureau):
    broken, sound = at_unit_review(bureau), at_unit_review(bureau)
    with db.transaction() as session:
        session.execute(update(Step).where(Step.matter_id == broken.id, Step.rung == "before_1").values(rung="unknown"))
    assert deadlines.sweep(at(14)) == Swept(fired=1, failed=1)
    assert [mail.matter_id for mail in mails()] == [sound.id]


@pytest.mark.parametrize("grade, mailed", [("ordinary", 0), ("urgent", 1)])
def test_a_new_task_is_a_notice_to_all_concerned_and_a_mail_only_when_urgent(bureau, grade, mailed):
    at_unit_review(bureau, grade=grade, genre="通知")
    [notice] = notices_to(bureau.head.id)
    assert notice.subject == f"【待办】《{VALUES['title']}》（科室核稿）"
    assert notice.body.startswith("林晓转来（送科室核稿），请办理。期限：2026年2月")
    assert len(mails()) == mailed


def test_of_a_due_day_off_the_reminder_of_the_working_day_before_does_not_call_it_today(bureau):
    """A limit in days ends on a day off as well; the clerk is told in time, and told which day that is."""
    with db.transaction() as session:
        matter = engine.open_matter(session, "outgoing_document", bureau.drafter, VALUES | {"grade": "expedited"},
                                    body="一、安排", now=at(12))  # due on the first day of Spring Festival
    with db.reading() as session:
        falls = {each.rung.title for each in deadlines.expected(session, at(13, 9), at(15, 0)) if not each.rung.offset}
    assert falls == {"到期前最后一个工作日提醒", "环节到期前最后一个工作日提醒"}
    deadlines.sweep(at(14))
    bodies = [notice.body for notice in notices_to(bureau.drafter.id)]
    assert sum("到期前最后一个工作日提醒。期限：2026年2月15日" in body for body in bodies) == 2
    with db.reading() as session:
        told = [event.note for event in matters.history(session, matter.id) if event.what == "reminded"]
    assert set(told) == {f"{title}，已提醒林晓" for title in falls}
