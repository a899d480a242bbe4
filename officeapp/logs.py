"""What goes into the logs: one line a thing, with ids, never with names, titles, texts, passwords or tokens.

A template is filled with numbers only; anything else is a field that stands in FIELDS. A fault is told by its
frames and its kind: what an exception quotes may be what somebody typed (网络安全法 asks for logs, DB-6 for silence).
"""

import logging
import re
import traceback
from collections.abc import Iterator
from typing import Any

import psycopg
import redis
from jinja2 import TemplateError
from sqlalchemy.exc import DBAPIError

from officeapp import late
from officeapp.settings import Settings

with late.without("rich", "twisted"):  # which its coloured tracebacks would use, ten megabytes
    import structlog

FIELDS = ("method", "route", "status", "ms", "queries", "person", "matter", "address", "job", "outcome", "mail",
          "state", "reason", "rule")
OURS = ("officeapp", "jobs")
# These speak of the code or of the wire, never of what somebody typed.
PLAIN = (TypeError, AttributeError, NameError, ImportError, RecursionError, TemplateError, redis.ConnectionError,
         redis.TimeoutError)
LONGEST = 300  # characters of an exception's words


def configure(settings: Settings) -> None:
    """Let this process log to its standard error in the settings' form; others' modules only from WARNING."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(settings.log_format))
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(settings.log_level)


def formatter(form: str) -> logging.Formatter:
    """One JSON object a line, or the same for eyes ("text")."""
    return structlog.stdlib.ProcessorFormatter(
        use_get_message=False, pass_foreign_args=True,
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars, _say, structlog.stdlib.ExtraAdder(FIELDS), _without_none,
            _tell_fault,
            structlog.stdlib.add_log_level, structlog.processors.TimeStamper("%Y-%m-%dT%H:%M:%S.%f%z", utc=False),
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _RENDERERS[form]],
    )


_RENDERERS = {
    "json": structlog.processors.JSONRenderer(ensure_ascii=False),
    "text": structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
}


def _say(_logger: object, _level: str, line: dict[str, Any]) -> dict[str, Any]:
    """The template with its numbers; a stranger's finished sentence only up to what it quotes."""
    source, given = line["_record"].name, line.pop("positional_args", ())
    if isinstance(given, tuple) and given:
        line["event"] = _filled(line["event"], given)
    elif source.partition(".")[0] not in OURS:
        line["event"] = line["event"].partition(":")[0]
    line["event"] = line["event"].strip()
    return line | {"logger": source}


def _filled(template: str, given: tuple) -> str:
    numbers = iter(given)
    return re.sub(r"%(?:\.\d+)?[sdrf]", lambda _: _number(next(numbers, "")), template)


def _number(value: object) -> str:
    whole = value if isinstance(value, (list, tuple)) else [value]
    return str(value) if all(isinstance(each, (int, float)) for each in whole) else "…"


def _without_none(_logger: object, _level: str, line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if value is not None}


def _tell_fault(_logger: object, _level: str, line: dict[str, Any]) -> dict[str, Any]:
    found = line.pop("exc_info", None)
    if found and found[1]:
        line["exception"] = "".join(_told(found[1]))
    return line


def _told(error: BaseException) -> Iterator[str]:
    """Its frames and its kind, after those of what caused it."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _told(cause)
        yield "— then —\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__} {words_of(error)}".rstrip() + "\n"
    for each in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _told(each)


def words_of(error: BaseException) -> str:
    """What an exception says as far as it cannot quote anybody's data: a code, or the words of PLAIN kinds."""
    if isinstance(error, DBAPIError):
        if isinstance(error.orig, psycopg.OperationalError) and not error.orig.sqlstate:  # never got through
            return str(error.orig).partition("\n")[0][:LONGEST]
        code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
        return f"{type(error.orig).__name__} {code or ''}".strip()
    if isinstance(error, PLAIN):
        return str(error)[:LONGEST]
    if isinstance(error, OSError) and error.errno is not None:
        return f"[{error.errno}] {error.strerror}"
    return ""
