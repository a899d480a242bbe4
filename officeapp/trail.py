"""What the auditor reads: who did what when to which matter, never what a document says (domain.md 7.2)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, false, or_, select
from sqlalchemy.orm import Session, aliased

from officeapp import seals
from officeapp.admin_events import AdminEvent
from officeapp.clock import ZONE
from officeapp.login_events import WAYS, LoginEvent
from officeapp.matters import Event, Matter
from officeapp.people import Person
from officeapp.procedures import book
from officeapp.readings import READINGS
from officeapp.seals import Seal

BATCH = 500  # lines
DEEDS = {
    "opened": "起草", "moved": "办理", "signed": "会签", "edited": "修改稿纸或正文", "proof_saved": "录入清样",
    "attached": "添加附件", "detached": "移除附件", "recounted": "重新计算时限", "reminded": "催办提醒",
    "handed_over": "工作移交", "contacted": "督催记录", "urged": "催办", "escalated": "督办", "extended": "延期",
    "informed": "抄送",
    "begot": "关联事项", "ended": "随所属事项办结", **READINGS,
}
ACTS = {
    "administrator_appointed": "任命首批三员", "unit_saved": "保存单位", "person_added": "新增人员",
    "person_saved": "修改人员", "password_asked": "提请口令", "password_declined": "退回口令提请",  # nosec B105 # a word, no password
    "password_reset": "重置口令", "password_changed": "修改本人口令",  # nosec B105 # a word, no password
    "person_moved": "调动人员", "account_renamed": "更换账号", "login_stopped": "停止登录",
    "staff_imported": "导入名册", "staff_exported": "导出名册", "passwords_given": "发放初始口令",
    "grant_proposed": "提请授岗", "grant_declined": "不予授岗",
    "post_granted": "任免岗位", "login_rules": "修改登录规则", "factor_reset": "重置二次验证",
    "delegation_granted": "设授权代办", "delegation_ended": "提前结束授权代办", "audit_exported": "导出审计记录",
    "ledger_exported": "导出台账",
    "ledger_printed": "打印台账", "restored": "从备份恢复",
}
LOGINS = {
    "entered": "登录", "refused": "登录失败", "locked": "暂停登录", "left": "退出登录", "idled": "无操作自动退出",
    "ended": "结束登录", "factor_on": "启用二次验证", "factor_off": "停用二次验证", "factor_reset": "重置二次验证",
    "codes_renewed": "更换备用码", "recovery_used": "使用备用码",
}
HOUSES_WORDS = ("reminded", "recounted", *READINGS)  # notes that nobody wrote and that quote no document
OPINIONS = ("moved", "signed")
FIELDS = {"stage": "环节", "title": "标题", "grade": "等级", "values": "稿纸", "number": "文号", "text_hash": "正文",
          "frozen_hash": "定稿", "proof_hash": "清样", "closed": "办结", "paused": "暂停计时", "drafter_id": "起草人"}
_signer = aliased(Person)


class Wanted(NamedTuple):
    """What the auditor asks for; days are the bureau's, empty means all."""

    person: str = ""
    since: date | None = None
    until: date | None = None
    what: str = ""
    matter: str = ""


class Deed(NamedTuple):
    """One line of a matter's record as the auditor sees it: opinions by their length, changes by their names."""

    id: int
    at: datetime
    matter_id: int
    number: str
    kind: str
    what: str
    move: str
    source: str
    target: str
    actor: str
    principal: str
    clause: str
    opinion: int
    changed: str
    remark: str
    hash: str


class Act(NamedTuple):
    """One line of what administrators did."""

    id: int
    at: datetime
    actor: str
    what: str
    whom: str
    note: str
    hash: str


class Login(NamedTuple):
    """One line about a person who came in, was refused or left."""

    id: int
    at: datetime
    name: str
    what: str
    way: str
    address: str
    browser: str
    note: str
    hash: str


class Sealed(NamedTuple):
    """One seal over the record; what it added and up to which line, book by book."""

    id: int
    at: datetime
    new: str
    upto: str
    hash: str


def deeds(session: Session, wanted: Wanted, before: int | None = None, limit: int = BATCH) -> list[Deed]:
    """Lines of matters, newest first, older than the line `before`."""
    query = _deeds().where(*_when(Event, wanted, before), *_about(session, wanted)).limit(limit)
    return [_deed(row) for row in session.execute(query)]


