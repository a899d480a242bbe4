"""A name that nothing answers to cannot be loaded: one planted fault a check, each told by name."""

from dataclasses import replace

import pytest

from officeapp.people import POST_KINDS
from officeapp.procedures import book, ties
from officeapp.procedures.clauses import Clause
from officeapp.procedures.faults import faults_in
from officeapp.procedures.grammar import Holder, Limit, Offshoot
from officeapp.procedures.progress_report import PROGRESS_REPORT as REPORT
from officeapp.procedures.public_matter import PUBLIC_MATTER
from officeapp.procedures.supervised import CURRENT
from officeapp.procedures.supervision_notice import PROMPT_SLIP
from officeapp.procedures.supervision_order import ASSISTING, LEAD
from officeapp.procedures.supervision_order import SUPERVISION_ORDER as ORDER

CLAUSE = Clause("温鹿综法发〔2019〕20号", "二（二）", "须每月书面报告进展情况。")


def changed(p, part, which, /, **changes):
    """The procedure with one of its stages, moves, fields or rungs changed."""
    return replace(p, **{part: tuple(replace(each, **changes) if each.key == which else each
                                     for each in getattr(p, part))})


def with_offshoot(**changes):
    return replace(ORDER, offshoots=(replace(ORDER.offshoots[0], **changes),))


