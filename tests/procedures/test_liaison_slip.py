"""联系单：发出、接收、办理、反馈、办结反馈（LX-1 … LX-8, TL6）。"""

from datetime import date

import pytest

from officeapp import db, engine, matters, supervision, visibility
from officeapp.decisions import Refused
from officeapp.people import Person
from officeapp.supervision import Contact
from officeapp.web import move_forms
from officeapp.workdays import ending_day
from tests.procedures.supervising import ORDER, SLIP, Course, add_inspectors

DONE = {"feedback": "已清理23处。", "done_on": "2026-11-06"}


def sent(bureau, now, **values) -> Course:
    """Drafted by 市容管理科, signed by its head, on the desk of 南门中队."""
    course = Course("liaison_slip", bureau.drafter, now, **SLIP | {"to_unit": bureau.units["south"]} | values)
    course.go(bureau.drafter, "submit")
    course.go(bureau.head, "send")
    return course


def accepted(bureau, now, **values) -> Course:
    course = sent(bureau, now, **values)
    course.go(bureau.captain, "accept", received_by="system", received_on=now.date().isoformat(),
              responsible=bureau.officer.id)
    return course


def answered(bureau, now, done_on="2026-11-06", **values) -> Course:
    course = accepted(bureau, now, **values)
    course.now = course.now.replace(day=17)
    course.go(bureau.officer, "answer", **DONE | {"done_on": done_on})
    course.go(bureau.captain, "reply")
    return course


def test_LX_1_a_slip_goes_from_one_unit_to_another_and_back(bureau, now):
    course = answered(bureau, now, due_on="2026-11-09")
    course.go(bureau.head, "judge", outcome="early")
    course.go(bureau.drafter, "archive", archived_on="2026-11-17", period="D10")
    path = [event.target for event in course.events("moved")]
    assert path == ["sender_sign", "receipt", "handling", "receiver_sign", "outcome", "archiving", "archived"]


def test_LX_1_a_slip_to_one_s_own_unit_is_refused(bureau, now):
    with pytest.raises(Refused, match="不能是本单位"):
        Course("liaison_slip", bureau.drafter, now, **SLIP, to_unit=bureau.units["appearance"])


@pytest.mark.parametrize(("asked", "due"), [("", date(2026, 11, 9)), ("2026-11-13", date(2026, 11, 13))])
def test_TL6_the_day_asked_for_else_five_working_days_from_the_sending(bureau, now, asked, due):
    cycle = next(d for d in sent(bureau, now, due_on=asked).matter.deadlines if d.scope == "cycle")
    assert ending_day(cycle.due_at) == due


def test_TL6_the_days_of_drafting_do_not_count_against_the_receiver(bureau, now):
    course = Course("liaison_slip", bureau.drafter, now, **SLIP, to_unit=bureau.units["south"])
    assert not course.matter.deadlines


def test_TL6_a_slip_taken_back_counts_from_when_it_is_sent_again(bureau, now):
    course = sent(bureau, now)
    course.go(bureau.head, "receipt_withdraw", note="要求没有写清。")
    assert not [d for d in course.matter.deadlines if d.state == "open"]
    course.until("2026-11-05")
    course.go(bureau.head, "send")
    assert ending_day(cycle(course).due_at) == date(2026, 11, 12)  # 6, 9, 10, 11, 12 November


def sees(course, *people) -> list[bool]:
    with db.reading() as session:
        return [visibility.may_see(session, person, course.id) for person in people]


def test_LX_3_a_slip_taken_back_is_the_sender_s_alone_and_of_who_had_it_on_his_desk(bureau, now):
    course = sent(bureau, now)
    assert sees(course, bureau.captain, bureau.officer, bureau.other_deputy) == [True] * 3
    course.go(bureau.head, "receipt_withdraw", note="要求没有写清。")
    assert sees(course, bureau.captain, bureau.officer, bureau.other_deputy) == [True, False, False]
    assert course.matter.unit_id == bureau.units["appearance"], "its figures and its deputy are the sender's again"
    with db.transaction() as session:
        form = {"to_unit": bureau.units["legal"]}
        engine.edit(session, course.id, bureau.head, form, None, version=course.matter.version, now=course.now)
    course.go(bureau.head, "send")
    assert course.matter.unit_id == bureau.units["legal"]
    assert sees(course, bureau.lawyer, bureau.officer) == [True, False]


def test_LX_4_a_slip_sent_back_by_the_sender_runs_again_and_its_days_with_the_sender_do_not_count(bureau, now):
    course = accepted(bureau, now)
    course.go(bureau.officer, "answer", **DONE | {"done_on": "2026-11-02"})
    course.go(bureau.captain, "reply")
    assert cycle(course).state == "met"
    course.until("2026-11-04")
    course.go(bureau.head, "outcome_return_to_handling", note="还有三处没有清理。")
    assert (cycle(course).state, ending_day(cycle(course).due_at)) == ("open", date(2026, 11, 11))
    course.until("2026-11-12")
    assert [e.data["rung"] for e in course.events("reminded") if e.data["scope"] == "cycle"] == [
        "before_1", "on_the_day", "overdue"]


