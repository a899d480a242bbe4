"""The calendar's page through the real site: view, refuse, preview, adopt, recompute."""

import io
import json
import re
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from app import create_app
from officeapp import calendars, clock, db, engine
from officeapp.matters import Deadline, Event
from officeapp.people import Person, hash_password
from officeapp.settings import Settings
from officeapp.workdays import SHANGHAI, ending_day

OPENED = datetime(2026, 12, 28, 9, 0, tzinfo=SHANGHAI)
PASSWORD = "请核对日历2027"
NEXT = {"2027": {"off": {"2027-01-01": "元旦", "2027-01-04": "元旦"}, "work": {"2027-02-07": "春节"}}}
IMPORT = {"way": "import", "source": "2027年放假通知", "document": json.dumps(NEXT, ensure_ascii=False)}
VALUES = {
    "title": "关于年末专项整治的通知", "genre": "通知", "grade": "ordinary",
    "recipients": "各中队", "necessity": "须各中队统一部署",
}


@pytest.fixture
def site(database, bureau, tmp_path):
    """The site on 29 December 2026; sign in with `sign_in(site, account)`."""
    with db.transaction() as session:
        for account in ("admin", "director", "drafter"):
            person = session.scalars(select(Person).where(Person.account == account)).one()
            person.password_hash = hash_password(PASSWORD)
    yield create_app(Settings.from_env({
        "DATABASE_URL": database, "DATA_DIR": str(tmp_path), "DEMO_NOW": "2026-12-29T09:00+08:00",
    }))
    clock.set_offset(timedelta(0))


def sign_in(site, account):
    client = site.test_client()
    token = token_in(client.get("/login").text)
    answer = client.post("/login", data={"account": account, "password": PASSWORD, "csrf_token": token})
    assert answer.status_code == 303
    return client


