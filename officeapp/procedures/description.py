"""A procedure in a clerk's words: rows for the page and for the generated docs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from officeapp.procedures.clauses import By, Clause
from officeapp.procedures.grammar import (
    Field,
    Gate,
    Gathering,
    Holder,
    Limit,
    Medium,
    Move,
    MoveKind,
    Procedure,
    Rule,
    Rung,
    Stage,
)

HOW_WORDS = {"one": "", "all": "须全部同意", "in_turn": "依次办理", "lead": "牵头汇总"}
MEDIUM_WORDS = {Medium.ONLINE: "线上", Medium.PAPER: "纸质签字、专人代录", Medium.EITHER: "线上或纸质代录"}
MATERIALS = {"legal_opinion": "合法性审查意见"}
OPTIONS = {("important_grades_online", True): "本局设置允许线上办理的"}
CLOCK_WORDS = {"pauses": "暂停计时", "ended": "不计入周期", "runs": "", "before": "尚未计时"}


@dataclass(frozen=True)
class StageRow:
    """One line of the table of stages; `marks` are short tags such as 暂停计时."""

    number: int
    stage: Stage
    who: tuple[str, ...]
    limit: tuple[str, ...]
    medium: tuple[str, ...]
    marks: tuple[str, ...]
    clauses: tuple[Clause, ...]


@dataclass(frozen=True)
class MoveRow:
    """One line of the table of moves: what is done, from where to where, by whom, with what."""

    move: Move
    source: str
    target: str
    who: str
    when: str
    needs: tuple[str, ...]
    marks: tuple[str, ...]


@dataclass(frozen=True)
class BackRow:
    """What else may be done at one stage: returned to where, withdrawn, voided by whom."""

    stage: str
    returns: tuple[str, ...]
    straight_back: bool
    withdraw: bool
    voiders: tuple[str, ...]
    clauses: tuple[Clause, ...]


def cycle_words(p: Procedure) -> list[str]:
    return list(_cases(p, p.cycle, _limit)) if p.gathering is None else [_monthly(p.gathering)]


def _monthly(g: Gathering) -> str:
    return f"每月{g.day}日，遇休息日提前到前一个工作日；期限前{g.lead}个工作日由系统发给各{g.writer.title}"


def stage_rows(p: Procedure) -> list[StageRow]:
    return [_stage_row(p, n, s) for n, s in enumerate(p.stages, start=1)]


def _stage_row(p: Procedure, number: int, s: Stage) -> StageRow:
    media = () if s.closed else tuple(_cases(p, s.medium, MEDIUM_WORDS.__getitem__))
    limits = () if s.limit is None else tuple(_cases(p, s.limit, _limit))
    own = (s.clause, *((s.gate.clause,) if s.gate else ()), *(x.clause for x in limits_of(s.limit)))
    return StageRow(number, s, holder_words(p, s), limits, media, _stage_marks(p, s), _once(own))


def holder_words(p: Procedure, s: Stage) -> tuple[str, ...]:
    """「主要领导」, one line a case, with 依次办理 or 须全部同意 where several hold it."""
    if s.holder is None:
        return ()
    how = HOW_WORDS[s.how]
    return tuple(line + (f"（{how}）" if how else "") for line in _cases(p, s.holder, _holders))


def _stage_marks(p: Procedure, s: Stage) -> tuple[str, ...]:
    signs = any(m.signs for m in p.moves_from(s.key))
    numbers = any(m.numbers for m in p.moves_from(s.key))
    marks = (CLOCK_WORDS[s.clock], "可改文稿" if s.may_edit else "", "签发定稿" if signs else "",
             "给文号" if numbers else "", "限定来源" if s.gate else "")
    return tuple(mark for mark in marks if mark)


def forward_rows(p: Procedure) -> list[MoveRow]:
    return [_move_row(p, m) for m in p.moves if m.kind is MoveKind.FORWARD]


def _move_row(p: Procedure, m: Move) -> MoveRow:
    who = titles(m.who) or "；".join(holder_words(p, p.stage(m.source)))
    marks = ("签发定稿" if m.signs else "", "给文号" if m.numbers else "", "" if m.withdrawable else "办后不能撤回")
    return MoveRow(m, p.stage(m.source).title, p.stage(m.target).title, who, m.when.title if m.when else "",
                   tuple(_needs(p, m)), tuple(mark for mark in marks if mark))


def _needs(p: Procedure, m: Move) -> Iterator[str]:
    if m.needs.note:
        yield "写明意见"
    if m.needs.attachment:
        yield f"附{MATERIALS.get(m.needs.attachment, '材料')}"
    labels = [f.label for key in m.needs.fields if (f := p.field(key))]
    if labels:
        yield f"填写{'、'.join(labels)}"


def back_rows(p: Procedure) -> list[BackRow]:
    rows = (_back_row(p, s) for s in p.stages)
    return [row for row in rows if row.returns or row.straight_back or row.withdraw or row.voiders]


def _back_row(p: Procedure, s: Stage) -> BackRow:
    by_kind: dict[MoveKind, list[Move]] = {}
    for m in p.moves_from(s.key):
        by_kind.setdefault(m.kind, []).append(m)
    returned, voided = by_kind.get(MoveKind.RETURN, []), by_kind.get(MoveKind.VOID, [])
    return BackRow(
        s.title, tuple(p.stage(m.target).title for m in returned), MoveKind.STRAIGHT_BACK in by_kind,
        MoveKind.WITHDRAW in by_kind, tuple(h.title for m in voided for h in m.who),
        _once(m.clause for m in returned + voided))


def refusals(p: Procedure) -> list[Rule]:
    """The rules of the form and of the moves, each once, in the order they are met."""
    return _once(p.rules + tuple(rule for m in p.moves for rule in m.ready))


def gates(p: Procedure) -> list[tuple[str, str, str, Gate]]:
    """(stage, who may bring a matter there, from where, gate)."""
    return [(s.title, titles(s.gate.who), "、".join(p.stage(key).title for key in s.gate.sources), s.gate)
            for s in p.stages if s.gate]


def titles(holders: tuple[Holder, ...]) -> str:
    return "、".join(h.title for h in holders)


def rungs(p: Procedure) -> list[tuple[str, Rung, str]]:
    """(周期 or 环节, rung, who is told)."""
    return [(scope, r, titles(r.to))
            for scope, ladder in (("周期", p.ladder), ("环节", p.stage_ladder)) for r in ladder]


def field_rows(p: Procedure) -> list[tuple[Field, str]]:
    """(field, the stage that fills it)."""
    return [(f, p.stage(f.at).title if f.at else p.start.title) for f in p.fields]


def clauses(p: Procedure) -> dict[str, list[Clause]]:
    """Every clause the rulebook rests on, by source, each once, in the order of use."""
    found = [c for row in stage_rows(p) for c in row.clauses] + [m.clause for m in p.moves]
    found += [rule.clause for rule in refusals(p)] + [r.clause for _, r, _ in rungs(p)]
    found += [x.clause for x in limits_of(p.cycle)] + [f.clause for f in p.fields if f.clause]
    by_source: dict[str, list[Clause]] = {}
    for each in _once(found):
        by_source.setdefault(each.source, []).append(each)
    return by_source


def limits_of(value: Limit | By | None) -> list[Limit]:
    if isinstance(value, By):
        return [x for each in (*value.table.values(), value.otherwise) for x in limits_of(each)]
    return [value] if isinstance(value, Limit) else []


def _cases(p: Procedure, value: Any, say: Callable[[Any], str]) -> Iterator[str]:
    """One sentence for a plain value; for a table one a case: 「普通件：分管领导」."""
    if not isinstance(value, By):
        yield say(value)
        return
    for words, inner in _branches(p, value):
        yield from (f"{words}：{line}" for line in _cases(p, inner, say))


def _branches(p: Procedure, by: By) -> Iterator[tuple[str, Any]]:
    field = p.field(by.field)
    labels = dict(field.choices) if field else {}
    for key, inner in by.table.items():
        yield labels.get(key) or OPTIONS.get((by.option, key), str(key)), inner
    rest = [label for key, label in labels.items() if key not in by.table]
    if rest or not labels:
        yield "、".join(rest) or "否则", by.otherwise


def _limit(limit: Limit | None) -> str:
    if limit is None:
        return "按要求时限"
    later = "，遇非工作日顺延" if limit.roll else ""
    return limit.words + later


def _holders(holder: Holder | tuple[Holder, ...]) -> str:
    return titles(holder) if isinstance(holder, tuple) else holder.title


def _once(items: Any) -> tuple:
    """Without repeats; a rule's guard and a clause compare by value."""
    return tuple(dict.fromkeys(item for item in items if item))


def anchors(p: Procedure) -> dict[Clause, str]:
    """Where on its page each clause is quoted: clause → "clause-3"."""
    quoted = (c for found in clauses(p).values() for c in found)
    return {c: f"clause-{n}" for n, c in enumerate(quoted, start=1)}
