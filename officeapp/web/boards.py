"""The boards' pages: columns, more cards, what changed since, and what is overdue."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from officeapp import boards, clock, stamps
from officeapp.boards import Column, Filters
from officeapp.numerals import small_int
from officeapp.procedures import book
from officeapp.procedures.grammar import Procedure
from officeapp.web.access import business, door, may_draft, poll
from officeapp.web.cards import Head, Marks, drawn, loose
from officeapp.web.pieces import path, piece
from officeapp.web.request import is_fragment, moment, page_session

blueprint = Blueprint("boards", __name__, url_prefix="/boards")
NO_MARKS: Marks = {}


class Pill(NamedTuple):
    label: str
    href: str
    active: bool
    count: int | None = None


@blueprint.get("/<kind>")
@door(business)
def board(kind: str) -> str:
    rules, filters = _rules(kind), _filters(request.args)
    seen = stamp(rules)
    columns = boards.columns_of(page_session(), current_user, rules, filters, moment())
    return _page(rules, filters, columns, seen)


@blueprint.get("/<kind>/changes")
@door(business)
@poll
def changes(kind: str) -> ResponseReturnValue:
    """204 when nothing happened: one indexed query; else the changed columns, out of band."""
    rules_kind = _known(kind)
    since = request.args.get("since", "")
    if since == _stamp(rules_kind):
        return "", 204
    rules = boards.current_rules(page_session(), rules_kind)
    fresh = since_then(rules, _filters(request.args), since)
    return render_template("boards/_changes.html", board=fresh, polled=True)


@blueprint.get("/<kind>/columns/<key>")
@door(business)
def column(kind: str, key: str) -> str:
    """The cards after a cursor: a fragment on scroll, a page of its own without scripts."""
    rules, filters, after = _rules(kind), _filters(request.args), request.args.get("after", "")
    try:
        found = boards.column_after(page_session(), current_user, rules, filters, key, after, moment())
    except ValueError:
        found = None
    if found is None:
        abort(404, "看板上没有这一栏，请回到看板重新打开。")
    if is_fragment():
        more_url = _head_of(found, rules, filters).more_url
        return render_template("boards/_cards.html", cards=loose(rules, found.slips), more_url=more_url)
    return _page(rules, filters, [found], stamp(rules), polls=False)


def stamp(rules: Procedure) -> str:
    return _stamp(rules.kind)


def _page(rules: Procedure, filters: Filters, columns: list[Column], seen: str, polls: bool = True) -> str:
    page = _sheet(rules, filters, columns, seen, False)
    page |= {"title": f"{rules.title}看板", "head": _head(rules, filters, columns, page),
             "sections": drawn(rules, [_head_of(column, rules, filters) for column in columns], NO_MARKS, False)}
    return render_template("boards/board.html", board=page if polls else page | {"poll_url": None})


def _sheet(rules: Procedure, filters: Filters, columns: list[Column], seen: str, oob: bool) -> dict[str, Any]:
    """What the page and the answers out of band say around the columns."""
    kind = _path(rules.kind)
    numbers = tuple((column.key, column.title, column.total, column.overdue) for column in columns)
    return {
        "kind": kind, "stamp": seen, "poll_url": _asking(path("boards.changes", kind=kind), filters, since=seen),
        "stages": piece("boards/_stages.html", columns=numbers, oob=oob),
        "filtered": filters.any, "total": sum(column.total for column in columns), "noun": rules.noun or rules.title,
        "new_href": path("matters.new", kind=kind) if _may_begin(rules) else None,
        "new_label": f"{'起草' if rules.has_text else '填写'}{rules.noun or rules.title}",
        "clear_href": path("boards.board", kind=kind),
    }


def _may_begin(rules: Procedure) -> bool:
    return may_draft(current_user, rules) and not rules.dependent


def since_then(rules: Procedure, filters: Filters, since: str, besides: set[str] = frozenset(),
               marks: Marks = NO_MARKS) -> dict[str, Any]:
    """The board with cards for the columns that changed since a stamp, and those named besides."""
    seen, only = _changed(rules, since)  # read first: what happens meanwhile comes with the next poll
    only = only | besides if only is not None else None
    columns = boards.columns_of(page_session(), current_user, rules, filters, moment(), only)
    changed = [_head_of(column, rules, filters) for column in columns if only is None or column.key in only]
    return _sheet(rules, filters, columns, seen, True) | {"sections": drawn(rules, changed, marks, True)}


def where_from() -> tuple[Procedure, Filters] | None:
    """The board that an htmx request was sent from, with its filters; None from any other page."""
    parts = urlsplit(request.headers.get("HX-Current-URL", ""))
    head, _, name = parts.path.rpartition("/")
    kind = name.replace("-", "_")
    if not is_fragment() or head != blueprint.url_prefix or kind not in book.kinds():
        return None
    return boards.current_rules(page_session(), kind), _filters(dict(parse_qsl(parts.query)))


def _known(kind: str) -> str:
    name = kind.replace("-", "_")
    if name not in book.kinds() or kind != _path(name):
        abort(404, "没有这块看板。")
    return name


def _rules(kind: str) -> Procedure:
    return boards.current_rules(page_session(), _known(kind))


def _path(kind: str) -> str:
    return kind.replace("_", "-")


def _stamp(kind: str) -> str:
    return f"{stamps.stamp(page_session(), kind)}.{_hour()}"


def _hour() -> str:
    """It belongs to the stamp: lights change with it although nobody acts."""
    return f"{moment().astimezone(clock.ZONE):%Y%m%d%H}"


def _changed(rules: Procedure, since: str) -> tuple[str, set[str] | None]:
    then, _, hour = since.partition(".")
    seen, only = stamps.changed_columns(page_session(), rules, then)
    return f"{seen}.{_hour()}", only if hour == _hour() else None


def _filters(asked) -> Filters:
    return Filters(small_int(asked.get("unit", "")), asked.get("grade", "")[:20], asked.get("overdue") == "1",
                   asked.get("q", "").strip()[:100])


def _asked(filters: Filters, **changed: Any) -> dict[str, Any]:
    """The filters as a query string's parts, empty ones left out."""
    parts = {"unit": filters.unit, "grade": filters.grade, "overdue": "1" if filters.overdue else "", "q": filters.q}
    return {name: value for name, value in (parts | changed).items() if value}


