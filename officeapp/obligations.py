"""What still hangs on a person, a post or a portfolio: why it may not go yet (GEN-1 件件有专人负责).

A task follows its post, so another holder of the post takes everything over. Only
the engine moves tasks; whoever keeps the directory may therefore not pull away
the desk that a matter lies on. Each function returns a sentence, or "" if nothing hangs.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from officeapp.delegations import Delegation
from officeapp.matters import Matter, Task
from officeapp.people import ADMIN_KINDS, Holding, Person, Portfolio, Post, Unit
from officeapp.procedures import book
from officeapp.procedures.grammar import Field, Procedure
from officeapp.recipients import is_admin
from officeapp.roles import ids_in

PENDING = Task.state.in_(("open", "waiting"))
HANDOVER = "由办公室主任在“工作移交”里移交"
URGENT = "须立即不让其登录的，请按“停止登录”。"


def of_person(session: Session, person: Person, now: datetime) -> str:
    """Why this person may not be put out of office: tasks, drafts, a post nobody else fills, who is stood in for."""
    sentence = _burden_of(session, person, now)
    return f"{sentence}{URGENT}" if sentence and not is_admin(session, person.id) else sentence


def _burden_of(session: Session, person: Person, now: datetime) -> str:
    tasks = _matters(session, Task.person_id == person.id)
    if tasks:
        return f"{person.name}名下还有{tasks}件待办事项，不能停用。请先办结，或者{HANDOVER}。"
    drafts = session.scalar(select(func.count()).where(Matter.drafter_id == person.id, Matter.closed.is_(False)))
    if drafts:
        return f"{person.name}起草的公文还有{drafts}件没有办结，不能停用。请先办结、作废，或者{HANDOVER}。"
    named = sum(person.id in persons for persons in hanging(session).values())
    if named:
        return f"{person.name}是{named}件在办事项的责任人，不能停用。请{HANDOVER}。"
    for post in _filled_alone(session, person):
        waiting = _matters(session, Task.post_id == post.id)
        if waiting or _last_of_its_kind(session, post):
            load = f"还有{waiting}件待办事项" if waiting else "不能空缺"
            return (f"“{_called(session, post)}”只有{person.name}一人担任，{load}，因此不能停用。"
                    "请先由安全管理员增加一名担任人。")
    return of_stand_in(session, person, now)


def hanging(session: Session) -> dict[int, set[int]]:
    """Open matter → on whom it hangs: who drafted it, has a task, or is named responsible."""
    columns = (Matter.id, Matter.kind, Matter.rulebook, Matter.edition, Matter.drafter_id, Matter.values)
    found = {}
    for key, *rules, drafter, values in session.execute(select(*columns).where(Matter.closed.is_(False))):
        named = (persons_in(values.get(f.key)) for f in people_fields(book.procedure(*rules)))
        found[key] = {drafter}.union(*named)
    held = select(Task.matter_id, Task.person_id).where(PENDING, Task.person_id.is_not(None))
    for matter_id, person in session.execute(held):
        found.get(matter_id, set()).add(person)
    return found


def people_fields(rules: Procedure) -> list[Field]:
    """Fields that name who is responsible; what the signer signed stays as signed."""
    return [f for f in rules.fields if f.at and f.type in ("person", "people")]


def persons_in(value: Any) -> set[int]:
    """The persons a field names: one, several, or one for each unit."""
    return set(ids_in(list(value.values()) if isinstance(value, dict) else value))


def of_stand_in(session: Session, person: Person, now: datetime) -> str:
    """Why this person may not leave the business desks: others count on him, now or in days to come."""
    query = (select(Person.name).join(Delegation, Delegation.principal_id == Person.id)
             .where(Delegation.delegate_id == person.id, Delegation.ended_at.is_(None), Delegation.ends_at > now))
    principals = list(session.scalars(query.order_by(Delegation.starts_at)))
    return (f"{person.name}还要代{'、'.join(principals)}办理事项。请先由授权人本人或者办公室主任在“授权代办”里结束。"
            if principals else "")


def of_post(session: Session, post: Post, kind: str, unit_id: int, holders: Collection[int]) -> str:
    """Why this post may not become another or lose its last holder."""
    waiting = _matters(session, Task.post_id == post.id)
    if waiting and (post.kind, post.unit_id) != (kind, unit_id):
        return f"这个岗位还有{waiting}件待办事项，不能改为别的岗位或者改设在别的单位。请先办结，或者另设一个岗位。"
    staffed = session.scalar(select(exists().where(Person.id.in_(holders), Person.active)))
    gone = not staffed or post.kind != kind
    if gone and (waiting or _last_of_its_kind(session, post)):
        load = f"还有{waiting}件待办事项" if waiting else "不能空缺"
        return f"这个岗位{load}，至少要留一名在岗的担任人。"
    return ""


def of_charge(session: Session, post_id: int | None, charge: Collection[int]) -> str:
    """Why units may not pass from one deputy to another: what lies with the old one must be finished first.

    The new deputy would pass the gates but hold no task, the old one hold the task but pass no gate.
    """
    for old, unit in session.execute(select(Portfolio.post_id, Unit).join(Unit, Unit.id == Portfolio.unit_id)):
        leaves = unit.id not in charge if old == post_id else unit.id in charge
        waiting = _matters(session, Task.post_id == old, Matter.unit_id == unit.id) if leaves else 0
        if waiting:
            return (f"“{unit.name}”还有{waiting}件事项在{_names(session, old)}处待办，暂不能调整分管。"
                    "请待其办理后再调整；分管领导换人的，改原岗位的担任人即可，待办随岗位移交。")
    return ""


def of_unit(session: Session, unit: Unit) -> str:
    """Why a unit may not be put out of use, or outside: people sit in it, units lie under it, matters are its own."""
    folk = session.scalar(select(func.count()).where(Person.unit_id == unit.id, Person.active))
    if folk:
        return f"“{unit.name}”还有{folk}人在岗，不能停用或者改为外单位。请先把他们调到别的单位，或者停用其账号。"
    query = select(Unit.name).where(Unit.parent_id == unit.id, Unit.active)
    below = "、".join(session.scalars(query.order_by(Unit.position, Unit.id)))
    if below:
        return f"“{unit.name}”下面还有在用的单位（{below}），不能停用或者改为外单位。请先调整它们的上级单位。"
    waiting = session.scalar(select(func.count()).where(Matter.unit_id == unit.id, Matter.closed.is_(False)))
    return f"“{unit.name}”还有{waiting}件在办事项，不能停用或者改为外单位。请待其办结。" if waiting else ""


def _matters(session: Session, *conditions: ColumnElement[bool]) -> int:
    query = select(func.count(Task.matter_id.distinct())).join(Matter, Matter.id == Task.matter_id)
    return session.scalar(query.where(PENDING, *conditions))


def _filled_alone(session: Session, person: Person) -> list[Post]:
    """The posts that this person fills and no other active person does."""
    own = select(Holding.post_id).where(Holding.person_id == person.id)
    shared = (select(Holding.post_id).join(Person, Person.id == Holding.person_id)
              .where(Person.active, Person.id != person.id))
    return list(session.scalars(select(Post).where(Post.id.in_(own), Post.id.not_in(shared)).order_by(Post.id)))


def _called(session: Session, post: Post) -> str:
    """A post so that nobody takes it for another: each deputy has one of the own."""
    units = session.scalars(select(Unit.name).join(Portfolio, Portfolio.unit_id == Unit.id)
                            .where(Portfolio.post_id == post.id).order_by(Unit.position, Unit.id)).all()
    return f"{post.title}（分管{'、'.join(units)}）" if units else f"{post.unit.name}{post.title}"


def _last_of_its_kind(session: Session, post: Post) -> bool:
    """Whether no other post keeps this kind of administrator: without them nobody can be let in again."""
    if post.kind not in ADMIN_KINDS:
        return False
    others = (select(Holding.id).join(Post, Post.id == Holding.post_id).join(Person, Person.id == Holding.person_id)
              .where(Post.kind == post.kind, Post.id != post.id, Person.active))
    return session.scalar(others.limit(1)) is None


def _names(session: Session, post_id: int) -> str:
    query = select(Person.name).join(Holding, Holding.person_id == Person.id).where(Holding.post_id == post_id)
    return "、".join(session.scalars(query.order_by(Person.position))) or "原分管领导"
