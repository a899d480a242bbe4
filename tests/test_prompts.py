"""The calendar opens each section's monthly summary and plan (JH-1, TL12)."""

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from officeapp import calendars, db, gatherings, prompts, supervision
from officeapp.matters import Event, Matter, Step
from officeapp.outbox import Message
from officeapp.people import Person
from officeapp.workdays import ending_day, seed_calendar
from tests import conftest
from tests.summaries import RULES, collector, go, morning, opened, pass_days, seat_head, stand_in, unit

GATHERING = RULES.gathering


def due_days(day: str, bureau) -> dict[str, date]:
    return {key: ending_day(matter.due_at) for key, matter in opened(bureau, day).items()}


def months() -> list[tuple[str, int]]:
    with db.reading() as session:
        query = select(Matter.period, func.count()).where(Matter.kind == RULES.kind).group_by(Matter.period)
        return [tuple(row) for row in session.execute(query.order_by(Matter.period))]


def written() -> tuple[int, ...]:
    with db.reading() as session:
        return tuple(session.scalar(select(func.count()).select_from(each)) for each in (Matter, Event, Step, Message))


def told(key: str) -> list[Message]:
    with db.reading() as session:
        query = select(Message).where(Message.key.like(f"{key}:%")).order_by(Message.id)
        return list(session.scalars(query))


@pytest.mark.parametrize(("month", "due", "opens"), [
    ("2026-02", "2026-02-14", "2026-02-09"),  # the 20th lies in the Spring Festival, Saturday the 14th is worked
    ("2026-06", "2026-06-18", "2026-06-11"),  # 20 June: a Saturday of 端午
    ("2026-09", "2026-09-20", "2026-09-14"),  # a Sunday that is worked
    ("2026-11", "2026-11-20", "2026-11-13"),
    ("2026-12", "2026-12-18", "2026-12-11"),  # 20 December: a Sunday
])
def test_TL12_the_20th_falls_back_to_the_working_day_before_and_the_prompt_comes_five_before_that(month, due, opens):
    calendar, first = seed_calendar(), gatherings.month_of(month)
    assert gatherings.due_day(calendar, GATHERING, first).isoformat() == due
    assert gatherings.opens_on(calendar, GATHERING, first).isoformat() == opens


def test_TL12_the_worked_Sunday_is_the_day_that_the_matter_ends(bureau):
    assert due_days("2026-09-14", bureau)["appearance"] == date(2026, 9, 20)


def test_JH_1_every_section_is_asked_and_no_squad_no_leader_and_no_outside_unit(bureau):
    found = opened(bureau)
    assert sorted(found) == ["appearance", "command", "legal", "office"]
    summary = found["appearance"]
    assert summary.title == "市容管理科2026年11月工作总结和12月工作计划"
    assert (summary.stage, summary.period, summary.drafter_id) == ("writing", "2026-11", bureau.head.id)


def test_JH_1_nothing_is_opened_before_its_morning(bureau):
    assert prompts.sweep(morning("2026-11-12", 18)) == (0, 0)
    assert prompts.sweep(morning("2026-11-13", 8)) == (0, 0)
    assert prompts.sweep(morning("2026-11-13")) == (4, 0)


def test_JH_1_a_second_sweep_writes_nothing(bureau):
    unit("new", "新设科")  # nobody heads it
    assert prompts.sweep(morning("2026-11-13")) == (4, 0)
    before = written()
    for hour in (10, 11, 12):
        assert prompts.sweep(morning("2026-11-13", hour)) == (0, 0)
    assert written() == before


def test_JH_1_the_database_itself_takes_no_second_one(either_database):
    bureau = conftest.seeded()
    first = opened(bureau)["legal"]
    with pytest.raises(IntegrityError), db.transaction() as session:
        kept = {c.name: getattr(first, c.name) for c in Matter.__table__.columns if c.name != "id"}
        session.add(Matter(**kept))


def test_JH_1_December_is_followed_by_January(bureau):
    assert opened(bureau, "2026-12-11")["legal"].title == "政策法规科2026年12月工作总结和2027年1月工作计划"
    assert prompts.sweep(morning("2026-12-31")) == (0, 0)
    assert opened(bureau, "2027-01-13")["legal"].title == "政策法规科2027年1月工作总结和2月工作计划"
    assert months() == [("2026-12", 4), ("2027-01", 4)]


def test_JH_1_a_house_that_begins_late_in_a_month_owes_nothing_for_it(bureau):
    assert prompts.sweep(morning("2026-11-24")) == (0, 0)
    assert prompts.sweep(morning("2026-12-11")) == (4, 0)


def test_JH_1_the_months_of_an_outage_are_owed_each(bureau):
    opened(bureau)
    assert prompts.sweep(morning("2027-01-25")) == (8, 0)
    assert months() == [("2026-11", 4), ("2026-12", 4), ("2027-01", 4)]


def test_JH_1_a_section_founded_in_mid_month_is_asked_while_it_can_still_be_in_time(bureau):
    opened(bureau)
    seat_head(unit("early", "停车管理科"), bureau.officer)
    assert prompts.sweep(morning("2026-11-18")) == (1, 0)
    seat_head(unit("late", "垃圾分类科"), bureau.colleague)
    assert prompts.sweep(morning("2026-11-23")) == (0, 0)
    assert prompts.sweep(morning("2026-12-11")) == (6, 0)


