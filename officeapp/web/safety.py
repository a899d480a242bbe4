"""Headers, cookies, CSRF and rate limits: there from the first request."""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, request
from flask.sessions import SecureCookieSessionInterface
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from flask_wtf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer
from redis import RedisError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from officeapp import late
from officeapp.numerals import LARGEST
from officeapp.settings import Settings
from officeapp.web.spoken import moment_words

POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
))
NOTHING_OF_THE_MACHINE = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
STRANGERS_FORM, PLAIN_FORM = 64 * 1024, 12 * 1024 * 1024  # bytes
PATIENCE = 0.5  # seconds that a login may wait for Redis, each time it asks
YEAR = 365 * 24 * 60 * 60  # seconds
ALWAYS = [
    ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Resource-Policy", "same-origin"), ("Permissions-Policy", NOTHING_OF_THE_MACHINE),
]
# Browsers heed these over TLS only.
OVER_TLS = [("Strict-Transport-Security", f"max-age={YEAR}"), ("Cross-Origin-Opener-Policy", "same-origin")]

UNPRINTABLE = "提交的内容里有不能使用的字符（空字符），请删去后再提交。"

LOCKED = "登录暂停：口令连续输错次数过多。请在{}以后再试；急用请联系系统管理员提请重置口令。"
CODES_LOCKED = "登录暂停：验证码连续填错次数过多。请在{}以后再试；手机和备用码都不在身边的，请联系安全管理员。"
# The supervisor and a monitor on the same machine ask for /healthz by these names.
THIS_MACHINE = ("127.0.0.1", "localhost")


class Cookies(SecureCookieSessionInterface):
    """Flask's own, but the signer is made once and not for each request."""

    signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        self.signer = self.signer or super().get_signing_serializer(app)
        return self.signer


class Limits(Limiter):
    """Asked by the routes that are limited, not before every request: no limit is for all of them."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if in_middleware:
            return
        try:
            super()._check_request_limit(callable_name, in_middleware)
        except RedisError:
            # Another thread lost Redis in the same moment and counts in memory by now: so does this one.
            super()._check_request_limit(callable_name, in_middleware)


csrf = CSRFProtect()
limiter = Limits(get_remote_address, default_limits=[], strategy="fixed-window")


def install(app: Flask, settings: Settings) -> None:
    secure = settings.base_url.startswith("https:")
    app.config.update(
        # The prefix lets a browser take the cookie from this very host over TLS only, from no neighbour.
        SESSION_COOKIE_NAME="__Host-officeapp" if secure else "officeapp", SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=120 * 1024 * 1024, MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        RATELIMIT_STORAGE_URI=settings.redis_address.replace("unix:", "redis+unix:", 1),
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        # One that is there and does not answer counts as away, before many who log in wait for it.
        RATELIMIT_STORAGE_OPTIONS={"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE},
    )
    app.session_interface = Cookies()
    app.url_map.converters["int"] = Identity
    if not settings.demo:
        app.config["TRUSTED_HOSTS"] = [urlsplit(settings.base_url).hostname, *THIS_MACHINE]
    if settings.trusted_proxies:
        trusted = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=trusted)
    app.before_request(_bound)
    app.before_request(_refuse_unreadable)
    csrf.init_app(app)
    with late.without("valkey"):  # `limits` would load it beside redis
        limiter.init_app(app)
    app.after_request(_headers)
    app.wsgi_app = _armoured(app.wsgi_app, ALWAYS + OVER_TLS if secure else ALWAYS)


def _person() -> str:
    return str(getattr(current_user, "id", get_remote_address()))


# A table of ten years costs seconds of a process that fifty people share.
costly = limiter.limit("30 per minute", key_func=_person)


def was_wrong(response: Response) -> bool:
    """Whether a try to log in is one that the limits count."""
    return response.status_code == 422


def locked(until: datetime, now: datetime, said: str = LOCKED) -> str:
    """The sentence with the minute from which one may try again: the same for accounts that do not exist."""
    return said.format(moment_words(until + timedelta(seconds=59), now))


class Identity(IntegerConverter):
    """A row's id in an address; what no row can have is not found."""

    def __init__(self, url_map, **kwargs) -> None:
        super().__init__(url_map, **{"max": LARGEST, **kwargs})


def _bound() -> None:
    """Files may be large, they wait on the disk; a plain form is held in memory, and a stranger's is short."""
    door = getattr(current_app.view_functions.get(request.endpoint or ""), "door", None)
    if door is None or door.public:
        request.max_content_length = STRANGERS_FORM
    elif request.mimetype != "multipart/form-data":
        request.max_content_length = PLAIN_FORM


def _refuse_unreadable() -> None:
    """PostgreSQL takes no NUL in any text, and nobody types one; htmx names the page it comes from."""
    page = request.headers.get("HX-Current-URL", "")
    asked = request.query_string.decode("latin-1")
    if any("\0" in text or "%00" in text for text in (request.path, asked, page)):
        abort(400, UNPRINTABLE)
    if request.method != "GET" and any("\0" in text for pair in request.form.items(multi=True) for text in pair):
        abort(400, UNPRINTABLE)
    try:
        urlsplit(page)
    except ValueError:
        abort(400)


def _headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Vary", "HX-Request, Cookie")
    return response


def _armoured(answer: Callable, always: list[tuple[str, str]]) -> Callable:
    """The WSGI application, each of whose answers carries these headers: put there once, not one by one."""
    def armoured(environ: dict, start: Callable):
        return answer(environ, lambda status, headers, *error: start(status, headers + always, *error))
    return armoured
