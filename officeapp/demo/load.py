"""Load the demonstration: the bureau, its documents, and for benchmarks many more of them."""

import random
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from officeapp import db, deadlines, schedule
from officeapp.demo import bureau, copies, orders, story, summaries
from officeapp.options import Option
from officeapp.people import Unit

TOLD = 200  # more than this is copied, not told: the engine's history of each is too slow to invent
MARK = "demonstration"
SWEPT_EVERY = timedelta(minutes=1)


def is_empty() -> bool:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Unit)) == 0


def is_half_told() -> bool:
    """Whether an earlier load was interrupted; only a load's own mark can say so."""
    with db.reading() as session:
        mark = session.get(Option, MARK)
        return mark is not None and mark.value == "begun"


def load(now: datetime, root: Path, *, count: int = TOLD, seed: int = 20260213) -> None:
    """The same bureau and documents for the same seed and moment; attachments go below `root`."""
    rng = random.Random(seed)  # nosec B311 # an invented story, no secret
    with db.transaction() as session:
        session.add(Option(key=MARK, value="begun"))
        bureau.found(session, rng)
    story.tell_all(now, min(count, TOLD), rng, root)
    if count >= TOLD:
        orders.tell_all(now)
        summaries.tell_all(now)
    story.forget_old_messages(now)
    copies.multiply(count - TOLD, rng)
    deadlines.sweep(now)
    schedule.take("reminders", SWEPT_EVERY, now)
    schedule.ran("reminders", now)
    with db.transaction() as session:
        session.get(Option, MARK).value = "told"