def test_JH_1_a_section_without_a_head_is_a_visible_fault_told_once_and_opened_when_it_has_one(bureau):
    gatherer, founded = collector(bureau), unit("new", "停车管理科")
    pass_days("2026-11-13", "2026-11-16")
    found = told("not_prompted")
    assert {message.person_id for message in found} == {bureau.director.id, bureau.admin.id, gatherer.id}
    assert len(found) == 6 and "「停车管理科」还没有科室负责人" in found[0].body
    seat_head(founded, bureau.officer)
    assert prompts.sweep(morning("2026-11-17")) == (1, 0)


def test_JH_1_that_nobody_gathers_them_is_told_once_a_month(bureau):
    pass_days("2026-11-13", "2026-11-17")
    found = told("not_gathered")
    assert {message.person_id for message in found} == {bureau.director.id, bureau.admin.id} and len(found) == 4
    assert "本局还没有人担任「综合科」" in found[0].body
    collector(bureau)
    opened(bureau, "2026-12-11")
    assert len(told("not_gathered")) == 4


def test_JH_1_the_prompt_names_the_summary_its_day_and_nothing_else(bureau):
    summary = opened(bureau)["appearance"]
    mail = next(m for m in told(f"prompted:{summary.id}") if m.channel == "mail")
    assert mail.subject == "【报送提示】《市容管理科2026年11月工作总结和12月工作计划》"
    assert mail.body.strip() == ("请报送《市容管理科2026年11月工作总结和12月工作计划》。\n\n报送期限：2026年11月20日")
    assert (mail.person_id, mail.link) == (bureau.head.id, f"/matters/{summary.id}")


def test_JH_1_the_mails_name_what_it_is_its_day_and_where_and_never_what_it_says(bureau):
    gatherer, summary = collector(bureau), opened(bureau)["appearance"]
    unit("new", "停车管理科")
    go(summary, bureau.head, "sign_off", "2026-11-16", summary="不出本系统的总结内容。", plan="不出本系统的计划内容。")
    go(summary, gatherer, "collection_return", "2026-11-17", note="不出本系统的退回理由。")
    pass_days("2026-11-18", "2026-11-23")
    with db.transaction() as session:
        supervision.urge(session, opened(bureau)["legal"].id, gatherer, now=morning("2026-11-23", 10))
    with db.reading() as session:
        mails = session.scalars(select(Message).where(Message.channel == "mail")).all()
    assert {mail.key.partition(":")[0] for mail in mails} == {
        "prompted", "not_prompted", "before_2", "on_the_day", "overdue", "stage_on_the_day", "stage_overdue", "urged"}
    assert not [mail for mail in mails if "不出本系统" in mail.subject + mail.body]
    assert body_of(mails, "not_prompted") == (
        "停车管理科本月的月度总结没有发起，因为没有人可以撰写：\n\n"
        "「停车管理科」还没有科室负责人。请联系安全管理员在“单位人员”里设置后再办。\n\n"
        "请尽快设置。设置以后，报送期限以前系统会自动补发。")
    assert body_of(mails, "urged") == (
        "许综合催办：《政策法规科2026年11月工作总结和12月工作计划》现处“撰写”环节。\n\n办理期限：2026年11月20日\n\n"
        "请抓紧办理；不能按期办结的，请及时说明情况和下步安排。")


def body_of(mails: list[Message], key: str) -> str:
    return next(mail.body.strip() for mail in mails if mail.key.startswith(f"{key}:"))


def test_JH_1_who_stands_in_for_the_head_is_asked_too(bureau):
    stand_in(bureau.head, bureau.colleague, "2026-11-13")
    summary = opened(bureau)["appearance"]
    asked = [m for m in told(f"prompted:{summary.id}") if m.channel == "mail"]
    assert {m.person_id for m in asked} == {bureau.head.id, bureau.colleague.id}
    assert asked[-1].subject.endswith("（代王建国办理）")


def test_JH_1_whom_the_head_named_is_asked_the_next_month_too(bureau):
    collector(bureau)
    summary = opened(bureau)["appearance"]
    go(summary, bureau.head, "name_reporter", "2026-11-13", reporter=bureau.drafter.id)
    following = opened(bureau, "2026-12-11")["appearance"]
    assert {m.person_id for m in told(f"prompted:{following.id}")} == {bureau.head.id, bureau.drafter.id}


def test_JH_1_whom_the_head_named_and_who_has_gone_to_another_unit_is_not_asked(bureau):
    summary = opened(bureau)["appearance"]
    go(summary, bureau.head, "name_reporter", "2026-11-13", reporter=bureau.drafter.id)
    with db.transaction() as session:
        session.get_one(Person, bureau.drafter.id).unit_id = bureau.units["south"]
    following = opened(bureau, "2026-12-11")["appearance"]
    assert {m.person_id for m in told(f"prompted:{following.id}")} == {bureau.head.id}


def test_JH_1_each_rung_fires_once_on_its_day(bureau):
    collector(bureau)
    summary = opened(bureau, "2026-06-11")["appearance"]
    pass_days("2026-06-12", "2026-07-03")
    with db.reading() as session:
        events = session.scalars(select(Event).where(Event.matter_id == summary.id, Event.what == "reminded"))
        fired = [(event.data["rung"], event.at.date().isoformat()) for event in events]
    assert fired == [("before_2", "2026-06-16"), ("on_the_day", "2026-06-18"), ("overdue", "2026-06-22"),
                     ("told", "2026-06-24")]


def test_JH_1_a_calendar_of_another_year_does_not_open_it_twice(bureau):
    opened(bureau)
    with db.reading() as session:
        assert prompts.months_owed(session, calendars.current(session), RULES, morning("2026-11-20")) == [
            date(2026, 11, 1)]
        assert prompts.months_owed(session, calendars.current(session), RULES, morning("2026-11-21")) == []
