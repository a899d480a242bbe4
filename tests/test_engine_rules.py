"""Each refusal with its sentence and its clause, on SQLite and on PostgreSQL."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from officeapp import attachments, db, decisions, engine, matters, options
from officeapp.attachments import Attachment
from officeapp.decisions import Refused, Stale
from officeapp.desks import Paper
from officeapp.outbox import Message
from officeapp.people import Holding
from tests import conftest
from tests.procedures.walking import BODY, Walk

NUMBERED = {"series": "临综法发", "copies": 12}


@pytest.fixture
def office(either_database):
    """The tests' bureau in either database."""
    return conftest.seeded()


def at_office(b, now, **values):
    """An ordinary document that the head has passed to the office."""
    walk = Walk("lucheng-2019", b.drafter, now, **values)
    walk.go(b.drafter, "submit")
    walk.go(b.head, "unit_pass_ordinary")
    return walk


def signed(b, now, **values):
    walk = at_office(b, now, **values)
    walk.go(b.reviewer, "office_pass_ordinary")
    walk.go(b.deputy, "sign")
    return walk


def edit(walk, actor, body=None, **values):
    with db.transaction() as session:
        version = session.get(matters.Matter, walk.id).version
        engine.edit(session, walk.id, actor, values, body, version=version, now=walk.now)


def attach(walk, actor, kind="attachment"):
    with db.transaction() as session:
        session.add(Attachment(matter_id=walk.id, kind=kind, sha256="0" * 64, name="材料.pdf", mime="application/pdf",
                               size=1, uploader_id=actor.id, at=walk.now))
        engine.text_changed(session, matters.lock(session, walk.id), actor, "attached", "材料.pdf", walk.now)


def refused(call, *given, **named) -> Refused:
    with pytest.raises(Refused) as caught:
        call(*given, **named)
    return caught.value


def stage_limit(walk):
    with db.reading() as session:
        return [(d.n, d.unit) for d in matters.deadlines_of(session, walk.id, "open") if d.scope != "cycle"]


def test_GEN_1_the_wrong_person_hears_who_holds_it(office, now):
    walk = Walk("lucheng-2019", office.drafter, now)
    walk.go(office.drafter, "submit")
    refusal = walk.refusal(office.colleague, "unit_pass_ordinary")
    assert "王建国" in refusal.sentence and "您现在不是这一环节的办理人" in refusal.sentence
    assert (refusal.status, refusal.clause.rule) == (403, "FW-3")


def test_GEN_1_an_administrator_does_no_business(office, now):
    walk = Walk("lucheng-2019", office.drafter, now)
    assert "管理员不办理业务" in walk.refusal(office.admin, "submit").sentence
    assert refused(Walk, "lucheng-2019", office.admin, now).status == 403


def test_FW_14_the_drafting_unit_cannot_drop_a_document_on_the_chief(office, now):
    walk = Walk("lucheng-2019", office.drafter, now, grade="expedited")
    with db.reading() as session:
        matter = session.get(matters.Matter, walk.id)
        refusal = decisions.undeclared(engine.case(session, matter), [matter.rules.stage("signing")])
    assert "起草科室不得直接递交领导" in refusal.sentence and refusal.clause.rule == "FW-14"
    for somebody in (office.drafter, office.head, office.deputy, office.chief):
        assert walk.refusal(somebody, "office_pass").status == 422
    assert walk.state.stage == "drafting"


def test_FW_14_at_the_office_too_only_the_office_sends_it_to_the_signer(office, now):
    walk = at_office(office, now)
    for somebody in (office.drafter, office.head, office.deputy):
        assert walk.refusal(somebody, "office_pass_ordinary").status == 403


