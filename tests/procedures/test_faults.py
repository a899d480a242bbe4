"""A faulty rulebook cannot be loaded: one planted fault a check, each told by name."""

from dataclasses import replace

import pytest

from officeapp.procedures import book
from officeapp.procedures.clauses import By, Clause
from officeapp.procedures.common import CHIEF, DRAFTER, OFFICE, has, no
from officeapp.procedures.faults import faults_in
from officeapp.procedures.grammar import Cell, Gate, Medium, Move, Needs
from officeapp.procedures.outgoing_document import LUCHENG_2019 as SOUND

NOWHERE = Clause("", "", "")
CLAUSE = SOUND.start.clause


def with_stage(key, **changes):
    return replace(SOUND, stages=tuple(replace(s, **changes) if s.key == key else s for s in SOUND.stages))


def with_move(key, **changes):
    return replace(SOUND, moves=tuple(replace(m, **changes) if m.key == key else m for m in SOUND.moves))


def with_another(move):
    return replace(SOUND, moves=(*SOUND.moves, move))


def without_moves(*keys):
    return replace(SOUND, moves=tuple(m for m in SOUND.moves if m.key not in keys))


def gate(who=OFFICE, sources=("office_review", "numbering", "proofreading", "dispatch"), clause=CLAUSE):
    return Gate(who, sources, "请先送办公室审核。", clause)


PLANTED = {
    "an unknown stage of handing over": (replace(SOUND, handed_at="nowhere"),
                                         "is handed to its units at an unknown stage 'nowhere'"),
    "a reader who is no post": (replace(SOUND, readers=(CHIEF, DRAFTER)), "reader 拟稿人 is no post of the bureau"),
    "an unknown stage": (with_move("submit", target="nowhere"), "move submit names an unknown stage 'nowhere'"),
    "an unknown gate source": (with_stage("signing", gate=gate(sources=("elsewhere",))),
                               "gate of signing names an unknown source 'elsewhere'"),
    "an unreachable stage": (without_moves("unit_to_legality", "vet_to_legality", "office_to_legality"),
                             "stage legality_review cannot be reached"),
    "a dead end": (without_moves("archive"), "stage archiving has no way out"),
    "a stage nobody holds": (with_stage("numbering", holder=None), "stage numbering is held by nobody"),
    "a stage nobody holds in one case": (with_stage("signing", holder=By("grade", {"ordinary": CHIEF})),
                                         "stage signing is held by nobody when grade is none of these"),
    "a closed stage with a holder": (with_stage("archived", holder=DRAFTER),
                                     "closed stage archived is held by someone"),
    "a closed stage with a way out": (with_another(Move("wake", "重开", "archived", "drafting", CLAUSE)),
                                      "closed stage archived has a way out"),
    "two moves of one name": (with_another(Move("submit", "送审", "drafting", "vetting", CLAUSE)),
                              "two moves are called submit"),
    "two moves for one drop": (with_another(Move("again", "再送", "drafting", "unit_review", CLAUSE)),
                               "moves submit and again mean the same drop drafting → unit_review"),
    "two conditions that meet": (
        with_another(Move("also", "送", "unit_review", "vetting", CLAUSE, when=has("normative"))),
        "moves unit_pass and also mean the same drop unit_review → vetting, grade='expedited', normative=True"),
    "a move without a clause": (with_move("submit", clause=NOWHERE), "move submit cites no clause"),
    "a stage without a clause": (with_stage("vetting", clause=NOWHERE), "stage vetting cites no clause"),
    "a gate without a clause": (with_stage("signing", gate=gate(clause=NOWHERE)), "gate of signing cites no clause"),
    "a limit without a clause": (
        with_stage("legality_review", limit=replace(SOUND.stage("legality_review").limit, clause=NOWHERE)),
        "limit 15个工作日 cites no clause"),
    "a rung without a clause": (
        replace(SOUND, ladder=(replace(SOUND.ladder[0], clause=NOWHERE), *SOUND.ladder[1:])),
        "rung before_1 cites no clause"),
    "a rule without a clause": (
        replace(SOUND, rules=(replace(SOUND.rules[0], clause=NOWHERE),)), "rule upward_not_ordinary cites no clause"),
    "an unknown field asked": (with_move("submit", needs=Needs(fields=("colour",))),
                               "move submit asks for an unknown field colour"),
    "a field filled nowhere": (
        replace(SOUND, fields=(*SOUND.fields, replace(SOUND.fields[0], key="late", at="midnight"))),
        "field late is filled at an unknown stage 'midnight'"),
    "two fields of one name": (replace(SOUND, fields=(*SOUND.fields, SOUND.fields[0])), "two fields are called title"),
    "an unknown cell": (replace(SOUND, form=((Cell("#nowhere"),),)), "the form draws an unknown cell #nowhere"),
    "a table of no choice": (
        with_stage("signing", holder=By("grade", {"leisurely": DRAFTER}, otherwise=CHIEF)),
        "a table names 'leisurely', no choice of grade"),
    "a table on an unknown field": (with_stage("signing", holder=By("colour", {"red": CHIEF}, otherwise=CHIEF)),
                                    "a table depends on an unknown field 'colour'"),
    "a recorder of nothing": (with_stage("vetting", medium=Medium.ONLINE),
                              "stage vetting has a recorder but is never on paper"),
    "paper nobody records": (with_stage("vetting", recorder=()),
                             "stage vetting may be on paper but nobody may record it"),
    "a move past the gate": (with_another(Move("jump", "直送", "drafting", "signing", CLAUSE)),
                             "move jump passes the gate of signing from outside"),
    "a gate that bars its own": (with_stage("signing", gate=gate(who=(CHIEF,))),
                                 "gate of signing lets nobody make the move office_pass"),
    "a gate for no move": (
        with_stage("signing", gate=gate(sources=("office_review", "numbering", "proofreading", "dispatch", "vetting"))),
        "gate of signing names vetting, from where no move comes"),
    "a number before signing": (with_move("office_pass", target="numbering"),
                                "move number gives a number that no signature precedes"),
    "a close before the archive": (with_another(Move("forget", "办结", "dispatch", "archived", CLAUSE)),
                                   "move forget closes the matter before archiving"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_reported(name):
    faulty, sentence = PLANTED[name]
    assert sentence in faults_in(faulty)


@pytest.mark.parametrize("p", book.PROCEDURES, ids=lambda p: f"{p.kind}/{p.rulebook}")
def test_what_is_shipped_has_no_faults(p):
    assert faults_in(p) == []


def test_a_faulty_rulebook_cannot_be_shelved():
    with pytest.raises(book.FaultyProcedure, match="archiving has no way out"):
        book._shelve((without_moves("archive"),))


def test_two_moves_whose_conditions_exclude_each_other_may_share_a_drop():
    first = Move("first", "甲", "drafting", "vetting", CLAUSE, when=has("normative"))
    second = Move("second", "乙", "drafting", "vetting", CLAUSE, when=no(has("normative"), "不是规范性文件"))
    assert not [f for f in faults_in(replace(SOUND, moves=(*SOUND.moves, first, second))) if "same drop" in f]
