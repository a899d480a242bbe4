"""Cards as HTML, each drawn once for all readers: how a card looks depends on its slip and the bureau's names.

Whose card may be shown is never asked here: a reader's slips come from the database, under his reach.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from flask import Flask, current_app
from markupsafe import Markup

from officeapp import cards
from officeapp.boards import Slip
from officeapp.cards import Card, Names
from officeapp.procedures.grammar import Procedure
from officeapp.web.request import page_session

MOST = 2000  # drawn cards kept by a process for one board, some two kilobytes each
MOST_COLUMNS = 100  # and columns of up to fifty
BOARDS = 20  # of one set of names each
END = "</article>"

Marks = Mapping[int, Mapping[str, Any]]  # by matter


class Head(NamedTuple):
    """What a column says besides its cards."""

    key: str
    title: str
    total: int
    overdue: int
    more_url: str
    slips: tuple[Slip, ...]


@dataclass
class Deck:
    """What was drawn under one set of names: cards, and whole columns of them."""

    cards: dict[Slip, str] = field(default_factory=dict)
    columns: dict[tuple[Head, bool], Markup] = field(default_factory=dict)


def install(app: Flask) -> None:
    app.extensions["decks"] = {}


def drawn(rules: Procedure, columns: Sequence[Head], marks: Marks, oob: bool) -> list[Markup]:
    """Whole columns, for the page or out of band. Cards not drawn before are read by one statement.

    A column that has a card with marks (just moved, refused) is drawn for this answer alone.
    """
    known = cards.names(page_session(), rules, current_app.config["OFFICE"].bureau_name)
    deck = _deck(known)
    found = [deck.columns.get((column, oob)) for column in columns]
    lacking = [n for n, column in enumerate(columns) if found[n] is None or _is_marked(column, marks)]
    written = _cards(deck, [slip for n in lacking for slip in columns[n].slips], known, marks)
    for n in lacking:
        found[n] = _column(columns[n], [written[slip] for slip in columns[n].slips], oob)
        if not _is_marked(columns[n], marks):
            _keep(deck.columns, {(columns[n], oob): found[n]}, MOST_COLUMNS)
    return found


def loose(rules: Procedure, slips: Sequence[Slip]) -> Markup:
    """Cards without their column: what follows a cursor."""
    known = cards.names(page_session(), rules, current_app.config["OFFICE"].bureau_name)
    return _joined(_cards(_deck(known), list(slips), known, {}).values())


def _is_marked(column: Head, marks: Marks) -> bool:
    return bool(marks) and any(slip.id in marks for slip in column.slips)


def _column(column: Head, written: list[str], oob: bool) -> Markup:
    said = column._asdict() | {"cards": _joined(written), "oob": oob}
    return Markup(current_app.jinja_env.get_template("boards/_column.html").render(said))  # nosec B704 # drawn by Jinja with escaping


def _joined(written: Iterable[str]) -> Markup:
    return Markup("\n".join(written))  # nosec B704 # each drawn by Jinja with escaping


def _cards(deck: Deck, slips: list[Slip], known: Names, marks: Marks) -> dict[Slip, str]:
    found = {slip: deck.cards.get(slip) for slip in slips}
    fresh = _draw([slip for slip, card in found.items() if card is None or slip.id in marks], known, marks)
    _keep(deck.cards, {slip: card for slip, card in fresh.items() if slip.id not in marks}, MOST)
    return found | fresh


def _deck(known: Names) -> Deck:
    decks: dict[Names, Deck] = current_app.extensions["decks"]
    if known not in decks:
        _drop_oldest(decks, BOARDS - 1)
    return decks.setdefault(known, Deck())


def _keep(kept: dict, fresh: dict, most: int) -> None:
    kept.update(fresh)
    _drop_oldest(kept, most)


def _drop_oldest(kept: dict, most: int) -> None:
    # Other threads do the same: whoever finds it gone has nothing to do.
    for key in list(islice(kept, max(len(kept) - most, 0))):
        kept.pop(key, None)


def _draw(slips: list[Slip], known: Names, marks: Marks) -> dict[Slip, str]:
    written = cards.written(page_session(), slips, known)
    written |= {slip: card._replace(**marks[card.id]) for slip, card in written.items() if card.id in marks}
    return dict(zip(written, _html(list(written.values())), strict=True))


def _html(written: list[Card]) -> list[str]:
    """One template for all of them costs a third of one for each; what users wrote is escaped and ends no article."""
    if not written:
        return []
    text = current_app.jinja_env.get_template("boards/_card.html").render(cards=written)
    return [card.strip() + END for card in text.split(END)[:-1]]