def test_FW_14_what_the_signer_returned_to_the_drafter_goes_through_the_office_again(office, now):
    walk = at_office(office, now)
    walk.go(office.reviewer, "office_pass_ordinary")
    walk.go(office.deputy, "signing_return_to_drafting", "请补充依据。")
    refusal = walk.refusal(office.drafter, "drafting_straight_back")
    assert refusal.clause.rule == "FW-14" and "请先送办公室审核" in refusal.sentence


@pytest.mark.parametrize("genre", ["请示", "报告"])
def test_FW_2_what_goes_upward_is_no_ordinary_document(office, now, genre):
    refusal = refused(Walk, "lucheng-2019", office.drafter, now, genre=genre)
    assert "不能作为普通件" in refusal.sentence and refusal.clause.rule == "FW-2"
    walk = Walk("lucheng-2019", office.drafter, now, genre=genre, grade="expedited")
    assert refused(edit, walk, office.drafter, grade="ordinary").clause.rule == "FW-2"


def test_FW_16_no_number_before_the_signature(office, now):
    walk = at_office(office, now)
    refusal = walk.refusal(office.clerk, "number", **NUMBERED)
    assert "「办公室审核」环节，不能办理「编号登记」" in refusal.sentence and refusal.clause.rule == "FW-16"
    assert not walk.state.number


def test_FW_15_nobody_changes_the_text_after_signing(office, now):
    walk = signed(office, now)
    for somebody in (office.drafter, office.reviewer, office.clerk, office.deputy):
        refusal = refused(edit, walk, somebody, "一、另一个总体要求")
        assert "已经签发" in refusal.sentence and refusal.clause.rule == "FW-15"


def test_FW_15_an_attachment_is_part_of_what_was_signed(office, now):
    walk = signed(office, now)
    assert refused(attach, walk, office.clerk).clause.rule == "FW-15"
    attach(walk, office.clerk, "scan")
    assert walk.go(office.clerk, "number", **NUMBERED).number


def test_FW_18_a_returned_document_is_signed_anew_before_it_goes_on(office, now):
    walk = signed(office, now)
    walk.go(office.clerk, "number", **NUMBERED)
    number = walk.state.number
    walk.go(office.clerk, "proofreading_return_to_office_review", "有错字。")
    edit(walk, office.reviewer, BODY + "改一字")
    assert not walk.state.frozen
    assert "重新报签发人批准" in walk.refusal(office.reviewer, "office_review_straight_back").sentence
    walk.go(office.reviewer, "office_pass_ordinary")
    walk.go(office.deputy, "sign")
    assert walk.go(office.clerk, "number", copies=3).number == number


def test_the_second_of_two_people_hears_409(office, now):
    walk = Walk("lucheng-2019", office.drafter, now)
    walk.go(office.drafter, "submit")
    with pytest.raises(Stale) as late, db.transaction() as session:
        engine.move(session, walk.id, "unit_pass_ordinary", office.head, version=1, now=now)
    assert late.value.status == 409 and "刚才已办理" in late.value.sentence


def test_the_version_is_read_under_the_lock(office, now):
    """What a session had read before it waited for the lock must not decide."""
    walk = Walk("lucheng-2019", office.drafter, now)
    with db.reading() as session:
        stale = session.get(matters.Matter, walk.id)
        session.rollback()
        walk.go(office.drafter, "submit")
        assert matters.lock(session, walk.id) is stale and stale.version == 2


def test_FW_13_a_return_asks_for_its_reason(office, now):
    walk = at_office(office, now)
    for note in ("", "   "):
        refusal = walk.refusal(office.reviewer, "office_review_return_to_drafting", note)
        assert "要写明意见或理由" in refusal.sentence and refusal.clause.rule == "FW-13"
        assert refusal.fields["note"]


