"""Forms that no page of ours sends: strange ids, strange letters, fields that are nobody's to fill (domain.md 7.2)."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from officeapp import clock, db, engine, matters, sheets
from officeapp.decisions import Refused
from officeapp.matters import Matter
from officeapp.people import Person, Unit
from tests import desks
from tests.desks import FORM, ORDINARY, moved, opened
from tests.people import administrator
from tests.procedures.supervising import ORDER
from tests.procedures.test_public_matter import BROUGHT

SLIP = {"title": "商请提供占道经营底数", "content": "请提供底数。", "due_on": ""}


@pytest.fixture
def enter(database, bureau, tmp_path):
    return desks.doors(database, tmp_path)


@pytest.fixture
def outside(bureau):
    with db.transaction() as session:
        unit = Unit(name="区财政局", kind="outside", relation="peer", position=99)
        session.add(unit)
        session.flush()
        return unit.id


def newest():
    with db.reading() as session:
        return session.scalar(select(Matter).order_by(Matter.id.desc()).limit(1))


def test_a_unit_that_the_form_does_not_offer_is_refused_and_never_a_fault(enter, bureau, outside):
    client = enter(bureau.drafter)
    for strange in (999_999, outside):
        answer = client.post("/matters/new/liaison-slip", data=SLIP | {"to_unit": strange})
        assert answer.status_code == 422 and "请从名单中重新选择" in answer.text and newest() is None
    assert client.post("/matters/new/liaison-slip", data=SLIP | {"to_unit": bureau.units["south"]}).status_code == 303


@pytest.mark.parametrize(("kind", "field"), [
    ("liaison-slip", "to_unit"), ("supervision-order", "lead_unit"), ("supervision-order", "assisting"),
    ("public-matter", "unit")])
def test_GEN_1_a_unit_that_nobody_heads_is_not_offered_and_refused_with_what_to_do(enter, bureau, kind, field):
    client = enter(bureau.director)
    form = re.search(rf'name="{field}".*?</(select|fieldset)>', client.get(f"/matters/new/{kind}").text, re.S)[0]
    assert "南门中队" in form and "局领导" not in form and "档案服务中心" not in form
    today = clock.today()
    whole = ORDER | BROUGHT | SLIP | {"ordered_on": today, "due_on": today + timedelta(days=9)}
    whole |= {"lead_unit": bureau.units["south"], field: bureau.units["leaders"]}
    answer = client.post(f"/matters/new/{kind}", data=whole)
    assert answer.status_code == 422 and newest() is None
    said = "“局领导”还没有负责人，送去没有人签收。请另选单位，或者请安全管理员先在“单位人员”里设置负责人。"
    assert said in answer.text


def test_GEN_1_a_unit_is_offered_while_somebody_in_office_heads_it(enter, bureau):
    client = enter(bureau.drafter)
    assert "南门中队" in client.get("/matters/new/liaison-slip").text
    with db.transaction() as session:
        session.get_one(Person, bureau.captain.id).active = False
    assert "南门中队" not in client.get("/matters/new/liaison-slip").text


def test_nobody_outside_the_unit_and_no_administrator_becomes_responsible(bureau, now):
    """The form's list and the check are one: whom a unit names is one of its own people."""
    with db.transaction() as session:
        slip = engine.open_matter(session, "liaison_slip", bureau.drafter, SLIP | {"to_unit": bureau.units["south"]},
                                  now=now).id
    moved(slip, "submit", bureau.drafter)
    moved(slip, "send", bureau.head)
    keeper, form = administrator(bureau, "audit_admin"), {"received_by": "paper", "received_on": "2026-11-02"}
    for strange in (bureau.colleague.id, keeper.id, 999_999):
        with pytest.raises(Refused) as refused:
            moved(slip, "accept", bureau.captain, values=form | {"responsible": strange})
        assert "请从名单中重新选择" in refused.value.fields["responsible"]
    assert moved(slip, "accept", bureau.captain, values=form | {"responsible": bureau.officer.id}).stage == "handling"


def test_what_says_whose_a_matter_is_cannot_be_typed(enter, bureau):
    forged = {"unit_id": bureau.units["legal"], "drafter_id": bureau.chief.id, "stage": "archiving", "closed": "1",
              "number": "临综法发〔2026〕1号", "version": "9", "parent_id": "1", "own_unit": bureau.units["legal"],
              "from_unit": bureau.units["legal"]}
    client = enter(bureau.drafter)
    client.post("/matters/new/outgoing-document", data=FORM | forged | {"body": "正文。"})
    client.post("/matters/new/liaison-slip", data=SLIP | forged | {"to_unit": bureau.units["south"]})
    with db.reading() as session:
        made = session.scalars(select(Matter)).all()
    assert [(m.unit_id, m.drafter_id, m.version, m.closed, m.parent_id) for m in made] == [
        (bureau.units["appearance"], bureau.drafter.id, 1, False, None)] * 2
    assert bureau.units["legal"] not in [v for m in made for v in m.values.values()]
    client.post(f"/matters/{made[1].id}/edit", data=SLIP | forged | {"to_unit": bureau.units["south"], "version": 1})
    assert bureau.units["legal"] not in desks.stored(made[1].id).values.values()


