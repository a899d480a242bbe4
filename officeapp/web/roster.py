"""导入导出: units, people and posts from a file, looked at before anything changes; and out again."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.exc import IntegrityError

from officeapp import admin_events, attachments, db
from officeapp.clock import ZONE
from officeapp.directory import Unfit as UnfitChange
from officeapp.roster import entry, export, reading
from officeapp.roster.cells import is_secret
from officeapp.roster.columns import BYTES, LINES, PEOPLE, POSTS, TABLES, UNITS, Line
from officeapp.roster.plan import KINDS, Plan, plan
from officeapp.roster.reading import Roster, Unfit
from officeapp.secrecy import secrecy_marks_in_name
from officeapp.web import downloads
from officeapp.web.access import door, posts
from officeapp.web.request import moment, page_session, read_afresh
from officeapp.web.safety import costly
from officeapp.web.spoken import moment_words

log = logging.getLogger(__name__)
blueprint = Blueprint("roster", __name__, url_prefix="/people")
KEEPER = posts("system_admin")
DAY = 24 * 60 * 60  # seconds; a preview left open longer is made anew
TITLES = {table.key: table.title for table in TABLES}
TABLE_OF = {"unit_added": UNITS, "unit_changed": UNITS, "person_added": PEOPLE, "person_changed": PEOPLE,
            "transfer_proposed": PEOPLE,
            "post_proposed": POSTS, "charge_proposed": UNITS}
SECRET = "文件名里有密级标志。本系统为非涉密系统，严禁处理涉密信息：文件未予读取，也未留存。"  # nosec B105 # a sentence, no password
CHANGED = "核对以后，单位人员又有变动，什么都没有导入。下面是按最新情况重新核对的结果，请再看一遍。"


@blueprint.get("/imports")
@door(KEEPER)
def index() -> str:
    return _start()


@blueprint.get("/imports/template")
@door(KEEPER)
def template() -> Response:
    return downloads.xlsx(export.write_template, "单位人员岗位导入模板")


@blueprint.post("/imports/previews")
@door(KEEPER)
@costly
def preview() -> ResponseReturnValue:
    upload = request.files.get("file")
    if not upload or not upload.filename:
        return _start("请先选择要导入的文件。"), 422
    if secrecy_marks_in_name(upload.filename):
        _log_secret()
        return _start(SECRET), 422
    try:
        roster = reading.read(upload.stream)
    except Unfit as unfit:
        return _start(str(unfit)), 422
    return _preview(roster, attachments.clean_name(upload.filename))


@blueprint.post("/imports")
@door(KEEPER)
def enter() -> ResponseReturnValue:
    try:
        sealed = _seal().loads(request.form.get("roster", ""), max_age=DAY)
    except BadSignature:
        return _start("核对页已经失效，什么都没有导入。请重新选择文件。"), 422
    roster, source = _opened(sealed), sealed["source"]
    by, fingerprint = current_user._get_current_object(), request.form.get("fingerprint", "")
    try:
        with db.transaction() as session:
            done = entry.enter(session, roster, fingerprint, source, by=by, now=moment())
    except (entry.Changed, UnfitChange, IntegrityError):  # the last: somebody else entered the same in this moment
        read_afresh()
        return _entered_before(roster, source) or _preview(roster, source, CHANGED)
    flash(f"已导入：{done.counted}。", "notice")
    return redirect(url_for("first_passwords.index" if done.of("person_added") else "people.index"), 303)


def _entered_before(roster: Roster, source: str) -> ResponseReturnValue | None:
    """The confirmation came twice, as by a second click: what the first one did is said instead of a conflict."""
    found = plan(page_session(), roster)
    line = admin_events.latest(page_session(), "staff_imported", source)
    if found.faults or found.steps or line is None:
        return None
    flash(f"“{source}”已在{moment_words(line.at, moment())}由{line.actor}导入：{line.note}。这次没有再导入。", "notice")
    return redirect(url_for("people.index"), 303)


@blueprint.get("/exports/<table>")
@door(posts("system_admin", "security_admin"))
@costly
def take(table: str) -> Response:
    """One table as CSV, or `all` of them as a workbook; that it was taken is an act itself."""
    if table not in (*TITLES, "all"):
        abort(404, "没有这张表。")
    rows = export.directory_rows(page_session())
    with db.transaction() as session:
        admin_events.record(session, current_user, "staff_exported", TITLES.get(table, "、".join(TITLES.values())),
                            now=moment())
    name = f"{TITLES.get(table, '单位人员岗位')}{moment().astimezone(ZONE):%Y%m%d%H%M}"
    if table == "all":
        return downloads.xlsx(lambda file: export.write_directory(file, rows), name)
    wanted = next(each for each in TABLES if each.key == table)
    return downloads.csv([column.title for column in wanted.columns], rows.of(wanted), name)


def _start(problem: str = "") -> str:
    return render_template("people/imports.html", problem=problem, lines=LINES, megabytes=BYTES // 1024 // 1024,
                           tables=TABLES)


def _preview(roster: Roster, source: str, problem: str = "") -> tuple[str, int]:
    found = plan(page_session(), roster)
    if any(map(is_secret, found.faults)):
        _log_secret()
    sealed = "" if found.faults else _seal().dumps(asdict(roster) | {"source": source})
    page = render_template(
        "people/import_preview.html", plan=found, source=source, told=roster.told, problem=problem, sealed=sealed,
        tables=TITLES, groups=_groups(found),
        lines=len({(fault.table, fault.number) for fault in found.faults}),
    )
    return page, 422 if found.faults else 409 if problem else 200


def _groups(found: Plan) -> Sequence[dict[str, Any]]:
    """The steps of each kind, the titles of their columns: a step names the deputy himself, not his account."""
    return [{"title": title, "measure": measure, "steps": found.of(kind), "added": not kind.endswith("_changed"),
             "columns": {column.key: column.title.removesuffix("账号") or column.title
                         for column in TABLE_OF[kind].columns}}
            for kind, (title, measure) in KINDS.items() if found.of(kind)]


def _seal() -> URLSafeTimedSerializer:
    # The lines travel in the page itself: nothing of an import that nobody confirms is ever stored.
    return URLSafeTimedSerializer(current_app.secret_key, salt="roster")


def _opened(sealed: dict[str, Any]) -> Roster:
    return Roster(tuple(Line(*line) for line in sealed["lines"]), (), tuple(sealed["told"]))


def _log_secret() -> None:
    log.warning("import refused person=%s rule=C01", current_user.id)
