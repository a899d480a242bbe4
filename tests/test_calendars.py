"""The calendar's documents, versions and the `flask due` command (design 5)."""

import json
from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from officeapp import calendars, db
from officeapp.calendar_documents import (
    Faults,
    cautions,
    changes,
    export,
    parse,
    read_years,
    with_day,
    with_years,
)
from officeapp.due_command import due as due_command
from officeapp.web.calendar_sheet import festivals, workdays_in, year_sheet
from officeapp.workdays import days_of, seed_calendar
from officeapp.workdays import due as due_of
from tests import databases

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
NEXT = {"2027": {"off": {"2027-01-01": "元旦", "2027-01-04": "元旦"}, "work": {"2027-02-07": "春节"}}}
SEED = seed_calendar()


@pytest.fixture
def seeded(either_database):
    with db.transaction() as session:
        calendars.ensure_seeded(session, NOW)


def import_next(document=NEXT):
    with db.transaction() as session:
        proposed = with_years(calendars.current(session), read_years(document, "国办通知"))
        return calendars.save(session, proposed, now=NOW, author_id=7, author="沈国平", note="导入2027年")


def due_says(*words):
    return CliRunner().invoke(due_command, list(words))


@pytest.mark.parametrize(
    "document, sentence",
    [
        ({"2027": {"off": {"2026-12-31": "元旦"}}}, "2026-12-31不属于2027年"),
        ({"2027": {"off": {"2027-01-02": "元旦"}, "work": {"2027-01-02": "元旦"}}}, "2027-01-02同时列为放假和上班"),
        ({"2027": {"off": {"2027-02-30": "春节"}}}, "“2027-02-30”不是有效日期"),
        ({"2027": {"off": {"20270101": "元旦"}}}, "“20270101”不是有效日期"),
        ({"2027": {"off": {"2027-01-01": "元旦"}, "work": {"2027-02-08": "春节"}}}, "2027-02-08是周一，本来就上班"),
        ({"2027": {"off": {"2027-01-01": ""}}}, "2027-01-01须写明节日名称"),
        ({"2027": {"off": {"2027-01-01": 1}}}, "2027-01-01须写明节日名称"),
        ({"2027": {"off": ["2027-01-01"]}}, "2027年的 off 应为"),
        ({"2027": {"off": {"2027-01-01": "元旦"}, "rest": {}}}, "不认识的项目“rest”"),
        ({"2027": {"off": {}}}, "2027年没有列出放假的日子"),
        ({"27": {"off": {"2027-01-01": "元旦"}}}, "“27”不是可用的年份"),
        ({"2027": []}, "2027年的内容应为"),
        ({}, "应以年份为键"),
        ([], "应以年份为键"),
    ],
)
def test_a_faulty_document_is_refused_with_the_faulty_date_named(document, sentence):
    with pytest.raises(Faults) as refused:
        read_years(document)
    assert sentence in str(refused.value)


def test_every_fault_of_a_document_is_named_at_once():
    with pytest.raises(Faults) as refused:
        read_years({"2027": {"off": {"2027-13-01": "元旦", "2028-01-01": "元旦"}}})
    assert len(refused.value.sentences) == 2


@pytest.mark.parametrize(
    "text, sentence",
    [
        ('{"2027": ', "第1行第10列起不是有效的 JSON"),
        ('{"2027": {"off": {"2027-01-01": "元旦", "2027-01-01": "春节"}}}', "2027-01-01列了两次"),
        ("元旦".encode("gbk"), "不是 UTF-8 编码"),
        ("[" * 100_000, "层次过多"),
    ],
)
def test_an_unreadable_file_is_refused_with_a_sentence(text, sentence):
    with pytest.raises(Faults) as refused:
        parse(text)
    assert sentence in str(refused.value)


def test_the_exported_seed_reads_back_as_itself():
    document = json.loads(json.dumps(export(SEED), ensure_ascii=False))
    again = with_years(SEED, read_years(document))
    assert sorted(document) == [str(year) for year in range(2019, 2027)]
    assert changes(SEED, again) == []
    assert export(again) == export(SEED)


