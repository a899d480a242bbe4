"""超期事项: every kind's late matters by unit and by how late, their figures, and urging on the ticked ones."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from officeapp import boards, clock, db, overdue, supervision
from officeapp.decisions import Refused
from officeapp.numerals import small_int
from officeapp.openings import shelf_of
from officeapp.overdue import Lane, Wanted
from officeapp.procedures import book
from officeapp.web.access import business, door, local_path
from officeapp.web.request import moment, page_session

blueprint = Blueprint("overdue", __name__, url_prefix="/boards/overdue")
MOST_URGED = 100


@blueprint.get("", endpoint="board")
@door(business)
def overdue_board() -> str:
    kind = request.args.get("kind", "")
    wanted = Wanted(_known(kind) if kind else "", request.args.get("grade", ""),
                    request.args.get("portfolio", type=small_int))
    lanes = overdue.lanes(page_session(), current_user, wanted, moment())
    return render_template(
        "boards/overdue.html", figures=_figures(overdue.whole(lanes)), buckets=overdue.BUCKETS,
        rows=[_lane(lane) for lane in lanes if lane.late or lane.today], filters=_overdue_pills(wanted),
        deputies=overdue.deputies(page_session()), wanted=wanted, printed=moment().astimezone(clock.ZONE),
        may_urge=supervision.urges(current_user), here=request.full_path.rstrip("?"))


@blueprint.post("/urgings", endpoint="urge")
@door(business)
def urge() -> ResponseReturnValue:
    """Urge on every ticked matter, one transaction each; what may not be urged is said, the others are (DB-10)."""
    ids = [found for text in request.form.getlist("matter")[:MOST_URGED] if (found := small_int(text))]
    told, refused = 0, []
    for matter_id in ids:
        try:
            with db.transaction() as session:
                told += bool(supervision.urge(session, matter_id, current_user, request.form.get("note", "")[:100],
                                              now=moment()))
        except Refused as fault:
            refused.append(fault.sentence)
    flash(_urged_words(len(ids), told, refused), "done" if told else "refused")
    return redirect(local_path(request.form.get("next")), 303)


def _urged_words(asked: int, told: int, refused: list[str]) -> str:
    if not asked:
        return "请先勾选要催办的事项。"
    rest = asked - told - len(refused)
    said = [f"已催办{told}件" if told else "", f"{rest}件今天已经催过" if rest else "",
            f"{len(refused)}件没有催办：{'；'.join(dict.fromkeys(refused))}" if refused else ""]
    return "，".join(filter(None, said)).rstrip("。") + "。"


def _figures(whole: Lane) -> list[dict[str, Any]]:
    return [
        {"number": whole.late, "label": "超期"}, {"number": whole.today, "label": "今日到期"},
        {"number": whole.open, "label": "在办"}, {"number": whole.rate or "—", "label": "本月按期办结率"},
        {"number": whole.returned, "label": "退回修改中"},
    ]


def _lane(lane: Lane) -> dict[str, Any]:
    line = f"在办 {lane.open}" + (f" · 按期 {lane.rate}" if lane.rate else "")
    return {"unit": lane.unit, "line": line, "cells": lane.cells, "more": [_rest(lane, n) for n in lane.more]}


def _rest(lane: Lane, n: int) -> dict[str, str] | None:
    href = url_for("boards.board", kind=_path(book.kinds()[0]), unit=lane.unit_id, overdue=1)
    return {"href": href, "label": f"还有 {n} 件"} if n else None


def _overdue_pills(wanted: Wanted) -> list[dict[str, Any]]:
    pills = [_overdue_pill("全部", wanted, {"kind": "", "grade": ""}, not (wanted.kind or wanted.grade))]
    for rules in shelf_of(current_user):
        pills.append(_overdue_pill(rules.title, wanted, {"kind": _path(rules.kind)}, wanted.kind == rules.kind))
    for key, label in reversed(boards.grade_choices(book.current(wanted.kind or book.kinds()[0]))):
        pills.append(_overdue_pill(label, wanted, {"grade": key}, wanted.grade == key))
    return pills


def _overdue_pill(label: str, wanted: Wanted, changed: dict[str, str], active: bool) -> dict[str, Any]:
    parts = {"kind": _path(wanted.kind), "grade": wanted.grade, "portfolio": wanted.portfolio} | changed
    query = urlencode({name: value for name, value in parts.items() if value})
    return {"label": label, "href": f"{url_for('overdue.board')}?{query}", "active": active}


def _known(kind: str) -> str:
    name = kind.replace("-", "_")
    if name not in book.kinds() or kind != _path(name):
        abort(404, "没有这块看板。")
    return name


def _path(kind: str) -> str:
    return kind.replace("_", "-")
