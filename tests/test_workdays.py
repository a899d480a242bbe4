"""The working-day clock against the law, the notices and the agreed cases (domain 5)."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeapp.statutory import statutory_year
from officeapp.workdays import (
    DAY,
    PAUSED,
    SHANGHAI,
    add_months,
    days_of,
    due,
    light,
    monthly_day,
    seed_calendar,
)

CASES = Path(__file__).resolve().parents[2] / "shared" / "cases" / "deadlines.json"
SEED = seed_calendar()
known_days = st.dates(date(2019, 1, 1), date(2026, 9, 30))
lengths = st.integers(1, 40)
pauses = st.sets(st.integers(1, 50), max_size=8)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def agreed_cases() -> list:
    # A missing file must fail one test loudly, not break the collection of all.
    if not CASES.exists():
        return [pytest.param(None, id="missing")]
    return [pytest.param(case, id=case["id"]) for case in json.loads(CASES.read_text("utf-8"))]


@pytest.mark.parametrize("case", agreed_cases())
def test_the_agreed_case_ends_on_the_agreed_day(case):
    assert case, f"{CASES} is needed beside the checkout"
    if case.get("rule") == "monthly-day-20-previous-workday":
        year, month = map(int, case["month"].split("-"))
        assert monthly_day(SEED, year, month, 20).isoformat() == case["due"]
        return
    hours = case["unit"] == "hour"
    start = at(case["start"]) if hours else date.fromisoformat(case["start"])
    found = due(SEED, start, case["n"], case["unit"], roll=case.get("roll", False))
    assert (at(case["due"]) == found.at) if hours else (case["due"] == found.day.isoformat())
    assert found.provisional is case.get("provisional", False)


@pytest.mark.parametrize("year", range(2019, 2027))
def test_every_day_agrees_with_chinesecalendar(year):
    wrong = [d for d in days_of(year) if SEED.is_workday(d) != chinese_calendar.is_workday(d)]
    assert wrong == []
    assert SEED.known(year)


@pytest.mark.parametrize(
    "year, workdays",
    [(2019, 250), (2020, 249), (2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)],
)
def test_a_year_has_as_many_workdays_as_its_notice_leaves(year, workdays):
    assert SEED.workdays_between(date(year - 1, 12, 31), date(year, 12, 31)) == workdays


@pytest.mark.parametrize(
    "day, why",
    [
        ("2026-02-14", "调休上班"),
        ("2026-02-15", "春节放假"),
        ("2026-02-16", "除夕放假"),
        ("2026-02-24", "工作日"),
        ("2026-03-07", "周六"),
        ("2020-02-02", "春节延长放假"),
        ("2026-10-06", "国庆节放假"),
    ],
)
def test_a_day_says_why_it_is_worked_or_not(day, why):
    assert SEED.why(date.fromisoformat(day)) == why


def test_a_year_without_a_notice_has_only_its_statutory_days_and_no_makeup_days():
    year = SEED.year(2027)
    assert not year.known
    assert not year.work
    assert set(year.off.values()) >= {"元旦", "除夕", "春节", "清明节", "劳动节", "国庆节"}
    assert date(2027, 4, 3) not in year.off


def test_a_year_beyond_the_tables_is_the_ordinary_week():
    assert statutory_year(2150) == ({}, {}, False)
    assert SEED.is_workday(date(2150, 10, 1)) is True


def test_the_start_day_is_not_counted_and_the_limit_ends_at_midnight():
    found = due(SEED, at("2026-11-18T23:59"), 1, "workday")
    assert found.day == date(2026, 11, 19)
    assert found.at == at("2026-11-20T00:00")


def test_a_utc_start_counts_from_its_shanghai_day():
    late = datetime.fromisoformat("2026-11-18T16:30+00:00")
    assert due(SEED, late, 1, "workday").day == date(2026, 11, 20)


@pytest.mark.parametrize("wrong", [date(2026, 9, 30), datetime(2026, 9, 30, 16)])
def test_hours_refuse_a_start_without_an_instant(wrong):
    with pytest.raises(ValueError):
        due(SEED, wrong, 24, "hour")


@pytest.mark.parametrize("n, unit", [(-1, "day"), (1, "week")])
def test_what_is_no_limit_is_refused(n, unit):
    with pytest.raises(ValueError):
        due(SEED, date(2026, 9, 30), n, unit)


def test_a_month_ends_on_the_same_day_or_the_months_last():
    assert due(SEED, date(2026, 1, 31), 1, "month").day == date(2026, 2, 28)
    assert due(SEED, date(2024, 1, 31), 1, "month").day == date(2024, 2, 29)
    assert due(SEED, date(2026, 1, 14), 1, "month").day == date(2026, 2, 14)
    assert due(SEED, date(2026, 1, 18), 1, "month", roll=True).day == date(2026, 2, 24)
    assert add_months(date(2026, 11, 30), 3) == date(2027, 2, 28)


def test_a_rolled_limit_explains_the_days_it_rolled_over():
    days = due(SEED, date(2026, 9, 18), 15, "day", roll=True).days
    assert [d.why for d in days[-2:]] == ["国庆节放假，顺延", "工作日，顺延"]
    assert sum(d.counted for d in days) == 15


def test_hours_stop_on_paused_days():
    paused = {date(2026, 10, 1)}
    assert due(SEED, at("2026-09-30T16:00"), 24, "hour", paused=paused).at == at("2026-10-02T16:00")


def test_hours_that_end_at_midnight_end_on_the_day_before_it():
    assert due(SEED, at("2026-09-30T00:00"), 24, "hour").day == date(2026, 9, 30)


def test_a_count_that_no_notice_can_move_is_not_provisional():
    assert not due(SEED, date(2026, 12, 28), 30, "day").provisional
    assert due(SEED, date(2026, 12, 28), 30, "day", roll=True).provisional
    assert not due(SEED, date(2026, 12, 20), 5, "day", roll=True).provisional


def test_every_thirty_workday_limit_set_late_in_november_is_provisional():
    assert due(SEED, date(2026, 11, 22), 30, "workday").provisional


def test_the_twentieth_of_a_month_falls_back_to_the_workday_before():
    assert monthly_day(SEED, 2026, 2, 20) == date(2026, 2, 14)
    assert monthly_day(SEED, 2026, 12, 20) == date(2026, 12, 18)
    assert monthly_day(SEED, 2026, 2, 31) == date(2026, 2, 28)


@given(known_days, lengths, pauses)
def test_a_workday_limit_ends_on_a_workday_after_exactly_n(start, n, offsets):
    paused = {start + DAY * i for i in offsets}
    found = due(SEED, start, n, "workday", paused=paused)
    assert SEED.is_workday(found.day) and found.day not in paused
    assert sum(d.counted for d in found.days) == n
    assert [d.day for d in found.days] == [start + DAY * (i + 1) for i in range(len(found.days))]


@given(known_days, lengths, st.sampled_from(["workday", "day", "month", "hour"]), st.booleans())
def test_one_more_never_ends_earlier(start, n, unit, roll):
    begin = datetime(start.year, start.month, start.day, 9, tzinfo=SHANGHAI)
    assert due(SEED, begin, n, unit, roll=roll).at <= due(SEED, begin, n + 1, unit, roll=roll).at


@given(known_days, lengths, pauses)
def test_paused_days_move_a_day_limit_by_as_many_days(start, n, offsets):
    paused = {start + DAY * i for i in offsets}
    found = due(SEED, start, n, "day", paused=paused)
    skipped = [d for d in found.days if not d.counted]
    assert found.day == start + DAY * (n + len(skipped))
    assert {d.day for d in skipped} == {d for d in paused if d <= found.day}
    assert {d.why for d in skipped} <= {PAUSED}


@given(known_days, lengths)
def test_a_rolled_day_limit_ends_on_the_first_workday_from_the_plain_one(start, n):
    plain = due(SEED, start, n, "day").day
    assert due(SEED, start, n, "day", roll=True).day == SEED.workday_on_or_after(plain)


@given(known_days, st.integers(-900, 900))
def test_workdays_between_counts_day_by_day(a, shift):
    b = a + timedelta(days=shift)
    low, high = min(a, b), max(a, b)
    counted = sum(SEED.is_workday(low + DAY * (i + 1)) for i in range((high - low).days))
    assert SEED.workdays_between(a, b) == (counted if a <= b else -counted)


@given(known_days)
def test_next_and_previous_workday_leave_the_day_itself(day):
    assert SEED.previous_workday(day) < day < SEED.next_workday(day)
    assert SEED.workday_on_or_before(day) <= day <= SEED.workday_on_or_after(day)


LIGHTS = [
    ("2026-02-14", "workday", "2026-02-11T09:00", "well", "剩3个工作日"),
    ("2026-02-24", "workday", "2026-02-14T09:00", "soon", "剩1个工作日"),
    ("2026-02-24", "day", "2026-02-14T09:00", "well", "剩10天"),
    ("2026-02-24", "workday", "2026-02-24T23:59", "soon", "今日到期"),
    ("2026-02-13", "workday", "2026-02-25T00:00", "late", "超期3个工作日"),
    ("2026-11-20", "workday", "2026-11-21T09:00", "late", "超期不足1个工作日"),
    ("2026-11-20", "day", "2026-11-23T09:00", "late", "超期3天"),
    ("2026-11-20", "month", "2026-11-19T09:00", "soon", "剩1天"),
]


@pytest.mark.parametrize("day, unit, now, tone, words", LIGHTS)
def test_a_light_says_what_is_left_in_the_unit_of_the_limit(day, unit, now, tone, words):
    ends = at(f"{day}T00:00") + DAY
    found = light(SEED, ends, unit, at(now))
    assert (found.tone, found.words) == (tone, words)


@pytest.mark.parametrize(
    "now, tone, words",
    [
        ("2026-10-01T11:00", "well", "剩5小时"),
        ("2026-10-01T12:00", "soon", "剩4小时"),
        ("2026-10-01T15:30", "soon", "剩不足1小时"),
        ("2026-10-01T16:00", "late", "超期不足1小时"),
        ("2026-10-01T18:30", "late", "超期2小时"),
        ("2026-10-03T15:59", "late", "超期47小时"),
        ("2026-10-05T17:00", "late", "超期4天"),
    ],
)
def test_a_light_on_hours_counts_hours(now, tone, words):
    found = light(SEED, at("2026-10-01T16:00"), "hour", at(now))
    assert (found.tone, found.words) == (tone, words)


def test_a_light_is_quiet_when_paused_or_without_a_limit():
    assert light(SEED, None, "", at("2026-11-01T09:00"), paused=True).tone == "paused"
    assert light(SEED, at("2026-11-20T16:00"), "workday", at("2026-11-01T09:00"), paused=True).tone == "paused"
    assert light(SEED, None, "day", at("2026-11-01T09:00")).words == "未设时限"


def test_q4_a_legal_review_past_its_own_limit_is_late_though_the_cycle_is_paused():
    found = light(SEED, at("2026-10-10T00:00"), "workday", at("2026-11-02T09:00"), paused=True)
    assert (found.tone, found.words) == ("late", "超期17个工作日")
