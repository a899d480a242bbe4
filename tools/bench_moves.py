"""Moves for tools.bench and tools.bench_served: papers that the office may send on to be signed, and back."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, select, update

from officeapp import db
from officeapp.matters import Matter, Task

BOARD = "/boards/outgoing-document"
MOVE = {"move": "office_pass_ordinary", "note": "拟同意报签。"}
PUT_BACK = ("stage", "stage_at", "visited", "returned_from", "returned_by", "sent_by", "sent_from", "holder")
MATTER, TASK = Matter.__table__, Task.__table__


class Drops:
    """Cards dropped one after another on a board, as a browser does it; `send` posts a form and gives the answer."""

    def __init__(self, page: str, send: Callable[[str, dict[str, Any], dict[str, str]], str]) -> None:
        self.send, self.since, self.left = send, stamp_in(page), movable()
        self.kept = standing([matter_id for matter_id, _ in self.left])
        token = re.search(r'X-CSRFToken": "([^"]+)"', page)[1]
        self.headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost{BOARD}", "X-CSRFToken": token}

    def ready(self) -> None:
        """Before each drop: when none is left, all are put back."""
        if not self.left:
            put_back(self.kept)
            ours = {row["id"] for row, _ in self.kept}
            self.left = [each for each in movable() if each[0] in ours]

    def drop(self) -> None:
        """The next one; the answer must be the columns that it changed."""
        matter_id, version = self.left.pop()
        form = MOVE | {"version": version, "since": self.since}
        self.since = stamp_in(self.send(f"/matters/{matter_id}/moves", form, self.headers))


def stamp_in(page: str) -> str:
    return re.search(r'data-stamp="([^"]+)"', page)[1]


def movable() -> list[tuple[int, int]]:
    """(id, version) of the ordinary documents under office review that need no other review first."""
    query = select(Matter).where(Matter.stage == "office_review", Matter.grade == "ordinary", Matter.closed.is_(False))
    with db.reading() as session:
        found = session.scalars(query).all()
    return [(m.id, m.version) for m in found if not m.values.get("normative")]


def standing(ids: list[int]) -> list[tuple[dict[str, Any], list[int]]]:
    """Where these lie: what `put_back` writes of each, and its open tasks."""
    columns = [MATTER.c.id, *(MATTER.c[name] for name in PUT_BACK)]
    with db.engine().connect() as connection:
        rows = connection.execute(select(*columns).where(MATTER.c.id.in_(ids))).mappings().all()
        tasks = connection.execute(select(TASK.c.matter_id, TASK.c.id)
                                   .where(TASK.c.matter_id.in_(ids), TASK.c.state == "open")).all()
    return [(dict(row), [task for matter, task in tasks if matter == row["id"]]) for row in rows]


def put_back(kept: list[tuple[dict[str, Any], list[int]]]) -> None:
    """As if they had not been moved, but for their version and their history."""
    with db.engine().begin() as connection:
        for row, tasks in kept:
            mine = TASK.c.matter_id == row["id"]
            later = {"version": MATTER.c.version + 1}  # what was drawn of it is drawn anew
            connection.execute(update(MATTER).where(MATTER.c.id == row["id"]).values(row | later))
            connection.execute(delete(TASK).where(mine, TASK.c.id > max(tasks)))
            anew = {"state": "open", "done_at": None, "done_by": None}
            connection.execute(update(TASK).where(TASK.c.id.in_(tasks)).values(anew))
