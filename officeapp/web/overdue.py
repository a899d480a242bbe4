"""超期事项: late matters by unit and how late or how far up the ladder, the lists behind figures, urging many."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import Row

from officeapp import boards, clock, db, overdue, overdue_lists, supervision, visibility
from officeapp.decisions import Refused
from officeapp.numerals import small_int
from officeapp.openings import shelf_of
from officeapp.overdue import Lane, Wanted
from officeapp.overdue_lists import FIGURES, FINISHED, PAGE, Asked
from officeapp.procedures import book
from officeapp.todo import Line
from officeapp.web import saved_filters
from officeapp.web.access import business, door, local_path
from officeapp.web.lights import finished_light
from officeapp.web.request import moment, page_session
from officeapp.web.todo import row_of

blueprint = Blueprint("overdue", __name__, url_prefix="/boards/overdue")
MOST_URGED = 100
LADDER = "ladder"


@blueprint.get("", endpoint="board")
@door(business)
def overdue_board() -> str:
    wanted, deputies = _wanted(), overdue.deputies(page_session())
    lanes = overdue.lanes(page_session(), current_user, wanted, moment())
    return render_template(
        "boards/overdue.html", wanted=wanted, kept=_parts(wanted), words=_words(wanted, deputies), deputies=deputies,
        figures=_figures(overdue.whole(lanes), wanted), columns=overdue.columns(wanted),
        rows=[_lane(lane, wanted) for lane in lanes if any(lane.totals)],
        calm=[_calm(lane, wanted) for lane in lanes if not any(lane.totals)],
        filters=_overdue_pills(wanted), ways=_ways(wanted), saved=saved_filters.bar(saved_filters.OVERDUE),
        printed=moment().astimezone(clock.ZONE), may_urge=supervision.urges(current_user), here=_here())


@blueprint.get("/matters", endpoint="matters")
@door(business)
def matters() -> str:
    """The matters behind one figure or one cell."""
    wanted, page = _wanted(), small_int(request.args.get("page", "")) or 1
    asked = Asked(request.args.get("figure", ""), request.args.get("column", ""),
                  request.args.get("unit", type=small_int))
    try:
        found = overdue_lists.of(page_session(), current_user, wanted, asked, moment(), page)
    except LookupError:
        abort(404, "没有这个清单，请从超期事项里的数字点进来。")
    finished = asked.figure in FINISHED
    return render_template(
        "boards/overdue_list.html", title=_title(asked, wanted), total=found.total, asked=asked, here=_here(),
        rows=[_row(line, finished=finished) for line in found.lines], parts=_halves(wanted, asked) if finished else (),
        back=url_for("overdue.board", **_parts(wanted)), pages=_pages(found.total, page),
        kept=_words(wanted, overdue.deputies(page_session())), when="办结" if finished else "登记",
        may_urge=not finished and supervision.urges(current_user))


@blueprint.post("/urgings", endpoint="urge")
@door(business)
def urge() -> ResponseReturnValue:
    """Urge on every ticked matter, one transaction each; what may not be urged is said, the others are (DB-10)."""
    ids = [found for text in request.form.getlist("matter") if (found := small_int(text))]
    told, refused = 0, []
    for matter_id in ids[:MOST_URGED]:
        try:
            with db.transaction() as session:
                told += bool(supervision.urge(session, matter_id, current_user, request.form.get("note", "")[:100],
                                              now=moment()))
        except Refused as fault:
            refused.append((_named(matter_id), fault.sentence.rstrip("。")))
    flash(_urged_words(len(ids), told, refused), "done" if told else "refused")
    return redirect(local_path(request.form.get("next")), 303)


def _named(matter_id: int) -> str:
    """Its number and title, of what this person may see; else only which one of the ticked it was."""
    matter = visibility.seen(page_session(), current_user, matter_id)
    return f"{matter.number}《{matter.title}》" if matter else f"事项编号{matter_id}"


def _urged_words(asked: int, told: int, refused: list[tuple[str, str]]) -> str:
    """What became of all that were ticked; each refused one by its name, with the reason."""
    if not asked:
        return "请先勾选要催办的事项。"
    over = max(asked - MOST_URGED, 0)
    rest = asked - over - told - len(refused)
    said = [f"已催办{told}件" if told else "", f"{rest}件今天已经催过" if rest else "",
            f"{len(refused)}件没有催办（{'；'.join(f'{name}：{why}' for name, why in refused)}）" if refused else "",
            f"一次最多催办{MOST_URGED}件，其余{over}件请再勾选一次" if over else ""]
    return "，".join(filter(None, said)) + "。"


def _wanted() -> Wanted:
    kind = request.args.get("kind", "")
    return Wanted(_known(kind) if kind else "", request.args.get("grade", "")[:20],
                  request.args.get("portfolio", type=small_int), request.args.get("by") == LADDER)


def _parts(wanted: Wanted, **changed: Any) -> dict[str, Any]:
    """The filters as an address's parts, empty ones left out."""
    parts = {"kind": _path(wanted.kind), "grade": wanted.grade, "portfolio": wanted.portfolio,
             "by": LADDER if wanted.ladder else ""} | changed
    return {name: value for name, value in parts.items() if value}


