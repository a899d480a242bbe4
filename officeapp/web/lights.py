"""The light of a matter, in words: one calendar and one threshold a request."""

from typing import Any

from flask import g

from officeapp import calendars, workdays
from officeapp.options import options
from officeapp.procedures import book
from officeapp.todo import Line
from officeapp.web.request import moment, page_session
from officeapp.workdays import Light


def light_of(line: Any, *, own: bool = False) -> Light:
    """For anything that carries a matter's due_at, stage and rulebook; on one's `own` desk its limit runs on."""
    if line.closed:
        return Light("none", book.end_words(book.procedure(line.kind, line.rulebook, line.edition).stage(line.stage)))
    if "lamp" not in g:
        session = page_session()
        g.lamp = (calendars.current(session), options(session)["soon_days"])
    calendar, soon = g.lamp
    paused = line.paused and not (own and line.due_at)
    return workdays.light(calendar, line.due_at, line.due_unit or "day", moment(), soon=soon, paused=paused)


def finished_light(line: Line) -> Light:
    """Of a completed matter: whether the limit of its whole course was kept."""
    if line.due_at is None:
        return Light("none", "已办结")
    return Light("well", "按期办结") if line.in_time else Light("late", "逾期办结")
