"""What every page shows around its content: name, person, navigation, counts, banners."""

from typing import Any, NamedTuple

from flask import Flask, current_app, g, request
from flask_login import current_user

from officeapp import assets, calendars, clock, notebook, outbox, password_requests, proposals
from officeapp.figures import Figures
from officeapp.figures import of as figures_of
from officeapp.openings import shelf_of
from officeapp.people import Actor
from officeapp.procedures import book
from officeapp.web import alarms, messages
from officeapp.web.pieces import path, piece
from officeapp.web.request import moment, page_session

PLACES = {"notices": "notices.index", "logout": "session.leave", "account": "account.password",
          "presence": "presence.ask"}


def install(app: Flask) -> None:
    app.context_processor(_everywhere)
    app.add_template_global(around)
    app.add_template_global(asset)


def asset(name: str) -> str:
    """The URL of a static file, with a fingerprint so that browsers may keep it."""
    return f"{request.script_root}{current_app.static_url_path}/{name}?v={assets.fingerprint(name)}"


class Link(NamedTuple):
    label: str
    href: str
    count: int = 0
    urgent: bool = False
    active: bool = False


class Group(NamedTuple):
    title: str
    links: tuple[Link, ...]


def around() -> dict[str, Any]:
    """What base.html alone shows: fragments do not pay for the counts."""
    if not current_user.is_authenticated:
        return {"nav": "", "unread": 0, "banners": [], "alarms": [], "hrefs": {}}
    me = current_user._get_current_object()
    places = PLACES if me.is_admin else PLACES | {"search": "search.index", "delegations": "delegations.index"}
    return {"nav": piece("_nav.html", groups=navigation(me)), "banners": banners(me), "alarms": alarms.alarms(me),
            "unread": figures().unread, "hrefs": {name: path(endpoint) for name, endpoint in places.items()}}


def figures() -> Figures:
    """What is counted for this reader, once a request."""
    if "figures" not in g:
        g.figures = figures_of(page_session(), current_user, moment())
    return g.figures


def _everywhere() -> dict[str, Any]:
    me = current_user._get_current_object()
    return {"bureau": current_app.config["OFFICE"].bureau_name, "me": me if me.is_authenticated else None}


def navigation(actor: Actor) -> tuple[Group, ...]:
    """The left navigation of this person, with counts; a role sees only what it may open."""
    groups = [] if actor.is_admin else [_mine(actor), _boards(actor), _supervision(actor)]
    if actor.has("audit_admin"):
        groups.append(_group("审计", _link("办理记录", "audit.index"), _link("管理和导出操作", "audit.acts"),
                             _link("登录记录", "audit.logins"), _link("记录封存", "audit.seals")))
    waiting = _to_confirm(actor) if actor.is_admin else 0
    rules = [_link("办理规程", "procedures.index"), _link("工作日历", "calendar.show"),
             _link("单位人员", "people.index", waiting, urgent=bool(waiting))]
    if actor.has("security_admin"):
        rules += [_link("登录规则", "login_rules.index"), _link("二次验证", "second_factor.protected")]
    if actor.has(*messages.MENDERS):
        failed = outbox.count(page_session(), "dead")
        rules.append(_link("邮件发送", "messages.index", failed, urgent=bool(failed)))
    if actor.has("office_director"):
        rules += [_link("工作移交", "handovers.index"), _link("办文设置", "bureau_options.index")]
    if current_app.config["OFFICE"].demo:
        rules.append(_link("演示邮箱", "notices.mailbox"))
    return (*groups, _group("规则", *rules))


def _to_confirm(actor: Actor) -> int:
    """What waits for this administrator: posts to grant, passwords to confirm."""
    asked = password_requests.count_waiting(page_session(), actor)
    return asked + (proposals.count_waiting(page_session()) if actor.has("security_admin") else 0)


def _group(title: str, *links: Link) -> Group:
    return Group(title, links)


def _mine(actor: Actor) -> Group:
    kept = [("一分钟", "briefing.show"), ("我的笔记", "notebook.index")] if actor.has(*notebook.KEEPERS) else []
    return _group("", _link("我的待办", "todo.index", figures().act, urgent=bool(figures().act)),
                  _link("待阅", "todo.to_read", figures().read), _link("我发起的", "todo.started"),
                  _link("已办", "todo.done"), *(_link(*each) for each in kept))


def _boards(actor: Actor) -> Group:
    return _group("看板", *(_link(rules.title, "boards.board", kind=rules.kind.replace("_", "-"))
                          for rules in shelf_of(actor)))


def _supervision(actor: Actor) -> Group:
    late = figures().late
    gathered = (_link(rules.title, "gatherings.show", kind=rules.kind.replace("_", "-")) for rules in book.gathered())
    return _group("监督", _link("超期事项", "overdue.board", late, urgent=bool(late)), *gathered,
                  _link("台账", "ledgers.show", kind="supervision-order"))


def _link(label: str, endpoint: str, count: int = 0, urgent: bool = False, **values: str) -> Link:
    href = path(endpoint, **values)
    return Link(label, href, count, urgent, request.path == href)


def banners(actor: Actor) -> list[str]:
    """What only somebody who can mend it is told: next year's calendar is missing."""
    if not actor.has("office_director", "system_admin"):
        return []
    missing = calendars.missing_year(calendars.current(page_session()), moment().astimezone(clock.ZONE).date())
    return [missing] if missing else []
