"""Cards as HTML, each drawn once: what a card says depends on itself and the board, never on the reader."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from flask import Flask, current_app
from jinja2.runtime import Macro
from markupsafe import Markup

from officeapp.boards import Card


def install(app: Flask) -> None:
    app.add_template_global(cards_of)


def cards_of(cards: Sequence[Card], here: str, bureau: str, marks: Mapping[int, Mapping[str, Any]]) -> Markup:
    """The cards below each other; one with marks, just moved or refused, is drawn for this answer alone."""
    draw = current_app.jinja_env.get_template("boards/_card.html").module.card
    return Markup("\n".join([draw(card, here, bureau, **marks[card.id]) if card.id in marks
                             else _drawn(draw, card, here, bureau) for card in cards]))


@lru_cache(maxsize=5000)
def _drawn(draw: Macro, card: Card, here: str, bureau: str) -> Markup:
    return draw(card, here, bureau)
