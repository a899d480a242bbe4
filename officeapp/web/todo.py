"""我的待办 and the other lists of one person."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user

from officeapp import boards, clock, notebook, todo
from officeapp.numerals import small_int
from officeapp.procedures import book
from officeapp.todo import Line
from officeapp.web.access import business, door, everyone, may_draft
from officeapp.web.frame import figures
from officeapp.web.lights import light_of
from officeapp.web.request import moment, page_session

blueprint = Blueprint("todo", __name__)
EMPTY = {
    "index": ("没有需要您办理的事项", "别人送到您这里的会列在这里，超期的在最前。要办新的事，按右上角“新建”。"),
    "to_read": ("没有需要您阅知的公文", "传阅给您的公文会列在这里。"),
    "started": ("您还没有起草、登记过事项", "您起草、登记的都列在这里，随时可以看办到哪一步。"),
    "done": ("您还没有办理过事项", "您办过的都列在这里，便于查找。"),
}
LEADERS_HINT = "送您审阅、签发的会列在这里。哪些单位超期、本周办结了什么，看“一分钟”。"


@blueprint.get("/")
@door(everyone)
def index():
    if current_user.is_admin:
        return redirect(url_for("audit.index" if current_user.has("audit_admin") else "people.index"))
    rows = [row_of(line, own=True) for line in todo.to_act(page_session(), current_user)]
    return _page("index", _by_pressure(rows))


@blueprint.get("/to-read")
@door(business)
def to_read():
    return _page("to_read", [_group("", [row_of(line) for line in todo.to_act(page_session(), current_user, "read")])])


@blueprint.get("/started")
@door(business)
def started():
    return _paged("started", todo.started(page_session(), current_user, request.args.get("before", type=small_int)))


@blueprint.get("/done")
@door(business)
def done():
    return _paged("done", todo.done(page_session(), current_user, request.args.get("before", type=small_int)))


def _paged(name: str, lines: list[Line]):
    shown = lines[: todo.PAGE]
    more = url_for(f"todo.{name}", before=shown[-1].id) if len(lines) > todo.PAGE else None
    return _page(name, [_group("", [row_of(line) for line in shown])], more)


def _page(name: str, groups: list[dict[str, Any]], more: str | None = None):
    title, hint = EMPTY[name]
    hint = LEADERS_HINT if name == "index" and current_user.has(*notebook.KEEPERS) else hint
    return render_template(
        "todo/index.html",
        tabs=_tabs(name),
        groups=groups,
        more_href=more,
        empty_title=title,
        empty_hint=hint,
        begin=beginnings(),
        leads=current_user.has(*notebook.KEEPERS),
    )


def beginnings() -> list[dict[str, str]]:
    """What this person may begin by itself: the name of the kind and where its form is."""
    kinds = map(book.current, book.own_kinds())
    return [{"label": rules.noun or rules.title, "href": url_for("matters.new", kind=rules.kind.replace("_", "-"))}
            for rules in kinds if may_draft(current_user, rules)]


def _tabs(active: str) -> list[dict[str, Any]]:
    tabs = (
        ("index", "我的待办", figures().act),
        ("to_read", "待阅", figures().read),
        ("started", "我发起的", None),
        ("done", "已办", None),
    )
    return [
        {"label": label, "href": url_for(f"todo.{name}"), "count": count, "active": name == active}
        for name, label, count in tabs
    ]


def _by_pressure(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Overdue first, then due today, then the rest."""
    late = [r for r in rows if r["light"].tone == "late"]
    today = [r for r in rows if r["light"].words == "今日到期"]
    rest = [r for r in rows if r not in late and r not in today]
    return [_group("已超期", late, "late"), _group("今日到期", today, "soon"), _group("其余", rest)]


def _group(title: str, rows: list[dict[str, Any]], tone: str = "") -> dict[str, Any]:
    return {"title": title, "rows": rows, "tone": tone}


def row_of(line: Line, *, own: bool = False) -> dict[str, Any]:
    """What the template shows of one line."""
    rules = book.procedure(line.kind, line.rulebook, line.edition)
    grade = rules.field(rules.grade_field)
    return {
        "href": url_for("matters.show", matter_id=line.id),
        "title": line.title,
        "kind_title": rules.title,
        "stage_title": rules.stage(line.stage).title,
        "grade": line.grade,
        "grade_label": boards.grade_words(grade.label_of(line.grade)).removesuffix("件") if grade else "",
        "number": line.number,
        "holder": line.holder,
        "for_whom": line.for_whom,
        "from_who": line.from_who or ("系统" if own else line.holder),
        "received": _when(line.received),
        "light": light_of(line, own=own),
    }


def _when(at: datetime) -> str:
    local, today = at.astimezone(clock.ZONE), moment().astimezone(clock.ZONE).date()
    if local.date() == today:
        return f"今天 {local:%H:%M}"
    if local.date() == today - timedelta(days=1):
        return f"昨天 {local:%H:%M}"
    return f"{local:%m-%d %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d}"
