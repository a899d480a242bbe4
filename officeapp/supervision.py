"""What a supervisor does about a matter: writes down a call or a visit, sends it up by hand (DB-10, LX-5)."""

from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeapp import desks, matters, notices, offshoots, refusals, roles, timing, visibility
from officeapp.clock import ZONE
from officeapp.courses import course_of
from officeapp.decisions import Refused, Stale
from officeapp.matters import Event, Matter
from officeapp.people import Actor
from officeapp.procedures.grammar import Holder, Rung

WAYS = {"phone": "电话督催", "visit": "上门了解"}
LONGEST = 500
URGERS = ("office_director", "inspection_group", "assessment_section", "chief")


class Contact(NamedTuple):
    """One call or visit: whom, what was said, what comes next."""

    way: Literal["phone", "visit"]
    whom: str
    said: str
    next_step: str


def may_supervise(matter: Matter, actor: Actor) -> bool:
    """Whether this person urges on this matter: declared in its procedure."""
    return not actor.is_admin and any(
        roles.plays(actor, holder, drafter_id=matter.drafter_id, unit_id=matter.unit_id, values=matter.values)
        for holder in matter.rules.supervisors)


def contact(session: Session, matter_id: int, actor: Actor, made: Contact, *, now: datetime) -> Matter:
    """Write down who was called or visited, what was said, what comes next. Refused: not a supervisor, left blank."""
    matter = _supervised(session, matter_id, actor)
    blank = {"whom": "请填写找了谁。", "said": "请填写对方怎么说。", "next_step": "请填写下一步怎么办。"}
    faults = {key: sentence for key, sentence in blank.items() if not getattr(made, key).strip()}
    faults |= {key: f"最多{LONGEST}个字。" for key in blank if len(getattr(made, key)) > LONGEST}
    if made.way not in WAYS:
        faults["way"] = "请选择电话督催或上门了解。"
    if faults:
        raise Refused("请把下面标出的内容补全。", _urging(matter).clause, fields=faults)
    for text in (made.whom, made.said, made.next_step):
        refusals.refuse_secret_note(text)
    said = made.said.strip().rstrip("。；，")
    note = f"{WAYS[made.way]}{made.whom.strip()}：{said}。下一步：{made.next_step.strip()}"
    matters.record(session, matter, "contacted", at=now, actor_id=actor.id, source=matter.stage, target=matter.stage,
                   note=note, clause=_urging(matter).clause.cite, data={"contact": made._asdict()})
    return matter


def may_urge(matter: Matter, actor: Actor) -> bool:
    """Supervisors, those whose duty it is, and the head or deputy over the unit that handles it."""
    over = matter.unit_id in actor.portfolio or any(
        seat.kind == "unit_head" and seat.unit_id == matter.unit_id for seat in actor.posts)
    return not actor.is_admin and (actor.has(*URGERS) or over or may_supervise(matter, actor))


def urges(actor: Actor) -> bool:
    """Whether this person may urge on some matters at all."""
    return not actor.is_admin and (actor.has(*URGERS, "unit_head") or bool(actor.portfolio))


def urge(session: Session, matter_id: int, actor: Actor, note: str = "", *, now: datetime) -> list[str]:
    """Remind whoever holds the matter, and its unit's head once it is late; the names told, none when told today.

    Refused: not this person's to urge, or nothing is left to do.
    """
    matter = matters.lock(session, matter_id)
    if matter is None or not (visibility.may_see(session, actor, matter_id) and may_urge(matter, actor)):
        raise Refused("这件事项不由您催办。", matter.place.clause if matter else None, 403)
    if matter.closed:
        raise refusals.closed(matter, "不用再催办")
    refusals.refuse_secret_note(note)
    if _urged_today(session, matter, now):
        return []
    late = matter.due_at is not None and matter.due_at <= now
    to = (Holder(desks.CURRENT, "办理人"), *((Holder("head", "负责人"),) if late else ()))
    told, _ = desks.people_told(session, matter, to, now)
    notices.urged(session, matter, told, now=now, from_name=actor.name, note=note)
    names = [recipient.name for recipient in told]
    matters.record(session, matter, "urged", at=now, actor_id=actor.id, source=matter.stage, target=matter.stage,
                   note=f"已提醒{'、'.join(names)}" + (f"：{note.strip()}" if note.strip() else ""),
                   clause=_clause_of_urging(matter), data={"persons": [recipient.person.id for recipient in told]})
    return names


def _urged_today(session: Session, matter: Matter, now: datetime) -> bool:
    midnight = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    query = select(Event.id).where(Event.matter_id == matter.id, Event.what == "urged", Event.at >= midnight,
                                   Event.source == matter.stage)
    return session.scalar(query.limit(1)) is not None


def _clause_of_urging(matter: Matter) -> str:
    late = [rung for rung in matter.rules.ladder if rung.offset > 0]
    return late[0].clause.cite if late else matter.place.clause.cite


def ways_up(matter: Matter) -> list[Rung]:
    """The rungs that a supervisor may set off by hand: those that send a numbered document."""
    return [rung for rung in matter.rules.ladder if rung.opens]


def escalate(session: Session, matter_id: int, actor: Actor, rung_key: str, reason: str, *, version: int,
             now: datetime) -> Matter:
    """Send a rung's document now, with a reason; the sweep will not send it again for the same due day."""
    matter = _supervised(session, matter_id, actor)
    if matter.version != version:
        raise Stale()
    rung = next((each for each in ways_up(matter) if each.key == rung_key), None)
    if rung is None or course_of(matter) is None:
        raise Refused("没有这一级督办，请刷新页面后重试。", _urging(matter).clause)
    if not reason.strip():
        raise Refused("提前督办要写明原因。", rung.clause, fields={"reason": "请写明原因。"})
    refusals.refuse_secret_note(reason)
    sent = offshoots.set_off(session, matter, rung, now, reason.strip(), by=actor)
    if sent is None:
        raise Refused(f"「{rung.title}」对这个时限已经发过，不再重复。", rung.clause)
    matter.version += 1
    matters.record(session, matter, "escalated", at=now, actor_id=actor.id, source=matter.stage, target=matter.stage,
                   note=f"{rung.title}（{sent.number}）：{reason.strip()}", clause=rung.clause.cite,
                   data={"after": {"version": matter.version}, "rung": rung.key, "document": sent.id})
    return matter


def _supervised(session: Session, matter_id: int, actor: Actor) -> Matter:
    matter = matters.lock(session, matter_id)
    if matter is None or not visibility.may_see(session, actor, matter_id):  # one answer: nobody learns what exists
        raise Refused("没有这件事项，或者您不在它的知悉范围内。", None, 404)
    if not may_supervise(matter, actor):
        who = "、".join(dict.fromkeys(h.title for h in matter.rules.supervisors)) or "督办人员"
        raise Refused(f"督办由{who}进行。", matter.place.clause, 403)
    if matter.closed:
        raise refusals.closed(matter, "不用再督办")
    return matter


def _urging(matter: Matter) -> Rung:
    """The rung whose clause speaks of urging."""
    late = [rung for rung in matter.rules.ladder if rung.offset > 0]
    return late[0] if late else timing.ladder_of(matter, matter.deadlines[0])[0]