def test_letters_that_nobody_types_are_dropped_from_every_form(enter, bureau):
    title = "关于\u202e告通的\x1b[31m通\u200b知\x00"
    client = enter(bureau.drafter)
    assert client.post("/matters/new/outgoing-document", data=ORDINARY | {"title": title}).status_code == 400, "NUL"
    client.post("/matters/new/outgoing-document", data=ORDINARY | {"title": title[:-1]})
    assert newest().title == "关于告通的[31m通知"
    client.post("/account/delegations", data={"reason": "出\u2066差"})
    person = {"account": "xinren", "name": "新\u202e人", "unit_id": bureau.units["office"], "active": "y"}
    enter(bureau.admin).post("/people/persons/new", data=person)
    with db.reading() as session:
        assert session.scalar(select(Person.name).where(Person.account == "xinren")) == "新人"


def test_a_line_break_in_a_title_writes_no_second_head_into_a_mail(enter, bureau):
    enter(bureau.drafter).post("/matters/new/outgoing-document", data=ORDINARY | {"title": "通知\r\nBcc: x@y.example"})
    assert newest().title == "通知 Bcc: x@y.example"


@pytest.mark.parametrize("cell", ["=1+1", " =1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\u3000=1", "\u00a0=1",
                                  "＝1+1", "＋1", "－1", "＠SUM(1)"])
def test_no_cell_of_a_table_is_a_formula(cell):
    """OWASP: the wide signs too, which an Excel of East Asia takes for narrow ones."""
    assert sheets.guarded(cell) == f"'{cell}"
    told = b"".join(sheets.csv_bytes(["标题"], [[cell]])).decode("utf-8-sig")
    assert f"'{cell}" in told


def test_what_is_no_formula_stays_as_it_is_and_numbers_stay_numbers():
    assert [sheets.guarded(cell) for cell in ("通知", "a=b", 5, -5, None, "")] == ["通知", "a=b", 5, -5, None, ""]


def test_somebody_elses_matter_file_note_or_notice_is_not_reached_by_its_number(enter, bureau, tmp_path):
    mine, theirs = opened(bureau.drafter, ORDINARY), opened(bureau.captain, FORM)
    captain, drafter = enter(bureau.captain), enter(bureau.drafter)
    pdf = io.BytesIO(b"%PDF-1.7\n%%EOF\n")
    captain.post(f"/matters/{theirs}/attachments", data={"kind": "attachment", "file": (pdf, "密.pdf")})
    assert captain.get(f"/matters/{theirs}/attachments/1").status_code == 200
    for path in (f"/matters/{mine}/attachments/1", f"/matters/{theirs}/attachments/1", f"/matters/{theirs}/form",
                 f"/matters/new/liaison-slip?from={theirs}", "/notebook/1"):
        for headers in ({}, {"HX-Request": "true"}, {"Accept": "application/json"}):
            assert drafter.get(path, headers=headers).status_code in (403, 404), path
    for path in ("moves", "edit", "contacts", "escalations", "attachments", "attachments/1/removal", "proofs"):
        assert drafter.post(f"/matters/{theirs}/{path}", data={"version": 1, "move": "submit"}).status_code == 404
    drafter.post("/boards/overdue/urgings", data={"matter": [theirs, 999_999, "x", "-1"]})
    with db.reading() as session:
        assert "urged" not in [event.what for event in matters.history(session, theirs)]


@pytest.mark.parametrize(("path", "form", "said"), [
    ("/people/units/new", {"name": "新科", "kind": "zzz", "parent_id": "999999"}, "请从列出的选项中选择"),
    ("/people/persons/new", {"account": "x", "name": "新人", "unit_id": "abc"}, "请选择所在单位。"),
    ("/people/posts/new", {"kind": "staff", "unit_id": "1", "holders": ["999999"]}, "请从列出的选项中选择"),
    ("/people/posts/new", {"kind": "staff", "unit_id": "1", "holders": ["x"]}, "请从列出的选项中选择"),
    ("/people/login-rules", {"idle_minutes": "很久"}, "请填写整数"),
])
def test_a_choice_that_is_not_offered_is_refused_in_chinese(enter, bureau, path, form, said):
    keeper, granter = enter(bureau.admin), enter(administrator(bureau, "security_admin"))
    answer = (granter if "posts" in path or "rules" in path else keeper).post(path, data=form)
    assert answer.status_code == 422 and said in answer.text
    assert "alid" not in answer.text and "could not" not in answer.text
