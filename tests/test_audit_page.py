"""The auditor reads who did what and when, and no document; what is internal notes its readers (domain.md 7.2)."""

import csv
import io
import zipfile

import pytest
from flask import url_for
from sqlalchemy import select

from officeapp import admin_events, audit, clock, db, matters, seals, sheets
from officeapp.attachments import Attachment
from officeapp.audit import Tally
from officeapp.matters import Event
from officeapp.people import Person
from tests import conftest, desks
from tests.people import administrator

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
OPINION = "=1+1 请补充测算依据。"


@pytest.fixture
def site(either_database, tmp_path):
    office = conftest.seeded()
    enter = desks.doors(either_database, tmp_path)
    office.auditor = administrator(office, "audit_admin")
    office.matter = desks.opened(office.drafter)
    desks.moved(office.matter, "submit", office.drafter)
    desks.moved(office.matter, "unit_review_return_to_drafting", office.head, note=OPINION)
    with db.transaction() as session:
        admin_events.record(session, None, "password_reset", "=HYPERLINK(1)", now=clock.now(), note="当面交付")
    office.enter = enter
    return office


def lines(matter_id):
    with db.reading() as session:
        return [(e.what, e.actor_id, e.note) for e in matters.history(session, matter_id)
                if e.what in ("viewed", "printed", "downloaded")]


def csv_of(browser, query=""):
    answer = browser.get(f"/audit/exports/{query}")
    assert answer.status_code == 200 and answer.mimetype == "text/csv" and answer.is_streamed
    assert answer.headers["Content-Disposition"].isascii() and ".csv" in answer.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_the_auditor_sees_acts_clauses_and_times_but_no_title_and_no_opinion(site):
    page = site.enter(site.auditor).get("/audit").text
    assert "退回" in page and "王建国" in page and "科室核稿" in page and "意见 " in page
    assert desks.ORDINARY["title"] not in page and "请补充测算依据" not in page
    assert site.enter(site.auditor).get(f"/matters/{site.matter}").status_code == 403


@pytest.mark.parametrize("role", ["drafter", "director", "chief", "admin"])
def test_nobody_else_comes_in(site, role):
    browser = site.enter(getattr(site, role))
    assert {browser.get(path).status_code for path in ("/audit", "/audit/acts", "/audit/exports/deeds")} == {403}


def test_filters_narrow_by_person_day_deed_and_matter(site):
    browser, today = site.enter(site.auditor), clock.today().isoformat()
    assert len(csv_of(browser, "deeds")) == 3
    assert [row["操作人"] for row in csv_of(browser, "deeds?person=head")] == ["王建国"]
    assert len(csv_of(browser, f"deeds?since={today}&until={today}&what=moved")) == 2
    assert csv_of(browser, "deeds?until=2020-01-01") == csv_of(browser, "deeds?matter=临综") == []
    assert len(csv_of(browser, f"deeds?matter={site.matter}")) == 3
    assert csv_of(browser, "deeds?person=没有此人") == []


