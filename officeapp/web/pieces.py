"""Pieces of pages, each drawn once for what it says: a template that depends on nothing but what it is given."""

from functools import lru_cache
from typing import Any

from flask import current_app, request
from markupsafe import Markup


@lru_cache(maxsize=300)  # of four kilobytes with what they say; a thousand were not found more often
def piece(template: str, **said: Any) -> Markup:
    """The template with these (hashable) words. The key is all that it says, so nothing kept can be old."""
    return Markup(current_app.jinja_env.get_template(template).render(said))  # nosec B704 # drawn by Jinja with escaping


def path(endpoint: str, **values: Any) -> str:
    """url_for without a query, at a tenth of its price: a page names dozens."""
    return request.script_root + _route(endpoint, **values)


@lru_cache(maxsize=1000)
def _route(endpoint: str, **values: Any) -> str:
    return current_app.url_map.bind("").build(endpoint, values)
