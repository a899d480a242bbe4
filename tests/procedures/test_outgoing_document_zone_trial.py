"""发文 by the zone's rulebook (S2-C): the chief signs everything, the lawyer reads after the signature."""

from tests.procedures.walking import ARCHIVED, Walk

OWN = {"phone": "0577-88001234", "drafted_on": "2026-11-02", "proofreader": "赵琳"}
REGISTERED = {"series": "临综法函", "copies": 8, "distribution": "市综合行政执法局"}
PATH = ["drafting", "unit_review", "office_review", "vetting", "signing", "rechecking", "registration", "printing",
        "sealing", "distribution", "archiving", "archived"]


def signed(bureau, now, **values):
    walk = Walk("zone-trial", bureau.drafter, now, **OWN, **values)
    walk.go(bureau.drafter, "submit")
    walk.go(bureau.head, "unit_pass")
    walk.go(bureau.director, "office_pass")
    walk.go(bureau.deputy, "vet_pass")
    walk.go(bureau.chief, "sign")
    return walk


def finish(walk, bureau):
    walk.go(bureau.clerk, "register", **REGISTERED)
    walk.go(bureau.drafter, "print")
    walk.go(bureau.keeper, "seal", sealed_on="2026-11-02")
    walk.go(bureau.dispatcher, "distribute", channel="paper")
    return walk.go(bureau.dispatcher, "archive", **ARCHIVED)


def test_a_notice_runs_the_eleven_steps_S2_C(bureau, now):
    walk = signed(bureau, now)
    assert "recheck_to_legality" not in walk.offered(bureau.reviewer)
    walk.go(bureau.reviewer, "recheck_pass")
    done = finish(walk, bureau)
    assert walk.path == PATH
    assert done.closed and done.number == "临综法函〔2026〕1号"


def test_FW_35_an_upward_document_goes_to_the_lawyer_after_the_recheck_and_the_clock_waits(bureau, now):
    walk = signed(bureau, now, genre="请示", grade="expedited")
    assert "只适用于" in walk.refusal(bureau.reviewer, "recheck_pass").sentence
    assert walk.go(bureau.reviewer, "recheck_to_legality").paused
    assert "合法性审查意见" in walk.refusal(bureau.lawyer, "legality_pass", note="同意").sentence
    walk.attach("legal_opinion", bureau.reviewer)
    state = walk.sign_on_paper(bureau.reviewer, "legality_pass", bureau.lawyer, "律师审查无意见。")
    assert not state.paused
    finish(walk, bureau)
    assert walk.path == [*PATH[:6], "legality_review", *PATH[6:]]


def test_FW_35_a_letter_with_legal_liability_goes_to_the_lawyer_too(bureau, now):
    walk = signed(bureau, now, genre="函", liable=True)
    assert "recheck_to_legality" in walk.offered(bureau.reviewer)
    assert "recheck_pass" not in walk.offered(bureau.reviewer)


def test_FW_30_the_sheet_needs_phone_drafting_time_and_proofreader(bureau, now):
    try:
        Walk("zone-trial", bureau.drafter, now)
    except Exception as refused:
        assert {"phone", "drafted_on", "proofreader"} <= set(refused.fields)
    else:
        raise AssertionError("An incomplete sheet was accepted")


def test_FW_32_nothing_unsigned_is_registered_printed_or_sealed(bureau, now):
    walk = Walk("zone-trial", bureau.drafter, now, **OWN)
    for actor, key in ((bureau.clerk, "register"), (bureau.drafter, "print"), (bureau.keeper, "seal")):
        assert walk.refusal(actor, key).clause.source == "《办文办会办事规程（试行）》"


def test_FW_32_no_way_to_the_chief_but_through_the_deputy(bureau, now):
    walk = Walk("zone-trial", bureau.drafter, now, **OWN)
    walk.go(bureau.drafter, "submit")
    walk.go(bureau.head, "unit_pass")
    walk.go(bureau.director, "office_pass")
    assert walk.refusal(bureau.drafter, "vet_pass").status == 403
    assert walk.refusal(bureau.reviewer, "vet_pass").status == 403
    assert walk.go(bureau.deputy, "vet_pass").stage == "signing"


def test_FW_33_a_change_after_signing_goes_back_to_the_signer(bureau, now):
    walk = signed(bureau, now)
    state = walk.go(bureau.reviewer, "rechecking_return_to_signing", note="附件标题有误，须改动。")
    assert state.stage == "signing" and not state.frozen
    assert walk.go(bureau.chief, "sign").frozen


def test_FW_31_a_text_changed_by_the_drafter_meets_the_office_again_before_the_deputy(bureau, now):
    walk = Walk("zone-trial", bureau.drafter, now, **OWN)
    walk.go(bureau.drafter, "submit")
    walk.go(bureau.head, "unit_pass")
    walk.go(bureau.director, "office_pass")
    walk.go(bureau.deputy, "vetting_return_to_drafting", note="第二部分请重写。")
    assert "核稿签字" in walk.refusal(bureau.drafter, "drafting_straight_back").sentence
