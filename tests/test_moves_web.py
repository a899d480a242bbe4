"""Moves over the web: a drop, a dialog and a plain form are one POST; refusals answer with sentence and clause."""

import io
import re
import threading
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select

from app import create_app
from officeapp import clock, db, engine, matters, people
from officeapp.attachments import Attachment
from officeapp.matters import Matter
from officeapp.people import Person
from tests import services
from tests.conftest import seeded
from tests.procedures.walking import BODY, DRAFT

BOARD = "/boards/outgoing-document"
FROM_BOARD = {"HX-Request": "true", "HX-Current-URL": f"http://localhost{BOARD}"}
PASSWORD = "kanban2026"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def enter(database, bureau, tmp_path):
    """A browser without scripts, logged in."""
    return site_on(database, tmp_path)


def site_on(database, folder):
    """The real application on a database that has its bureau: a function that logs somebody in."""
    hashed = people.hash_password(PASSWORD)
    with db.transaction() as session:
        for person in session.scalars(select(Person)):
            person.password_hash = hashed
    app = create_app(services.settings_of({"DATABASE_URL": database, "DATA_DIR": str(folder / "var")}))
    app.config["WTF_CSRF_ENABLED"] = False

    def enter_as(actor):
        client = app.test_client()
        assert client.post("/login", data={"account": actor.account, "password": PASSWORD}).status_code == 303
        return client

    return enter_as


def opened(actor, **values):
    with db.transaction() as session:
        return engine.open_matter(session, "outgoing_document", actor, DRAFT | values, body=BODY, now=clock.now()).id


def go(matter_id, actor, key, **more):
    with db.transaction() as session:
        version = session.get(Matter, matter_id).version
        engine.move(session, matter_id, key, actor, version=version, now=clock.now(), **more)


def state(matter_id):
    with db.reading() as session:
        return session.get(Matter, matter_id)


def drop(client, matter_id, column, move="", version=None, **more):
    """What app.js sends when a card is dropped."""
    data = {"version": version or state(matter_id).version, "column": column, "move": move} | more
    return client.post(f"/matters/{matter_id}/moves", data=data, headers=FROM_BOARD)


def columns_in(answer):
    return re.findall(r'<section class="column" id="column-([\w-]+)"', answer.text)


def stamp_of(client):
    return re.search(r'data-stamp="([^"]+)"', client.get(BOARD).text)[1]


def test_a_drop_answers_with_the_changed_columns_alone(bureau, enter):
    one, client = opened(bureau.drafter), enter(bureau.drafter)
    answer = drop(client, one, "unit_review", "submit", since=stamp_of(client))
    assert (answer.status_code, columns_in(answer)) == (200, ["drafting", "unit_review"])
    assert "已办理“送科室核稿”，现在“科室核稿”环节，由市容管理科 · 王建国办理。" in answer.text
    assert f'id="card-{one}"' in answer.text and "hx-swap-oob" in answer.text and "<html" not in answer.text
    assert state(one).stage == "unit_review"


def test_the_drafting_unit_cannot_drop_on_the_chief_fw_14(bureau, enter):
    one = opened(bureau.drafter, grade="expedited")
    answer = drop(enter(bureau.drafter), one, "signing")
    assert answer.status_code == 422 and answer.headers["X-Refusal"] == "1"
    card = answer.text[answer.text.index(f'id="card-{one}"'):]
    assert "签发件只能由办公室审核通过后报送" in card and "温鹿综法发〔2019〕20号 一（二）2③" in card
    assert state(one).stage == "drafting" and state(one).version == 1


def test_a_drop_where_no_move_leads_says_so_and_cites_the_stage(bureau, enter):
    one = opened(bureau.drafter)
    answer = drop(enter(bureau.drafter), one, "archiving")
    assert answer.status_code == 422 and "「起草」环节不能直接转到「归档」" in answer.text and "依据：" in answer.text


def test_somebody_elses_card_is_refused_by_name(bureau, enter):
    one = opened(bureau.drafter)
    go(one, bureau.drafter, "submit")
    answer = drop(enter(bureau.reviewer), one, "office_review")
    assert answer.status_code == 403 and "王建国" in answer.text and "您现在不是这一环节的办理人" in answer.text
    assert columns_in(answer)[0] == "drafting" or "unit_review" in columns_in(answer)


