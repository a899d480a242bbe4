"""The pages of the rulebooks through the real site."""

import re
from datetime import timedelta

import pytest

from app import create_app
from officeapp import clock, db, options
from officeapp.people import Person, hash_password
from officeapp.procedures import book
from officeapp.settings import Settings

PASSWORD = "请查办理规程2026"
RULEBOOKS = [p.rulebook for p in book.editions("outgoing_document")]


@pytest.fixture
def reader(database, bureau, tmp_path):
    """A drafter, logged in."""
    with db.transaction() as session:
        session.get_one(Person, bureau.drafter.id).password_hash = hash_password(PASSWORD)
    site = create_app(Settings.from_env({
        "DATABASE_URL": database, "DATA_DIR": str(tmp_path), "DEMO_NOW": "2026-11-02T09:00+08:00"}))
    client = site.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
    client.post("/login", data={"account": bureau.drafter.account, "password": PASSWORD, "csrf_token": token})
    yield client
    clock.set_offset(timedelta(0))


def choose(rulebook):
    with db.transaction() as session:
        options.choose(session, "rulebook.outgoing_document", rulebook)


def test_the_shelf_names_every_rulebook_and_marks_the_one_in_force(reader):
    page = reader.get("/procedures").text
    assert all(p.rulebook_title in page for p in book.PROCEDURES)
    assert page.count("现行</span>") == len(book.kinds())


@pytest.mark.parametrize("rulebook", RULEBOOKS)
def test_a_rulebook_shows_its_stages_moves_clauses_and_flow(reader, rulebook):
    procedure = book.current("outgoing_document", rulebook)
    page = reader.get(f"/procedures/outgoing-document?rulebook={rulebook}").text
    assert all(s.title in page for s in procedure.stages)
    assert all(m.title in page for m in procedure.moves_from("drafting") if not m.target.startswith("voided"))
    assert all(s.clause.text in page for s in procedure.stages)
    assert page.count("<svg") == 1 and "style=" not in page and "<style" not in page


@pytest.mark.parametrize("rulebook", RULEBOOKS)
def test_every_clause_cited_is_quoted_on_the_page(reader, rulebook):
    page = reader.get(f"/procedures/outgoing-document?rulebook={rulebook}").text
    cited = set(re.findall(r'href="#(clause-\d+)"', page))
    assert cited and cited <= set(re.findall(r'id="(clause-\d+)"', page))


def test_without_a_choice_the_page_shows_the_rulebook_in_force(reader):
    choose("centre")
    page = reader.get("/procedures/outgoing-document").text
    assert "服务中心日常工作规范</h1>" in page and "现行</span>" in page
    assert "备选</span>" in reader.get("/procedures/outgoing-document?rulebook=lucheng-2019").text


@pytest.mark.parametrize("path", ["/procedures/nothing", "/procedures/outgoing-document?rulebook=nothing"])
def test_an_unknown_rulebook_is_not_found(reader, path):
    assert reader.get(path).status_code == 404


def test_a_stranger_is_sent_to_the_login(reader):
    with reader.application.test_client() as stranger:
        assert stranger.get("/procedures").status_code == 302
