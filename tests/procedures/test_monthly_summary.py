"""月度工作总结和下月计划：撰写、审签、报综合科、退回重报、汇总、免报（JH-1, JH-2, TL12）。"""

from datetime import date

import pytest

from officeapp import db, engine, matters, signatures, visibility
from officeapp.decisions import Refused
from officeapp.workdays import ending_day
from tests.summaries import RULES, TEXT, collector, go, history, morning, opened, pass_days, refusal, stand_in, stored


@pytest.fixture
def gatherer(bureau):
    return collector(bureau)


@pytest.fixture
def summary(bureau, gatherer):
    """市容管理科's of November 2026, just opened."""
    return opened(bureau)["appearance"]


def test_JH_1_a_head_who_writes_it_himself_signs_it_in_one_move(bureau, gatherer, summary):
    sent = go(summary, bureau.head, "sign_off", "2026-11-18", **TEXT)
    assert sent.stage == "collection" and sent.values["plan"] == TEXT["plan"]
    assert go(sent, gatherer, "accept", "2026-11-19").stage == "filed"
    assert stored(summary).closed


def test_JH_2_a_writer_who_is_named_is_no_change_behind_the_record(bureau, summary):
    named = go(summary, bureau.head, "name_reporter", "2026-11-16", reporter=bureau.drafter.id)
    with db.reading() as session:
        assert not signatures.altered(session, matters.find(session, named.id))


def test_JH_2_the_head_names_a_writer_and_signs_what_he_wrote(bureau, summary):
    assert refusal(summary, bureau.drafter, "submit", "2026-11-16", **TEXT).status == 403
    named = go(summary, bureau.head, "name_reporter", "2026-11-16", reporter=bureau.drafter.id)
    assert {(t.person_id, t.post_id) for t in named.tasks if t.state == "open"} == {
        (bureau.drafter.id, None), (None, bureau.head.posts[0].id)}
    assert go(summary, bureau.drafter, "submit", "2026-11-17", **TEXT).stage == "head_review"
    assert refusal(summary, bureau.drafter, "head_pass", "2026-11-17", **TEXT).status == 403
    mended = TEXT | {"plan": "另增一项：排查店招。"}
    sent = go(summary, bureau.head, "head_pass", "2026-11-18", **mended)
    assert (sent.stage, sent.values["plan"]) == ("collection", "另增一项：排查店招。")


def test_JH_1_both_parts_are_wanted_and_whoever_did_not_write_cannot_sign(bureau, summary):
    refused = refusal(summary, bureau.head, "sign_off", "2026-11-18", summary="办结投诉31件。")
    assert refused.fields == {"plan": "请填写“下月工作计划”。"}
    assert refusal(summary, bureau.colleague, "sign_off", "2026-11-18", **TEXT).status == 403
    assert refusal(summary, bureau.lawyer, "sign_off", "2026-11-18", **TEXT).status == 403


def test_JH_1_nobody_begins_one_by_hand(bureau):
    with pytest.raises(Refused, match="不能单独建立，到时由系统发给各单位"), db.transaction() as session:
        values = {"title": "自建", "unit": bureau.units["appearance"], "due_on": "2026-11-20"}
        engine.open_matter(session, "monthly_summary", bureau.head, values, now=morning("2026-11-18"))


def test_JH_1_it_is_in_time_until_the_end_of_the_day_and_a_return_does_not_make_it_late(bureau, gatherer, summary):
    go(summary, bureau.head, "sign_off", "2026-11-20", **TEXT)
    assert not [d for d in stored(summary).deadlines if d.state == "open"]
    assert refusal(summary, gatherer, "collection_return", "2026-11-23", note="").fields.keys() == {"note"}
    back = go(summary, gatherer, "collection_return", "2026-11-23", note="没有数字，请补充。")
    assert (back.stage, back.returns) == ("rework", 1)
    assert ending_day(back.due_at) == date(2026, 11, 25), "two working days for mending it (JH-2)"
    again = go(summary, bureau.head, "sign_again", "2026-11-24", **TEXT)
    assert (again.stage, again.due_at) == ("collection", None)
    cycle = next(d for d in stored(summary).deadlines if d.scope == "cycle")
    assert cycle.met_at < cycle.due_at


def test_JH_2_what_came_back_goes_past_the_head_again(bureau, gatherer, summary):
    go(summary, bureau.head, "name_reporter", "2026-11-16", reporter=bureau.drafter.id)
    go(summary, bureau.drafter, "submit", "2026-11-17", **TEXT)
    assert refusal(summary, bureau.head, "head_return_again", "2026-11-17").status == 422
    assert go(summary, bureau.head, "head_return", "2026-11-17", note="补数字。").stage == "writing"
    go(summary, bureau.drafter, "submit", "2026-11-18", **TEXT)
    go(summary, bureau.head, "head_pass", "2026-11-18", **TEXT)
    go(summary, gatherer, "collection_return", "2026-11-19", note="计划没有时间。")
    assert go(summary, bureau.drafter, "resubmit", "2026-11-19", **TEXT).stage == "head_review"
    assert refusal(summary, bureau.head, "head_return", "2026-11-19").status == 422
    assert go(summary, bureau.head, "head_return_again", "2026-11-20", note="还没写。").stage == "rework"


def test_JH_1_the_collector_excuses_a_section_with_a_reason_and_nobody_else_does(bureau, gatherer, summary):
    assert refusal(summary, bureau.head, "writing_excuse", "2026-11-16").status == 403
    assert "note" in refusal(summary, gatherer, "writing_excuse", "2026-11-16", note="").fields
    excused = go(summary, gatherer, "writing_excuse", "2026-11-16", note="本月并入指挥中心。")
    assert (excused.stage, excused.closed) == ("excused", True)


def test_JH_1_no_reminder_follows_once_it_is_sent(bureau, summary):
    go(summary, bureau.head, "sign_off", "2026-11-16", **TEXT)
    pass_days("2026-11-17", "2026-11-30")
    assert not history(summary, "reminded")


def test_JH_1_an_empty_collecting_post_is_said_when_it_is_to_be_sent(bureau):
    alone = opened(bureau)["appearance"]
    refused = refusal(alone, bureau.head, "sign_off", "2026-11-18", **TEXT)
    assert "本局还没有人担任「综合科」" in refused.sentence and stored(alone).stage == "writing"


def test_JH_1_who_stands_in_for_the_head_signs_in_his_name(bureau, summary):
    face = stand_in(bureau.head, bureau.colleague, "2026-11-18")
    go(summary, face, "sign_off", "2026-11-18", **TEXT)
    signed = history(summary, "moved")[0]
    assert (signed.actor_id, signed.principal_id) == (bureau.colleague.id, bureau.head.id)


def test_who_sees_a_section_s_summary(bureau, gatherer, summary):
    names = ("head", "drafter", "colleague", "deputy", "chief", "director", "other_deputy", "lawyer", "officer",
             "admin")
    with db.reading() as session:
        assert matters.find(session, summary.id).kind == RULES.kind
        sees = {name: visibility.may_see(session, getattr(bureau, name), summary.id) for name in names}
        assert visibility.may_see(session, gatherer, summary.id), "before it is sent, too"
    own = ("head", "drafter", "colleague", "deputy", "chief", "director")
    assert sees == {name: name in own for name in names}