def test_a_stale_drop_gets_409_with_the_fresh_card_and_a_sentence(bureau, enter):
    one, client = opened(bureau.drafter), enter(bureau.drafter)
    seen = stamp_of(client)
    go(one, bureau.drafter, "submit", note="在另一处办的。")
    answer = drop(client, one, "unit_review", "submit", version=1, since=seen)
    assert answer.status_code == 409 and columns_in(answer) == ["drafting", "unit_review"]
    fresh = answer.text[answer.text.index('id="column-unit_review"'):]
    assert f'id="card-{one}"' in fresh and "刚才已办理" in fresh and 'name="version" value="2"' in fresh


def test_a_stale_opinion_is_given_back_whether_or_not_the_move_is_still_open(bureau, enter):
    one, client = opened(bureau.drafter), enter(bureau.head)
    go(one, bureau.drafter, "submit")
    stale = {"version": 1, "move": "unit_pass_ordinary", "note": "数据属实，同意送审。"}
    answer = client.post(f"/matters/{one}/moves", data=stale)
    assert answer.status_code == 409 and stale["note"] in answer.text and 'name="version" value="2"' in answer.text
    go(one, bureau.head, "unit_pass_ordinary")
    answer = client.post(f"/matters/{one}/moves", data=stale)
    assert answer.status_code == 409 and "数据属实，同意送审。" in answer.text


def test_a_plain_form_goes_back_to_the_matter_and_never_to_another_site(bureau, enter):
    one, two, client = opened(bureau.drafter), opened(bureau.drafter), enter(bureau.drafter)
    answer = client.post(f"/matters/{one}/moves", data={"version": 1, "move": "submit"})
    assert (answer.status_code, answer.location) == (303, f"/matters/{one}")
    answer = client.post(f"/matters/{two}/moves", data={"version": 1, "move": "submit", "next": "//evil.example/x"})
    assert (answer.status_code, answer.location) == (303, "/")


def test_a_refused_plain_form_keeps_what_was_typed(bureau, enter):
    one = opened(bureau.drafter)
    for actor, key in ((bureau.drafter, "submit"), (bureau.head, "unit_pass_ordinary"),
                       (bureau.reviewer, "office_pass_ordinary"), (bureau.deputy, "sign")):
        go(one, actor, key)
    typed = {"version": state(one).version, "move": "number", "asked": "1", "series": "临综法函", "copies": "多",
             "note": "急用"}
    answer = enter(bureau.clerk).post(f"/matters/{one}/moves", data=typed)
    assert answer.status_code == 422 and "请填1到9999的整数" in answer.text
    for kept in ('value="临综法函" selected', 'value="多"', ">急用</textarea>"):
        assert kept in answer.text
    answer = enter(bureau.clerk).post(f"/matters/{one}/moves", data=typed | {"copies": "8"})
    assert answer.status_code == 303 and state(one).number.startswith("临综法函〔") and state(one).values["copies"] == 8


def test_a_return_without_a_reason_is_asked_for_one_fw_13(bureau, enter):
    one = opened(bureau.drafter)
    go(one, bureau.drafter, "submit")
    head, move = enter(bureau.head), "unit_review_return_to_drafting"
    offered = head.get(f"/matters/{one}/moves", headers={"Accept": "application/json"}).json["columns"]["drafting"]
    assert (offered["title"], offered["move"], offered["url"]) == ("退回起草", None, f"/matters/{one}/moves/{move}")
    dialog = head.get(offered["url"], headers=FROM_BOARD).text
    assert dialog.startswith("<dialog") and "原因" in dialog and "required" in dialog
    data = {"version": 2, "move": move, "asked": "1", "note": " "}
    answer = head.post(f"/matters/{one}/moves", data=data, headers=FROM_BOARD)
    assert answer.status_code == 422 and answer.text.startswith("<dialog") and "请填写意见或理由" in answer.text
    answer = head.post(f"/matters/{one}/moves", data=data | {"note": "请补依据"}, headers=FROM_BOARD)
    assert answer.status_code == 200 and state(one).stage == "drafting"