def test_FW_12_a_legal_review_that_was_withdrawn_or_sent_back_has_not_been_made(office, now):
    walk = Walk("lucheng-2019", office.drafter, now, normative=True)
    walk.go(office.drafter, "submit")
    walk.go(office.head, "unit_to_legality")
    walk.go(office.head, "legality_review_withdraw", "先改。")
    assert walk.refusal(office.head, "unit_pass_ordinary").status == 422
    walk.go(office.head, "unit_to_legality")
    walk.go(office.lawyer, "legality_review_return_to_unit_review", "依据不足。")
    assert walk.refusal(office.head, "unit_pass_ordinary").status == 422
    assert walk.go(office.head, "unit_review_straight_back").stage == "legality_review"


def test_FW_11_vetting_that_was_withdrawn_has_not_been_made(office, now):
    walk = at_office(office, now)
    edit(walk, office.reviewer, grade="expedited")
    allow_online()
    walk.go(office.reviewer, "office_to_vetting")
    walk.go(office.reviewer, "vetting_withdraw", "送错了。")
    refusal = walk.refusal(office.reviewer, "office_pass")
    assert "已经分管领导审阅" in refusal.sentence or "审阅审查齐备" in refusal.sentence


def test_FW_11_another_grade_closes_the_short_way_back_to_the_signer(office, now):
    allow_online()
    walk = at_office(office, now)
    walk.go(office.reviewer, "office_pass_ordinary")
    walk.go(office.deputy, "signing_return_to_office_review", "应作平急件。")
    edit(walk, office.reviewer, grade="expedited")
    assert walk.refusal(office.reviewer, "office_review_straight_back").status == 422
    assert walk.go(office.reviewer, "office_to_vetting").stage == "vetting"


def allow_online():
    with db.transaction() as session:
        options.choose(session, "important_grades_online", True)


def test_withdrawing_ends_when_the_next_desk_has_put_its_hand_to_it(office, now):
    walk = Walk("lucheng-2019", office.drafter, now)
    walk.go(office.drafter, "submit")
    attach(walk, office.head, "scan")
    refusal = walk.refusal(office.drafter, "unit_review_withdraw", "我再改改。")
    assert "在对方办理之前可以撤回" in refusal.sentence and refusal.status == 403


def test_an_emptied_text_goes_no_further(office, now):
    walk = at_office(office, now)
    edit(walk, office.reviewer, "")
    assert "正文还是空的" in walk.refusal(office.reviewer, "office_pass_ordinary").sentence


def test_TL11_another_grade_sets_the_drafting_limit_anew(office, now):
    walk = Walk("lucheng-2019", office.drafter, now)
    assert stage_limit(walk) == [(24, "hour")]
    edit(walk, office.drafter, grade="expedited")
    assert stage_limit(walk) == [(3, "day")]
    edit(walk, office.drafter, grade="urgent")
    assert stage_limit(walk) == []
    edit(walk, office.drafter, grade="ordinary")
    assert stage_limit(walk) == [(24, "hour")]


def test_TL1_a_voided_matter_owes_nothing_and_its_pause_is_over(office, now):
    walk = Walk("lucheng-2019", office.drafter, now, normative=True)
    walk.go(office.drafter, "submit")
    walk.go(office.head, "unit_to_legality")
    walk.go(office.head, "legality_review_withdraw", "不发了。")
    walk.go(office.director, "unit_review_void", "不宜发文。")
    with db.reading() as session:
        assert not matters.deadlines_of(session, walk.id, "open", "paused")
        assert all(ended for d in matters.deadlines_of(session, walk.id) for _, ended in d.pauses)


def test_FW_44_the_next_in_turn_is_told_when_the_first_has_signed(office, now):
    walk = at_approval(office, now)
    walk.go(office.deputy, "approve")
    with db.reading() as session:
        told = session.scalars(select(Message).where(Message.person_id == office.secretary.id)).all()
    assert len(told) == 1 and walk.state.holder.endswith("郑书记")


def at_approval(b, now):
    walk = Walk("secretariat", b.drafter, now)
    steps = (("drafter", "submit"), ("head", "unit_pass"), ("deputy", "vet_pass"), ("reviewer", "office_pass"),
             ("drafter", "revise"), ("clerk", "file"))
    for who, key in steps:
        walk.go(getattr(b, who), key)
    return walk