def token_in(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def post(client, path, data, **more):
    token = token_in(client.get("/calendar").text)
    return client.post(path, data={**data, "csrf_token": token}, **more)


def current():
    with db.reading() as session:
        return calendars.current(session)


def open_matter(bureau):
    with db.transaction() as session:
        return engine.open_matter(session, "outgoing_document", bureau.drafter, VALUES, body="正文。", now=OPENED).id


def cycle_of(matter_id):
    with db.reading() as session:
        return session.scalars(select(Deadline).where(Deadline.matter_id == matter_id, Deadline.scope == "cycle")).one()


def test_everyone_signed_in_sees_the_year_but_only_editors_its_forms(site):
    page = sign_in(site, "drafter").get("/calendar?year=2026").text
    assert "2026年工作日历" in page and "2月15日（周日）至2月23日（周一）" in page
    assert "更改一天" not in page
    for account in ("admin", "director"):
        assert "更改一天" in sign_in(site, account).get("/calendar?year=2026").text


def test_a_year_without_a_notice_is_marked_provisional(site):
    page = sign_in(site, "drafter").get("/calendar?year=2027").text
    assert "暂定" in page and "放假通知尚未载入" in page


@pytest.mark.parametrize("path", ["/calendar/previews", "/calendar/versions"])
def test_staff_may_not_change_the_calendar(site, path):
    assert post(sign_in(site, "drafter"), path, IMPORT | {"based_on": "1"}).status_code == 403
    assert current().version == 1


def test_a_preview_shows_days_and_deadlines_and_changes_neither(site, bureau):
    matter = open_matter(bureau)
    page = post(sign_in(site, "director"), "/calendar/previews", IMPORT).text
    assert "2027年2月7日 周日" in page and "调休上班" in page
    assert VALUES["title"] in page
    assert "2027年1月4日 周一" in page and "2027年1月5日 周二" in page
    assert "2027年国庆节（10月1日、10月4日、10月5日）按本日历为工作日，请核对通知" in page
    assert current().version == 1
    assert ending_day(cycle_of(matter).due_at) == date(2027, 1, 4)


def test_a_preview_names_no_document_to_an_administrator(site, bureau):
    """domain.md 7.2: the system administrator keeps the calendar and reads no document."""
    matter = open_matter(bureau)
    page = post(sign_in(site, "admin"), "/calendar/previews", IMPORT).text
    assert f"事项编号 {matter}" in page and VALUES["title"] not in page


def test_an_adopted_year_moves_open_deadlines_and_records_the_events(site, bureau):
    matter = open_matter(bureau)
    assert cycle_of(matter).provisional
    answer = post(sign_in(site, "admin"), "/calendar/versions", IMPORT | {"based_on": "1"})
    assert (answer.status_code, answer.location) == (303, "/calendar?year=2027")
    moved = cycle_of(matter)
    assert (ending_day(moved.due_at), moved.provisional, moved.calendar_version) == (date(2027, 1, 5), False, 2)
    assert ending_day(moved.original_due_at) == date(2027, 1, 4)
    with db.reading() as session:
        event = session.scalars(select(Event).where(Event.matter_id == matter).order_by(Event.id.desc())).first()
    assert "第2版" in event.note and event.data["before"] < event.data["after"]


def test_the_register_says_who_changed_what_from_which_source(site):
    client = sign_in(site, "director")
    post(client, "/calendar/versions", IMPORT | {"based_on": "1"})
    page = client.get("/calendar?year=2027").text
    assert "高明" in page and "导入2027年：2027年放假通知" in page and "第2版" in page
    assert "正在查看第1版，现行为第2版" in client.get("/calendar?year=2027&version=1").text


def test_a_confirmation_made_from_an_old_version_is_refused(site):
    client = sign_in(site, "admin")
    post(client, "/calendar/versions", IMPORT | {"based_on": "1"})
    day = {"way": "day", "day": "2026-12-31", "choice": "off", "name": "年终", "based_on": "1"}
    answer = post(client, "/calendar/versions", day)
    assert answer.status_code == 409 and "已被他人更新" in answer.text
    assert current().is_workday(date(2026, 12, 31))


def test_a_faulty_import_is_answered_with_the_faulty_date(site):
    faulty = IMPORT | {"document": '{"2027": {"off": {"2026-12-31": "元旦"}}}'}
    answer = post(sign_in(site, "admin"), "/calendar/previews", faulty)
    assert answer.status_code == 422 and "2026-12-31不属于2027年" in answer.text
    assert "2026-12-31&#34;: &#34;元旦" in answer.text


def test_an_import_must_name_its_source(site):
    answer = post(sign_in(site, "admin"), "/calendar/previews", IMPORT | {"source": " "})
    assert answer.status_code == 422 and "请写明来源" in answer.text


def test_a_file_is_previewed_and_its_content_confirmed(site):
    file = {"way": "import", "source": "通知", "file": (io.BytesIO(IMPORT["document"].encode()), "2027.json")}
    answer = post(sign_in(site, "admin"), "/calendar/previews", file, content_type="multipart/form-data")
    assert answer.status_code == 200 and "2027-02-07" in answer.text


def test_one_day_may_be_changed(site):
    day = {"way": "day", "day": "2026-12-31", "choice": "off", "name": "年终结算", "based_on": "1"}
    assert post(sign_in(site, "director"), "/calendar/versions", day).status_code == 303
    assert current().why(date(2026, 12, 31)) == "年终结算放假"


def test_the_export_is_what_the_import_takes(site):
    client = sign_in(site, "admin")
    post(client, "/calendar/versions", IMPORT | {"based_on": "1"})
    assert client.get("/calendar/export?year=2027").json == NEXT
    whole = client.get("/calendar/export").text
    page = post(client, "/calendar/previews", IMPORT | {"document": whole}).text
    assert "没有一天改变" in page


def test_an_unknown_version_is_not_found_and_an_odd_year_is_this_year(site):
    client = sign_in(site, "drafter")
    assert client.get("/calendar?version=9").status_code == 404
    assert "2026年工作日历" in client.get("/calendar?year=99999").text
