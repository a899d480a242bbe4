"""工作移交 (GEN-1): who leaves hands everything on, and only then can be put out of office."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from officeapp import audit, clock, db, directory, engine, grants, handovers, matters, obligations, people
from officeapp.decisions import Refused
from officeapp.directory import Unfit
from officeapp.matters import Event, Matter, Task
from officeapp.outbox import Message
from tests import conftest, desks
from tests.desks import ORDINARY
from tests.procedures.supervising import REPORT, received
from tests.procedures.walking import Walk

KEPT = ("stage", "due_at", "values", "number", "text_hash", "frozen_hash", "visited", "unit_id", "stage_at")


@pytest.fixture
def office(either_database):
    return conftest.seeded()


def laden(office, now):
    """What hangs on the drafter: two drafts, one sent on, one come back, and a signature owed."""
    found = [Walk("lucheng-2019", office.drafter, now, title=f"关于第{n}件事的通知") for n in range(4)]
    found[2].go(office.drafter, "submit")
    found[3].go(office.drafter, "submit")
    found[3].go(office.head, "unit_review_return_to_drafting", "数字请核对。")
    other = Walk("lucheng-2019", office.officer, now)
    with db.transaction() as session:
        session.add(Task(matter_id=other.id, stage="drafting", purpose="sign_later", person_id=office.drafter.id,
                         opened_at=now))
    return [walk.id for walk in (*found, other)]


def pass_on(office, chosen, now, *, by=None, giver=None, receiver=None, reason="调离"):
    with db.transaction() as session:
        return handovers.hand_over(session, (giver or office.drafter).id, (receiver or office.colleague).id, chosen,
                                   reason, by=by or office.director, now=now)


def stored(ids):
    with db.reading() as session:
        return {n: {name: getattr(session.get(Matter, n), name) for name in (*KEPT, "holder", "version")} for n in ids}


def burden_of(actor):
    with db.reading() as session:
        return {each.matter.id: each.words for each in handovers.burdens(session, actor.id)}


def put_out(actor, office, now):
    with db.transaction() as session:
        person = session.get(people.Person, actor.id)
        directory.keep_person(session, person, account=person.account, name=person.name, unit_id=person.unit_id,
                              email="", phone="", active=False, by=office.admin, now=now)


def test_everything_passes_on_and_then_the_person_can_go(office, now):
    ids = laden(office, now)
    with pytest.raises(Unfit, match="由办公室主任在“工作移交”里移交"):
        put_out(office.drafter, office, now)
    before = stored(ids)
    assert pass_on(office, ids, now + timedelta(hours=1)) == 5
    after = stored(ids)
    for n in ids:
        assert {k: after[n][k] for k in KEPT} == {k: before[n][k] for k in KEPT}, "nothing but the person changes"
        assert after[n]["version"] == before[n]["version"] + 1
    holders = [after[n]["holder"] for n in ids[:3]]
    assert holders == ["市容管理科 · 赵琳", "市容管理科 · 赵琳", before[ids[2]]["holder"]]
    assert burden_of(office.drafter) == {}
    own = "待办、起草人"
    assert list(burden_of(office.colleague).values()) == [own, own, "起草人", own, "待办"]
    put_out(office.drafter, office, now)


def test_each_matter_tells_who_when_to_whom_and_why_and_the_record_holds(office, now):
    ids = laden(office, now)
    pass_on(office, ids, now + timedelta(hours=1))
    with db.reading() as session:
        for n in ids:
            *_, last = events = matters.history(session, n)
            assert (last.what, last.actor_id, last.note) == ("handed_over", office.director.id, "林晓移交赵琳：调离")
            assert (last.data["from"], last.data["to"]) == (office.drafter.id, office.colleague.id)
            assert engine.replay(events) == engine.stored_state(session.get(Matter, n))
    with db.reading() as session:
        assert list(audit.verify(session, audit.Tally())) == []
    with db.reading() as session:
        told = session.execute(select(Message.name, Message.subject).where(Message.key.startswith("handed_over"))).all()
    assert sorted(told) == [("林晓", "【工作移交】林晓移交赵琳5件"), ("赵琳", "【工作移交】林晓移交赵琳5件")]


def test_the_receiver_goes_on_with_it_and_what_is_sent_back_comes_to_him(bureau, now):
    ids = laden(bureau, now)
    pass_on(bureau, ids, now + timedelta(hours=1))
    later = now + timedelta(hours=2)
    desks.moved(ids[0], "submit", bureau.colleague, now=later)
    desks.moved(ids[0], "unit_review_return_to_drafting", bureau.head, note="请改。", now=later)
    with db.reading() as session:
        assert [task.person_id for task in matters.open_tasks(session, ids[0])] == [bureau.colleague.id]
    with pytest.raises(Refused):
        desks.moved(ids[0], "submit", bureau.drafter, now=later)


def test_who_was_handed_a_matter_just_sent_may_take_it_back(bureau, now):
    ids = laden(bureau, now)
    pass_on(bureau, [ids[2]], now + timedelta(hours=1))
    desks.moved(ids[2], "unit_review_withdraw", bureau.colleague, note="再改。", now=now + timedelta(hours=2))
    assert desks.stored(ids[2]).stage == "drafting"


def test_only_what_is_chosen_passes(bureau, now):
    ids = laden(bureau, now)
    pass_on(bureau, ids[:2], now)
    assert set(burden_of(bureau.drafter)) == set(ids[2:])
    with db.reading() as session:
        person = session.get(people.Person, bureau.drafter.id)
        assert "名下还有2件待办事项" in obligations.of_person(session, person, now)


def test_the_responsible_person_of_an_order_passes_on_with_his_name(bureau, now):
    """DB-4: who is named responsible for a unit is the one to whom it comes back."""
    course = received(bureau, now)
    assert burden_of(bureau.drafter) == {course.id: "待办、责任人"}
    pass_on(bureau, [course.id], course.now)
    assert course.matter.values["responsible"][str(bureau.units["appearance"])] == bureau.colleague.id
    assert course.matter.values["responsible"][str(bureau.units["south"])] == bureau.officer.id
    for person in (bureau.officer, bureau.lawyer):
        course.go(person, "contribute", contribution="已配合。")
    course.go(bureau.colleague, "report", report=REPORT)
    assert burden_of(bureau.drafter) == {}


@pytest.mark.parametrize("given, said, status", [
    ({"by": "head"}, "工作移交由办公室主任办理。", 403),
    ({"receiver": "drafter"}, "接办人不能是移交人本人，请另选。", 422),
    ({"receiver": "admin"}, "系统员已停用或者是管理员，不能接办业务事项。请另选。", 422),
    ({"reason": " "}, "请写明移交原因（200字以内），如调离、退休。", 422),
    ({"chosen": []}, "请至少选择一件要移交的事项。", 422),
    ({"chosen": [9999]}, "请至少选择一件要移交的事项。", 422),
])
def test_what_is_refused_changes_nothing(bureau, now, given, said, status):
    walk = Walk("lucheng-2019", bureau.drafter, now)
    folk = {k: getattr(bureau, v) for k, v in given.items() if k in ("by", "receiver")}
    with pytest.raises(Refused) as refused:
        pass_on(bureau, given.get("chosen", [walk.id]), now, **folk, reason=given.get("reason", "调离"))
    assert (refused.value.sentence, refused.value.status) == (said, status)
    assert set(burden_of(bureau.drafter)) == {walk.id}
    with db.reading() as session:
        assert session.scalar(select(Event.id).where(Event.what == "handed_over")) is None


def test_all_or_nothing_when_the_list_is_no_longer_true(bureau, now):
    ids = laden(bureau, now)
    desks.moved(ids[1], "drafting_void", bureau.drafter, note="不发了。", now=now)
    with pytest.raises(Refused, match="刚才有变化"):
        pass_on(bureau, ids, now)
    assert len(burden_of(bureau.drafter)) == 4


def test_who_stands_in_for_another_cannot_be_put_out_either(bureau, now):
    with db.transaction() as session:
        today = now.date()
        grants.grant(session, bureau.head.id, bureau.officer.id, today, today, "出差", by=bureau.head, now=now)
    with pytest.raises(Unfit, match="何军还要代王建国办理事项"):
        put_out(bureau.officer, bureau, now)
    put_out(bureau.officer, bureau, now + timedelta(days=1))


class TestPage:
    @pytest.fixture
    def enter(self, database, bureau, tmp_path):
        return desks.doors(database, tmp_path)

    def test_the_director_lists_chooses_and_hands_over(self, bureau, enter):
        one, two = (desks.opened(bureau.drafter, ORDINARY | {"title": f"关于第{n}件事的通知"}) for n in range(2))
        client = enter(bureau.director)
        assert "工作移交" in client.get("/").text
        assert "林晓（市容管理科）（2件）" in client.get("/handovers").text
        assert '<option value="">（请选择）' in client.get("/handovers").text, "nobody is chosen by not looking"
        page = client.get(f"/handovers?giver={bureau.drafter.id}").text
        assert "关于第0件事的通知" in page and "待办、起草人" in page
        data = {"giver": bureau.drafter.id, "receiver": "", "matter": [one], "reason": "调离"}
        refused = client.post("/handovers", data=data)
        assert refused.status_code == 422 and "请选择接办人，再移交。" in refused.text
        assert "请选择接办人。</p>" in refused.text, "beside the field"
        assert 'value="调离"' in refused.text
        assert client.post("/handovers", data=data | {"receiver": bureau.colleague.id}).status_code == 303
        assert set(burden_of(bureau.drafter)) == {two}
        shown = enter(bureau.colleague).get(f"/matters/{one}").text
        assert "林晓移交赵琳：调离" in shown and "林晓（赵琳接办）" in shown
        assert "【工作移交】林晓移交赵琳1件" in enter(bureau.drafter).get("/notices").text

    def test_two_hundred_matters_pass_in_one_transaction(self, bureau):
        ids = [desks.opened(bureau.drafter) for _ in range(200)]
        assert pass_on(bureau, ids, clock.now()) == 200
        assert burden_of(bureau.drafter) == {} and len(burden_of(bureau.colleague)) == 200
