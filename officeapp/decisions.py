"""What may be done to a matter, by whom, and the sentence when it may not.

One set of rules both offers the buttons and refuses the moves. Nothing here
writes, and nothing here asks the database.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from officeapp import roles
from officeapp.courses import begun_day, due_day
from officeapp.matters import Matter, Task
from officeapp.people import Actor
from officeapp.procedures.clauses import Clause, Facts, Force, settle
from officeapp.procedures.grammar import Holder, Medium, Move, MoveKind, Rule, Stage
from officeapp.workdays import local_day

ONWARD = (MoveKind.FORWARD, MoveKind.STRAIGHT_BACK)
FREE_KINDS = (MoveKind.WITHDRAW, MoveKind.VOID)  # never on paper, not the holder's own business


class Refused(Exception):
    """A refusal a user can read: sentence, the clause behind it, and an HTTP status."""

    def __init__(self, sentence: str, clause: Clause | None = None, status: int = 422,
                 fields: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.clause = clause
        self.status = status
        self.fields = dict(fields or {})


class Stale(Refused):
    """Somebody acted first, perhaps the same person in another window (409)."""

    def __init__(self) -> None:
        super().__init__("这件事项刚才已办理（您本人或者他人），您看到的不是最新情况。请核对下面的最新状态后再办。",
                         None, 409)


@dataclass(frozen=True)
class Case:
    """A matter with what deciding needs: its open tasks and its facts."""

    matter: Matter
    tasks: tuple[Task, ...]
    facts: Facts
    follows: bool = False  # what is decided follows of itself from a move of another matter
    files: tuple[str, ...] = ()  # kinds of what is attached, where a form is to be drawn

    @property
    def stage(self) -> Stage:
        return self.matter.place

    def units_acting(self, actor: Actor | None = None) -> frozenset[int]:
        """The units at whose desks it lies, or those of them in whose name this person acts."""
        tasks = tasks_of(self, actor) if actor else [task for task in self.tasks if task.state == "open"]
        return frozenset(task.unit_id or self.matter.unit_id for task in tasks)

    def plays(self, actor: Actor, holder: Holder) -> bool:
        m = self.matter
        return roles.plays(actor, holder, drafter_id=m.drafter_id, unit_id=m.unit_id, values=m.values)


@dataclass(frozen=True)
class Offer:
    """A move this person may make now, in whose name: online, or recording a paper signature."""

    move: Move
    target: str
    medium: Medium
    actor: Actor


def case_of(matter: Matter, tasks: Iterable[Task], options: Mapping[str, Any], files: Iterable[str] = ()) -> Case:
    tasks = tuple(tasks)
    facts = replace(facts_of(matter, options), desks=sum(t.state == "open" and t.purpose == "act" for t in tasks))
    return Case(matter, tasks, facts, files=tuple(files))


def facts_of(matter: Matter, options: Mapping[str, Any]) -> Facts:
    """The facts as the matter stands at this moment."""
    return Facts(
        stage=matter.stage, values=matter.values, options=options, visited=tuple(matter.visited),
        returned_from=matter.returned_from, number=matter.number, frozen_hash=matter.frozen_hash,
        text_hash=matter.text_hash, proof_hash=matter.proof_hash, text_length=matter.text_length,
        due=due_day(matter), opened=local_day(matter.opened_at).isoformat(), begun=begun_day(matter),
    )


def offers(case: Case, actor: Actor) -> list[Offer]:
    """Every move open to this person, in his own name or a principal's, in the order the procedure lists them."""
    found = []
    for move in case.matter.rules.moves_from(case.matter.stage):
        for medium in (Medium.ONLINE, Medium.PAPER):
            found += [Offer(move, target_of(case, move), medium, face) for face in _open_to(case, move, actor, medium)]
    return found


def _open_to(case: Case, move: Move, actor: Actor, medium: Medium) -> list[Actor]:
    """In whose names this person may make it. For another only what lies on the other's desk and not on his own."""
    able = [face for face in actor.faces if refusal(case, move, face, medium) is None]
    if not able or able[0].delegate:
        return able
    joint = case.stage.how != "one" and medium is Medium.ONLINE and move.kind not in FREE_KINDS
    own = tasks_of(case, able[0])
    return [face for face in able if not face.delegate or joint and any(t not in own for t in tasks_of(case, face))]


def acting(case: Case, actor: Actor) -> Actor:
    """In whose name this person acts where the matter lies: who holds a task, himself first, else himself."""
    return next((face for face in actor.faces if holds(case, face)), actor.faces[0])


def target_of(case: Case, move: Move) -> str:
    """Where the move leads: declared, or for going back, what the history says."""
    if move.kind is MoveKind.STRAIGHT_BACK:
        return case.matter.returned_from
    if move.kind is MoveKind.WITHDRAW:
        return case.matter.sent_from
    return move.target


def refusal(case: Case, move: Move, actor: Actor, medium: Medium = Medium.ONLINE) -> Refused | None:
    """Why this person may not make this move now; None if nothing forbids it."""
    checks = (_wrong_stage, _wrong_person, _wrong_medium, _not_applicable, _past_the_gate, _unsigned_jump, _shut_way)
    return next((found for check in checks if (found := check(case, move, actor, medium))), None)


def undeclared(case: Case, stages: Iterable[Stage]) -> Refused:
    """The sentence for a drop into a column that no move leads to."""
    stages = list(stages)
    for stage in stages:
        if stage.gate and case.matter.stage not in stage.gate.sources:
            return Refused(stage.gate.sentence, stage.gate.clause)
    there = stages[0].title if stages else "该环节"
    clause = stages[0].clause if stages else None
    return Refused(f"「{case.stage.title}」环节不能直接转到「{there}」，请按规程的顺序办理。", clause)


