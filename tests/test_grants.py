"""Granting 授权代办 and ending it: each refusal with a sentence that says what to do."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from officeapp import db, grants, people
from officeapp.admin_events import AdminEvent
from officeapp.directory import Unfit
from tests import conftest
from tests.test_delegation import THURSDAY, TUESDAY, at, granted


@pytest.fixture
def office(either_database):
    return conftest.seeded()


def refused(*given, **more):
    with pytest.raises(Unfit) as unfit:
        granted(*given, **more)
    return str(unfit.value)


def test_of_the_wrong_people(bureau):
    administrator = "系统员是系统、安全或审计管理员，不办理业务事项，不能授权代办。请另选人员。"
    assert refused(bureau.head, bureau.head) == "不能授权给本人，请另选代办人。"
    assert refused(bureau.head, bureau.admin) == refused(bureau.admin, bureau.head) == administrator
    assert "替别人设授权由办公室主任办理" in refused(bureau.head, bureau.officer, by=bureau.captain)
    with db.transaction() as session:
        session.get(people.Person, bureau.officer.id).active = False
    assert refused(bureau.head, bureau.officer) == "何军的账号已停用，不能作代办人。请另选人员。"


def test_of_days_that_do_not_fit_and_a_missing_reason(bureau):
    for first, last, said in (
        (date(2026, 11, 1), THURSDAY, "开始日期不能早于今天（2026年11月2日）。"),
        (THURSDAY, TUESDAY, "结束日期不能早于开始日期。"),
        (TUESDAY, TUESDAY + timedelta(days=90), "一次授权最长90天。离开更久的，请由办公室主任办理工作移交。"),
        (date.max, date.max, "开始日期最远到2027年11月3日，请改正。"),
    ):
        assert refused(bureau.head, bureau.officer, first, last) == said
    assert refused(bureau.head, bureau.officer, reason=" ") == "请写明事由，如出差、休假、学习。"
    granted(bureau.head, bureau.officer, TUESDAY, TUESDAY + timedelta(days=89))
    granted(bureau.head, bureau.captain, TUESDAY + timedelta(days=90), TUESDAY + timedelta(days=90))


def test_of_overlaps_chains_and_loops_until_it_is_ended_early(office):
    number = granted(office.head, office.officer, by=office.director)
    assert refused(office.head, office.captain, THURSDAY, THURSDAY) == (
        "王建国在2026年11月3日至2026年11月5日已授权何军代办，时间不能重叠。请先结束原来的授权，或者改日期。")
    assert "已把自己的事项授权给何军代办，不能再代别人" in refused(office.captain, office.head)
    assert "正代王建国办理，不能转授他人" in refused(office.officer, office.captain)
    assert "不能再代别人" in refused(office.officer, office.head)
    for by, now, said in ((office.officer, at(3), "不是您设的"), (office.head, at(6, 0), "已经结束")):
        with pytest.raises(Unfit, match=said), db.transaction() as session:
            grants.end(session, number, by=by, now=now)
    with db.transaction() as session:
        grants.end(session, number, by=office.head, now=at(2, 11))
    granted(office.captain, office.head, now=at(2, 12))
    with db.reading() as session:
        lines = session.execute(select(AdminEvent.what, AdminEvent.actor, AdminEvent.whom)).all()
    assert lines == [("delegation_granted", "高明", "王建国"), ("delegation_ended", "王建国", "王建国"),
                     ("delegation_granted", "李强", "李强")]


def test_two_grants_at_once_never_make_a_chain(office):
    """甲→乙 and 乙→丙 in the same moment: whichever is second is refused."""
    ways, start = ((office.head, office.officer), (office.officer, office.captain)), Barrier(2)

    def attempt(way, day):
        start.wait()
        try:
            return granted(*way, day, day)
        except Unfit:
            return None

    with ThreadPoolExecutor(2) as pool:
        for n in range(8):
            day = TUESDAY + timedelta(days=n)
            assert len([done for done in pool.map(attempt, ways, (day, day)) if done]) == 1