def test_a_drag_is_told_which_columns_it_may_enter_and_how(bureau, enter):
    one = opened(bureau.drafter, grade="expedited")
    answer = enter(bureau.drafter).get(f"/matters/{one}/moves", headers={"Accept": "application/json"}).json
    assert answer == {"version": 1, "columns": {"unit_review": {"title": "送科室核稿", "move": "submit", "url": None}}}
    go(one, bureau.drafter, "submit")
    columns = enter(bureau.drafter).get(f"/matters/{one}/moves", headers={"Accept": "application/json"}).json["columns"]
    assert columns["vetting"] == {"title": "代录签字：通过，报分管领导审阅", "move": None,
                                  "url": f"/matters/{one}/moves/unit_pass?medium=paper"}
    assert columns["drafting"]["url"] == f"/matters/{one}/moves?column=drafting"  # withdraw, or record a return
    choice = enter(bureau.drafter).get(columns["drafting"]["url"], headers=FROM_BOARD).text
    assert "撤回" in choice and "代录签字：退回起草" in choice and "送科室核稿" not in choice


def test_a_clerk_records_a_paper_signature_with_its_scan_fw_3(bureau, enter):
    one = opened(bureau.drafter, grade="expedited")
    go(one, bureau.drafter, "submit")
    client = enter(bureau.drafter)
    form = client.get(f"/matters/{one}/moves/unit_pass?medium=paper").text
    assert "谁在“核稿（科室）”栏签字" in form and re.search(rf'value="{bureau.head.id}" required checked> 王建国', form)
    day = clock.today().isoformat()
    assert f'value="{day}"' in form and ">同意送审。</textarea>" not in form
    data = {"version": 2, "move": "unit_pass", "asked": "1", "medium": "paper", "signer": bureau.head.id, "on": day,
            "instruction": "电话同意", "note": "同意送审。", "scan": (io.BytesIO(PDF), "签批页.pdf")}
    answer = client.post(f"/matters/{one}/moves", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    with db.reading() as session:
        last, scan = matters.history(session, one)[-1], session.scalar(select(Attachment))
    assert state(one).stage == "vetting" and state(one).paper == "纸质·林晓代录"
    assert (last.principal_id, last.note) == (bureau.head.id, "同意送审。")
    assert last.data["paper"]["instruction"] == "电话同意"
    assert (scan.kind, scan.name, scan.matter_id, last.data["paper"]["scan_id"]) == ("scan", "签批页.pdf", one, scan.id)


def test_a_scan_that_is_no_scan_or_a_wrong_day_moves_nothing(bureau, enter):
    one = opened(bureau.drafter, grade="expedited")
    go(one, bureau.drafter, "submit")
    client = enter(bureau.drafter)
    data = {"version": 2, "move": "unit_pass", "asked": "1", "medium": "paper", "signer": bureau.head.id,
            "on": clock.today()}
    program = {"scan": (io.BytesIO(b"MZ\x90"), "签批页.pdf")}
    bad = client.post(f"/matters/{one}/moves", data=data | program, content_type="multipart/form-data")
    future = client.post(f"/matters/{one}/moves", data=data | {"on": "2099-01-01"})
    nobody = client.post(f"/matters/{one}/moves", data=data | {"signer": "", "on": "昨天"})
    assert [r.status_code for r in (bad, future, nobody)] == [422, 422, 422]
    assert "内容却不是这种格式" in bad.text and "签字日期应在" in future.text and "请选择签字人" in nobody.text
    with db.reading() as session:
        assert session.scalar(select(Attachment)) is None
    assert state(one).stage == "unit_review"


def test_the_legal_opinion_comes_with_the_move_that_needs_it_fw_12(bureau, enter):
    one = opened(bureau.drafter, normative=True)
    go(one, bureau.drafter, "submit"), go(one, bureau.head, "unit_to_legality")
    client, data = enter(bureau.lawyer), {"version": 3, "move": "legality_pass", "asked": "1", "note": "无不同意见。"}
    assert "合法性审查意见" in client.get(f"/matters/{one}/moves/legality_pass").text
    assert client.post(f"/matters/{one}/moves", data=data).status_code == 422
    file = {"legal_opinion": (io.BytesIO(PDF), "审查意见.pdf")}
    assert client.post(f"/matters/{one}/moves", data=data | file, content_type="multipart/form-data").status_code == 303
    assert state(one).stage == "office_review"


def test_the_moves_page_offers_every_way_without_scripts(bureau, enter):
    one = opened(bureau.drafter)
    page = enter(bureau.drafter).get(f"/matters/{one}/moves?next={BOARD}").text
    assert f'<form method="post" action="/matters/{one}/moves"' in page and 'value="submit"' in page
    assert f'href="/matters/{one}/moves/drafting_void?next={BOARD}"' in page and f'value="{BOARD}"' in page
    assert "您目前没有可以办理的动作" in enter(bureau.colleague).get(f"/matters/{one}/moves").text


def test_whoever_may_not_see_a_matter_finds_no_move(bureau, enter):
    one, stranger = opened(bureau.drafter), enter(bureau.officer)
    for path in (f"/matters/{one}/moves", f"/matters/{one}/moves/submit"):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"/matters/{one}/moves", data={"version": 1, "move": "submit"}).status_code == 404
    assert enter(bureau.admin).get(BOARD).status_code == 403


