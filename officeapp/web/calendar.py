"""The page of the calendar: view a year, propose a change, see what it moves, adopt it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from officeapp import calendars, recalendar
from officeapp.calendar_documents import (
    CHOICES,
    YEARS,
    Faults,
    cautions,
    changes,
    export,
    parse,
    read_date,
    read_years,
    with_day,
    with_years,
)
from officeapp.db import transaction
from officeapp.numerals import small_int
from officeapp.statutory import statutory_year
from officeapp.web.access import door, everyone, posts
from officeapp.web.calendar_sheet import (
    festivals,
    spoken_day,
    spoken_due,
    spoken_moment,
    workdays_in,
    year_sheet,
)
from officeapp.web.request import moment, page_session, read_afresh
from officeapp.workdays import Calendar, local_day, ordinary_year

EDITORS = posts("office_director", "system_admin")
LONGEST_DOCUMENT = 256 * 1024
LONGEST_SOURCE = 100

blueprint = Blueprint("calendar", __name__, url_prefix="/calendar")


@dataclass(frozen=True)
class Proposal:
    """A calendar somebody wants, the sentence for its register, and what to point out."""

    calendar: Calendar
    note: str
    year: int
    cautions: Sequence[str] = ()


# ---- what a new calendar does to open matters: these two calls and no others ----
def _would_move(session: Session, proposed: Calendar) -> Sequence:
    """The open deadlines that would change (recalendar.Shift), nothing written."""
    return recalendar.preview(session, proposed, moment())


def _move(session: Session, saved: Calendar) -> Sequence:
    """Recompute them, each change an event on its matter."""
    return recalendar.apply(session, saved, current_user, moment())


@blueprint.get("")
@door(everyone)
def show() -> str:
    return _page(page_session())


@blueprint.get("/export")
@door(everyone)
def download() -> Response:
    calendar = _asked_version(page_session())
    number = request.args.get("year", type=small_int)
    document = export(calendar, [number] if number in YEARS else None)
    answer = Response(json.dumps(document, ensure_ascii=False, indent=2), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="calendar-{number or "known"}.json"'
    return answer


@blueprint.post("/previews")
@door(EDITORS)
def preview() -> str | tuple[str, int]:
    current = calendars.current(page_session())
    try:
        form = _with_file(request.form, request.files.get("file"))
        proposal = _proposal(form, current)
    except Faults as refused:
        return _page(page_session(), refused.sentences), 422
    return render_template(
        "calendar/preview.html",
        proposal=proposal,
        form=form,
        version=current.version,
        changes=changes(current, proposal.calendar),
        same=proposal.calendar.years == current.years,
        shifts=_would_move(page_session(), proposal.calendar),
        spoken_day=spoken_day,
        spoken_due=spoken_due,
    )


@blueprint.post("/versions")
@door(EDITORS)
def adopt() -> ResponseReturnValue:
    try:
        with transaction() as session:
            proposal, words = _adopted(session)
    except Faults as refused:
        return _page(read_afresh(), refused.sentences), 422
    except calendars.StaleCalendar as refused:
        return _page(read_afresh(), [str(refused)]), 409
    flash(words, "done")
    return redirect(url_for("calendar.show", year=proposal.year), 303)


def _adopted(session: Session) -> tuple[Proposal, str]:
    current = calendars.current(session)
    if request.form.get("based_on") != str(current.version):
        raise calendars.StaleCalendar("工作日历已被他人更新，请按现行版本重新核对")
    proposal = _proposal(request.form, current)
    saved = calendars.save(
        session, proposal.calendar, now=moment(), author_id=current_user.id,
        author=current_user.name, note=proposal.note,
    )
    moved = _move(session, saved)
    return proposal, f"工作日历第{saved.version}版已启用，{len(moved)}项在办时限随之重新计算"


def _page(session: Session, faults: Sequence[str] = ()) -> str:
    newest, calendar = calendars.current(session), _asked_version(session)
    today = local_day(moment())
    number = request.values.get("year", type=small_int)
    number = number if number in YEARS else today.year
    return render_template(
        "calendar/year.html",
        faults=faults,
        form=request.form,
        calendar=calendar,
        newest=newest.version,
        year=calendar.year(number),
        months=year_sheet(calendar, number, today),
        workdays=workdays_in(calendar, number),
        festivals=festivals(calendar.year(number)),
        packaged=_packaged(newest),
        choices=CHOICES,
        day=request.args.get("day", ""),
        may_edit=calendar is newest and EDITORS.opens(current_user),
        years=sorted({*calendar.years, number, today.year + 1}),
        span=(YEARS[0], YEARS[-1]),
        versions=calendars.versions(session),
        spoken_moment=spoken_moment,
    )


def _asked_version(session: Session) -> Calendar:
    version = request.args.get("version", type=small_int)
    if "version" not in request.args:
        return calendars.current(session)
    return (calendars.numbered(session, version) if version else None) or abort(404, "工作日历没有这一版。")


def _packaged(calendar: Calendar) -> list[int]:
    # After an upgrade the software may bring a notice that the database has not got.
    numbers = [number for number, year in calendar.years.items() if not year.known]
    return [number for number in numbers if statutory_year(number).known]


def _with_file(form: Mapping[str, str], upload) -> dict[str, str]:
    plain = {key: form[key] for key in form if key != "csrf_token"}
    content = upload.read(LONGEST_DOCUMENT + 1) if upload else b""
    if content:
        try:
            plain["document"] = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Faults("文件不是 UTF-8 编码的文本") from None
    if len(plain.get("document", "")) > LONGEST_DOCUMENT:
        raise Faults("工作日历文件不应超过256千字节")
    return plain


def _proposal(form: Mapping[str, str], current: Calendar) -> Proposal:
    ways = {"day": _day_proposal, "import": _import_proposal, "packaged": _packaged_proposal}
    if form.get("way") not in ways:
        raise Faults("请在工作日历页选择一种更改方式")
    return ways[form["way"]](form, current)


def _day_proposal(form: Mapping[str, str], current: Calendar) -> Proposal:
    day = read_date(form.get("day", ""))
    if day is None:
        raise Faults(f"“{form.get('day', '')}”不是有效日期，应写作2027-01-01的样式")
    choice, name = form.get("choice", ""), form.get("name", "").strip()
    proposed = with_day(current, day, choice, name)
    note = f"{day}改为{CHOICES[choice]}" + (f"（{name}）" if name else "")
    return Proposal(proposed, note, day.year)


def _import_proposal(form: Mapping[str, str], current: Calendar) -> Proposal:
    source = form.get("source", "").strip()
    if not 0 < len(source) <= LONGEST_SOURCE:
        raise Faults(f"请写明来源，例如通知的名称和文号（不超过{LONGEST_SOURCE}字）")
    years = read_years(parse(form.get("document", "")), source)
    listed = "、".join(str(number) for number in sorted(years))
    return Proposal(with_years(current, years), f"导入{listed}年：{source}"[:200], min(years), cautions(years))


def _packaged_proposal(form: Mapping[str, str], current: Calendar) -> Proposal:
    numbers = _packaged(current)
    if not numbers:
        raise Faults("随软件附带的放假通知均已载入")
    years = {number: ordinary_year(number) for number in numbers}
    listed = "、".join(map(str, numbers))
    return Proposal(with_years(current, years), f"载入随软件附带的{listed}年放假通知", numbers[0])
