"""The matter page under every shipped rulebook, in each stage from 起草 to 归档: no page knows a rulebook's name."""

import re
from typing import Any

import pytest

from officeapp import clock, db, decisions, desks, engine, matters
from officeapp.decisions import Offer
from officeapp.desks import Paper
from officeapp.options import choose
from officeapp.people import Actor
from officeapp.procedures import book
from officeapp.procedures.grammar import Field, Medium, MoveKind
from tests.desks import BODY, FORM, ORDINARY, doors, stored
from tests.procedures.supervising import reported
from tests.procedures.walking import Walk

GIVEN = {"text": "按规定办理", "lines": "各科室各1份", "number": 2, "yesno": True, "date": clock.today().isoformat(),
         "series": "临综法发"}
RULEBOOKS = [rules.rulebook for rules in book.editions("outgoing_document")]


@pytest.fixture
def enter(bureau, database, tmp_path):
    return doors(database, tmp_path)


@pytest.mark.parametrize("form", [ORDINARY, FORM | {"normative": True}], ids=["ordinary", "expedited-normative"])
@pytest.mark.parametrize("rulebook", RULEBOOKS)
def test_every_stage_has_a_page_for_its_holder_and_for_its_drafter(rulebook, form, bureau, enter):
    with db.transaction() as session:
        choose(session, "rulebook.outgoing_document", rulebook)
    folk = {key: actor for key, actor in vars(bureau).items() if isinstance(actor, Actor)}
    clients = {key: enter(folk[key]) for key in ("drafter", "reviewer", "chief")}
    required = {f.key: _given(f) for f in book.current("outgoing_document", rulebook).fields if f.required and not f.at}
    answer = clients["drafter"].post("/matters/new/outgoing-document", data={**required, **form, "body": BODY})
    walk = _at(int(answer.location.rsplit("/", 1)[1]))
    for _ in range(40):
        for client in clients.values():
            _look(client, walk.id)
        if stored(walk.id).closed:
            break
        _step(walk, folk)
    assert stored(walk.id).stage == "archived"


def _at(matter_id: int) -> Walk:
    walk = Walk.__new__(Walk)
    walk.id, walk.now = matter_id, clock.now()
    return walk


def _look(client: Any, matter_id: int) -> None:
    for path in ("", "/deadlines", "/form", "/versions"):
        answer = client.get(f"/matters/{matter_id}{path}")
        assert answer.status_code == 200
        assert answer.text.count("<h1") == 1
        ids = re.findall(r'\sid="([^"]+)"', answer.text)
        assert len(ids) == len(set(ids)), path
    page = client.get(f"/matters/{matter_id}").text
    assert page.count('aria-current="step"') == (0 if stored(matter_id).closed else 1)
    shown = page.split('id="moves"')[1].split("</section>")[0]
    assert shown.count("btn btn-primary") <= 1


def _step(walk: Walk, folk: dict[str, Actor]) -> None:
    """The first way on that anybody of the bureau is offered."""
    for actor in folk.values():
        with db.reading() as session:
            matter = matters.find(session, walk.id)
            offered = decisions.offers(engine.case(session, matter), actor)
            found = [o for o in offered if o.move.kind is MoveKind.FORWARD]
            signers = desks.signers(session, walk.id)
        if found:
            return _make(walk, actor, found[0], signers[0].id)
    raise AssertionError(f"nobody may go on at {matter.stage}")


def _make(walk: Walk, actor: Actor, offer: Offer, signer_id: int) -> None:
    rules = stored(walk.id).rules
    if offer.move.needs.attachment:
        walk.attach(offer.move.needs.attachment, actor)
    values = {key: _given(rules.field(key)) for key in offer.move.needs.fields}
    paper = Paper(signer_id, clock.today(), "当面签字") if offer.medium is Medium.PAPER else None
    walk.go(actor, offer.move.key, "同意。", paper, **values)


def _given(field: Field) -> Any:
    if field.choices:
        return field.default or field.choices[0][0]
    return GIVEN[field.type]


def test_FW_3_who_acts_online_finds_paper_signatures_behind_one_fold_and_who_only_records_finds_them_first(
        bureau, enter, now):
    """Every way would stand there twice: the chief's own 同意办结, and the same as signed on paper."""
    course = reported(bureau, now)
    page = enter(bureau.chief).get(f"/matters/{course.id}").text
    shown, fold = page.split('id="moves"', 1)[1].split("登记纸质签字…</summary>")
    assert "登记本人签字" not in shown and shown.index("btn-primary") < shown.index("btn-outline-secondary")
    folded = fold.split("</details>")[0]
    assert "登记本人签字：同意办结" in folded and folded.count("<li>") == folded.count("登记本人签字：") == 4
    recorder = enter(bureau.reviewer).get(f"/matters/{course.id}").text
    assert "代录签字：" in recorder and "登记纸质签字…" not in recorder