def documents():
    days = list(days_of(2027))
    names = st.text("春节元旦国庆", min_size=1, max_size=4)
    off = st.dictionaries(st.sampled_from(days), names, min_size=1, max_size=20)
    work = st.dictionaries(st.sampled_from([d for d in days if d.weekday() >= 5]), names, max_size=8)
    return st.tuples(off, work).map(
        lambda pair: {"2027": {
            "off": {str(d): n for d, n in sorted(pair[0].items())},
            "work": {str(d): n for d, n in sorted(pair[1].items()) if d not in pair[0]},
        }}
    )


@given(documents())
def test_export_of_import_is_the_document(document):
    assert export(with_years(SEED, read_years(document)), [2027]) == document


@given(documents())
def test_the_changed_days_are_exactly_those_that_read_differently(document):
    new = with_years(SEED, read_years(document))
    changed = {change.day for change in changes(SEED, new) if change.moves}
    assert changed == {d for d in days_of(2027) if SEED.is_workday(d) != new.is_workday(d)}


def test_an_imported_year_is_known_and_ends_the_provisional_mark():
    new = with_years(SEED, read_years(NEXT, "国办通知"))
    assert new.known(2027) and new.year(2027).source == "国办通知"
    found = due_of(new, date(2026, 12, 28), 5, "workday")
    assert (found.day, found.provisional) == (date(2027, 1, 6), False)


def test_a_forgotten_statutory_day_is_pointed_out_but_not_refused():
    said = cautions(read_years(NEXT))
    assert any("国庆节（10月1日、10月4日、10月5日）按本日历为工作日" in sentence for sentence in said)


def test_a_day_may_be_set_off_worked_or_back_to_the_week():
    saturday = date(2026, 11, 28)
    worked = with_day(SEED, saturday, "work", "")
    assert worked.why(saturday) == "调休上班"
    assert with_day(worked, saturday, "week", "").why(saturday) == "周六"
    monday = date(2026, 11, 30)
    assert with_day(SEED, monday, "off", "防汛").why(monday) == "防汛放假"
    assert with_day(SEED, date(2026, 10, 1), "work", "").is_workday(date(2026, 10, 1))
    assert not with_day(SEED, date(2027, 3, 1), "off", "地方假日").known(2027)


def test_a_day_off_must_say_for_what():
    with pytest.raises(Faults, match="2026-11-30设为放假，须写明"):
        with_day(SEED, date(2026, 11, 30), "off", "")


def test_an_unseeded_database_answers_with_the_packaged_calendar(database):
    with db.reading() as session:
        assert calendars.current(session) is SEED


def test_the_seed_becomes_version_one_once(seeded):
    with db.transaction() as session:
        calendars.ensure_seeded(session, NOW)
    with db.reading() as session:
        assert [row.version for row in calendars.versions(session)] == [1]
        assert calendars.current(session).years == SEED.years


def test_an_import_is_a_new_version_and_the_old_one_stays(seeded):
    assert import_next().version == 2
    with db.reading() as session:
        newest = calendars.current(session)
        assert newest.version == 2 and newest.known(2027)
        assert not calendars.numbered(session, 1).known(2027)
        assert calendars.numbered(session, 3) is None
        assert calendars.versions(session)[0].author == "沈国平"


def test_a_change_made_from_an_old_version_is_refused(seeded):
    with db.reading() as session:
        old = calendars.current(session)
    import_next()
    with pytest.raises(calendars.StaleCalendar), db.transaction() as session:
        calendars.save(session, old, now=NOW)


def test_a_preview_lists_the_days_and_stores_nothing(seeded):
    with db.reading() as session:
        listed = calendars.preview(session, NEXT)
        assert len(calendars.versions(session)) == 1
    sunday = next(change for change in listed if change.day == date(2027, 2, 7))
    assert (sunday.before, sunday.after, sunday.moves) == ("春节放假", "调休上班", True)