WITHIN = {
    "an unknown rule of holding": (changed(ORDER, "stages", "handling", holder=Holder("boss", "领导")),
                                   "stage handling knows no rule 'boss' of holding"),
    "the present holder as a desk": (changed(ORDER, "stages", "handling", holder=CURRENT),
                                     "stage handling knows no rule 'current' of holding"),
    "a post without a name": (changed(ORDER, "stages", "closing", holder=Holder("bureau", "主任")),
                              "stage closing names no post for 主任"),
    "heads of no units": (changed(ORDER, "stages", "receipt", holder=Holder("heads_of", "负责人", "title")),
                          "stage receipt names 'title', no field of units"),
    "people of no units": (changed(ORDER, "moves", "report", who=(replace(LEAD, name="nowhere"),)),
                           "move report names 'nowhere', no field of units"),
    "a reviewer in no field of people": (
        changed(PUBLIC_MATTER, "stages", "reviewing", holder=Holder("people_in", "复查人", "title")),
        "stage reviewing names 'title', no field of people"),
    "people through what no unit fills": (changed(ORDER, "moves", "report", who=(replace(LEAD, through="title"),)),
                                          "move report looks into 'title', which no unit fills"),
    "people until what no unit fills": (
        changed(ORDER, "moves", "contribute", who=(replace(ASSISTING, until="report"),)),
        "move contribute looks into 'report', which no unit fills"),
    "people asked anew by no field of units": (
        changed(ORDER, "moves", "contribute", who=(replace(ASSISTING, again="report"),)),
        "move contribute asks anew whom 'report' names, no field of units"),
    "a choice among no units": (changed(ORDER, "fields", "asked_again", among="title"),
                                "field asked_again chooses among 'title', no field of units"),
    "a receiver that does not exist": (changed(ORDER, "ladder", "overdue", to=(Holder("watchman", "值班员"),)),
                                       "rung overdue knows no rule 'watchman' of holding"),
    "a rung that reaches nobody": (changed(ORDER, "ladder", "notice", to=()), "rung notice reaches nobody"),
    "a supervisor that does not exist": (replace(ORDER, supervisors=(Holder("deputies_of", "分管领导", "nowhere"),)),
                                         "the procedure names 'nowhere', no field of units"),
    "two rungs of one name": (changed(ORDER, "ladder", "overdue", key="notice"), "two rungs are called notice"),
    "a ladder that goes down again": (changed(ORDER, "ladder", "overdue", offset=9), "a ladder goes down again"),
    "a limit on no day": (replace(ORDER, cycle=Limit(0, "day", CLAUSE, until="title")),
                          "a limit ends on 'title', no day that the drafter writes"),
    "a limit on a day that is written later": (replace(ORDER, cycle=Limit(0, "day", CLAUSE, until="archived_on")),
                                               "a limit ends on 'archived_on', no day that the drafter writes"),
    "a limit that counts nothing": (changed(ORDER, "stages", "receipt", limit=Limit(0, "workday", CLAUSE)),
                                    f"a limit of stage or course counts nothing ({CLAUSE.cite})"),
    "filled by each of no units": (changed(ORDER, "fields", "responsible", per=("lead_unit", "title")),
                                   "field responsible is filled by each of 'title', no field of units"),
    "for each unit to fill and never asked": (
        changed(ORDER, "fields", "due_on", per=("lead_unit",)),
        "field due_on is for each unit to fill, and no move asks for it"),
    "handled by no unit": (replace(ORDER, unit_field="assisting"),
                           "it is handled by 'assisting', no field of one unit"),
    "a part that leads elsewhere": (changed(ORDER, "moves", "contribute", target="tracking"),
                                    "move contribute adds a part where it lies and leads elsewhere"),
    "reaching up from what begins by itself": (replace(REPORT, dependent=False, ends_with_parent=""),
                                               "move finish reaches what it came from, but it begins by itself"),
    "another day that is no day": (changed(book.current("extension_request"), "moves", "grant", extends="reason"),
                                   "move grant sets the day 'reason', no field of a day"),
    "falling to an open stage": (replace(REPORT, ends_with_parent="writing"),
                                 "it falls to 'writing' with what it came from, no closed stage of a dependent matter"),
    "falling to no stage": (replace(PROMPT_SLIP, ends_with_parent="nowhere"),
                            "it falls to 'nowhere' with what it came from, no closed stage of a dependent matter"),
    "an offshoot from an unknown stage": (with_offshoot(stages=("nowhere",)),
                                          "offshoot extension_request begins at an unknown stage 'nowhere'"),
    "an offshoot that takes over an unknown field": (
        with_offshoot(carries=(("title", "colour"),)),
        "offshoot extension_request takes over an unknown field 'colour'"),
    "setting off what sends nothing": (changed(ORDER, "moves", "assign", sets_off="overdue"),
                                       "move assign sets off 'overdue', no rung that sends a document"),
}
BETWEEN = {
    "a rung that sends what nobody wrote": (
        changed(ORDER, "ladder", "notice", opens="letter"),
        "rung notice of supervision_order sends 'letter', no numbered document"),
    "a rung that sends no document": (
        changed(ORDER, "ladder", "notice", opens="progress_report"),
        "rung notice of supervision_order sends 'progress_report', no numbered document"),
    "a month that owes what nobody wrote": (
        changed(ORDER, "stages", "tracking", monthly="diary"),
        "stage tracking of supervision_order owes each month 'diary', no report with a day"),
    "a month that owes what does not end with it": (
        changed(ORDER, "stages", "tracking", monthly="supervision_notice"),
        "stage tracking of supervision_order owes each month 'supervision_notice', no report with a day"),
    "begetting what nobody wrote": (
        replace(ORDER, offshoots=(Offshoot("letter", "去信", CLAUSE),)),
        "supervision_order begets 'letter', which nobody wrote"),
    "handing over a field that is not there": (
        with_offshoot(carries=(("colour", "title"),)),
        "supervision_order hands an unknown field 'colour' to extension_request"),
    "a move of what it came from that is not there": (
        changed(REPORT, "moves", "finish", on_parent="celebrate"),
        "move finish of progress_report makes 'celebrate', no move of supervision_order"),
}


@pytest.mark.parametrize("name", WITHIN)
def test_a_name_that_nothing_answers_to_is_reported(name):
    faulty, sentence = WITHIN[name]
    assert sentence in faults_in(faulty)


@pytest.mark.parametrize("name", BETWEEN)
def test_a_tie_to_another_kind_that_does_not_hold_cannot_be_shelved(name):
    faulty, sentence = BETWEEN[name]
    others = tuple(faulty if p.kind == faulty.kind else p for p in book.PROCEDURES)
    assert ties.ties_between(others) == [sentence]
    with pytest.raises(book.FaultyProcedure, match="no |nobody|unknown"):
        book._shelve(others)


def test_every_post_that_a_procedure_names_is_one_that_somebody_can_hold():
    named = {holder.name for p in book.PROCEDURES for _, holder in ties._named(p) if holder.rule == "bureau"}
    assert named and named <= set(POST_KINDS)
