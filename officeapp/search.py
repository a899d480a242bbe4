"""Finding a matter again by words of its title or by its number, closed ones too."""

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from officeapp import grams
from officeapp.matters import Matter
from officeapp.people import Actor
from officeapp.todo import COLUMNS, PAGE, Line
from officeapp.visibility import visible_to

MOST_WORDS = 6


def found(session: Session, actor: Actor, words: str, before: int | None = None) -> list[Line]:
    """Matters this person may see whose title or number holds every word, newest first; one more than a page."""
    wanted = words.split()[:MOST_WORDS]
    query = select(*COLUMNS, Matter.opened_at).where(visible_to(actor), and_(*_each(wanted)))
    few = grams.holding(session, wanted)
    if few is not None:
        query = query.where(Matter.id.in_(few))
    return [Line(*row) for row in session.execute(_page(query, before))]


def _each(wanted: list[str]) -> list:
    return [or_(Matter.title.contains(w, autoescape=True), Matter.number.contains(w, autoescape=True)) for w in wanted]


def _page(query: Select, before: int | None) -> Select:
    query = query.order_by(Matter.id.desc()).limit(PAGE + 1)
    return query.where(Matter.id < before) if before else query
