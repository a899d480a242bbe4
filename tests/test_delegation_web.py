"""授权代办 on the pages: granting and ending it, the stand-in's list, forms, history and print."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from officeapp import clock, db, grants, matters
from officeapp.delegations import Delegation
from officeapp.directory import Unfit
from officeapp.people import Person
from tests import desks
from tests.desks import ORDINARY, moved, opened
from tests.procedures.supervising import received
from tests.test_boards import statements


@pytest.fixture
def enter(database, bureau, tmp_path):
    return desks.doors(database, tmp_path)


def granted(principal, delegate):
    with db.transaction() as session:
        grants.grant(session, principal.id, delegate.id, clock.today(), clock.today(), "出差", by=principal,
                     now=clock.now())


def form(delegate, **more):
    today = clock.today().isoformat()
    return {"delegate": delegate.id, "first": today, "last": today, "reason": "出差", "aware": "1"} | more


def at_the_head(bureau):
    matter_id = opened(bureau.drafter, ORDINARY)
    moved(matter_id, "submit", bureau.drafter)
    return matter_id


def last(matter_id):
    with db.reading() as session:
        return matters.history(session, matter_id)[-1]


def test_a_person_grants_his_desk_and_both_are_told(bureau, enter):
    client = enter(bureau.head)
    assert "授权代办" in client.get("/account").text
    assert client.post("/account/delegations", data=form(bureau.officer)).status_code == 303
    page = client.get("/account/delegations").text
    assert "王建国 → 何军" in page and "代办中" in page
    for actor in (bureau.head, bureau.officer):
        assert "【授权代办】王建国授权何军" in enter(actor).get("/notices").text


def test_DB_6_a_desk_goes_to_another_unit_only_when_it_is_said_that_internal_matters_go_with_it(bureau, enter):
    client = enter(bureau.head)
    refused = client.post("/account/delegations", data=form(bureau.officer, aware=""))
    assert refused.status_code == 422 and "授权人名下的内部事项" in refused.text and "知道并同意" in refused.text
    assert "→ 何军" not in refused.text
    assert client.post("/account/delegations", data=form(bureau.colleague, aware="")).status_code == 303  # his own unit


def test_what_does_not_fit_is_said_and_what_was_typed_is_kept(bureau, enter):
    client = enter(bureau.head)
    for data, said in ((form(bureau.head), "请选择"), (form(SimpleNamespace(id=0)), "请选择代办人。"),
                       (form(bureau.officer, last="下周五"), "结束日期应像 2026-11-02 这样填写。"),
                       (form(bureau.officer, reason=""), "请写明事由，如出差、休假、学习。")):
        answer = client.post("/account/delegations", data=data)
        assert answer.status_code == 422 and said in answer.text
        assert f'value="{clock.today().isoformat()}"' in answer.text
    assert "系统员" not in answer.text, "an administrator is not even offered"


def test_only_the_office_director_grants_for_somebody_else(bureau, enter):
    data = form(bureau.officer, principal=bureau.head.id)
    enter(bureau.captain).post("/account/delegations", data=data)
    enter(bureau.director).post("/account/delegations", data=form(bureau.officer, principal=bureau.drafter.id))
    with db.reading() as session:
        pairs = session.execute(select(Delegation.principal_id, Delegation.created_by)).all()
    assert pairs == [(bureau.captain.id, bureau.captain.id), (bureau.drafter.id, bureau.director.id)]
    assert "（高明代设）" in enter(bureau.drafter).get("/account/delegations").text


def test_the_director_cannot_put_himself_into_a_leaders_place(bureau, enter):
    client = enter(bureau.director)
    answer = client.post("/account/delegations", data=form(bureau.director, principal=bureau.chief.id))
    assert answer.status_code == 422
    with db.reading() as session:
        assert session.scalars(select(Delegation)).all() == []
    with pytest.raises(Unfit, match="代办人不能是您自己"), db.transaction() as session:
        grants.grant(session, bureau.chief.id, bureau.director.id, clock.today(), clock.today(), "出差",
                     by=bureau.director, now=clock.now())


def test_the_form_groups_people_by_unit_leaves_oneself_out_and_says_for_whom_it_was(bureau, enter):
    client = enter(bureau.head)
    page = client.get("/account/delegations").text
    assert '<optgroup label="南门中队">' in page and ">王建国</option>" not in page
    assert page.index("<optgroup label=\"市容管理科\">") < page.index("<optgroup label=\"办公室\">"), "one's own first"
    client.post("/account/delegations", data=form(bureau.officer))
    assert "王建国名下的待办由何军代办，事由：出差。" in client.get("/account/delegations").text


def test_the_delegation_of_somebody_who_has_left_is_not_shown_as_running(bureau, enter):
    granted(bureau.captain, bureau.officer)
    with db.transaction() as session:
        session.get_one(Person, bureau.captain.id).active = False
    page = enter(bureau.officer).get("/account/delegations").text
    assert "已失效（账号停用）" in page and "代办中" not in page


def test_it_can_be_ended_early_by_its_principal_and_not_by_the_stand_in(bureau, enter):
    granted(bureau.head, bureau.officer)
    matter_id = at_the_head(bureau)
    stand_in = enter(bureau.officer)
    assert "提前结束<" not in stand_in.get("/account/delegations").text
    stand_in.post("/account/delegations/1/end")
    assert stand_in.get(f"/matters/{matter_id}").status_code == 200
    enter(bureau.head).post("/account/delegations/1/end")
    assert stand_in.get(f"/matters/{matter_id}").status_code == 404
    assert "已提前结束" in stand_in.get("/account/delegations").text


def test_the_stand_ins_list_page_form_history_and_print_name_both(bureau, enter):
    granted(bureau.head, bureau.officer)
    matter_id = at_the_head(bureau)
    client = enter(bureau.officer)
    assert '<span class="stands-in">代王建国</span>' in client.get("/").text
    page = client.get(f"/matters/{matter_id}").text
    assert "您正在代王建国办理，署名为“何军（代王建国）”。" in page and f'name="for" value="{bureau.head.id}"' in page
    data = {"move": "unit_pass_ordinary", "version": desks.stored(matter_id).version, "note": "同意送审。"}
    assert "王建国（何军代办中）" in enter(bureau.drafter).get(f"/matters/{matter_id}").text
    refused = client.post(f"/matters/{matter_id}/moves", data=data)
    assert refused.status_code == 403, "in his own name it is not his"
    assert client.post(f"/matters/{matter_id}/moves", data=data | {"for": bureau.head.id}).status_code == 303
    assert (last(matter_id).actor_id, last(matter_id).principal_id) == (bureau.officer.id, bureau.head.id)
    for address in (f"/matters/{matter_id}", f"/matters/{matter_id}/form"):
        assert "何军（代王建国）" in enter(bureau.drafter).get(address).text
    assert "何军（代王建国）" in enter(bureau.reviewer).get("/notices").text


def test_a_drag_by_the_stand_in_opens_the_form_that_says_for_whom(bureau, enter):
    granted(bureau.head, bureau.officer)
    matter_id = at_the_head(bureau)
    client = enter(bureau.officer)
    columns = client.get(f"/matters/{matter_id}/moves", headers={"Accept": "application/json"}).json["columns"]
    drop = columns["office_review"]
    assert drop["move"] is None and "（代王建国）" in drop["title"]
    assert "您正在代王建国办理" in client.get(drop["url"]).text


def test_the_same_move_sent_twice_for_another_is_made_once(bureau, enter):
    granted(bureau.head, bureau.officer)
    matter_id = at_the_head(bureau)
    data = {"move": "unit_pass_ordinary", "version": desks.stored(matter_id).version, "note": "同意。",
            "for": bureau.head.id}
    client = enter(bureau.officer)
    assert [client.post(f"/matters/{matter_id}/moves", data=data).status_code for _ in range(2)] == [303, 303]
    assert client.post(f"/matters/{matter_id}/moves", data=data | {"for": ""}).status_code == 409


def test_the_text_is_edited_for_the_drafter_and_both_stand_in_the_record(bureau, enter):
    granted(bureau.drafter, bureau.officer)
    matter_id = opened(bureau.drafter, ORDINARY)
    client = enter(bureau.officer)
    page = client.get(f"/matters/{matter_id}/edit").text
    assert "署名为“何军（代林晓）”" in page
    data = ORDINARY | {"title": "关于开展户外广告专项整治的通知", "body": "新的正文。", "version": 1,
                       "for": bureau.drafter.id}
    assert client.post(f"/matters/{matter_id}/edit", data=data).status_code == 303
    assert (last(matter_id).actor_id, last(matter_id).principal_id) == (bureau.officer.id, bureau.drafter.id)
    assert "修改稿纸或正文</b> 何军（代林晓）" in client.get(f"/matters/{matter_id}").text


def test_a_paper_signature_offers_the_stand_in_by_both_names(bureau, enter):
    granted(bureau.head, bureau.officer)
    matter_id = opened(bureau.drafter, ORDINARY | {"grade": "expedited"})
    moved(matter_id, "submit", bureau.drafter)
    client = enter(bureau.drafter)
    page = client.get(f"/matters/{matter_id}/moves/unit_pass?medium=paper").text
    signer = f"{bureau.officer.id}-{bureau.head.id}"
    assert f'value="{signer}" required> 何军（代王建国）' in page
    sent = {"move": "unit_pass", "medium": "paper", "version": desks.stored(matter_id).version, "note": "同意。",
            "signer": signer, "on": clock.today().isoformat(), "instruction": "当面签字"}
    assert client.post(f"/matters/{matter_id}/moves", data=sent).status_code == 303
    printed = enter(bureau.drafter).get(f"/matters/{matter_id}/form").text
    assert "何军（代王建国）" in printed and "纸质·林晓代录" in printed


def test_whose_delegation_has_ended_is_told_so(bureau, enter):
    granted(bureau.drafter, bureau.colleague)
    matter_id = opened(bureau.drafter, ORDINARY)
    client = enter(bureau.colleague)
    enter(bureau.drafter).post("/account/delegations/1/end")
    sent = {"move": "submit", "version": 1, "for": bureau.drafter.id}
    answer = client.post(f"/matters/{matter_id}/moves", data=sent)
    assert answer.status_code == 403 and "您现在没有这位同志的授权代办" in answer.text
    assert desks.stored(matter_id).stage == "drafting"


def test_ten_days_ago_is_long_ago(bureau):
    """The list says which are over."""
    with db.transaction() as session:
        session.add(Delegation(principal_id=bureau.head.id, delegate_id=bureau.officer.id, reason="休假",
                               starts_at=clock.now() - timedelta(days=12), ends_at=clock.now() - timedelta(days=10),
                               created_by=bureau.head.id, created_at=clock.now() - timedelta(days=12)))
    with db.reading() as session:
        assert [granted.state(clock.now()) for granted in grants.of(session, bureau.head.id)] == ["over"]


def test_the_stand_in_begins_from_the_principals_matter_what_the_principal_may(bureau, enter):
    now = clock.now()
    course = received(bureau, now, due_on=(clock.today() + timedelta(days=30)).isoformat())
    granted(bureau.drafter, bureau.officer)
    client = enter(bureau.officer)
    page = client.get(f"/matters/{course.id}").text
    address = re.search(r'href="([^"]*extension-request[^"]*)">申请延期（代林晓）', page)[1].replace("&amp;", "&")
    assert "署名为“何军（代林晓）”" in client.get(address).text
    sent = {"from": course.id, "for": bureau.drafter.id, "reason": "雨雪影响施工。", "then": "send",
            "new_due": (clock.today() + timedelta(days=40)).isoformat()}
    assert client.post("/matters/new/extension-request", data=sent | {"for": ""}).status_code == 403
    assert client.post("/matters/new/extension-request", data=sent).status_code == 303
    child = course.children("extension_request")[0]
    assert (child.drafter_id, child.stage) == (bureau.drafter.id, "head_review")
    assert (last(child.id).actor_id, last(child.id).principal_id) == (bureau.officer.id, bureau.drafter.id)


def test_standing_in_costs_no_poll_a_query(bureau, enter):
    """The unchanged poll stays at three: who is there, which posts for whom, whether anything happened."""
    client = enter(bureau.officer)
    since = re.search("since=([^&\"]+)", client.get("/boards/outgoing-document").text)[1]
    granted(bureau.head, bureau.officer)
    with statements() as asked:
        assert client.get(f"/boards/outgoing-document/changes?since={since}").status_code == 204
    assert len([sql for sql in asked if sql.startswith("SELECT")]) == 3