def may_edit(case: Case, actor: Actor) -> bool:
    """Whether this person may change the form and the text where the matter lies now."""
    if not case.stage.may_edit or case.matter.closed or case.matter.frozen_hash or actor.is_admin:
        return False
    return holds(case, actor)  # who only records a signature may not change what is to be signed


def holds(case: Case, actor: Actor) -> bool:
    """Whether one of the open tasks is this person's."""
    return bool(tasks_of(case, actor))


def tasks_of(case: Case, actor: Actor) -> list[Task]:
    return [t for t in case.tasks if t.state == "open" and t.purpose == "act"
            and (t.person_id == actor.id or t.post_id in actor.post_ids)]


def broken_rules(case: Case, move: Move, note: str, given: Mapping[str, Any]) -> list[Rule]:
    """Rules that stop a move bringing these fields. What a clause says 原则上 yields to a written reason."""
    if move.kind not in ONWARD:
        return []
    rules = [r for r in case.matter.rules.rules if r.at in ("", move.source)] + list(move.ready)
    rules = [r for r in rules if not r.brought or r.brought in given]
    return [r for r in rules if r.breaks(case.facts) and not (r.clause.force is Force.NORMALLY and note.strip())]


def _wrong_stage(case, move, actor, medium) -> Refused | None:
    if case.matter.closed or move.source != case.matter.stage:
        return Refused(f"事项现在「{case.stage.title}」环节，不能办理「{move.title}」。", move.clause)
    return None


def _wrong_person(case: Case, move: Move, actor: Actor, medium: Medium) -> Refused | None:
    if actor.is_admin:
        return Refused("系统、安全、审计管理员不办理业务事项。", move.clause, 403)
    if move.kind is MoveKind.WITHDRAW:
        if actor.id == case.matter.sent_by:
            return None
        return Refused("只有刚刚送出的人，在对方办理之前可以撤回。", move.clause, 403)
    if move.who:
        # Tasks are delegated, not what one may do besides.
        within = not actor.delegate or case.follows or holds(case, actor)
        allowed = within and any(case.plays(actor, holder) for holder in move.who)
    else:
        allowed = holds(case, actor) or (medium is Medium.PAPER and records(case, actor))
    return None if allowed else Refused(_not_yours(case, move), move.clause, 403)


def _not_yours(case: Case, move: Move) -> str:
    who = "、".join(h.title for h in move.who) or case.matter.holder or "其他人"
    return f"「{move.title}」由{who}办理，您现在不是这一环节的办理人。"


def _wrong_medium(case: Case, move: Move, actor: Actor, medium: Medium) -> Refused | None:
    if move.kind in FREE_KINDS:
        wanted = Medium.ONLINE
    else:
        wanted = settle(case.stage.medium, case.facts)
    if wanted in (Medium.EITHER, medium):
        return None
    if wanted is Medium.PAPER:
        who = "、".join(dict.fromkeys(h.title for h in case.stage.recorder))
        return Refused(f"这件按纸质签发流程办理：请在纸质稿纸上签字，再由{who}代录。", case.stage.clause)
    return Refused(f"「{move.title}」在线上办理，不用代录纸质签字。", case.stage.clause)


def _not_applicable(case: Case, move: Move, actor: Actor, medium: Medium) -> Refused | None:
    if move.when is None or move.when(case.facts):
        return None
    return Refused(f"「{move.title}」只适用于：{move.when.title}。", move.clause)


def _past_the_gate(case: Case, move: Move, actor: Actor, medium: Medium) -> Refused | None:
    target = target_of(case, move)
    if not target or move.kind is MoveKind.WITHDRAW:
        return None
    gate = case.matter.rules.stage(target).gate
    if gate is None:
        return None
    through = case.matter.stage in gate.sources and any(case.plays(actor, holder) for holder in gate.who)
    return None if through else Refused(gate.sentence, gate.clause, 403)


def _unsigned_jump(case: Case, move: Move, actor: Actor, medium: Medium) -> Refused | None:
    """Going straight back past the signing would let a changed text through (FW-15)."""
    if move.kind is not MoveKind.STRAIGHT_BACK or case.matter.frozen_hash:
        return None
    signing = signing_order(case)
    if case.matter.rules.order(case.matter.returned_from) <= signing:
        return None
    return Refused("签发后退回修改的，须重新报签发人批准，不能直送后面的环节。", move.clause)


def _shut_way(case: Case, move: Move, actor: Actor, medium: Medium) -> Refused | None:
    """Where a declared way leads there too, its condition holds for the short cut (the form may have changed)."""
    if move.kind is not MoveKind.STRAIGHT_BACK:
        return None
    there = [m for m in case.matter.rules.moves_from(case.matter.stage)
             if m.kind is MoveKind.FORWARD and m.target == case.matter.returned_from]
    refused = [found for m in there if (found := _not_applicable(case, m, actor, medium))]
    return refused[0] if refused and len(refused) == len(there) else None


def signing_order(case: Case) -> int:
    """The place of the stage whose signature freezes the text."""
    rules = case.matter.rules
    return max((rules.order(m.source) for m in rules.moves if m.signs), default=len(rules.stages))


def records(case: Case, actor: Actor | None) -> bool:
    """Whether this person may record paper signatures where the matter lies."""
    return actor is not None and any(case.plays(actor, holder) for holder in case.stage.recorder)