def acts(session: Session, wanted: Wanted, before: int | None = None, limit: int = BATCH) -> list[Act]:
    """Lines of administrators, newest first, older than the line `before`."""
    query = select(AdminEvent).where(*_when(AdminEvent, wanted, before))
    if wanted.person:
        query = query.where(or_(AdminEvent.actor == wanted.person, AdminEvent.whom == wanted.person))
    return [Act(a.id, a.at, a.actor, ACTS.get(a.what, a.what), a.whom, a.note, a.hash)
            for a in session.scalars(query.order_by(AdminEvent.id.desc()).limit(limit))]


def logins(session: Session, wanted: Wanted, before: int | None = None, limit: int = BATCH) -> list[Login]:
    """Lines of logins, newest first, older than the line `before`."""
    query = select(LoginEvent).where(*_when(LoginEvent, wanted, before))
    if wanted.person:
        query = query.where(LoginEvent.person_id.in_(_ids(session, wanted.person)))
    return _logins(session, query, limit)


def own_logins(session: Session, person_id: int, limit: int) -> list[Login]:
    """What the record says of one person's logins, newest first."""
    return _logins(session, select(LoginEvent).where(LoginEvent.person_id == person_id), limit)


def _logins(session: Session, query: Select, limit: int) -> list[Login]:
    found = session.scalars(query.order_by(LoginEvent.id.desc()).limit(limit))
    return [Login(e.id, e.at, e.name, LOGINS.get(e.what, e.what), WAYS.get(e.way, e.way), e.address, e.browser,
                  e.note, e.hash) for e in found]


def sealed(session: Session, wanted: Wanted, before: int | None = None, limit: int = BATCH) -> list[Sealed]:
    """Seals, newest first, older than the number `before`."""
    query = select(Seal).where(*_within(Seal.at, wanted)).order_by(Seal.n.desc()).limit(limit)
    query = query if before is None else query.where(Seal.n < before)
    return [Sealed(s.n, s.at, _booked(s.counts, "{} {} 行"), _booked(s.ends, "{}至 {}"), s.hash)
            for s in session.scalars(query)]


def _booked(numbers: Mapping[str, int], words: str) -> str:
    return "、".join(words.format(seals.BOOKS[name][0], n) for name, n in numbers.items() if n)


def whole(reader: Callable, session: Session, wanted: Wanted) -> Iterator[Any]:
    """Every line that is wanted, one batch in memory at a time."""
    before = None
    while some := reader(session, wanted, before):
        yield from some
        before = some[-1].id
        session.expunge_all()


def _deeds() -> Select:
    columns = (Event, Matter.number, Matter.kind.label("of"), Matter.rulebook, Matter.edition,
               Person.name.label("actor"), _signer.name.label("principal"))
    return (select(*columns).join(Matter, Matter.id == Event.matter_id)
            .outerjoin(Person, Person.id == Event.actor_id).outerjoin(_signer, _signer.id == Event.principal_id)
            .order_by(Event.id.desc()))


def _when(table: Any, wanted: Wanted, before: int | None) -> Iterator[ColumnElement[bool]]:
    if before is not None:
        yield table.id < before
    yield from _within(table.at, wanted)
    if wanted.what:
        yield table.what == wanted.what


def _within(at: Any, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.since:
        yield at >= datetime.combine(wanted.since, time(), ZONE)
    if wanted.until:
        yield at < datetime.combine(wanted.until + timedelta(days=1), time(), ZONE)


def _about(session: Session, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.person:
        ids = _ids(session, wanted.person)
        yield or_(Event.actor_id.in_(ids), Event.principal_id.in_(ids)) if ids else false()
    if wanted.matter:
        numbered = select(Matter.id).where(Matter.number.contains(wanted.matter, autoescape=True))
        yield or_(Event.matter_id.in_(numbered), Event.matter_id.in_(_as_id(wanted.matter)))


def _ids(session: Session, called: str) -> list[int]:
    """Everybody of this name or account."""
    return list(session.scalars(select(Person.id).where(or_(Person.name == called, Person.account == called))))


def _as_id(text: str) -> list[int]:
    return [int(text)] if text.isascii() and text.isdecimal() and len(text) < 10 else []


def _deed(row: Row) -> Deed:
    event, rules = row.Event, book.procedure(row.of, row.rulebook, row.edition)
    move, stages = rules.move(event.move), {stage.key: stage.title for stage in rules.stages}
    after = event.data.get("after", {})
    return Deed(
        event.id, event.at, event.matter_id, row.number, rules.title, DEEDS.get(event.what, event.what),
        move.title if move else "", stages.get(event.source, ""), stages.get(event.target, ""),
        row.actor or "系统", row.principal or "", event.clause, len(event.note) if event.what in OPINIONS else 0,
        "、".join(title for name, title in FIELDS.items() if name in after),
        event.note if event.what in HOUSES_WORDS else "", event.hash,
    )
