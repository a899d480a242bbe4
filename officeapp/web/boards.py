"""The boards' pages: columns, more cards, what changed since, and what is overdue."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from officeapp import boards, clock, stamps
from officeapp.boards import Column, Filters
from officeapp.numerals import small_int
from officeapp.procedures import book
from officeapp.procedures.grammar import Procedure
from officeapp.web.access import business, door, may_draft, poll
from officeapp.web.cards import Deck, drawn
from officeapp.web.request import is_fragment, moment, page_session

blueprint = Blueprint("boards", __name__, url_prefix="/boards")
Marks = Mapping[int, Mapping[str, Any]]
NO_MARKS: Marks = {}


@blueprint.get("/<kind>")
@door(business)
def board(kind: str) -> str:
    rules, filters = _rules(kind), _filters(request.args)
    seen = stamp(rules)
    columns = boards.columns_of(page_session(), current_user, rules, filters, moment())
    page = sheet(rules, filters, columns, seen) | _head(rules, filters, columns)
    return render_template("boards/board.html", board=page)


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
    page = sheet(rules, filters, [found], stamp(rules))
    if is_fragment():
        return render_template("boards/_cards.html", column=page["columns"][0], board=page)
    return render_template("boards/board.html", board=page | _head(rules, filters, [found]) | {"poll_url": None})


def stamp(rules: Procedure) -> str:
    return _stamp(rules.kind)


def sheet(rules: Procedure, filters: Filters, columns: list[Column], seen: str, marks: Marks = NO_MARKS,
          ) -> dict[str, Any]:
    """What the columns' partials need, on the page and out of band; `marks` by matter id, for single cards."""
    kind, asked = _path(rules.kind), _asked(filters)
    deck = drawn(rules, (slip for column in columns for slip in column.slips), marks)
    return {
        "kind": kind, "columns": [_with_more(column, deck, kind, asked) for column in columns], "stamp": seen,
        "poll_url": url_for("boards.changes", kind=kind, since=seen, **asked), "filtered": filters.any,
        "total": sum(column.total for column in columns), "noun": rules.noun or rules.title,
        "new_href": url_for("matters.new", kind=kind) if _may_begin(rules) else None,
        "new_label": f"{'起草' if rules.has_text else '填写'}{rules.noun or rules.title}",
        "clear_href": url_for("boards.board", kind=kind),
    }


def _may_begin(rules: Procedure) -> bool:
    return may_draft(current_user, rules) and not rules.dependent


def since_then(rules: Procedure, filters: Filters, since: str, besides: set[str] = frozenset(),
               marks: Marks = NO_MARKS) -> dict[str, Any]:
    """The board with cards for the columns that changed since a stamp, and those named besides."""
    seen = stamp(rules)  # read first: what happens meanwhile comes with the next poll
    only = _changed(rules, since, seen)
    only = only | besides if only is not None else None
    columns = boards.columns_of(page_session(), current_user, rules, filters, moment(), only)
    page = sheet(rules, filters, columns, seen, marks)
    return page | {"changed": [c for c in page["columns"] if only is None or c["key"] in only]}


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
    # Lights change with the hour although nobody acts, so the hour belongs to it.
    return f"{stamps.stamp(page_session(), kind)}.{moment().astimezone(clock.ZONE):%Y%m%d%H}"


def _changed(rules: Procedure, since: str, seen: str) -> set[str] | None:
    seen_then, _, hour = since.partition(".")
    if hour != seen.partition(".")[2]:
        return None
    return stamps.changed_columns(page_session(), rules, seen_then)


def _filters(asked) -> Filters:
    return Filters(small_int(asked.get("unit", "")), asked.get("grade", "")[:20], asked.get("overdue") == "1",
                   asked.get("q", "").strip()[:100])


def _asked(filters: Filters, **changed: Any) -> dict[str, Any]:
    """The filters as a query string's parts, empty ones left out."""
    parts = {"unit": filters.unit, "grade": filters.grade, "overdue": "1" if filters.overdue else "", "q": filters.q}
    return {name: value for name, value in (parts | changed).items() if value}


def _with_more(column: Column, deck: Deck, kind: str, asked: dict[str, Any]) -> dict[str, Any]:
    more = url_for("boards.column", kind=kind, key=column.key, after=column.after, **asked) if column.after else ""
    return {"key": column.key, "title": column.title, "total": column.total, "overdue": column.overdue,
            "cards": Markup("\n".join([deck[slip] for slip in column.slips])), "more_url": more}  # nosec B704 # each drawn by Jinja with escaping


def _head(rules: Procedure, filters: Filters, columns: list[Column]) -> dict[str, Any]:
    """The page's title, pills, unit list and search box."""
    units = boards.unit_names(page_session())
    return {
        "title": f"{rules.title}看板", "q": filters.q, "filters": _pills(rules, filters, columns),
        "kept": [(name, value) for name, value in _asked(filters).items() if name not in ("unit", "q")],
        "units": [{"value": key, "label": name, "active": key == filters.unit} for key, name in units.items()],
    }


def _pills(rules: Procedure, filters: Filters, columns: list[Column]) -> list[dict[str, Any]]:
    if filters.any:
        total, late = boards.totals(page_session(), current_user, rules.kind, moment())
    else:
        total, late = sum(c.total for c in columns), sum(c.overdue for c in columns)
    mine = current_user.unit_id
    pills = [_pill("全部", rules, {}, not filters.any, total),
             _pill("超期", rules, _asked(filters, overdue="" if filters.overdue else "1"), filters.overdue, late)]
    for key, label in reversed(boards.grade_choices(rules)):
        active = filters.grade == key
        pills.append(_pill(label, rules, _asked(filters, grade="" if active else key), active))
    unit = "" if filters.unit == mine else mine
    return [*pills, _pill("本单位", rules, _asked(filters, unit=unit), filters.unit == mine)]


def _pill(label: str, rules: Procedure, asked: dict[str, Any], active: bool,
          count: int | None = None) -> dict[str, Any]:
    href = url_for("boards.board", kind=_path(rules.kind), **asked)
    return {"label": label, "href": href, "active": active, "count": count}
