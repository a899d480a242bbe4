"""发文 by the centre's rulebook (S2-M): the unit prints and sends, the office numbers, checks and archives."""

from officeapp import db
from officeapp.numbers import Series
from tests.procedures.walking import ARCHIVED, Walk

PATH = ["drafting", "office_review", "countersigning", "signing", "numbering", "sample_printing", "sample_check",
        "printing", "sending", "archiving", "archived"]


def at_the_deputy(bureau, now, **values):
    walk = Walk("centre", bureau.drafter, now, **values)
    walk.go(bureau.drafter, "submit")
    walk.go(bureau.reviewer, "office_pass")
    return walk


def finish(walk, bureau):
    walk.go(bureau.clerk, "number", series="临综法发", copies=5)
    walk.go(bureau.drafter, "print_sample")
    walk.go(bureau.reviewer, "sample_pass")
    walk.go(bureau.drafter, "print")
    walk.go(bureau.drafter, "send", channel="paper", distribution="各科室")
    return walk.go(bureau.dispatcher, "archive", **ARCHIVED)


def test_a_document_is_countersigned_and_signed_by_the_director_S2_M(bureau, now):
    walk = at_the_deputy(bureau, now, grade="expedited", genre="报告")
    walk.go(bureau.deputy, "countersign")
    walk.go(bureau.chief, "sign")
    assert finish(walk, bureau).number == "临综法发〔2026〕1号"
    assert walk.path == PATH


def test_an_ordinary_document_may_be_signed_by_the_deputy_himself(bureau, now):
    walk = at_the_deputy(bureau, now)
    assert {"countersign", "sign_ordinary"} <= walk.offered(bureau.deputy)
    assert walk.go(bureau.deputy, "sign_ordinary").frozen
    finish(walk, bureau)
    assert walk.path == [stage for stage in PATH if stage != "signing"]


def test_TL2_an_expedited_document_is_never_signed_by_the_deputy_alone(bureau, now):
    walk = at_the_deputy(bureau, now, grade="urgent")
    assert "普通件" in walk.refusal(bureau.deputy, "sign_ordinary").sentence


def test_FW_51_only_the_office_brings_a_draft_to_the_deputy(bureau, now):
    walk = Walk("centre", bureau.drafter, now)
    walk.go(bureau.drafter, "submit")
    assert walk.refusal(bureau.drafter, "office_pass").status == 403
    walk.go(bureau.reviewer, "office_pass")
    walk.go(bureau.deputy, "countersigning_return_to_drafting", note="请补充依据。")
    assert walk.refusal(bureau.drafter, "drafting_straight_back").clause.rule == "FW-51"


def test_FW_52_a_number_comes_from_one_of_four_series(bureau, now):
    with db.transaction() as session:
        session.add_all([Series(word="临综法办", position=8), Series(word="临综法会纪", position=9)])
    walk = at_the_deputy(bureau, now)
    walk.go(bureau.deputy, "sign_ordinary")
    assert walk.refusal(bureau.clerk, "number", series="临综法办", copies=5).clause.rule == "FW-52"
    assert walk.go(bureau.clerk, "number", series="临综法会纪", copies=5).number == "临综法会纪〔2026〕1号"
