"""邮件发送: what waits, left, failed and will be told today; the system administrator sees it without titles."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from officeapp import calendars, clock, db, deadlines, notices, office_hours, outbox, wording
from officeapp.deadlines import Expected
from officeapp.numerals import small_int
from officeapp.options import options
from officeapp.outbox import Message
from officeapp.people import Person
from officeapp.web.access import door, posts
from officeapp.web.request import moment, page_session
from officeapp.web.spoken import moment_words

blueprint = Blueprint("messages", __name__, url_prefix="/admin/messages")
MENDERS = ("office_director", "system_admin")
PAGE = 50
TABS = {
    "failed": ("未送达", ("dead",)), "waiting": ("待发", ("pending", "leased", "held")),
    "sent": ("已发", ("sent", "digested", "cancelled")), "today": ("今日将发", ()), "next": ("下一工作日将发", ()),
}
AHEAD = ("today", "next")
EMPTY = {
    "failed": ("没有未送达的邮件", "对方服务器拒收，或者一天内多次未能发出的邮件，会列在这里。"),
    "waiting": ("没有等待发出的邮件", "等上班时间、等每日合并或者等重试的邮件，会列在这里。"),
    "sent": ("没有已发的邮件", "已经交给邮件服务器的邮件，会列在这里。"),
    "today": ("今天没有还要发出的提醒", "提醒多在早上刚上班时到点；今天发过的在“已发”里，以后的看“下一工作日将发”。"),
    "next": ("下一工作日没有将要发出的提醒", "到点的临期、到期、超期提醒，会提前列在这里。"),
}


@dataclass(frozen=True)
class ExpectedLine:
    """One reminder of today as the page shows it."""

    at: str
    about: str
    title: str
    mailed: tuple[str, ...]
    noticed: tuple[str, ...]
    empty: tuple[str, ...]
    how: str


@blueprint.get("")
@door(posts(*MENDERS))
def index() -> str:
    tab = request.args.get("state", "failed")
    tab = tab if tab in TABS else "failed"
    kept = _kept(request.args)
    rows, more = _expected(tab) if tab in AHEAD else _mails(TABS[tab][1], kept)
    ready = outbox.count_leaving(page_session(), _midnight()) if tab == "today" else 0
    days = _days_ahead() if tab == "next" else "今天"
    further = url_for("messages.index", state=tab, **kept, **more) if more else ""
    return render_template("notices/messages.html", tab=tab, tabs=TABS, rows=rows, more=further, kept=kept,
                           failed=outbox.count(page_session(), "dead"), empty=EMPTY[tab], about=_about, ready=ready,
                           ahead=tab in AHEAD, days=days,
                           state_of=_state_words, when=_when)


@blueprint.post("/send")
@door(posts(*MENDERS))
def send_all_again() -> Response:
    """重发 of everything that the same filter lists, after the mail server was away for longer than a day."""
    kept = _kept(request.form)
    asked = _asked(kept)
    with db.transaction() as session:
        revived = outbox.revive_all(session, moment(), **asked)
    flash(f"已重新送交发信：{revived}封。" if revived else "没有未送达的邮件。")
    return redirect(url_for("messages.index", **kept), 303)


@blueprint.post("/<int:message_id>/send")
@door(posts(*MENDERS))
def send_again(message_id: int) -> Response:
    with db.transaction() as session:
        revived = outbox.revive(session, message_id, moment())
    flash("已重新送交发信。" if revived else "这封邮件已经在发送或已送达，不必重发。")
    return redirect(url_for("messages.index"), 303)


def _mails(states: tuple[str, ...], kept: dict[str, str]) -> tuple[list[Message], dict[str, int] | None]:
    """One page of mails, and what leads to the next."""
    found = outbox.page(page_session(), states, before=small_int(request.args.get("before", "")), limit=PAGE + 1,
                        **_asked(kept))
    return found[:PAGE], {"before": found[PAGE - 1].id} if len(found) > PAGE else None


def _kept(given: Mapping[str, str]) -> dict[str, str]:
    """The filter as it was typed."""
    return {name: text for name in ("person", "matter") if (text := given.get(name, "").strip()[:40])}


def _asked(kept: dict[str, str]) -> dict[str, Any]:
    """The filter as the outbox takes it; a number that is none finds nothing."""
    return {"persons": _persons(kept["person"]) if "person" in kept else None,
            "matter_id": (small_int(kept["matter"]) or 0) if "matter" in kept else None}


def _persons(name: str) -> list[int]:
    query = select(Person.id).where(or_(Person.name == name, Person.account == name))
    return list(page_session().scalars(query))


def _expected(tab: str) -> tuple[list[ExpectedLine], dict[str, int] | None]:
    """What the steps of the rest of today, or from tomorrow on, will tell, and to whom as things stand."""
    since, until = (_midnight(), _end_of(_next_workday())) if tab == "next" else (None, _midnight())
    found = deadlines.expected(page_session(), moment(), until, since=since, limit=PAGE + 1,
                               after=small_int(request.args.get("after", "")))
    more = {"after": found[PAGE - 1].step.id} if len(found) > PAGE else None
    return [_expected_line(each) for each in found[:PAGE]], more


def _today() -> date:
    return moment().astimezone(clock.ZONE).date()


def _next_workday() -> date:
    return calendars.current(page_session()).next_workday(_today())


def _days_ahead() -> str:
    """「11月28日至11月30日」: what falls on days off stands there too, and is not forgotten over a holiday."""
    first, last = _today() + timedelta(days=1), _next_workday()
    return "至".join(f"{day.month}月{day.day}日" for day in dict.fromkeys((first, last)))


def _midnight() -> datetime:
    return _end_of(_today())


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), clock.ZONE)


def _expected_line(each: Expected) -> ExpectedLine:
    matter = each.matter
    about = f"{wording.name_of(matter)}（{matter.place.title}）" if _reads() else f"事项编号{matter.id}"
    return ExpectedLine(
        _when(each.step.fire_at), about, each.rung.title if each.rung else each.step.rung,
        tuple(told.name for told in each.told if told.person.email),
        tuple(told.name for told in each.told if not told.person.email), tuple(each.empty), _how(each),
    )


def _how(each: Expected) -> str:
    if notices.is_rushed(each.matter, each.deadline):
        return "到点即发"
    leaves = office_hours.leaves_at(calendars.current(page_session()), max(each.step.fire_at, moment()))
    gathered = "，并入每日提醒" if options(page_session())["digest"] else ""
    return f"{_when(leaves)}起{gathered}"


def _reads() -> bool:
    return current_user.has("office_director")


def _about(message: Message) -> str:
    # A system administrator keeps the mail going but may not read what documents are about.
    if _reads():
        return message.subject
    return f"事项编号{message.matter_id}" if message.matter_id else message.subject.partition("】")[0].strip("【")


def _state_words(message: Message) -> str:
    """「11月23日 08:30后并入每日提醒」 — what became of a mail, or will."""
    if message.state == "sent":
        return f"{_when(message.sent_at)}已发"
    if message.state == "pending" and message.attempts:
        return f"已试{message.attempts}次，{_when(message.next_at)}再试"
    return {"pending": f"{_when(message.next_at)}发出", "leased": "正在发出", "digested": "已并入每日提醒",
            "held": f"{_when(message.next_at)}起并入每日提醒", "cancelled": "期限已办结或已改变，不再发",
            "dead": f"已试{message.attempts}次，不再试" if message.attempts else "没有寄"}[message.state]


def _when(at: datetime) -> str:
    return moment_words(at, moment())
