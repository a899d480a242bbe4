"""What tools.bench holds the pages against: the same cards without the house, and a bare Flask."""

from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import Environment, FileSystemLoader
from sqlalchemy import Select

from officeapp import clock, db, workdays
from officeapp.settings import ROOT, Settings

# The rows that the board's own statement finds, with all the words of a card: nothing is looked up besides.
ROWS = """
WITH s(rulebook, edition, stage, id, version, due, due_unit, paused, owed) AS ({shown})
SELECT s.stage, m.id, m.version, m.title, m.number, m.grade, u.short, u.name, m.holder, m.due_at, m.due_unit, m.paused,
  m.returns, m.paper, s.owed
FROM s JOIN matter m ON m.id = s.id JOIN unit u ON u.id = m.unit_id ORDER BY m.due_at, m.id
"""
PAGE = 50  # of a column
CARDS = Environment(autoescape=True, loader=FileSystemLoader(ROOT / "templates")).get_template("boards/_card.html")


def board(shown: str, given: Any, calendar: workdays.Calendar, grades: dict[str, str], opening: str) -> str:
    """R: the cards of one board, the very ones that the house draws, by the driver alone and a plain template.

    `shown` is SQL for what the reader sees, ready for the driver with what is `given`.
    """
    connection, lights, columns = db.engine().raw_connection(), {}, {}
    try:
        cursor = connection.cursor()
        cursor.execute(ROWS.format(shown=shown), given)
        for stage, *row in cursor.fetchall():
            columns.setdefault(stage, []).append(_card(row, calendar, lights, grades, opening))
    finally:
        connection.close()
    return "".join(CARDS.render(cards=cards[:PAGE]) for cards in columns.values())


def _card(row: list, calendar: workdays.Calendar, lights: dict, grades: dict[str, str], opening: str) -> tuple:
    key, version, title, number, grade, short, name, holder, due, due_unit, paused, returns, paper, owed = row
    if (due, due_unit, paused) not in lights:
        lights[due, due_unit, paused] = _light(calendar, due, due_unit, paused)
    tone, words, late = lights[due, due_unit, paused]
    notes = [note for note in (f"退回{returns}次" if returns else "", paper, "补签未完" if owed else "") if note]
    return (key, version, title, title[len(opening) - 2:] if title.startswith(opening) else title,
            number or short or name, grade, grades.get(grade, ""), holder, tone, words, late, notes, False, "", "")


def _light(calendar: workdays.Calendar, due: str | datetime | None, unit: str, paused: int) -> tuple[str, str, bool]:
    now = clock.now()
    at = datetime.fromisoformat(due).replace(tzinfo=UTC) if isinstance(due, str) else due
    if at is None and not paused:
        return "none", "", False
    light = workdays.light(calendar, at or now, unit or "day", now, paused=bool(paused))
    return light.tone, light.words, at is not None and at <= now and not paused


def driven(query: Select) -> tuple[str, Any]:
    """A statement as the driver takes it."""
    compiled = query.order_by(None).compile(db.engine(), compile_kwargs={"render_postcompile": True})
    given = compiled.construct_params()
    return str(compiled), [given[name] for name in compiled.positiontup] if compiled.positional else given


def hello() -> FlaskClient:
    """GET says hello (H); POST commits one row besides (H+c)."""
    app = Flask("hello")
    prepare()
    app.add_url_rule("/", "hello", lambda: "hello")
    app.add_url_rule("/", "commit", _commit, methods=["POST"])
    return app.test_client()


def prepare() -> None:
    """The table whose rows a hello commits."""
    with db.engine().begin() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS bench_line (said TEXT)")


def served_hello() -> Flask:
    """The hello that tools.bench_served puts behind gunicorn; POST commits a row as H+c does."""
    app = Flask("hello")
    db.configure(Settings.from_env().database_url)
    app.add_url_rule("/", "hello", lambda: "hello")
    app.add_url_rule("/", "commit", _commit, methods=["POST"])
    app.add_url_rule("/healthz", "alive", lambda: "ok")
    return app


def _commit() -> str:
    with db.engine().begin() as connection:
        connection.exec_driver_sql("INSERT INTO bench_line (said) VALUES ('hello')")
    return "hello"
