"""月度汇总: who has sent it and who has not, urging with one click, the text of all together (JH-1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from officeapp import calendars, db, decisions, engine, gatherings, matters, supervision, workdays
from officeapp.clock import ZONE
from officeapp.decisions import Refused
from officeapp.gatherings import OUTSTANDING, Sheet
from officeapp.numerals import han, small_int
from officeapp.procedures import book
from officeapp.procedures.grammar import MoveKind, Procedure
from officeapp.web.access import business, door
from officeapp.web.request import moment, page_session
from officeapp.web.spoken import moment_words, weekday_words

blueprint = Blueprint("gatherings", __name__, url_prefix="/gatherings/<kind>")


@dataclass(frozen=True)
class Month:
    """One month of a kind as this reader sees it."""

    rules: Procedure
    first: date
    periods: list[str]
    rows: list[Any]
    sheets: list[Sheet]

    @property
    def kept(self) -> dict[str, str]:
        """What its addresses say."""
        return {"kind": self.rules.kind.replace("_", "-"), "month": gatherings.period_of(self.first)}


@blueprint.get("")
@door(business)
def show(kind: str) -> str:
    month, session, now = _month(kind), page_session(), moment()
    midnight = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    urged = gatherings.urged_since(session, month.sheets, midnight)
    outstanding = [sheet for sheet in month.sheets if sheet.state in OUTSTANDING]
    gathering = month.rules.gathering
    return render_template(
        "gatherings/show.html", month=month, title=gatherings.words(gathering.heading, month.first),
        due=_due_words(month, now), rows=[_line(sheet, urged, now) for sheet in month.sheets],
        counts=_counts(month.sheets), figures=gatherings.figures(month.rules, month.rows, now),
        collectors=gatherings.collectors(session, gathering), collector=gathering.collector.title,
        may_urge=current_user.has(*supervision.URGERS, gathering.collector.name),
        to_urge=sum(sheet.row.id not in urged for sheet in outstanding), outstanding=len(outstanding),
        to_accept=sum(sheet.state == "sent" for sheet in month.sheets) if _collects(month.rules) else 0,
        printed=now.astimezone(ZONE))


@blueprint.get("/texts")
@door(business)
def text(kind: str) -> str:
    """Everything that is in, one unit after the other, to be printed or copied."""
    month = _month(kind)
    found = gatherings.chapters(page_session(), current_user, month.rules, month.sheets)
    chapters = [(han(n), each.unit, [(han(m), label, words.splitlines()) for m, (label, words) in
                                     enumerate(each.parts, start=1)]) for n, each in enumerate(found, start=1)]
    missing = [sheet.unit for sheet in month.sheets if sheet.state in (*OUTSTANDING, "absent")]
    heading = gatherings.words(month.rules.gathering.heading, month.first)
    return render_template("print/gathering.html", month=month, chapters=chapters, missing=missing,
                           heading=current_app.config["OFFICE"].bureau_name + heading)


@blueprint.post("/urgings", endpoint="urge")
@door(business)
def urge(kind: str) -> ResponseReturnValue:
    """Urge one unit, or without a number all that have not sent it; each once a day (supervision.urge)."""
    month, wanted = _month(kind), request.form.get("matter", "")
    ids = [sheet.row.id for sheet in month.sheets if sheet.state in OUTSTANDING]
    if wanted:
        ids = [n for n in ids if n == small_int(wanted)]
    told, refused = 0, []
    for matter_id in ids:
        try:
            with db.transaction() as session:
                told += bool(supervision.urge(session, matter_id, current_user, now=moment()))
        except Refused as fault:
            refused.append(fault.sentence)
    flash(_urged_words(len(ids), told, refused), "done" if told else "refused")
    return redirect(url_for("gatherings.show", **month.kept), 303)


@blueprint.post("/acceptances", endpoint="accept")
@door(business)
def accept(kind: str) -> ResponseReturnValue:
    """Take all that has been sent into the month's text, each by its own move; who may is the procedure's to say."""
    month, taken, refused = _month(kind), 0, []
    for sheet in (sheet for sheet in month.sheets if sheet.state == "sent"):
        try:
            taken += _accepted(sheet.row.id)
        except Refused as fault:
            refused.append(fault.sentence)
    said = f"已收入汇总{taken}件。" if taken else "没有收入汇总的。"
    flash(said + "".join(dict.fromkeys(refused)), "done" if taken else "refused")
    return redirect(url_for("gatherings.show", **month.kept), 303)


def _accepted(matter_id: int) -> bool:
    with db.transaction() as session:
        matter = matters.find(session, matter_id)
        face = decisions.acting(engine.case(session, matter), current_user)
        move = next(m for m in matter.rules.moves_from(matter.stage) if m.kind is MoveKind.FORWARD)
        return engine.move(session, matter_id, move.key, face, version=matter.version, now=moment()).closed


def _month(kind: str) -> Month:
    """The month of the address, else the newest opened, else this one."""
    rules = next((r for r in book.gathered() if r.kind.replace("_", "-") == kind), None)
    if rules is None:
        abort(404, "没有这项汇总，请从左边的菜单进入。")
    session, asked = page_session(), request.values.get("month", "")
    periods = gatherings.periods(session, rules.kind)
    newest = periods[0] if periods else gatherings.period_of(moment().astimezone(ZONE).date())
    first = gatherings.month_of(asked or newest)
    if first is None:
        abort(404, "没有这个月份，请从列表里选择。")
    rows = gatherings.year_of(session, current_user, rules, first.year)
    opened = gatherings.period_of(first) in periods
    sheets = gatherings.sheets(session, current_user, rules, rows, first, moment()) if opened else []
    return Month(rules, first, periods, rows, sheets)


def _collects(rules: Procedure) -> bool:
    return any(face.has(rules.gathering.collector.name) for face in current_user.faces)


def _due_words(month: Month, now: datetime) -> str:
    """「报送期限2026年11月20日（周五），2026年11月13日（周五）发起。」"""
    calendar = calendars.current(page_session())
    days = (gatherings.due_day(calendar, month.rules.gathering, month.first),
            gatherings.opens_on(calendar, month.rules.gathering, month.first))
    return "报送期限{}，{}由系统发给各科室。".format(*map(weekday_words, days))


def _counts(sheets: Sequence[Sheet]) -> list[tuple[int, str]]:
    owed = [sheet for sheet in sheets if sheet.state != "excused"]
    return [(len(owed), "应报"), (sum(sheet.is_in for sheet in owed), "已报"),
            (sum(sheet.state in ("owed", "absent") for sheet in owed), "未报"),
            (sum(sheet.state == "late" for sheet in owed), "逾期未报"),
            (sum(sheet.state == "rework" for sheet in owed), "退回重报中")]


def _line(sheet: Sheet, urged: set[int], now: datetime) -> dict[str, Any]:
    row, calendar = sheet.row, calendars.current(page_session())
    light = None
    if row and sheet.state in OUTSTANDING:
        light = workdays.light(calendar, row.due_at, row.due_unit or "day", now)
    late = {True: "按期", False: "迟报"}.get(sheet.in_time, "")
    return {"unit": sheet.unit, "id": row.id if row else None, "state": sheet.state,
            "words": gatherings.STATES[sheet.state], "kept": late,
            "sent": moment_words(row.met_at, now) if late else "", "holder": row.holder if row else "",
            "light": light, "returns": row.returns if row else 0,
            "open": sheet.state in OUTSTANDING, "urged": bool(row and row.id in urged)}


def _urged_words(asked: int, told: int, refused: list[str]) -> str:
    if not asked:
        return "没有要催报的：都已经报送了。"
    rest = asked - told - len(refused)
    said = [f"已催报{told}个科室" if told else "", f"{rest}个科室今天已经催过，明天再催" if rest else "",
            "；".join(dict.fromkeys(refused)).rstrip("。")]
    return "，".join(filter(None, said)) + "。"
