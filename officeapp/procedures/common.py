"""What several rulebooks share: holders, guards, and the moves that every chain has."""

from collections.abc import Mapping

from officeapp.procedures.clauses import Clause, Facts, Guard
from officeapp.procedures.grammar import Holder, Move, MoveKind, Needs, Stage

DRAFTER = Holder("drafter", "拟稿人")
UNIT_HEAD = Holder("head", "科室负责人")
DEPUTY = Holder("deputy", "分管领导")
CHIEF = Holder("bureau", "主要领导", "chief")
PARTY_SECRETARY = Holder("bureau", "党委书记", "party_secretary")
OFFICE_DIRECTOR = Holder("bureau", "办公室主任", "office_director")
OFFICE_REVIEWER = Holder("bureau", "办公室核稿", "office_reviewer")
REGISTRY_CLERK = Holder("bureau", "办公室文书", "registry_clerk")
DISPATCH_CLERK = Holder("bureau", "办公室内勤", "dispatch_clerk")
SEAL_KEEPER = Holder("bureau", "印章管理人员", "seal_keeper")
LEGAL_REVIEWER = Holder("bureau", "政策法规科审查", "legal_reviewer")
OFFICE = (OFFICE_REVIEWER, OFFICE_DIRECTOR, REGISTRY_CLERK, DISPATCH_CLERK)


def has(key: str, *values) -> Guard:
    """The field holds one of the values (or is ticked, when none is named)."""
    def test(facts: Facts) -> bool:
        value = facts.values.get(key)
        return value in values if values else bool(value)
    return Guard(f"{key} = {'/'.join(map(str, values)) or '是'}", test)


def both(title: str, *guards: Guard) -> Guard:
    return Guard(title, lambda facts: all(guard(facts) for guard in guards))


def no(guard: Guard, title: str) -> Guard:
    return Guard(title, lambda facts: not guard(facts))


def been_at(stage: str) -> Guard:
    return Guard(f"曾经过{stage}环节", lambda facts: stage in facts.visited)


WAS_RETURNED = Guard("由后面环节退回", lambda facts: bool(facts.returned_from))


def returns(
    stages: tuple[Stage, ...], sources: Mapping[str, tuple[str, ...]], clause: Clause, needs: Needs = Needs(note=True)
) -> tuple[Move, ...]:
    """「退回」 moves from each source stage to each earlier stage named (FW-13)."""
    titles = {s.key: s.title for s in stages}
    return tuple(
        Move(
            f"{source}_return_to_{target}", f"退回{titles[target]}", source, target, clause,
            kind=MoveKind.RETURN, needs=needs, withdrawable=False,
            when=Guard(f"曾经过「{titles[target]}」环节", been_at(target).test),
        )
        for source, targets in sources.items()
        for target in targets
    )


def straight_backs(sources: tuple[str, ...], clause: Clause) -> tuple[Move, ...]:
    """「修改后直送退回环节」 from each stage a matter may be returned to."""
    return tuple(
        Move(f"{source}_straight_back", "修改后直送退回人", source, "", clause,
             kind=MoveKind.STRAIGHT_BACK, when=WAS_RETURNED)
        for source in sources
    )


def withdrawals(sources: tuple[str, ...], clause: Clause) -> tuple[Move, ...]:
    """「撤回」 from each stage, back to whoever sent the matter there."""
    return tuple(
        Move(f"{source}_withdraw", "撤回", source, "", clause,
             kind=MoveKind.WITHDRAW, needs=Needs(note=True), withdrawable=False)
        for source in sources
    )


def voids(
    sources: Mapping[str, tuple[Holder, ...]], target: str, clause: Clause, when: Guard | None = None
) -> tuple[Move, ...]:
    """「作废」 from each stage by those named, with a reason."""
    return tuple(
        Move(f"{source}_void", "作废", source, target, clause, kind=MoveKind.VOID,
             who=who, needs=Needs(note=True), withdrawable=False, when=when)
        for source, who in sources.items()
    )
