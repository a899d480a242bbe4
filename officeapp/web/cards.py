"""Cards as HTML, each drawn once: what a card says depends on itself and the board, never on the reader."""

from collections.abc import Sequence
from functools import lru_cache

from flask import Flask, current_app
from jinja2 import pass_context
from jinja2.runtime import Context, Macro
from markupsafe import Markup

from officeapp.boards import Card


def install(app: Flask) -> None:
    app.add_template_global(cards_of)


@pass_context
def cards_of(context: Context, cards: Sequence[Card]) -> Markup:
    """The cards below each other; the one just moved or refused is drawn for this answer alone."""
    draw = current_app.jinja_env.get_template("boards/_card.html").module.card
    place = context["board"]["here"], context["bureau"]
    apart = {context.get("moved"): {"changed": True},
             context.get("refused_id"): {name: context.get(name) for name in ("refused_sentence", "refused_clause")}}
    return Markup("\n".join([draw(card, *place, **apart[card.id]) if card.id in apart else _drawn(draw, card, *place)
                             for card in cards]))


@lru_cache(maxsize=5000)
def _drawn(draw: Macro, card: Card, here: str, bureau: str) -> Markup:
    return draw(card, here, bureau)
