"""工作移交: all that hangs on one person passes to another, by the office director's word (GEN-1 件件有专人负责).

The system administrator, who puts people out of office, may not see documents, and the
security administrator grants posts only: the matters themselves are a business matter.
What a post holds stays with the post.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeapp import desks, matters, obligations, personal_notices
from officeapp.decisions import Refused
from officeapp.matters import Matter, Task
from officeapp.obligations import people_fields, persons_in
from officeapp.people import Actor, Person
from officeapp.recipients import is_admin
from officeapp.states import changes, stored_state

KEEPER = "office_director"
LONGEST_REASON = 200
CHANGED = "移交人名下的事项刚才有变化，请核对下面的最新清单后再办。"


@dataclass(frozen=True)
class Burden:
    """What one matter lays on a person."""

    matter: Matter
    tasks: int
    drafted: bool
    named: tuple[str, ...]  # the fields that name him as the one responsible

    @property
    def words(self) -> str:
        said = ["待办"] if self.tasks else []
        return "、".join([*said, *(["起草人"] if self.drafted else []), *self.named])


def givers(session: Session) -> list[tuple[Person, int]]:
    """Those on whom something hangs that is not done, and how many matters each."""
    counted = Counter(person for persons in obligations.hanging(session).values() for person in persons)
    query = select(Person).where(Person.id.in_(counted)).order_by(Person.position, Person.id)
    return [(person, counted[person.id]) for person in session.scalars(query)]


def burdens(session: Session, person_id: int) -> list[Burden]:
    """Every open matter that hangs on this person, in the order they began."""
    ids = [matter_id for matter_id, persons in obligations.hanging(session).items() if person_id in persons]
    pending = dict(session.execute(select(Task.matter_id, func.count()).where(
        obligations.PENDING, Task.person_id == person_id).group_by(Task.matter_id)).all())
    query = select(Matter).where(Matter.id.in_(ids)).order_by(Matter.id)
    return [_burden(matter, person_id, pending.get(matter.id, 0)) for matter in session.scalars(query)]


def hand_over(session: Session, giver_id: int, receiver_id: int, chosen: Collection[int], reason: str, *,
              by: Actor, now: datetime) -> int:
    """All or nothing, one event on each matter; how many. Refused: who, to whom, what, why."""
    giver, receiver = session.get(Person, giver_id), session.get(Person, receiver_id)
    _refuse(session, giver, receiver, reason, by)
    wanted = [each.matter.id for each in burdens(session, giver_id) if each.matter.id in chosen]
    if not wanted:
        raise Refused("请至少选择一件要移交的事项。", None)
    if set(chosen) - set(wanted):
        raise Refused(CHANGED, None, 409)
    for matter_id in wanted:  # in the order of their numbers: two handovers at once never wait for each other
        _pass(session, matters.lock(session, matter_id), giver, receiver, reason.strip(), by, now)
    personal_notices.handed_over(session, giver, receiver, wanted, by.name, reason.strip(), now=now)
    return len(wanted)


def _burden(matter: Matter, person_id: int, tasks: int) -> Burden:
    named = tuple(f.label for f in people_fields(matter.rules) if person_id in persons_in(matter.values.get(f.key)))
    return Burden(matter, tasks, matter.drafter_id == person_id, named)


def _renamed(value: Any, old: int, new: int) -> Any:
    """The same value with one person in the other's place."""
    if isinstance(value, dict):
        return {key: _renamed(each, old, new) for key, each in value.items()}
    if isinstance(value, list):
        return [_renamed(each, old, new) for each in value]
    return new if value == old else value


def _refuse(session: Session, giver: Person | None, receiver: Person | None, reason: str, by: Actor) -> None:
    if not by.has(KEEPER):
        raise Refused("工作移交由办公室主任办理。", None, 403)
    if giver is None:
        raise Refused("请先选择移交人，列出名下事项。", None)
    if receiver is None:
        raise Refused("请选择接办人，再移交。", None, fields={"receiver": "请选择接办人。"})
    if giver.id == receiver.id:
        raise Refused("接办人不能是移交人本人，请另选。", None, fields={"receiver": "请另选接办人。"})
    if not receiver.active or is_admin(session, receiver.id):
        raise Refused(f"{receiver.name}已停用或者是管理员，不能接办业务事项。请另选。", None,
                      fields={"receiver": "请另选接办人。"})
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise Refused(f"请写明移交原因（{LONGEST_REASON}字以内），如调离、退休。", None,
                      fields={"reason": "请写明移交原因。"})


def _pass(session: Session, matter: Matter, giver: Person, receiver: Person, reason: str, by: Actor,
          now: datetime) -> None:
    """One matter: tasks, draft and names pass on; stage and due dates stay as they are."""
    if matter.closed:
        raise Refused(CHANGED, None, 409)
    before = stored_state(matter)
    for task in matters.open_tasks(session, matter.id):
        if task.person_id == giver.id:
            task.person_id, task.seen_at = receiver.id, None
    if matter.drafter_id == giver.id:
        matter.drafter_id = receiver.id
    if matter.sent_by == giver.id:
        matter.sent_by = receiver.id
    renamed = {f.key: _renamed(matter.values[f.key], giver.id, receiver.id) for f in people_fields(matter.rules)
               if f.key in matter.values}
    matter.values = {**matter.values, **renamed}
    desks.name_holders(session, matter, now)
    matter.version += 1
    matters.record(session, matter, "handed_over", at=now, actor_id=by.id, source=matter.stage, target=matter.stage,
                   note=f"{giver.name}移交{receiver.name}：{reason}", clause=matter.place.clause.cite,
                   data={"from": giver.id, "to": receiver.id, "after": changes(before, stored_state(matter))})