def test_a_reset_database_is_not_answered_with_the_old_version(seeded, tmp_path_factory):
    import_next()
    with db.reading() as session:
        assert calendars.current(session).year(2027).work
    databases.fresh_sqlite(tmp_path_factory.mktemp("second"))
    with db.transaction() as session:
        calendars.ensure_seeded(session, NOW)
    import_next({"2027": {"off": {"2027-05-03": "劳动节"}}})
    with db.reading() as session:
        assert not calendars.current(session).year(2027).work


@pytest.mark.parametrize(
    "today, warned", [("2026-10-31", None), ("2026-11-01", "2027年"), ("2027-03-01", "2027年")]
)
def test_from_november_a_missing_next_year_is_warned_of(today, warned):
    said = calendars.missing_year(SEED, date.fromisoformat(today))
    assert said.startswith(warned) if warned else said is None


def test_due_prints_the_date_alone_on_its_last_line(database):
    said = due_says("2026-02-11", "5", "workday", "--explain")
    assert said.exit_code == 0
    lines = said.output.splitlines()
    assert lines[-1] == "2026-02-25"
    assert "2026-02-15 周日  不计  春节放假" in lines
    assert len(lines) == 1 + 14 + 1
    assert due_says("2026-02-11", "5", "workday").output == "2026-02-25\n"


def test_due_says_so_when_the_date_is_provisional(database):
    lines = due_says("2026-12-28", "5", "workday").output.splitlines()
    assert lines[0].startswith("暂定") and lines[-1] == "2027-01-05"


def test_due_uses_the_databases_calendar_once_there_is_one(seeded):
    import_next()
    assert due_says("2026-12-28", "5", "workday").output == "2027-01-06\n"


def test_due_rolls_only_when_asked_not_to_refrain(database):
    assert due_says("2026-09-28", "3", "day", "--no-roll").output == "2026-10-01\n"
    assert due_says("2026-09-28", "3", "day", "--roll").output == "2026-10-08\n"
    assert due_says("2026-01-31", "1", "month", "--no-roll").output == "2026-02-28\n"
    assert due_says("2026-09-30T16:00", "24", "hour").output == "2026-10-01T16:00\n"


@pytest.mark.parametrize(
    "words, sentence",
    [
        (("2026-02-30", "5", "workday"), "“2026-02-30”不是有效日期"),
        (("2026-02-11", "-5", "workday"), "“-5”应为"),
        (("2026-02-11", "五", "workday"), "“五”应为"),
        (("2026-02-11", "5", "week"), "单位“week”不可用"),
        (("2026-02-11", "5", "hour"), "须写明时刻"),
        (("0001-01-01", "5", "day"), "超出可推算的年份"),
        (("2026-02-11",), "请依次写明"),
        ((), "请依次写明"),
    ],
)
def test_due_refuses_what_it_cannot_read_with_a_sentence(database, words, sentence):
    said = due_says(*words)
    assert said.exit_code == 2
    assert sentence in said.stderr and said.stdout == ""


def test_a_year_is_drawn_as_twelve_months_of_whole_weeks():
    months = year_sheet(SEED, 2026, date(2026, 11, 20))
    cells = [cell for month in months for week in month.weeks for cell in week if cell]
    assert [cell.day for cell in cells] == list(days_of(2026))
    assert all(len(week) == 7 for month in months for week in month.weeks)
    assert sum(month.workdays for month in months) == workdays_in(SEED, 2026) == 248
    assert [cell.day for cell in cells if cell.today] == [date(2026, 11, 20)]


def test_a_drawn_day_carries_its_mark_in_words():
    cells = {c.day: c for m in year_sheet(SEED, 2026, NOW.date()) for w in m.weeks for c in w if c}
    makeup, eve = cells[date(2026, 2, 14)], cells[date(2026, 2, 16)]
    assert (makeup.kind, makeup.mark, makeup.words) == ("work", "班", "2026年2月14日 周六，调休上班")
    assert (eve.kind, eve.mark) == ("off", "除夕")
    assert cells[date(2026, 10, 1)].mark == "国庆"


def test_the_holidays_are_listed_in_words():
    spring = festivals(SEED.year(2026))[1]
    assert spring.name == "春节"
    assert spring.off == "2月15日（周日）至2月23日（周一）"
    assert spring.work == "2月14日（周六）、2月28日（周六）"