def test_older_lines_come_by_id_and_none_is_shown_twice(site):
    for n in range(120):
        with db.transaction() as session:
            admin_events.record(session, None, "unit_saved", f"单位{n}号", now=clock.now())
    browser, path, seen = site.enter(site.auditor), "/audit/acts?what=unit_saved", []
    while path:
        page = browser.get(path).text
        seen += [n for n in range(120) if f">单位{n}号</td>" in page]
        href = page.partition("更早的记录")[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
        path = href if "before=" in href and "更早的记录" in page else ""
    assert sorted(seen) == list(range(120))


def test_an_export_is_guarded_against_formulas_and_is_an_act_itself(site):
    browser = site.enter(site.auditor)
    [act] = csv_of(browser, "acts?what=password_reset")
    assert act["对象"] == "'=HYPERLINK(1)" and act["操作人"] == "命令行"
    answer = browser.get("/audit/exports/acts?format=xlsx&what=password_reset")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "=HYPERLINK(1)" in sheet and "<f>" not in sheet
    with db.reading() as session:
        acts = admin_events.history(session)
    assert [(a.what, a.actor, a.note) for a in acts[-2:]] == [("audit_exported", "审计管理员", "操作重置口令")] * 2


def test_the_auditor_reads_filters_and_exports_logins_and_nobody_else_does(site):
    auditor, head = site.enter(site.auditor), site.enter(site.head)
    head.application.test_client().post("/login", data={"account": "head", "password": "wrong"})
    head.application.test_client().post("/login", data={"account": "nobody-here", "password": "wrong"})
    page = auditor.get("/audit/logins").text
    assert "登录失败" in page and "（不在册的账号）" in page and "nobody-here" not in page
    told = csv_of(auditor, "logins?person=head")
    assert [(line["人员"], line["情况"], line["方式"]) for line in told] == [
        ("王建国", "登录失败", ""), ("王建国", "登录", "本系统口令")]
    assert head.get("/audit/logins").status_code == head.get("/audit/exports/logins").status_code == 403


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "  =1"])
def test_a_cell_that_a_spreadsheet_would_run_is_kept_as_words(cell):
    [_, line] = b"".join(sheets.csv_bytes(["a"], [[cell]])).decode("utf-8-sig").split("\r\n", 1)
    assert next(csv.reader([line]))[0].startswith("'") or line.startswith("\"'")


def test_an_export_too_long_for_excel_is_refused_with_what_to_do(site, monkeypatch):
    monkeypatch.setattr("officeapp.web.audit.MOST", 2)
    answer = site.enter(site.auditor).get("/audit/exports/deeds?format=xlsx")
    assert answer.status_code == 400 and "导出 CSV" in answer.text


def test_looking_at_an_internal_matter_leaves_one_line_a_person_and_day(site):
    inside = desks.opened(site.drafter, desks.ORDINARY | {"scope": "internal"})
    drafter, chief = site.enter(site.drafter), site.enter(site.chief)
    for browser in (drafter, drafter, chief):
        assert browser.get(f"/matters/{inside}").status_code == 200
    assert drafter.get(f"/matters/{inside}/form").status_code == 200
    assert lines(inside) == [("viewed", site.drafter.id, ""), ("viewed", site.chief.id, ""),
                             ("printed", site.drafter.id, "")]
    with db.reading() as session:
        assert list(audit.verify(session, Tally())) == []
    page = site.enter(site.auditor).get(f"/audit?matter={inside}&what=viewed").text
    assert "周正" in page and "林晓" in page


@pytest.mark.parametrize("form", ["attachments", "contacts", "escalations", "edit", "proofs", "moves"])
def test_who_reads_it_by_a_form_that_is_refused_leaves_a_line_too(site, form):
    """A faulty form comes back with the whole page around it."""
    inside = desks.opened(site.drafter, desks.ORDINARY | {"scope": "internal"})
    answer = site.enter(site.chief).post(f"/matters/{inside}/{form}", data={"kind": "attachment", "move": "submit"})
    if form == "moves":
        assert desks.BODY[:10] not in answer.text and desks.FORM["necessity"] not in answer.text, "the card"
    elif desks.ORDINARY["title"] in answer.text:
        assert lines(inside) == [("viewed", site.chief.id, "")]
    assert form != "attachments" or desks.ORDINARY["title"] in answer.text, "or the test proves nothing"


def test_the_auditor_reads_and_exports_the_seals_and_nobody_else_does(site):
    with db.transaction() as session:
        seal = seals.affix(session, clock.now() + seals.SETTLED)
    browser = site.enter(site.auditor)
    assert seal.hash in browser.get("/audit/seals").text
    [row] = csv_of(browser, "seals")
    assert (row["号"], row["校验值"]) == ("1", seal.hash)
    assert row["新增"].startswith("办理记录 3 行、管理和导出操作 1 行")
    assert csv_of(browser, "seals?until=2020-01-01") == []
    assert "您还没有登记邮箱" in browser.get("/audit/seals").text
    with db.transaction() as session:
        session.get_one(Person, site.auditor.id).email = "auditor@bureau.test"
    assert "您还没有登记邮箱" not in browser.get("/audit/seals").text
    assert {site.enter(each).get("/audit/seals").status_code for each in (site.admin, site.director)} == {403}


