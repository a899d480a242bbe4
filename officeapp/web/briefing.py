"""一分钟: a leader's page."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask_login import current_user

from officeapp import briefing, overdue
from officeapp.clock import ZONE
from officeapp.notebook import KEEPERS
from officeapp.overdue import Lane, Wanted
from officeapp.todo import Line
from officeapp.web.access import door, posts
from officeapp.web.lights import finished_light
from officeapp.web.overdue import list_href
from officeapp.web.request import moment, page_session
from officeapp.web.todo import row_of
from officeapp.workdays import WEEK

blueprint = Blueprint("briefing", __name__, url_prefix="/briefing")
EVERYTHING = Wanted()


@blueprint.get("")
@door(posts(*KEEPERS))
def show() -> str:
    told = briefing.of(page_session(), current_user, moment())
    waiting = [row_of(line, own=True) for line in told.waiting.lines]
    today = moment().astimezone(ZONE)
    return render_template(
        "briefing/show.html", today=f"{today.month}月{today.day}日 {WEEK[today.weekday()]}",
        charge="全局" if not current_user.portfolio else "分管范围内", told=told, waiting=waiting,
        late=[row_of(line) for line in told.late.lines], finished=[_finished(line) for line in told.finished.lines],
        figures=_figures(told), units=[_unit(lane) for lane in told.units if lane.late or lane.today],
        late_href=list_href(EVERYTHING, 0, figure="late"))


def _figures(told: briefing.Briefing) -> list[dict[str, Any]]:
    whole = overdue.whole(told.units)
    late, today, met = (list_href(EVERYTHING, 0, figure=name) for name in ("late", "today", "met"))
    shown = ((told.waiting.total, "等您办理", url_for("todo.index")), (whole.late, "超期", late),
             (whole.today, "今日到期", today),
             (whole.rate or "—", f"本月按期办结率（{whole.in_time}/{whole.met}）", met),
             (told.finished.total, "本周办结", "#finished"))
    return [{"number": number, "label": label, "href": href} for number, label, href in shown]


def _unit(lane: Lane) -> dict[str, Any]:
    """A unit's line: what is late and due there, each leading to its list."""
    names = ("late", "today", "open", "met")
    return {"unit": lane.unit, "late": lane.late, "today": lane.today, "open": lane.open, "rate": lane.rate,
            "hrefs": {name: list_href(EVERYTHING, lane.unit_id, figure=name) for name in names}}


def _finished(line: Line) -> dict[str, Any]:
    return row_of(line) | {"light": finished_light(line)}
