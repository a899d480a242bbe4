"""One line in the log for each request, and the number under which its fault is found there."""

import logging
import re
from time import perf_counter
from types import TracebackType
from uuid import uuid4

import structlog
from flask import Flask, Response, current_app, g, request

from officeapp import db

HEADER = "X-Request-ID"
# A proxy may have numbered the request already; whatever else a stranger sends is not taken.
GIVEN = re.compile(r"[0-9A-Za-z-]{8,64}")
# Asked every few seconds, or fetched once with a page: only at DEBUG, as a poll that found nothing.
QUIET = ("static", "health.alive", "health.ready", "metrics.show")

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Called before everything else, so that it begins first and ends last."""
    app.before_request(_begin)
    app.after_request(_end)
    app.log_exception = _fault  # Flask's own would write the address as it was typed


def number() -> str:
    """This request's number (问题编号)."""
    if "number" not in g:
        given = request.headers.get(HEADER, "")
        g.number = given if GIVEN.fullmatch(given) else uuid4().hex[:12]
    return g.number


def _begin() -> None:
    g.began = perf_counter()
    db.statements.set(0)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=number())


def _end(response: Response) -> Response:
    response.headers[HEADER] = number()
    level = logging.DEBUG if _is_quiet(response) else logging.INFO
    if log.isEnabledFor(level):
        log.log(level, "request", extra=_said(response))
    return response


def _is_quiet(response: Response) -> bool:
    polled = response.status_code == 204 and getattr(current_app.view_functions.get(request.endpoint), "poll", False)
    return polled or request.endpoint in QUIET


def _said(response: Response) -> dict[str, object]:
    began = g.get("began", perf_counter())
    given = request.view_args or {}
    return {
        "method": request.method, "route": _route(), "status": response.status_code,
        "ms": round((perf_counter() - began) * 1000, 1), "queries": db.statements.get(),
        # Whoever has been asked for already: a static file does not look up its reader.
        "person": getattr(g.get("_login_user"), "id", None), "matter": given.get("matter_id"),
        "address": request.remote_addr,
    }


def _route() -> str:
    """The rule, never the path or the query: those may hold a name or what somebody looks for."""
    return request.url_rule.rule if request.url_rule else "-"


def _fault(exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None]) -> None:
    log.error("fault", exc_info=exc_info, extra={"method": request.method, "route": _route()})
