"""Every procedure and edition. Importing it refuses a rulebook with faults."""

from functools import cache

from officeapp.procedures.circular import CIRCULAR
from officeapp.procedures.extension_request import EXTENSION_REQUEST
from officeapp.procedures.faults import faults_in
from officeapp.procedures.grammar import MoveKind, Procedure, Stage
from officeapp.procedures.leader_report import LEADER_REPORT, SUPERIOR_MEETING
from officeapp.procedures.liaison_slip import LIAISON_SLIP
from officeapp.procedures.monthly_summary import MONTHLY_SUMMARY
from officeapp.procedures.outgoing_document import LUCHENG_2019
from officeapp.procedures.outgoing_document_centre import CENTRE_DAILY
from officeapp.procedures.outgoing_document_secretariat import SECRETARIAT_FULL
from officeapp.procedures.outgoing_document_zone_trial import ZONE_TRIAL
from officeapp.procedures.progress_report import PROGRESS_REPORT
from officeapp.procedures.public_matter import PUBLIC_MATTER
from officeapp.procedures.supervision_notice import PROMPT_SLIP, SUPERVISION_NOTICE
from officeapp.procedures.supervision_order import SUPERVISION_ORDER
from officeapp.procedures.ties import ties_between

PROCEDURES: tuple[Procedure, ...] = (
    LUCHENG_2019, ZONE_TRIAL, SECRETARIAT_FULL, CENTRE_DAILY, SUPERVISION_ORDER, LIAISON_SLIP, PUBLIC_MATTER,
    LEADER_REPORT, SUPERIOR_MEETING, PROGRESS_REPORT, EXTENSION_REQUEST, PROMPT_SLIP, SUPERVISION_NOTICE,
    CIRCULAR, MONTHLY_SUMMARY,
)


class FaultyProcedure(Exception):
    """A rulebook that may not be loaded; the message lists its faults."""


def _shelve(procedures: tuple[Procedure, ...]) -> dict[tuple[str, str, int], Procedure]:
    shelf = {}
    for each in procedures:
        faults = faults_in(each)
        if faults:
            raise FaultyProcedure(f"{each.kind}/{each.rulebook}: " + "; ".join(faults))
        shelf[(each.kind, each.rulebook, each.edition)] = each
    if loose := ties_between(procedures):
        raise FaultyProcedure("; ".join(loose))
    return shelf


SHELF = _shelve(PROCEDURES)


def procedure(kind: str, rulebook: str, edition: int) -> Procedure:
    """The rulebook a matter began under; KeyError if it was never shipped."""
    return SHELF[(kind, rulebook, edition)]


@cache  # every page asks these a dozen times
def editions(kind: str, rulebook: str | None = None) -> tuple[Procedure, ...]:
    """Newest edition of each rulebook of a kind, in the order shipped."""
    newest: dict[str, Procedure] = {}
    for each in PROCEDURES:
        if each.kind == kind and rulebook in (None, each.rulebook):
            newest[each.rulebook] = max(each, newest.get(each.rulebook, each), key=lambda p: p.edition)
    return tuple(newest.values())


def current(kind: str, rulebook: str | None = None) -> Procedure:
    """The newest edition of the chosen rulebook (the first shipped if none is chosen)."""
    found = editions(kind, rulebook)
    if not found:
        raise KeyError(f"No rulebook {rulebook!r} for {kind!r}")
    return found[0]


@cache
def kinds() -> tuple[str, ...]:
    return tuple(dict.fromkeys(p.kind for p in PROCEDURES))


def internal_kinds() -> list[str]:
    """The kinds whose every reader is written down (DB-6)."""
    return list(dict.fromkeys(p.kind for p in PROCEDURES if p.internal))


@cache
def of_citizens() -> frozenset[str]:
    """The kinds that hold what is personal of a citizen (domain.md 7.2)."""
    return frozenset(p.kind for p in PROCEDURES if any(field.personal for field in p.fields))


def confined_kinds() -> dict[str, frozenset[str]]:
    """Kinds that neither unit nor duty opens: by kind the posts that read it though they have no part in it."""
    return {p.kind: frozenset(holder.name for holder in p.readers) for p in PROCEDURES if p.readers}


@cache
def dropped_ends() -> frozenset[str]:
    """Closed stages that complete nothing: what was called off, excused, or fell away with what it came from."""
    voided = {move.target for p in PROCEDURES for move in p.moves if move.kind is MoveKind.VOID}
    return frozenset(voided | {p.ends_with_parent for p in PROCEDURES if p.ends_with_parent})


def end_words(end: Stage) -> str:
    """How what is closed there stands: 已办结, else by its own name (已作废, 已撤销, 不予受理)."""
    if end.key not in dropped_ends():
        return "已办结"
    return end.title if end.title[0] in "已不" else f"已{end.title}"


@cache
def dropped_words(rules: Procedure) -> str:
    """「撤销」: what to call those of a kind that were not completed; "" where there are none."""
    return "、".join(dict.fromkeys(stage.title for stage in rules.stages if stage.key in dropped_ends()))


@cache
def own_kinds() -> tuple[str, ...]:
    """The kinds that begin by themselves: on the navigation and under 新建."""
    return tuple(dict.fromkeys(p.kind for p in PROCEDURES if not p.dependent))


@cache
def gathered() -> tuple[Procedure, ...]:
    """The kinds that the calendar opens for every unit and one desk gathers (JH-1)."""
    return tuple(current(kind) for kind in kinds() if current(kind).gathering)
