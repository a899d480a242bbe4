"""The doors: every route names who may use it; one hook enforces it; a test walks url_map."""

from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, flash, g, redirect, request, session, url_for
from flask_login import current_user

from officeapp import visibility
from officeapp.openings import may_begin
from officeapp.people import POST_KINDS, Actor
from officeapp.procedures.grammar import Procedure
from officeapp.web.request import htmx, is_fragment, page_session


@dataclass(frozen=True)
class Door:
    """Who may pass: a title for tables and tests, and the question asked of the actor."""

    title: str
    opens: Callable[[Actor], bool]
    public: bool = False
    matter: bool = False
    token: bool = False


public = Door("任何人", lambda actor: True, public=True)
everyone = Door("所有登录人员", lambda actor: True)
business = Door("业务人员（三员除外）", lambda actor: not actor.is_admin)
matter_reader = Door("可以查看该事项的人", lambda actor: not actor.is_admin, matter=True)
monitor = Door("监控程序（凭 METRICS_TOKEN）", lambda actor: True, public=True, token=True)
demo_only = Door("演示模式下所有登录人员", lambda actor: current_app.config["OFFICE"].demo)


def posts(*kinds: str) -> Door:
    """Only those who hold one of these posts."""
    return Door("、".join(POST_KINDS[k] for k in kinds), lambda actor: actor.has(*kinds))


# Where a person may go before changing a given password, and before enrolling in a second factor.
BEFORE_CHANGING = ("account", "session", "presence")
BEFORE_ENROLLING = (*BEFORE_CHANGING, "second_factor")
ADMINISTRATORS = "系统、安全、审计管理员分工履职，不办理业务、不查看事项；这里的事，请由上述人员登录办理。"
OTHERS = "这里的事，请由上述人员办理；确属您的职责的，请联系安全管理员授予岗位。"
ENDED = {
    "idle": "您有一段时间没有操作，为了安全已自动退出登录。请重新登录，填过的内容会自动补上。",
    "gone": "这次登录已经结束。请重新登录后接着办理。",
}


def may_draft(actor: Actor, rules: Procedure | None = None) -> bool:
    """Leaders sign what others draft: their unit has no head who could review it. A procedure may name who begins."""
    if rules and rules.openers:
        return not actor.is_admin and may_begin(rules, actor)
    return not actor.is_admin and not actor.has("chief", "party_secretary", "deputy")


def door(who: Door) -> Callable:
    """Name who may use a view. A view without a door does not start."""
    def mark(view: Callable) -> Callable:
        view.door = who
        return view
    return mark


def poll(view: Callable) -> Callable:
    """Mark a view that pages ask by themselves: it is no sign that anybody sits there."""
    view.poll = True
    return view


def guard(app: Flask) -> None:
    """Refuse to start with an unnamed door; then ask at every request."""
    bare = [name for name, view in app.view_functions.items() if not hasattr(view, "door") and name != "static"]
    if bare:
        raise RuntimeError(f"Routes without a door: {', '.join(sorted(bare))}")
    app.before_request(_ask)


def _ask() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.endpoint == "static":
        return None
    who: Door = view.door
    if who.token:
        return _ask_token()
    if who.public:
        return None
    if not current_user.is_authenticated:
        return _to_login()
    if current_user.must_change and request.blueprint not in BEFORE_CHANGING:
        return _to("account.password")
    if current_user.must_enrol and request.blueprint not in BEFORE_ENROLLING:
        return _to("second_factor.index")
    if not who.opens(current_user):
        abort(403, f"这个页面只供{who.title}使用。{ADMINISTRATORS if current_user.is_admin else OTHERS}")
    if who.matter:
        _ask_matter(int(request.view_args["matter_id"]))
    return None


def _ask_token() -> Response | None:
    """A program shows the token of the settings; without one in the settings there is nothing to see."""
    wanted = current_app.config["OFFICE"].metrics_token
    if wanted is None:
        abort(404)
    shown = (request.authorization and request.authorization.type == "bearer" and request.authorization.token) or ""
    if compare_digest(shown.encode(), wanted.encode()):
        return None
    return Response("需要监控令牌。\n", 401, {"WWW-Authenticate": "Bearer"}, content_type="text/plain; charset=utf-8")


def _ask_matter(matter_id: int) -> None:
    # Held for the request: the page finds it in its session without asking again.
    g.matter = visibility.seen(page_session(), current_user, matter_id)
    if g.matter is None:  # the same answer for what does not exist and what may not be seen
        abort(404, "没有这件事项，或者您不在它的知悉范围内。")


def _to(endpoint: str, **values: str) -> Response:
    if is_fragment():
        return Response(status=401, headers={"HX-Redirect": url_for(endpoint, **values)})
    return redirect(url_for(endpoint, **values), 303)


def _to_login() -> Response:
    """To the login and from there back to the page that was being read; how the last one ended is said once."""
    if session.pop("_user_id", None) and "ended" in g:
        flash(ENDED[g.ended], "warning")
    if is_fragment() or request.method != "GET":
        return _to("session.login", next=came_from())
    return redirect(url_for("session.login", next=request.full_path.rstrip("?")))


def came_from() -> str:
    """The page on which a form was sent or a fragment asked for."""
    try:
        page = urlsplit(htmx.current_url or request.referrer or "")
    except ValueError:  # like http://[
        return "/"
    if page.path == url_for("session.login"):  # a log-in form that has expired leads no further than its own
        return "/"
    return local_path(f"{page.path}?{page.query}".rstrip("?"))


def local_path(target: str | None) -> str:
    """A path on this site to go back to; anything else becomes the start page (no open redirect)."""
    target = target or ""
    try:
        parts = urlsplit(target)
    except ValueError:  # like http://[
        return "/"
    inside = not parts.scheme and not parts.netloc and target.startswith("/") and not target.startswith("//")
    return target if inside and "\\" not in target else "/"
