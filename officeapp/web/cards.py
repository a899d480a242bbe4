"""Cards as HTML, each drawn once for all readers: how a card looks depends on its slip and the bureau's names.

Whose card may be shown is never asked here: a reader's slips come from the database, under his reach.
"""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from flask import Flask, current_app
from markupsafe import Markup

from officeapp import cards
from officeapp.boards import Slip
from officeapp.cards import Card, Names
from officeapp.procedures.grammar import Procedure
from officeapp.web.request import page_session

MOST = 2000  # drawn cards kept by a process for one board, some two kilobytes each
BOARDS = 20  # of one set of names each
END = "</article>"

Deck = dict[Slip, Markup]


def install(app: Flask) -> None:
    app.extensions["decks"] = {}


def drawn(rules: Procedure, slips: Iterable[Slip], marks: Mapping[int, Mapping[str, Any]]) -> Deck:
    """The cards of these slips; those not drawn before are read by one statement and drawn together.

    A card with marks (just moved, refused) is drawn for this answer alone.
    """
    known = cards.names(page_session(), rules, current_app.config["OFFICE"].bureau_name)
    deck = _deck(known)
    found = {slip: deck.get(slip) for slip in slips}
    fresh = _draw([slip for slip, card in found.items() if card is None], known)
    _keep(deck, fresh)
    return found | fresh | _draw([slip for slip in found if slip.id in marks], known, marks)


def _deck(known: Names) -> Deck:
    decks: dict[Names, Deck] = current_app.extensions["decks"]
    if known not in decks:
        _drop_oldest(decks, BOARDS - 1)
    return decks.setdefault(known, {})


def _keep(deck: Deck, fresh: Deck) -> None:
    deck.update(fresh)
    _drop_oldest(deck, MOST)


def _drop_oldest(kept: dict, most: int) -> None:
    # Other threads do the same: whoever finds it gone has nothing to do.
    for key in list(islice(kept, max(len(kept) - most, 0))):
        kept.pop(key, None)


def _draw(slips: list[Slip], known: Names, marks: Mapping[int, Mapping[str, Any]] | None = None) -> Deck:
    written = cards.written(page_session(), slips, known)
    if marks:
        written = {slip: card._replace(**marks[card.id]) for slip, card in written.items()}
    return dict(zip(written, _html(list(written.values())), strict=True))


def _html(written: list[Card]) -> list[Markup]:
    """One template for all of them costs a third of one for each; what users wrote is escaped and ends no article."""
    if not written:
        return []
    text = current_app.jinja_env.get_template("boards/_card.html").render(cards=written)
    return [Markup(card.strip() + END) for card in text.split(END)[:-1]]  # nosec B704 # drawn by Jinja with escaping