def cycle(course):
    return [d for d in course.matter.deadlines if d.scope == "cycle"][-1]


def test_LX_4_who_cannot_answer_in_time_gives_reasons_and_a_plan(bureau, now):
    course = accepted(bureau, now)
    refused = course.refusal(bureau.officer, "explain", explanation="摊贩阻挠。")
    assert refused.fields == {"plan": "请填写“下步工作安排”。"}
    matter = course.go(bureau.officer, "explain", explanation="摊贩阻挠。", plan="周五联合执法。")
    assert matter.stage == "handling"
    assert course.go(bureau.officer, "answer", **DONE | {"done_on": "2026-11-02"}).stage == "receiver_sign"


def test_LX_7_to_refuse_a_slip_needs_a_reason(bureau, now):
    course = sent(bureau, now)
    assert course.refusal(bureau.captain, "refuse", note=" ").clause.rule == "LX-7"
    course.go(bureau.captain, "refuse", note="不属本中队辖区。")
    course.go(bureau.head, "give_up")
    assert course.refusal(bureau.head, "judge", outcome="in_time").clause.rule == "LX-8"
    assert course.go(bureau.head, "judge", outcome="refused").stage == "archiving"


def test_LX_7_a_refused_slip_is_sent_up_at_once_and_goes_on_climbing(bureau, now):
    with db.transaction() as session:
        add_inspectors(session, bureau)
    course = sent(bureau, now)
    course.go(bureau.captain, "refuse", note="不属本中队辖区。")
    slip = course.children("prompt_slip")[0]
    assert slip.number == "督办提示〔2026〕1号" and "督办原因：拒绝接收：不属本中队辖区。" in slip.values["content"]
    assert slip.unit_id == bureau.units["south"] and course.events("escalated")[0].clause.endswith("二（三）3⑤")
    course.until("2026-11-16")  # due on the 9th, and nobody has settled it
    assert len(course.children("prompt_slip")) == 1 and len(course.children("supervision_notice")) == 1


def test_LX_5_who_sent_a_slip_sees_what_was_sent_up_for_it_and_an_order_made_of_it_not(bureau, now):
    """The sender supervises; an order that the office makes of it is no document of the ladder."""
    course = sent(bureau, now)
    course.go(bureau.captain, "refuse", note="不属本中队辖区。")
    slip = course.children("prompt_slip")[0]
    with db.transaction() as session:
        order = engine.open_from(session, course.id, "supervision_order", bureau.clerk, ORDER | {
            "lead_unit": bureau.units["south"], "assisting": []}, now=course.now).id
    with db.reading() as session:
        seen = {name: visibility.known_of(session, getattr(bureau, name), [slip.id, order]) for name in (
            "head", "drafter", "colleague", "captain", "lawyer")}
    assert seen == dict.fromkeys(("head", "drafter", "colleague", "captain"), {slip.id}) | {"lawyer": set()}
    course.go(bureau.captain, "answer", of=slip.id, measures="三日内清理。")
    with db.reading() as session:
        assert visibility.may_see(session, bureau.head, slip.id)


def test_LX_7_a_refused_slip_may_be_sent_again_and_is_sent_up_but_once(bureau, now):
    course = sent(bureau, now)
    course.go(bureau.captain, "refuse", note="不属本中队辖区。")
    assert course.refusal(bureau.head, "resend", note="").clause.rule == "LX-7"
    assert course.go(bureau.head, "resend", note="经分管领导协调，由南门中队办理。").stage == "receipt"
    assert course.go(bureau.captain, "refuse", note="仍不接收。").stage == "refused"
    assert len(course.children("prompt_slip")) == 1


def test_LX_7_a_refused_slip_that_is_settled_owes_no_answer_any_more(bureau, now):
    course = sent(bureau, now)
    course.go(bureau.captain, "refuse", note="不属本中队辖区。")
    course.go(bureau.head, "give_up")
    assert course.children("prompt_slip")[0].stage == "moot"


def test_LX_7_nobody_to_send_it_up_is_said_before_anything_changes(bureau, now):
    with db.transaction() as session:
        session.get_one(Person, bureau.director.id).active = False
    course = sent(bureau, now)
    assert "还没有人担任「办公室主任」" in course.refusal(bureau.captain, "refuse", note="不属本中队辖区。").sentence
    assert course.matter.stage == "receipt"


@pytest.mark.parametrize(("done_on", "outcome", "fits"), [
    ("2026-11-06", "early", True), ("2026-11-06", "in_time", True), ("2026-11-06", "late", False),
    ("2026-11-09", "early", False), ("2026-11-09", "in_time", True), ("2026-11-09", "late", False),
    ("2026-11-10", "early", False), ("2026-11-10", "in_time", False), ("2026-11-10", "late", True),
])
def test_LX_8_an_outcome_that_the_dates_contradict_is_refused(bureau, now, done_on, outcome, fits):
    course = answered(bureau, now, done_on=done_on)  # due 9 November, the fifth working day
    if fits:
        assert course.go(bureau.head, "judge", outcome=outcome).stage == "archiving"
    else:
        assert course.refusal(bureau.head, "judge", outcome=outcome).clause.rule == "LX-8"


