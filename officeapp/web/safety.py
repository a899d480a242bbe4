"""Headers, cookies, CSRF and rate limits: there from the first request."""

from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from flask import Flask, Response, abort, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from officeapp.numerals import LARGEST
from officeapp.settings import Settings
from officeapp.web.spoken import moment_words

POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
))

UNPRINTABLE = "提交的内容里有不能使用的字符（空字符），请删去后再提交。"

LOCKED = "登录暂停：口令连续输错次数过多。请在{}以后再试；急用请联系系统管理员重置口令。"
# The supervisor and a monitor on the same machine ask for /healthz by these names.
THIS_MACHINE = ("127.0.0.1", "localhost")

class Limits(Limiter):
    """Asked by the routes that are limited, not before every request: no limit is for all of them."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


csrf = CSRFProtect()
limiter = Limits(get_remote_address, default_limits=[], strategy="fixed-window")


def install(app: Flask, settings: Settings) -> None:
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_NAME="officeapp",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https:"),
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=120 * 1024 * 1024, MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        RATELIMIT_STORAGE_URI=settings.redis_address.replace("unix:", "redis+unix:", 1),
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
    )
    app.url_map.converters["int"] = Identity
    if not settings.demo:
        app.config["TRUSTED_HOSTS"] = [urlsplit(settings.base_url).hostname, *THIS_MACHINE]
    if settings.trusted_proxies:
        trusted = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=trusted)
    app.before_request(_refuse_unreadable)
    csrf.init_app(app)
    limiter.init_app(app)
    app.after_request(_headers)


def was_wrong(response: Response) -> bool:
    """Whether a try to log in is one that the limits count."""
    return response.status_code == 422


def locked(until: datetime, now: datetime) -> str:
    """The sentence with the minute from which one may try again: the same for accounts that do not exist."""
    return LOCKED.format(moment_words(until + timedelta(seconds=59), now))


class Identity(IntegerConverter):
    """A row's id in an address; what no row can have is not found."""

    def __init__(self, url_map, **kwargs) -> None:
        super().__init__(url_map, **{"max": LARGEST, **kwargs})


def _refuse_unreadable() -> None:
    """PostgreSQL takes no NUL in any text, and nobody types one; htmx names the page it comes from."""
    given = (text for pair in request.values.items(multi=True) for text in pair)
    page = request.headers.get("HX-Current-URL", "")
    if any("\0" in text for text in (request.path, unquote(page), *given)):
        abort(400, UNPRINTABLE)
    try:
        urlsplit(page)
    except ValueError:
        abort(400)


def _headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Frame-Options"] = "DENY"
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Vary", "HX-Request, Cookie")
    return response
