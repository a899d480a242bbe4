"""审计: what was done, for the audit administrator alone. He reads the record and no document (domain.md 7.2)."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from officeapp import admin_events, clock, db, sheets, trail
from officeapp.clock import ZONE
from officeapp.numerals import small_int
from officeapp.people import Person
from officeapp.trail import ACTS, DEEDS, LOGINS, Act, Deed, Login, Sealed, Wanted
from officeapp.web import downloads
from officeapp.web.access import door, posts
from officeapp.web.request import moment, page_session
from officeapp.web.safety import costly

blueprint = Blueprint("audit", __name__, url_prefix="/audit")
AUDITOR = posts("audit_admin")
PAGE = 50  # lines
MOST = 100_000  # lines of an xlsx; more of them no office program opens with pleasure


class Book(NamedTuple):
    """One of the records: how it is read, shown and written into a table."""

    title: str
    endpoint: str
    reader: Callable
    kinds: dict[str, str]
    head: tuple[str, ...]
    row: Callable


@blueprint.get("")
@door(AUDITOR)
def index() -> str:
    return _page("deeds")


@blueprint.get("/acts")
@door(AUDITOR)
def acts() -> str:
    return _page("acts")


@blueprint.get("/logins")
@door(AUDITOR)
def logins() -> str:
    return _page("logins")


@blueprint.get("/seals")
@door(AUDITOR)
def seals() -> str:
    mailed = page_session().scalar(select(Person.email).where(Person.id == current_user.id))
    return _page("seals", unmailed=not mailed)


@blueprint.get("/exports/<record>")
@door(AUDITOR)
@costly
def export(record: str) -> ResponseReturnValue:
    """The filtered record as CSV, or as xlsx with `format=xlsx`; that it was taken is an act itself."""
    if record not in BOOKS:
        abort(404, "没有这种审计记录。")
    book, wanted, excel = BOOKS[record], _wanted(), request.args.get("format") == "xlsx"
    if excel and _is_too_long(book, wanted):
        abort(400, f"Excel 文件最多导出 {MOST:,} 行。请缩小日期范围，或者改用“导出 CSV”。")
    with db.transaction() as session:
        admin_events.record(session, current_user, "audit_exported", book.title, now=moment(),
                            note=_asked(book, wanted))
    name = f"{book.title}{moment().astimezone(ZONE):%Y%m%d%H%M}"
    rows = _rows(book, wanted)
    return downloads.xlsx(partial(sheets.write_xlsx, head=book.head, rows=rows), name) if excel else downloads.csv(
        book.head, rows, name)


def _page(record: str, **more: Any) -> str:
    book, wanted = BOOKS[record], _wanted()
    before = request.args.get("before", type=small_int)
    found = book.reader(page_session(), wanted, before, PAGE + 1)
    kept = {name: value for name, value in request.args.items() if name in ARGUMENTS and value}
    return render_template(f"audit/{record}.html", lines=found[:PAGE], book=book, record=record, wanted=wanted,
                           kept=kept, older=found[PAGE - 1].id if len(found) > PAGE else None,
                           newest=before is None, when=_when,
                           turned=bool(wanted.since and wanted.until and wanted.since > wanted.until), **more)


ARGUMENTS = ("person", "since", "until", "what", "matter")


def _wanted() -> Wanted:
    asked = {name: request.args.get(name, "").strip()[:60] for name in ARGUMENTS}
    return Wanted(asked["person"], _day(asked["since"]), _day(asked["until"]), asked["what"], asked["matter"])


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None


def _asked(book: Book, wanted: Wanted) -> str:
    """The filter in words, for the line about the export."""
    said = (("人员", wanted.person), ("自", wanted.since), ("至", wanted.until),
            ("操作", book.kinds.get(wanted.what, wanted.what)), ("事项", wanted.matter))
    return "，".join(f"{label}{value}" for label, value in said if value) or "全部"


def _is_too_long(book: Book, wanted: Wanted) -> bool:
    with db.reading() as session:
        lines = trail.whole(book.reader, session, wanted)
        return any(n > MOST for n, _ in enumerate(lines, start=1))


def _rows(book: Book, wanted: Wanted) -> Iterator[tuple]:
    # The page's own session is closed before a streamed answer has been read.
    with db.reading() as session:
        yield from map(book.row, trail.whole(book.reader, session, wanted))


def _when(at: datetime) -> str:
    return f"{at.astimezone(clock.ZONE):%Y-%m-%d %H:%M:%S}"


def _deed_row(deed: Deed) -> tuple:
    way = f"{deed.source}→{deed.target}" if deed.source != deed.target else deed.target
    return (deed.id, _when(deed.at), deed.matter_id, deed.number, deed.kind, deed.what, deed.move, way, deed.actor,
            deed.principal, deed.clause, deed.opinion or "", deed.changed, deed.remark, deed.hash)


def _act_row(act: Act) -> tuple:
    return act.id, _when(act.at), act.actor, act.what, act.whom, act.note, act.hash


def _login_row(line: Login) -> tuple:
    return (line.id, _when(line.at), line.name, line.what, line.way, line.address, line.browser, line.note, line.hash)


def _seal_row(seal: Sealed) -> tuple:
    return seal.id, _when(seal.at), seal.new, seal.upto, seal.hash


BOOKS = {
    "deeds": Book("办理记录", "audit.index", trail.deeds, DEEDS, (
        "流水号", "时间", "事项编号", "文号", "类别", "操作", "动作", "环节", "操作人", "签字人", "依据", "意见字数",
        "变动项", "说明", "校验值"), _deed_row),
    "acts": Book("管理和导出操作", "audit.acts", trail.acts, ACTS, (
        "流水号", "时间", "操作人", "操作", "对象", "说明", "校验值"), _act_row),
    "logins": Book("登录记录", "audit.logins", trail.logins, LOGINS, (
        "流水号", "时间", "人员", "情况", "方式", "地址", "浏览器", "说明", "校验值"), _login_row),
    "seals": Book("记录封存", "audit.seals", trail.sealed, {}, (
        "号", "时间", "新增", "止于流水号", "校验值"), _seal_row),
}