def test_FW_44_the_second_in_turn_waits_and_nobody_withdraws_after_the_first(office, now):
    walk = at_approval(office, now)
    assert walk.refusal(office.secretary, "approve").status == 403
    walk.go(office.deputy, "approve")
    assert walk.refusal(office.clerk, "approval_withdraw", "等等。").status == 403
    assert walk.refusal(office.deputy, "approve").status == 403
    walk.go(office.secretary, "approval_return_to_revision", "请精简。")
    assert walk.go(office.drafter, "revision_straight_back").stage == "approval"
    assert walk.offered(office.deputy) >= {"approve"} and "approve" not in walk.offered(office.secretary)


def test_FW_3_only_whose_turn_it_is_may_have_signed_and_only_on_a_possible_day(office, now):
    walk = Walk("lucheng-2019", office.drafter, now, grade="expedited")
    walk.go(office.drafter, "submit")
    for signer, day in ((office.deputy, 0), (office.head, 1), (office.head, -1)):
        paper = Paper(signer.id, walk.now.date() + timedelta(days=day))
        refusal = refused(walk.go, office.drafter, "unit_pass", paper=paper)
        assert refusal.fields
    assert refused(walk.go, office.colleague, "unit_pass", paper=Paper(office.head.id, walk.now.date())).status == 403


def test_FW_3_the_scan_of_a_signature_belongs_to_the_same_matter(office, now):
    other = Walk("lucheng-2019", office.officer, now)
    other.attach("scan", office.officer)
    with db.reading() as session:
        [foreign] = attachments.attachments_of(session, other.id)
    walk = Walk("lucheng-2019", office.drafter, now, grade="expedited")
    walk.go(office.drafter, "submit")
    paper = Paper(office.head.id, walk.now.date(), scan_id=foreign.id)
    assert "扫描件" in refused(walk.go, office.drafter, "unit_pass", paper=paper).sentence


def test_an_empty_role_refuses_the_move_and_keeps_nothing_half_done(office, now):
    walk = signed(office, now)
    walk.go(office.clerk, "number", **NUMBERED)
    with db.transaction() as session:
        session.execute(delete(Holding).where(Holding.person_id == office.dispatcher.id))
    refusal = walk.refusal(office.clerk, "proofread")
    assert "还没有人担任「办公室内勤」" in refusal.sentence and refusal.clause
    assert walk.state.stage == "proofreading" and walk.state.holder.endswith("陈文书")


def test_a_closed_matter_stays_as_it_is(office, now):
    walk = Walk("lucheng-2019", office.drafter, now)
    walk.go(office.drafter, "drafting_void", "不发了。")
    assert "本件已作废，" in refused(edit, walk, office.drafter, "一、再写").sentence
    assert "本件已作废，" in refused(attach, walk, office.drafter).sentence
    assert not walk.offered(office.drafter) and not walk.offered(office.director)


def test_a_form_keeps_only_the_drafters_own_fields(office, now):
    walk = Walk("lucheng-2019", office.drafter, now)
    edit(walk, office.drafter, series="临综法函", invented="x")
    with db.reading() as session:
        values = session.get(matters.Matter, walk.id).values
    assert "invented" not in values and "series" not in values


@pytest.mark.parametrize("blank", ["", "   ", "\u3000"])
def test_FW_10_a_title_of_blanks_is_none(office, now, blank):
    refusal = refused(Walk, "lucheng-2019", office.drafter, now, title=blank)
    assert "标题" in refusal.fields["title"]


def test_a_move_that_was_never_declared_does_not_exist(office, now):
    walk = Walk("lucheng-2019", office.drafter, now)
    assert "规程里没有这个办理动作" in walk.refusal(office.drafter, "drafting_to_archived").sentence