def _here() -> str:
    return request.full_path.rstrip("?")


def list_href(wanted: Wanted, unit: int, **asked: str) -> str:
    """Where the matters behind a figure or a cell are; unit 0 for the whole bureau."""
    return url_for("overdue.matters", **_parts(wanted), **({"unit": unit} if unit else {}), **asked)


def _figures(whole: Lane, wanted: Wanted) -> list[dict[str, Any]]:
    shown = (("late", whole.late, "超期"), ("today", whole.today, "今日到期"), ("open", whole.open, "在办"),
             ("met", whole.rate or "—", f"本月按期办结率（{whole.in_time}/{whole.met}）"),
             ("returned", whole.returned, "退回修改中"))
    return [{"number": number, "label": label, "href": list_href(wanted, 0, figure=name)}
            for name, number, label in shown]


def _lane(lane: Lane, wanted: Wanted) -> dict[str, Any]:
    shown = zip(overdue.columns(wanted), lane.cells, lane.totals, strict=True)
    return {"unit": lane.unit, "figures": _unit_figures(lane, wanted), "cells": [
        {"column": column, "items": items, "more": total - len(items),
         "href": list_href(wanted, lane.unit_id, column=column.key)} for column, items, total in shown]}


def _unit_figures(lane: Lane, wanted: Wanted) -> list[dict[str, Any]]:
    """A figure and where its matters are; what is nought is not said, but for what lies open."""
    shown = (("late", lane.late, "超期"), ("today", lane.today, "今日"), ("open", lane.open or "0", "在办"),
             ("returned", lane.returned, "退回"), ("met", lane.rate, "按期"))
    return [{"label": label, "number": number, "name": name, "href": list_href(wanted, lane.unit_id, figure=name)}
            for name, number, label in shown if number]


def _calm(lane: Lane, wanted: Wanted) -> dict[str, Any]:
    return {"unit": lane.unit, "figures": _unit_figures(lane, wanted)}


def _title(asked: Asked, wanted: Wanted) -> str:
    unit = overdue.unit_name(page_session(), asked.unit) if asked.unit is not None else "全局"
    titles = {column.key: column.title for column in overdue.columns(wanted)}
    return f"{unit} · {FIGURES.get(asked.figure) or titles[asked.column]}"


def _halves(wanted: Wanted, asked: Asked) -> list[dict[str, Any]]:
    """What was finished this month, all of it or what was in time or late alone."""
    return [{"label": FIGURES[name], "href": list_href(wanted, asked.unit or 0, figure=name),
             "active": name == asked.figure} for name in FINISHED]


def _words(wanted: Wanted, deputies: Sequence[Row]) -> str:
    """The filters that still hold, as words."""
    kind = book.current(wanted.kind).title if wanted.kind else ""
    grades = dict(boards.grade_choices(book.current(wanted.kind or book.kinds()[0])))
    charge = next((f"{row.name}分管" for row in deputies if row.post_id == wanted.portfolio), "")
    return "、".join(filter(None, (kind, grades.get(wanted.grade, ""), charge)))


def _row(line: Line, *, finished: bool) -> dict[str, Any]:
    return row_of(line) | {"id": line.id} | ({"light": finished_light(line)} if finished else {})


def _pages(total: int, page: int) -> dict[str, Any]:
    def href(n: int) -> str:
        return url_for("overdue.matters", **(request.args.to_dict() | {"page": n}))
    last = -(-total // PAGE)
    return {"page": page, "last": last, "before": href(page - 1) if 1 < page <= last else "",
            "after": href(page + 1) if page < last else ""}


def _ways(wanted: Wanted) -> list[dict[str, Any]]:
    """The two sorts of columns."""
    return [{"label": label, "href": url_for("overdue.board", **_parts(wanted, by=by)), "active": wanted.ladder is on}
            for label, by, on in (("按超期时间", "", False), ("按督办级别", LADDER, True))]


def _overdue_pills(wanted: Wanted) -> list[tuple[str, list[dict[str, Any]]]]:
    """A row of kinds and a row of grades, named: one of each holds at a time."""
    kinds = [_pill("全部", wanted, not wanted.kind, kind="", grade="")]
    kinds += [_pill(rules.title, wanted, wanted.kind == rules.kind, kind=_path(rules.kind), grade="")
              for rules in shelf_of(current_user)]
    grades = [_pill("全部", wanted, not wanted.grade, grade="")]
    grades += [_pill(label, wanted, wanted.grade == key, grade=key)
               for key, label in reversed(boards.grade_choices(book.current(wanted.kind or book.kinds()[0])))]
    return [("类别", kinds)] + ([("等级", grades)] if len(grades) > 1 else [])


def _pill(label: str, wanted: Wanted, active: bool, **changed: str) -> dict[str, Any]:
    return {"label": label, "href": url_for("overdue.board", **_parts(wanted, **changed)), "active": active}


def _known(kind: str) -> str:
    name = kind.replace("-", "_")
    if name not in book.kinds() or kind != _path(name):
        abort(404, "没有这块看板。")
    return name


def _path(kind: str) -> str:
    return kind.replace("_", "-")
