"""发文 by the secretariat's rulebook (S2-P): leaders in turn, the chief last, two consents for the seal."""

from tests.procedures.walking import ARCHIVED, Walk

KEPT = {"kept_originals": True, "kept_sheet": True, "kept_copies": True, "kept_text": True}
NUMBERED = {"series": "临综法发", "copies": 20, "print_standard": "A4纸双面，左侧装订"}
PATH = ["drafting", "unit_review", "vetting", "office_review", "revision", "filing", "approval", "rechecking",
        "leaders_check", "signing", "numbering", "proof_printing", "proof_check", "printing", "seal_consent", "sealing",
        "distribution", "archiving", "archived"]


def at_approval(bureau, now, **values):
    walk = Walk("secretariat", bureau.drafter, now, **values)
    walk.go(bureau.drafter, "submit")
    walk.go(bureau.head, "unit_pass")
    walk.go(bureau.deputy, "vet_pass")
    walk.go(bureau.reviewer, "office_pass")
    walk.go(bureau.drafter, "revise")
    walk.go(bureau.clerk, "file")
    return walk


def at_rechecking(bureau, now, **values):
    walk = at_approval(bureau, now, **values)
    walk.go(bureau.deputy, "approve")
    walk.go(bureau.secretary, "approve")
    return walk


def sign(walk, bureau):
    walk.go(bureau.reviewer, "recheck_pass")
    walk.go(bureau.deputy, "check_pass")
    return walk.go(bureau.chief, "sign")


def print_it(walk, bureau):
    walk.go(bureau.clerk, "number", **NUMBERED)
    walk.go(bureau.drafter, "proof_print")
    walk.go(bureau.reviewer, "proof_pass")
    return walk.go(bureau.drafter, "print")


def seal(walk, bureau, channel="intranet", note=""):
    walk.go(bureau.chief, "consent")
    walk.go(bureau.secretary, "consent")
    return walk.go(bureau.keeper, "seal", note=note, sealed_on="2026-11-02", channel=channel)


def test_a_notice_runs_from_drafting_to_the_archive_S2_P(bureau, now):
    walk = at_rechecking(bureau, now)
    sign(walk, bureau)
    print_it(walk, bureau)
    seal(walk, bureau)
    walk.go(bureau.dispatcher, "distribute", distribution="各科室")
    done = walk.go(bureau.dispatcher, "archive", **ARCHIVED, **KEPT)
    assert done.closed and done.number == "临综法发〔2026〕1号"
    assert walk.path == PATH


def test_FW_44_the_leaders_approve_in_turn(bureau, now):
    walk = at_approval(bureau, now)
    assert walk.refusal(bureau.secretary, "approve").status == 403
    assert walk.go(bureau.deputy, "approve").stage == "approval"
    assert walk.refusal(bureau.deputy, "approve").status == 403
    assert walk.go(bureau.secretary, "approve").stage == "rechecking"


def test_FW_45_a_large_change_goes_back_to_the_unit_and_straight_to_the_recheck(bureau, now):
    walk = at_rechecking(bureau, now)
    walk.go(bureau.reviewer, "rechecking_return_to_revision", note="按领导意见作较大修改。")
    assert walk.go(bureau.drafter, "revision_straight_back").stage == "rechecking"


def test_FW_46_a_normative_document_must_be_reviewed_before_the_leaders_see_it_again(bureau, now):
    walk = at_rechecking(bureau, now, normative=True)
    assert "recheck_pass" not in walk.offered(bureau.reviewer)
    assert walk.go(bureau.reviewer, "recheck_to_legality").paused
    walk.attach("legal_opinion", bureau.lawyer)
    assert walk.go(bureau.lawyer, "legality_pass", note="已与法制机构沟通。").stage == "rechecking"
    assert sign(walk, bureau).frozen


def test_FW_47_the_chief_signs_last_and_nobody_reaches_him_past_the_secretariat(bureau, now):
    walk = Walk("secretariat", bureau.drafter, now)
    for actor in (bureau.drafter, bureau.head, bureau.deputy):
        walk.refusal(actor, "check_pass")
    walk = at_rechecking(bureau, now)
    walk.go(bureau.reviewer, "recheck_pass")
    assert walk.refusal(bureau.chief, "sign").sentence.startswith("事项现在「领导复核」")


def test_FW_48_the_unit_prints_only_what_the_secretariat_has_checked(bureau, now):
    walk = at_rechecking(bureau, now)
    sign(walk, bureau)
    walk.go(bureau.clerk, "number", **NUMBERED)
    assert walk.refusal(bureau.drafter, "print").status == 422
    walk.go(bureau.drafter, "proof_print")
    assert walk.refusal(bureau.drafter, "proof_pass").status == 403
    assert walk.go(bureau.reviewer, "proof_pass").holder.endswith("林晓")


def test_FW_49_the_seal_needs_the_chief_and_the_party_secretary_in_either_order(bureau, now):
    walk = at_rechecking(bureau, now)
    sign(walk, bureau)
    print_it(walk, bureau)
    assert walk.go(bureau.secretary, "consent").stage == "seal_consent"
    assert walk.refusal(bureau.keeper, "seal").status == 422
    assert walk.refusal(bureau.secretary, "consent").status == 403
    assert walk.go(bureau.chief, "consent").stage == "sealing"


def test_FW_50_paper_is_distributed_by_the_unit_and_needs_a_reason(bureau, now):
    walk = at_rechecking(bureau, now)
    sign(walk, bureau)
    print_it(walk, bureau)
    walk.go(bureau.chief, "consent")
    walk.go(bureau.secretary, "consent")
    sealed = {"sealed_on": "2026-11-02", "channel": "paper"}
    assert walk.refusal(bureau.keeper, "seal", **sealed).clause.rule == "FW-63"
    assert walk.go(bureau.keeper, "seal", note="报送单位没有内网。", **sealed).holder.endswith("林晓")


def test_GD_2_the_archive_takes_only_a_complete_set(bureau, now):
    walk = at_rechecking(bureau, now)
    sign(walk, bureau)
    print_it(walk, bureau)
    seal(walk, bureau)
    walk.go(bureau.dispatcher, "distribute", distribution="各科室")
    refused = walk.refusal(bureau.dispatcher, "archive", **ARCHIVED, **{**KEPT, "kept_copies": False})
    assert "纸介公文2份" in refused.sentence
