"""我的笔记: a leader's own pages (LD-5). Every statement asks for the reader's own notes and no others."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from officeapp import clock, db, notebook, sheets
from officeapp.notebook import KEEPERS, LONGEST, LONGEST_TITLE, LeaderNote
from officeapp.web import downloads
from officeapp.web.access import door, posts
from officeapp.web.request import moment, page_session
from officeapp.web.spoken import moment_words

blueprint = Blueprint("notebook", __name__, url_prefix="/notebook")
LEADER = posts(*KEEPERS)
HEAD = ("日期", "事由", "内容", "记录时间", "修改时间")


@blueprint.get("")
@door(LEADER)
def index() -> str:
    return _page({"noted_on": moment().astimezone(clock.ZONE).date().isoformat()}, {})


@blueprint.post("", endpoint="add")
@door(LEADER)
def add() -> ResponseReturnValue:
    return _keep(None)


@blueprint.get("/<int:note_id>")
@door(LEADER)
def edit(note_id: int) -> str:
    note = _own(note_id)
    return _page({"noted_on": note.noted_on.isoformat(), "title": note.title, "body": note.body}, {}, note)


@blueprint.post("/<int:note_id>", endpoint="change")
@door(LEADER)
def change(note_id: int) -> ResponseReturnValue:
    return _keep(_own(note_id))


@blueprint.get("/export")
@door(LEADER)
def export() -> ResponseReturnValue:
    """One's own notes of a span of days, to hand over for inspection."""
    found = notebook.of(page_session(), current_user, _day("since"), _day("until"))
    rows = [(note.noted_on.isoformat(), note.title, note.body, moment_words(note.written_at, moment()),
             moment_words(note.changed_at, moment())) for note in found]
    name = f"{current_user.name}笔记{moment().astimezone(clock.ZONE):%Y%m%d}"
    return downloads.xlsx(lambda file: sheets.write_xlsx(file, HEAD, rows), name)


def _keep(note: LeaderNote | None) -> ResponseReturnValue:
    typed = {name: request.form.get(name, "") for name in ("noted_on", "title", "body")}
    with db.transaction() as session:
        mine = notebook.own(session, current_user, note.id) if note else None
        faults = notebook.write(session, current_user, mine, **typed, now=moment())
    if faults:
        return _page(typed, faults, note), 422
    flash("笔记已保存，只有您本人能看到。", "done")
    return redirect(url_for("notebook.index"), 303)


def _own(note_id: int) -> LeaderNote:
    note = notebook.own(page_session(), current_user, note_id)
    if note is None:
        abort(404, "没有这条笔记。")
    return note


def _page(typed: dict[str, Any], faults: dict[str, str], note: LeaderNote | None = None) -> str:
    since, until = _day("since"), _day("until")
    return render_template("notebook/index.html", notes=notebook.of(page_session(), current_user, since, until),
                           typed=typed, faults=faults, note=note, since=since, until=until,
                           longest=LONGEST, longest_title=LONGEST_TITLE)


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
