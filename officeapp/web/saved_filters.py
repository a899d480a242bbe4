"""我的筛选: chips on the ledgers and the overdue board; named, renamed and removed here."""

from typing import Any, NamedTuple

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from officeapp import db, saved_filters
from officeapp.procedures import book
from officeapp.saved_filters import LONGEST, MOST, SavedFilter
from officeapp.web.access import business, door
from officeapp.web.request import moment, page_session

blueprint = Blueprint("saved_filters", __name__, url_prefix="/saved-filters")
OVERDUE = "overdue"
LEDGER_ASKS = ("year", "unit", "state", "q")


class Place(NamedTuple):
    """A page whose questions may be kept: what it is called, where it is, which words it knows."""

    title: str
    endpoint: str
    values: dict[str, str]
    asks: tuple[str, ...]

    def href(self, query: str) -> str:
        return f"{url_for(self.endpoint, **self.values)}?{query}"


def places() -> dict[str, Place]:
    """Every such page by its key: the overdue board and each ledger."""
    found = {OVERDUE: Place("超期事项", "overdue.board", {}, ("kind", "grade", "portfolio", "by"))}
    for rules in map(book.current, book.kinds()):
        if rules.ledger:
            kind = rules.kind.replace("_", "-")
            found[kind] = Place(rules.ledger_title, "ledgers.show", {"kind": kind}, LEDGER_ASKS)
    return found


def bar(page: str) -> dict[str, Any]:
    """What templates/saved_filters/_bar.html shows on a page: the reader's chips, and what he asks now."""
    place = places()[page]
    now = saved_filters.asked_of(request.query_string.decode(errors="replace"), place.asks)
    chips = [{"name": it.name, "href": place.href(it.query), "active": it.query == now}
             for it in saved_filters.of(page_session(), current_user, page)]
    return {"page": page, "query": now, "chips": chips, "longest": LONGEST}


@blueprint.get("")
@door(business)
def index() -> str:
    return _page()


@blueprint.post("", endpoint="add")
@door(business)
def add() -> ResponseReturnValue:
    page, name = request.form.get("page", ""), request.form.get("name", "")
    place = places().get(page) or abort(404, "这个页面不能保存筛选。")
    query = saved_filters.asked_of(request.form.get("query", ""), place.asks)
    with db.transaction() as session:
        fault = saved_filters.save(session, current_user, page, name, query, now=moment())
    if fault:
        return _page(typed={"page": page, "query": query, "name": name, "fault": fault, "place": place.title}), 422
    flash(f"已保存为“{' '.join(name.split())}”，以后在本页点一下即可。", "done")
    return redirect(place.href(query), 303)


@blueprint.post("/<int:filter_id>", endpoint="rename")
@door(business)
def rename(filter_id: int) -> ResponseReturnValue:
    name = request.form.get("name", "")
    with db.transaction() as session:
        saved = saved_filters.own(session, current_user, filter_id) or abort(404, "没有这个筛选，可能已经删除。")
        fault = saved_filters.rename(session, current_user, saved, name)
    if fault:
        return _page(faults={filter_id: (name, fault)}), 422
    return redirect(url_for("saved_filters.index"), 303)


@blueprint.post("/<int:filter_id>/removal", endpoint="remove")
@door(business)
def remove(filter_id: int) -> ResponseReturnValue:
    with db.transaction() as session:
        saved_filters.remove(session, current_user, filter_id)
    return redirect(url_for("saved_filters.index"), 303)


def _page(typed: dict[str, Any] | None = None, faults: dict[int, tuple[str, str]] | None = None) -> str:
    known, groups = places(), {}
    for it in saved_filters.of(page_session(), current_user):
        if it.page in known:
            groups.setdefault(known[it.page].title, []).append(_row(it, known[it.page], (faults or {}).get(it.id)))
    return render_template("saved_filters/index.html", groups=groups, typed=typed, longest=LONGEST, most=MOST)


def _row(saved: SavedFilter, place: Place, fault: tuple[str, str] | None) -> dict[str, Any]:
    name, sentence = fault or (saved.name, "")
    return {"id": saved.id, "saved": saved.name, "name": name, "fault": sentence, "href": place.href(saved.query)}
