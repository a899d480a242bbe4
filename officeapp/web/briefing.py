"""一分钟: a leader's page."""

from flask import Blueprint, render_template, url_for
from flask_login import current_user

from officeapp import briefing
from officeapp.notebook import KEEPERS
from officeapp.web.access import door, posts
from officeapp.web.request import moment, page_session
from officeapp.web.todo import row_of

blueprint = Blueprint("briefing", __name__, url_prefix="/briefing")


@blueprint.get("")
@door(posts(*KEEPERS))
def show() -> str:
    told = briefing.of(page_session(), current_user, moment())
    parts = (
        ("待我办理", told.waiting, url_for("todo.index"), "没有等您办理的事项", "别人送到您这里的会列在这里。"),
        ("分管范围内超期", told.late, url_for("overdue.board"), "分管范围内没有超期事项", "超期的会列在这里。"),
        ("本周办结", told.finished, "", "本周还没有办结的事项", "本周一以来办结的会列在这里。"),
    )
    return render_template("briefing/show.html", parts=[
        {"title": title, "total": part.total, "rows": [row_of(line) for line in part.lines], "href": href,
         "empty": empty, "hint": hint} for title, part, href, empty, hint in parts])
