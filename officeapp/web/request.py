"""One reading session a page, one moment a request."""

from datetime import datetime
from typing import Any

from flask import Flask, Request, g, request
from flask_htmx import HTMX
from sqlalchemy.orm import Session
from werkzeug.formparser import FormDataParser

from officeapp import browsers, clock, db
from officeapp.login_events import Whence
from officeapp.secrecy import UNTYPED

htmx = HTMX()
OF_THE_BUREAU = ("options", "calendar", "units")  # kept in a session's info once they have been read


class TypedForm(FormDataParser):
    """A form without what nobody types: one place for every title, opinion and name that is ever kept."""

    def parse(self, *args: Any, **kwargs: Any) -> tuple:
        stream, form, files = super().parse(*args, **kwargs)
        return stream, self.cls((name, UNTYPED.sub("", text)) for name, text in form.items(multi=True)), files


class TypedRequest(Request):
    form_data_parser_class = TypedForm


def page_session() -> Session:
    """The session that this request's page reads with; opened at first use."""
    if "scope" not in g:
        g.scope = db.glancing()
        g.page_session = g.scope.__enter__()
    return g.page_session


def read_afresh(written: Session | None = None) -> Session:
    """After this request has written: a session that sees it; what `written` asked of the bureau is not asked again."""
    close_session()
    session = page_session()
    if written:
        session.info.update({name: written.info[name] for name in OF_THE_BUREAU if name in written.info})
    return session


def moment() -> datetime:
    """The one now of this request."""
    if "moment" not in g:
        g.moment = clock.now()
    return g.moment


def whence() -> Whence:
    """Where this request comes from; behind a named proxy the reader's own address."""
    return Whence(request.remote_addr or "", browsers.words(request.headers.get("User-Agent", "")))


def close_session(_error: BaseException | None = None) -> None:
    scope = g.pop("scope", None)
    g.pop("page_session", None)
    if scope is not None:
        scope.__exit__(None, None, None)


def is_fragment() -> bool:
    """Whether htmx asks for a piece of a page rather than a browser for a page."""
    return bool(htmx)


def install(app: Flask) -> None:
    app.request_class = TypedRequest
    htmx.init_app(app)
    app.teardown_appcontext(close_session)
