"""What holds in every rulebook of 发文, whichever chain it runs through."""

import pytest

from officeapp.procedures import book
from officeapp.procedures.grammar import MoveKind

ALL = pytest.mark.parametrize("p", book.editions("outgoing_document"), ids=lambda p: p.rulebook)
AFTER_SIGNING = ("numbering", "registration", "printing", "proof_printing", "sample_printing", "sealing", "dispatch")


def reached(p, skips):
    found, frontier = {p.start.key}, [p.start.key]
    while frontier:
        new = {m.target for m in p.moves_from(frontier.pop()) if m.target and not skips(m)} - found
        found |= new
        frontier += new
    return found


@ALL
def test_the_office_reviews_before_anyone_signs(p):
    unreviewed = reached(p, lambda m: m.source == "office_review" or m.kind is MoveKind.VOID)
    assert not [m.key for m in p.moves if m.signs and m.source in unreviewed]


@ALL
def test_signing_comes_before_number_print_and_seal_FW_16_FW_32(p):
    unsigned = reached(p, lambda m: m.signs)
    assert unsigned.isdisjoint(AFTER_SIGNING)


@ALL
def test_no_stage_after_the_signature_may_edit_the_text_FW_15(p):
    unsigned = reached(p, lambda m: m.signs)
    assert not [s.key for s in p.stages if s.may_edit and s.key not in unsigned]


@ALL
def test_the_archive_is_last_FW_20(p):
    into = {m.source for m in p.moves if m.target == "archived"}
    assert into == {"archiving"} and p.order("archiving") == len(p.stages) - 3


@ALL
def test_every_signing_stage_is_gated_FW_14(p):
    assert all(p.stage(m.source).gate for m in p.moves if m.signs)


@ALL
def test_a_legal_review_pauses_the_clock(p):
    assert all(s.clock == "pauses" for s in p.stages if s.key == "legality_review")


@ALL
def test_a_return_a_withdrawal_and_a_void_always_need_a_reason(p):
    kinds = (MoveKind.RETURN, MoveKind.WITHDRAW, MoveKind.VOID)
    assert not [m.key for m in p.moves if m.kind in kinds and not m.needs.note]