@pytest.mark.parametrize(("done_on", "outcome"), [
    ("2026-11-06", "early"), ("2026-11-09", "in_time"), ("2026-11-10", "late")])
def test_LX_8_the_form_proposes_what_the_dates_say(bureau, now, done_on, outcome):
    course = answered(bureau, now, done_on=done_on)
    assert proposed(course, bureau.head) == outcome


def test_LX_8_the_form_proposes_refused_for_what_was_never_taken_on(bureau, now):
    course = sent(bureau, now)
    course.go(bureau.captain, "refuse", note="不属本中队辖区。")
    course.go(bureau.head, "give_up")
    assert proposed(course, bureau.head) == "refused"


def proposed(course, actor) -> str:
    """What stands in 办结反馈 when its form is opened."""
    with db.reading() as session:
        case = engine.case(session, matters.find(session, course.id))
        offer = next(o for o in engine.moves_open_to(session, case.matter, actor) if o.move.key == "judge")
        [entry] = move_forms.full(session, case, offer, (), course.now).needs
        return entry.value


def test_LX_8_only_the_sender_judges(bureau, now):
    assert answered(bureau, now).refusal(bureau.captain, "judge", outcome="early").status == 403


def test_LX_5_an_ignored_slip_climbs_the_ladder_across_a_make_up_weekend(bureau, now):
    with db.transaction() as session:
        add_inspectors(session, bureau)
    course = accepted(bureau, now.replace(month=9, day=18))  # Friday; Sunday the 20th is worked, 25–27 September is not
    cycle = next(d for d in course.matter.deadlines if d.scope == "cycle")
    assert ending_day(cycle.due_at) == date(2026, 9, 24)  # 20, 21, 22, 23, 24
    fired = []
    for day in ("2026-09-23", "2026-09-24", "2026-09-28", "2026-09-30", "2026-10-08", "2026-10-09"):
        course.until(day)
        fired.append([e.data["rung"] for e in course.events("reminded") if e.data["scope"] == "cycle"])
    assert fired[-1] == ["before_1", "on_the_day", "overdue", "prompt_slip", "notice"]
    assert [len(each) for each in fired] == [1, 2, 3, 4, 4, 5]
    notice = course.children("supervision_notice")[0]
    assert notice.number == "督办通知〔2026〕1号" and "超期5个工作日" in notice.values["content"]


def test_LX_5_a_call_is_written_down_and_stands_in_the_notice(bureau, now):
    with db.transaction() as session:
        add_inspectors(session, bureau)
    course = accepted(bureau, now)
    said = Contact("phone", "李强", "人手不足。", "周五再催。")
    with pytest.raises(Refused, match="督办由"), db.transaction() as session:
        supervision.contact(session, course.id, bureau.captain, said, now=course.now)
    with pytest.raises(Refused) as blank, db.transaction() as session:
        supervision.contact(session, course.id, bureau.head, said._replace(next_step=" "), now=course.now)
    assert list(blank.value.fields) == ["next_step"]
    marked = said._replace(said="正在办理\n" * 13 + "机密★一年")  # the notice would repeat it and be refused
    with pytest.raises(Refused, match="密级标志"), db.transaction() as session:
        supervision.contact(session, course.id, bureau.head, marked, now=course.now)
    with db.transaction() as session:
        supervision.contact(session, course.id, bureau.head, said, now=course.now)
    course.until("2026-11-17")
    assert "电话督催李强：人手不足。下一步：周五再催。" in course.children("supervision_notice")[0].values["content"]


def test_LX_5_the_sender_may_send_it_up_at_once_and_the_sweep_does_not_again(bureau, now):
    with db.transaction() as session:
        add_inspectors(session, bureau)
    course = accepted(bureau, now)
    given = {"version": course.matter.version, "now": course.now}
    with pytest.raises(Refused, match="要写明原因"), db.transaction() as session:
        supervision.escalate(session, course.id, bureau.head, "notice", " ", **given)
    with db.transaction() as session:
        supervision.escalate(session, course.id, bureau.head, "notice", "明确表示不办。", **given)
    with pytest.raises(Refused, match="已经发过"), db.transaction() as session:
        given["version"] += 1
        supervision.escalate(session, course.id, bureau.head, "notice", "再发。", **given)
    course.until("2026-11-20")
    assert len(course.children("supervision_notice")) == 1 and len(course.children("prompt_slip")) == 1


def test_LX_6_both_units_see_it_and_no_other(bureau, now):
    course = sent(bureau, now)
    names = ("drafter", "colleague", "officer", "captain", "lawyer", "deputy", "other_deputy")
    with db.reading() as session:
        sees = {name: visibility.may_see(session, getattr(bureau, name), course.id) for name in names}
    assert sees == {"drafter": True, "colleague": True, "officer": True, "captain": True, "lawyer": False,
                    "deputy": True, "other_deputy": True}
