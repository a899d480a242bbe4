"""Numbers: no gap, no twin, one series a 代字 and year (FW-16, FW-52); a voided one stays (作废)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import select, text

from officeapp import db, numbers
from officeapp.clock import ZONE
from officeapp.decisions import Refused
from officeapp.numbers import Number
from tests import conftest
from tests.procedures.walking import Walk

NUMBERED = {"series": "临综法发", "copies": 5}


@pytest.fixture
def office(either_database):
    return conftest.seeded()


def signed(b, now):
    walk = Walk("lucheng-2019", b.drafter, now)
    walk.go(b.drafter, "submit")
    walk.go(b.head, "unit_pass_ordinary")
    walk.go(b.reviewer, "office_pass_ordinary")
    walk.go(b.deputy, "sign")
    return walk


def given(word="临综法发", year=2026):
    with db.reading() as session:
        query = select(Number).where(Number.text.startswith(f"{word}〔{year}〕")).order_by(Number.n)
        return list(session.scalars(query))


def test_FW_16_a_number_is_word_year_and_running_number(office, now):
    walk = signed(office, now)
    assert walk.go(office.clerk, "number", **NUMBERED).number == "临综法发〔2026〕1号"


def test_FW_52_every_series_and_every_year_counts_for_itself(office, now):
    first, second, third = signed(office, now), signed(office, now), signed(office, now)
    assert first.go(office.clerk, "number", **NUMBERED).number == "临综法发〔2026〕1号"
    assert second.go(office.clerk, "number", series="临综法函", copies=1).number == "临综法函〔2026〕1号"
    third.now = datetime(2027, 1, 1, 0, 30, tzinfo=ZONE)
    assert third.go(office.clerk, "number", **NUMBERED).number == "临综法发〔2027〕1号"


def test_the_year_turns_at_midnight_in_Shanghai_not_in_Greenwich(office, now):
    walk = signed(office, now)
    walk.now = datetime(2026, 12, 31, 23, 40, tzinfo=ZONE)
    assert walk.go(office.clerk, "number", **NUMBERED).number == "临综法发〔2026〕1号"


def test_FW_16_a_refused_numbering_consumes_nothing(office, now):
    walk = signed(office, now)
    assert walk.refusal(office.clerk, "number", series="临综法发").fields["copies"]
    assert "没有“无此代字”" in walk.refusal(office.clerk, "number", series="无此代字", copies=5).sentence
    assert walk.refusal(office.drafter, "number", **NUMBERED).status == 403
    assert given() == []
    assert walk.go(office.clerk, "number", **NUMBERED).number.endswith("〕1号")


def test_FW_16_a_transaction_that_fails_after_numbering_leaves_no_gap(office, now):
    walk, kept = signed(office, now), signed(office, now)
    with pytest.raises(Refused), db.transaction() as session:
        numbers.give(session, "临综法发", 2026, matter_id=walk.id, person_id=office.clerk.id, now=now)
        raise Refused("后面的一步办不成。")
    assert kept.go(office.clerk, "number", **NUMBERED).number.endswith("〕1号")


def test_a_voided_number_stays_in_the_register_and_is_not_given_again(office, now):
    walk, following = signed(office, now), signed(office, now)
    walk.go(office.clerk, "number", **NUMBERED)
    walk.go(office.director, "proofreading_void", "不再印发。")
    following.go(office.clerk, "number", **NUMBERED)
    assert [(n.n, bool(n.voided_at)) for n in given()] == [(1, True), (2, False)]


def test_a_number_once_given_is_kept_when_the_document_returns(office, now):
    walk = signed(office, now)
    walk.go(office.clerk, "number", **NUMBERED)
    walk.go(office.clerk, "proofreading_return_to_numbering", "份数不对。")
    assert walk.go(office.clerk, "number", series="临综法函", copies=9).number == "临综法发〔2026〕1号"
    assert len(given()) == 1 and given("临综法函") == []


def test_FW_16_eight_clerks_at_once_make_no_gap_and_no_twin(office, now):
    walk = Walk("lucheng-2019", office.drafter, now)

    def take(turn):
        for _ in range(5):
            with db.transaction() as session:
                year = 2026 + turn % 2
                numbers.give(session, "临综法发", year, matter_id=walk.id, person_id=office.clerk.id, now=now)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(take, range(8)))
    for year in (2026, 2027):
        assert [n.n for n in given(year=year)] == list(range(1, 21))


def test_the_database_itself_refuses_a_twin(office, now):
    walk = Walk("lucheng-2019", office.drafter, now)
    with db.transaction() as session:
        numbers.give(session, "临综法发", 2026, matter_id=walk.id, person_id=office.clerk.id, now=now)
    with pytest.raises(Exception, match="(?i)unique"), db.transaction() as session:
        session.execute(text("UPDATE number_counter SET last = 0"))
        numbers.give(session, "临综法发", 2026, matter_id=walk.id, person_id=office.clerk.id, now=now)
