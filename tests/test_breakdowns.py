"""When the system itself breaks: a page that needs no database, and a sentence that is true."""

import pytest
from sqlalchemy import text

from officeapp import db, matters
from officeapp.web import matters as matter_pages
from officeapp.web import people as pages
from officeapp.web import request as page_request
from tests import conftest
from tests.demo_site import Page
from tests.desks import ORDINARY, doors


@pytest.fixture
def bureau(either_database):
    return conftest.seeded()


@pytest.fixture
def client(either_database, bureau, tmp_path):
    return doors(either_database, tmp_path)(bureau.drafter)


def check(answer):
    page = Page(answer.text)
    assert answer.status_code == 500 and page.headings == 1 and not page.twins and not page.inline
    assert "请先查看事项的最新状态，再决定是否重办" in answer.text and "没有改动" not in answer.text
    assert "Traceback" not in answer.text and 'id="nav"' not in answer.text


def broken_query(*_ignored, **_named):
    return page_request.page_session().execute(text("SELECT nothing FROM nowhere")).all()


def test_after_a_failed_statement_the_page_of_the_fault_still_comes(client, monkeypatch):
    monkeypatch.setattr(pages.directory, "find", broken_query)
    check(client.get("/people"))
    piece = client.get("/people", headers={"HX-Request": "true"})
    assert piece.status_code == 500 and piece.headers["X-Refusal"] == "1" and "最新状态" in piece.text
    monkeypatch.undo()
    assert client.get("/people").status_code == 200


def test_with_the_database_away_the_page_of_the_fault_still_comes(client, either_database, tmp_path):
    db.configure(f"sqlite:///{tmp_path}/nowhere/gone.db")
    check(client.get("/"))
    check(client.get("/people", headers={"Accept": "text/html"}))


def test_the_sentence_holds_when_only_the_page_after_the_change_failed(client, monkeypatch):
    """The matter was opened, and the answer about it broke: nobody is told that nothing changed."""
    monkeypatch.setattr(matter_pages, "flash", broken_query)
    check(client.post("/matters/new/outgoing-document", data=ORDINARY | {"body": "各中队：\n请遵照执行。"}))
    with db.reading() as session:
        assert matters.find(session, 1) is not None
