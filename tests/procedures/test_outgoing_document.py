"""发文 by the default rulebook: 普通件 online (S1-OA) and 平急件 on paper (S1-paper)."""

import pytest

from officeapp import db, options
from tests.procedures.walking import ARCHIVED, Walk

PATH = ["drafting", "unit_review", "office_review", "signing", "numbering", "proofreading", "dispatch",
        "archiving", "archived"]
NUMBERED = {"series": "临综法发", "copies": 12}
ISSUED = {"sealed_on": "2026-11-02", "channel": "intranet", "distribution": "各科室、中队各一份"}


def issue(walk, bureau):
    walk.go(bureau.clerk, "number", **NUMBERED)
    walk.go(bureau.clerk, "proofread")
    walk.go(bureau.dispatcher, "issue", **ISSUED)
    return walk.go(bureau.dispatcher, "archive", **ARCHIVED)


def test_an_ordinary_document_runs_online_and_its_deputy_signs_it_S1_OA(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now)
    walk.go(bureau.drafter, "submit")
    walk.go(bureau.head, "unit_pass_ordinary")
    walk.go(bureau.reviewer, "office_pass_ordinary")
    assert walk.go(bureau.deputy, "sign").frozen
    assert issue(walk, bureau).number == "临综法发〔2026〕1号"
    assert walk.path == PATH and walk.state.closed


def expedited_at_the_chief(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now, grade="expedited", genre="请示")
    walk.go(bureau.drafter, "submit")
    walk.sign_on_paper(bureau.drafter, "unit_pass", bureau.head)
    walk.sign_on_paper(bureau.clerk, "vet_pass", bureau.deputy)
    walk.sign_on_paper(bureau.clerk, "office_pass", bureau.reviewer)
    return walk


def test_an_expedited_document_is_signed_on_paper_by_the_chief_S1_paper(bureau, now):
    walk = expedited_at_the_chief(bureau, now)
    walk.sign_on_paper(bureau.clerk, "sign", bureau.chief)
    issue(walk, bureau)
    assert walk.path == PATH[:2] + ["vetting"] + PATH[2:]


def test_FW_3_an_expedited_document_is_not_signed_online_unless_the_bureau_allows_it(bureau, now):
    walk = expedited_at_the_chief(bureau, now)
    assert "纸质签发流程" in walk.refusal(bureau.chief, "sign").sentence
    with db.transaction() as session:
        options.choose(session, "important_grades_online", True)
    assert walk.go(bureau.chief, "sign").frozen


@pytest.mark.parametrize("genre", ["请示", "报告"])
def test_FW_2_what_goes_upward_cannot_be_ordinary(bureau, now, genre):
    with pytest.raises(Exception, match="上行文") as refused:
        Walk("lucheng-2019", bureau.drafter, now, genre=genre)
    assert refused.value.clause.rule == "FW-2"


def test_FW_14_only_the_office_brings_a_document_to_the_signer(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now)
    for actor in (bureau.drafter, bureau.head, bureau.deputy):
        walk.refusal(actor, "office_pass_ordinary")
    walk.go(bureau.drafter, "submit")
    walk.go(bureau.head, "unit_pass_ordinary")
    for actor in (bureau.drafter, bureau.head):
        assert walk.refusal(actor, "office_pass_ordinary").status == 403
    assert walk.go(bureau.reviewer, "office_pass_ordinary").stage == "signing"


def test_FW_12_the_legal_review_pauses_the_cycle(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now, normative=True)
    walk.go(bureau.drafter, "submit")
    assert walk.go(bureau.head, "unit_to_legality").paused
    walk.attach("legal_opinion", bureau.lawyer)
    assert not walk.go(bureau.lawyer, "legality_pass", note="符合法定权限。").paused