def test_a_public_matter_and_who_was_turned_away_leave_none(site):
    inside = desks.opened(site.drafter, desks.ORDINARY | {"scope": "internal"})
    assert site.enter(site.officer).get(f"/matters/{inside}").status_code == 404
    assert site.enter(site.drafter).get(f"/matters/{site.matter}").status_code == 200
    assert lines(inside) == lines(site.matter) == []


def test_every_page_of_an_internal_matter_leaves_a_line_whichever_it_is(site):
    """A new page behind the matter's door is written down by itself; the choice of moves shows no more than a card."""
    browser, app = site.enter(site.drafter), site.enter(site.drafter).application
    pages = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and rule.endpoint != "static"
             and app.view_functions[rule.endpoint].door.matter and not rule.endpoint.startswith("moves.")]
    assert len(pages) > 6
    for rule in pages:
        inside = desks.opened(site.drafter, desks.ORDINARY | {"scope": "internal"})
        given = dict.fromkeys(rule.arguments - {"matter_id"}, 1)
        with app.test_request_context():
            browser.get(url_for(rule.endpoint, matter_id=inside, **given))
        assert len(lines(inside)) == 1, rule


def test_taking_away_a_file_names_the_file_and_a_second_one_is_a_second_line(site, tmp_path):
    inside = desks.opened(site.drafter, desks.ORDINARY | {"scope": "internal"})
    browser = site.enter(site.drafter)
    for n in range(2):
        file = io.BytesIO(PDF + str(n).encode()), f"依据{n}.pdf"
        assert browser.post(f"/matters/{inside}/attachments", data={"file": file}).status_code == 303
    with db.reading() as session:
        ids = list(session.scalars(select(Attachment.id).where(Attachment.matter_id == inside)))
    for file_id in (*ids, *ids):
        assert browser.get(f"/matters/{inside}/attachments/{file_id}").status_code == 200
    assert [(what, note) for what, _, note in lines(inside)] == [
        ("viewed", ""), *(("downloaded", f"附件{n}") for n in ids)]


def test_a_reading_moves_no_board(site):
    """The boards' poll asks for the newest line of its kind; a reading is none of it."""
    inside = desks.opened(site.drafter, desks.ORDINARY | {"scope": "internal"})
    version = desks.stored(inside).version
    site.enter(site.drafter).get(f"/matters/{inside}")
    with db.reading() as session:
        reading = session.scalar(select(Event).where(Event.what == "viewed"))
    assert reading.kind == "" and desks.stored(inside).version == version


def test_two_days_in_the_wrong_order_are_said_and_no_seal_yet_is_told_apart_from_none_found(site):
    browser = site.enter(site.auditor)
    turned = browser.get("/audit?since=2026-11-02&until=2026-11-01")
    assert "“自”晚于“至”" in turned.text and "“自”晚于“至”" not in browser.get("/audit?since=2026-11-01").text
    assert "还没有封存过" in browser.get("/audit/seals").text
    assert "没有符合条件的记录" in browser.get("/audit/seals?since=2026-11-02").text


def test_the_auditor_begins_at_the_record_and_a_closed_door_says_whose_the_work_is(site):
    auditor, drafter = site.enter(site.auditor), site.enter(site.drafter)
    assert auditor.get("/").location == "/audit"
    refused = auditor.get("/boards/outgoing-document")
    assert refused.status_code == 403 and "不办理业务、不查看事项；这里的事，请由上述人员登录办理" in refused.text
    refused = drafter.get("/people/imports")
    assert "只供系统管理员使用" in refused.text and "确属您的职责的，请联系安全管理员授予岗位" in refused.text
    assert "没有符合条件的记录" in auditor.get("/audit?person=无此人").text