def _asking(address: str, filters: Filters, **more: Any) -> str:
    """An address with the filters, and what it asks besides."""
    asked = urlencode(_asked(filters, **more))
    return f"{address}?{asked}" if asked else address


def _head_of(column: Column, rules: Procedure, filters: Filters) -> Head:
    more = path("boards.column", kind=_path(rules.kind), key=column.key) if column.after else ""
    return Head(column.key, column.title, column.total, column.overdue,
                more and _asking(more, filters, after=column.after), column.slips)


def _head(rules: Procedure, filters: Filters, columns: list[Column], page: Mapping[str, Any]) -> Markup:
    """The page's title, pills, unit list and search box."""
    return piece(
        "boards/_head.html", title=f"{rules.title}看板", q=filters.q, pills=_pills(rules, filters, columns),
        kept=tuple((name, value) for name, value in _asked(filters).items() if name not in ("unit", "q")),
        units=tuple(boards.unit_names(page_session()).items()), unit=filters.unit, new_href=page["new_href"],
        new_label=page["new_label"])


def _pills(rules: Procedure, filters: Filters, columns: list[Column]) -> tuple[Pill, ...]:
    if filters.any:
        total, late = boards.totals(page_session(), current_user, rules.kind, moment())
    else:
        total, late = sum(c.total for c in columns), sum(c.overdue for c in columns)
    here, mine = path("boards.board", kind=_path(rules.kind)), current_user.unit_id
    grades = [Pill(label, _asking(here, filters, grade="" if filters.grade == key else key), filters.grade == key)
              for key, label in reversed(boards.grade_choices(rules))]
    own = filters.unit == mine
    return (Pill("全部", here, not filters.any, total),
            Pill("超期", _asking(here, filters, overdue="" if filters.overdue else "1"), filters.overdue, late),
            *grades, Pill("本单位", _asking(here, filters, unit="" if own else mine), own))
