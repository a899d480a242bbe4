"""Granting 授权代办 and ending it early: the refusals, the record, who is told (domain.md 7.2, SW-15).

A delegation covers the whole desk, so that nobody need know which post a matter
came through. It never joins another: who stands in for somebody does not pass it on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from officeapp import admin_events, personal_notices
from officeapp.clock import ZONE
from officeapp.delegations import Delegation
from officeapp.directory import Unfit
from officeapp.people import ADMIN_KINDS, Actor, Holding, Person, Post
from officeapp.recipients import is_admin

KEEPER = "office_director"
LONGEST = 90  # days: who is away for longer hands his matters over instead
AHEAD = 366  # days before a grant begins


@dataclass(frozen=True)
class Granted:
    """A delegation with the people it names; `row` is asked by the clock, people may have left since."""

    row: Delegation
    principal: Person
    delegate: Person
    grantor: Person

    def state(self, now: datetime) -> str:
        """planned | running | over | ended (early) | idle (one of them has left)"""
        if self.row.ended_at:
            return "ended"
        if now < self.row.ends_at and not (self.principal.active and self.delegate.active):
            return "idle"
        if now < self.row.starts_at:
            return "planned"
        return "running" if now < self.row.ends_at else "over"

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day, in the bureau's zone."""
        return _day(self.row.starts_at), _day(self.row.ends_at - timedelta(microseconds=1))


def grant(session: Session, principal_id: int, delegate_id: int, first: date, last: date, reason: str, *,
          by: Actor, now: datetime) -> Delegation:
    """From the first day (today: from now) through the last. Unfit: see the sentences."""
    # Both rows are locked, or two grants at once could make the chain that each alone would not.
    both = select(Person.id).where(Person.id.in_((principal_id, delegate_id))).order_by(Person.id)
    session.execute(both.with_for_update(key_share=True)).all()  # who only refers to them need not wait
    principal, delegate = session.get(Person, principal_id), session.get(Person, delegate_id)
    _refuse_people(session, principal, delegate, by)
    _refuse_days(first, last, reason, now)
    start = max(datetime.combine(first, time(), ZONE), now)
    end = datetime.combine(last + timedelta(days=1), time(), ZONE)
    _refuse_others(session, principal, delegate, start, end)
    row = Delegation(principal_id=principal_id, delegate_id=delegate_id, starts_at=start, ends_at=end,
                     reason=reason.strip(), created_by=by.id, created_at=now)
    session.add(row)
    session.flush()
    said = f"由{delegate.name}代办，{first}至{last}，事由：{row.reason}"
    admin_events.record(session, by, "delegation_granted", principal.name, now=now, person_id=principal.id, note=said)
    personal_notices.delegated(session, row.id, principal, delegate, by.name, f"{_spoken(first)}至{_spoken(last)}",
                      row.reason, now=now)
    return row


def end(session: Session, delegation_id: int, *, by: Actor, now: datetime) -> Delegation:
    """End it now, or call off what has not begun. Unfit: not one's own, or over already."""
    row = session.scalar(select(Delegation).where(Delegation.id == delegation_id).with_for_update())
    if row is None or not may_end(row, by):
        raise Unfit("没有这条授权，或者不是您设的。授权由本人或者办公室主任提前结束。")
    if row.ended_at or row.ends_at <= now:
        raise Unfit("这条授权已经结束，不用再办。")
    row.ended_at, row.ended_by = now, by.id
    principal, delegate = session.get_one(Person, row.principal_id), session.get_one(Person, row.delegate_id)
    admin_events.record(session, by, "delegation_ended", principal.name, now=now, person_id=principal.id,
                        note=f"原由{delegate.name}代办")
    personal_notices.delegation_ended(session, row.id, principal, delegate, by.name, now=now)
    return row


def may_end(row: Delegation, by: Actor) -> bool:
    return by.id == row.principal_id or by.has(KEEPER)


def of(session: Session, person_id: int | None, limit: int = 50) -> list[Granted]:
    """Those a person gave or got, or everybody's; the latest first."""
    query = select(Delegation).order_by(Delegation.ends_at.desc(), Delegation.id.desc()).limit(limit)
    if person_id is not None:
        query = query.where(or_(Delegation.principal_id == person_id, Delegation.delegate_id == person_id))
    rows = session.scalars(query).all()
    ids = {n for row in rows for n in (row.principal_id, row.delegate_id, row.created_by)}
    folk = {person.id: person for person in session.scalars(select(Person).where(Person.id.in_(ids)))}
    return [Granted(row, folk[row.principal_id], folk[row.delegate_id], folk[row.created_by]) for row in rows]


