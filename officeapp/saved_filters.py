"""我的筛选: what somebody often asks of a ledger or of the overdue board, kept under a name of his own.

Private: every statement asks for the person's own rows. What is kept is never an address: the page is one that the
caller knows, the question only its known words (`asked_of`), so a saved filter leads nowhere else.
"""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp.db import Base
from officeapp.people import Actor
from officeapp.secrecy import secrecy_marks

LONGEST, LONGEST_QUERY = 20, 300
MOST = 20  # of one person on one page


class SavedFilter(Base):
    """One named question; `page` is the caller's key of a page, `query` what asked_of() gives."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("person_id", "page", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    page: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(LONGEST))
    query: Mapped[str] = mapped_column(String(LONGEST_QUERY))
    saved_at: Mapped[datetime]


def asked_of(query: str, known: Iterable[str]) -> str:
    """The question with the page's known words alone, one value each, always written alike; "" when none is left."""
    given = dict(parse_qsl(query[:LONGEST_QUERY * 3]))
    kept = urlencode({name: given[name].strip() for name in known if given.get(name, "").strip()})
    return kept if len(kept) <= LONGEST_QUERY else ""


def of(session: Session, actor: Actor, page: str | None = None) -> list[SavedFilter]:
    """One's own filters, of one page or of all, in the order in which they were saved."""
    query = select(SavedFilter).where(SavedFilter.person_id == actor.id).order_by(SavedFilter.page, SavedFilter.id)
    return list(session.scalars(query.where(SavedFilter.page == page) if page else query))


def own(session: Session, actor: Actor, filter_id: int) -> SavedFilter | None:
    """The filter, if it is this person's."""
    return session.scalar(select(SavedFilter).where(SavedFilter.id == filter_id, SavedFilter.person_id == actor.id))


def save(session: Session, actor: Actor, page: str, name: str, query: str, *, now: datetime) -> str:
    """Keep what is asked under a name; the same name takes the new question. What is wrong, "" when it was kept."""
    name = " ".join(name.split())
    same = _named(session, actor, page, name)
    fault = _fault(name) or ("" if query else "现在没有筛选条件，请先选好条件再保存。")
    if not fault and same is None and _count(session, actor, page) >= MOST:
        fault = f"每处最多保存{MOST}个筛选，请先删除不用的。"
    if fault:
        return fault
    if same is None:
        session.add(SavedFilter(person_id=actor.id, page=page, name=name, query=query, saved_at=now))
    else:
        same.query, same.saved_at = query, now
    return ""


def rename(session: Session, actor: Actor, saved: SavedFilter, name: str) -> str:
    """Another name for one's own filter. What is wrong, "" when it was changed."""
    name = " ".join(name.split())
    same = _named(session, actor, saved.page, name)
    fault = _fault(name) or ("已经有一个叫这个名称的筛选。" if same and same.id != saved.id else "")
    if not fault:
        saved.name = name
    return fault


def remove(session: Session, actor: Actor, filter_id: int) -> None:
    session.execute(delete(SavedFilter).where(SavedFilter.id == filter_id, SavedFilter.person_id == actor.id))


def _named(session: Session, actor: Actor, page: str, name: str) -> SavedFilter | None:
    return session.scalar(select(SavedFilter).where(
        SavedFilter.person_id == actor.id, SavedFilter.page == page, SavedFilter.name == name))


def _count(session: Session, actor: Actor, page: str) -> int:
    mine = select(func.count()).select_from(SavedFilter)
    return session.scalar(mine.where(SavedFilter.person_id == actor.id, SavedFilter.page == page))


def _fault(name: str) -> str:
    if not name:
        return "请给这个筛选起个名称，如“市容科超期”。"
    if secrecy_marks(name):
        return "名称含有密级标志。本系统为非涉密系统，严禁处理涉密信息。"
    return f"名称最多{LONGEST}个字，现在{len(name)}个字，请删减。" if len(name) > LONGEST else ""