@contextmanager
def selects():
    seen = []
    note = lambda connection, cursor, statement, *rest: seen.append(statement)  # noqa: E731
    event.listen(db.engine(), "before_cursor_execute", note)
    yield seen
    event.remove(db.engine(), "before_cursor_execute", note)
    seen[:] = [each for each in seen if each.startswith("SELECT")]


def test_an_unchanged_poll_is_204_and_one_indexed_query_besides_the_user(bureau, enter):
    one, client = opened(bureau.drafter), enter(bureau.drafter)
    path = f"{BOARD}/changes?since={stamp_of(client)}"
    with selects() as asked:
        answer = client.get(path, headers=FROM_BOARD)
    assert (answer.status_code, answer.data) == (204, b"")
    assert len(asked) <= 3 and [sql for sql in asked if "FROM event" in sql] == [asked[-1]]
    go(one, bureau.drafter, "submit")
    answer = client.get(path, headers=FROM_BOARD)
    assert answer.status_code == 200 and columns_in(answer) == ["drafting", "unit_review"]


def test_the_board_page_costs_the_same_statements_with_one_and_with_sixty_cards(bureau, enter):
    client = enter(bureau.clerk)
    client.get(BOARD)
    opened(bureau.drafter)
    with selects() as few:  # the first sight of a card reads what it says
        client.get(BOARD)
    for _ in range(59):
        opened(bureau.drafter)
    with selects() as many:
        page = client.get(BOARD).text
    assert len(few) == len(many) <= 20
    assert page.count('<article class="card') == 50
    card = page[page.index("<article"):page.index("</article>")]
    assert len(card.encode()) <= 1024


def test_more_cards_come_as_a_fragment_and_without_scripts_as_a_page(bureau, enter):
    for _ in range(53):
        opened(bureau.drafter)
    client = enter(bureau.clerk)
    more = re.search(r'class="column__more"><a href="([^"]+)"', client.get(BOARD).text)[1].replace("&amp;", "&")
    fragment = client.get(more, headers=FROM_BOARD).text
    assert fragment.count("<article") == 3 and "<html" not in fragment and "column__more" not in fragment
    page = client.get(more).text
    assert page.count("<article") == 3 and "<html" in page
    assert client.get(f"{BOARD}/columns/drafting?after=nonsense").status_code == 404


def test_eight_people_moving_different_cards_at_once_lose_nothing(either_database, tmp_path):
    """SQLite's default mode would lose some of these or answer "database is locked"."""
    bureau = seeded()
    enter = site_on(either_database, tmp_path)
    cards = [[opened(bureau.drafter) for _ in range(5)] for _ in range(8)]
    clients, codes, gate = [enter(bureau.drafter) for _ in cards], [], threading.Barrier(8)

    def work(client, mine):
        gate.wait()
        for one in mine:
            answer = client.post(f"/matters/{one}/moves", data={"version": 1, "move": "submit"}, headers=FROM_BOARD)
            codes.append(answer.status_code)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(clients, cards, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [200] * 40
    found = [state(one) for mine in cards for one in mine]
    assert {(m.stage, m.version) for m in found} == {("unit_review", 2)}
    with db.reading() as session:
        assert all(len(matters.history(session, m.id)) == 2 for m in found)


def test_the_overdue_board_shows_units_and_figures_and_can_be_printed(bureau, enter):
    opened(bureau.drafter)
    client = enter(bureau.inspector)
    page = client.get("/boards/overdue?portfolio=").text
    assert "本月按期办结率" in page and "超期 6–10 个工作日" not in page and "没有超期和今日到期的事项" in page
    clock.set_offset(clock.timedelta(days=10))
    try:
        client = enter(bureau.inspector)
        page = client.get("/boards/overdue").text
    finally:
        clock.set_offset(clock.timedelta(0))
    assert "超期 6–10 个工作日" in page and "市容管理科" in page and "data-print" in page and DRAFT["title"] in page