def able(session: Session) -> Sequence[Person]:
    """The people who may give or get one: active, and no administrator."""
    admins = select(Holding.person_id).join(Post, Post.id == Holding.post_id).where(Post.kind.in_(ADMIN_KINDS))
    return session.scalars(select(Person).where(Person.active, Person.id.not_in(admins))
                           .order_by(Person.position, Person.id)).all()


def _refuse_people(session: Session, principal: Person | None, delegate: Person | None, by: Actor) -> None:
    if principal is None or delegate is None:
        raise Unfit("请选择代办人。")
    if principal.id != by.id and not by.has(KEEPER):
        raise Unfit("只能授权他人代办您自己的事项；替别人设授权由办公室主任办理。")
    if principal.id == delegate.id:
        raise Unfit("不能授权给本人，请另选代办人。")
    if delegate.id == by.id:
        raise Unfit("替别人设授权，代办人不能是您自己。请另选代办人，或者请授权人本人设。")
    for person, role in ((principal, "授权人"), (delegate, "代办人")):
        if not person.active:
            raise Unfit(f"{person.name}的账号已停用，不能作{role}。请另选人员。")
        if is_admin(session, person.id):
            raise Unfit(f"{person.name}是系统、安全或审计管理员，不办理业务事项，不能授权代办。请另选人员。")


def _refuse_days(first: date, last: date, reason: str, now: datetime) -> None:
    today = _day(now)
    if first < today:
        raise Unfit(f"开始日期不能早于今天（{_spoken(today)}）。")
    if last < first:
        raise Unfit("结束日期不能早于开始日期。")
    if (first - today).days > AHEAD:
        raise Unfit(f"开始日期最远到{_spoken(today + timedelta(days=AHEAD))}，请改正。")
    if (last - first).days >= LONGEST:
        raise Unfit(f"一次授权最长{LONGEST}天。离开更久的，请由办公室主任办理工作移交。")
    if not reason.strip():
        raise Unfit("请写明事由，如出差、休假、学习。")


def _refuse_others(session: Session, principal: Person, delegate: Person, start: datetime, end: datetime) -> None:
    """No second delegation in the same time, and no chain: thus no loop either."""
    taken = _between(session, Delegation.principal_id == principal.id, start, end)
    if taken:
        raise Unfit(f"{principal.name}在{_period(taken)}已授权{_name(session, taken.delegate_id)}代办，"
                    "时间不能重叠。请先结束原来的授权，或者改日期。")
    passed = _between(session, Delegation.principal_id == delegate.id, start, end)
    if passed:
        raise Unfit(f"{delegate.name}在{_period(passed)}已把自己的事项授权给{_name(session, passed.delegate_id)}代办，"
                    "不能再代别人。请另选代办人。")
    held = _between(session, Delegation.delegate_id == principal.id, start, end)
    if held:
        raise Unfit(f"{principal.name}在{_period(held)}正代{_name(session, held.principal_id)}办理，"
                    "不能转授他人。请先结束那条授权，或者改日期。")


def _between(session: Session, whose, start: datetime, end: datetime) -> Delegation | None:
    query = select(Delegation).where(whose, Delegation.ended_at.is_(None), Delegation.starts_at < end,
                                     Delegation.ends_at > start)
    return session.scalars(query.order_by(Delegation.starts_at).limit(1)).first()


def _period(row: Delegation) -> str:
    first, last = _day(row.starts_at), _day(row.ends_at - timedelta(microseconds=1))
    return f"{_spoken(first)}至{_spoken(last)}"


def _name(session: Session, person_id: int) -> str:
    return session.get_one(Person, person_id).name


def _day(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def _spoken(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def nearest(session: Session, unit_id: int) -> list[Person]:
    """The same, those of one unit first: there somebody mostly finds who stands in for him."""
    return sorted(able(session), key=lambda person: person.unit_id != unit_id)


def names(persons: Iterable[Person]) -> list[tuple[int, str]]:
    """Choices for a form: 「赵琳（市容科）」."""
    return [(person.id, f"{person.name}（{person.unit.short or person.unit.name}）") for person in persons]
