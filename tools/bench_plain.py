"""What tools.bench holds the pages against: the same cards without the house, and a bare Flask."""

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import Environment

from officeapp import db

ROWS = """
SELECT m.id, m.version, m.title, m.number, m.grade, u.short, m.holder, m.due_at, m.due_unit, m.paused,
  m.returns, m.paper
FROM matter m JOIN unit u ON u.id = m.unit_id
WHERE m.id IN ({ids}) ORDER BY m.due_at, m.id
"""
CARDS = Environment(autoescape=True, trim_blocks=True).from_string("""
{% for id, version, title, number, grade, unit, holder, due, due_unit, paused, returns, paper in rows %}
<article class="card" id="card-{{ id }}" data-matter="{{ id }}">
  <p class="card__top">
    <span class="card__holder" title="{{ holder }}">{{ holder }}</span><span class="light">{{ due or due_unit }}</span>
  </p>
  <h3 class="card__title">
    <span class="grade">{{ grade }}</span><a href="/matters/{{ id }}" title="{{ title }}">{{ title }}</a>
  </h3>
  <p class="card__foot">
    {% if number %}<span>{{ number }}</span>{% elif unit %}<span>{{ unit }}</span>{% endif %}
    {% if returns %}<span>退回{{ returns }}次</span>{% endif %}{% if paper %}<span>{{ paper }}</span>{% endif %}
  </p>
  <form class="card__form" method="post" action="/matters/{{ id }}/moves">
    <input type="hidden" name="version" value="{{ version }}">
    <a href="/matters/{{ id }}/moves">移动<span>：{{ title }}</span></a>
  </form>
</article>
{% endfor %}
""")


def board(ids: list[str]) -> str:
    """R: these cards by the driver alone and a plain template."""
    connection = db.engine().raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(ROWS.format(ids=",".join(ids)))
        return CARDS.render(rows=cursor.fetchall())
    finally:
        connection.close()


def hello() -> FlaskClient:
    """GET says hello (H); POST commits one row besides (H+c)."""
    app = Flask("hello")
    with db.engine().begin() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS bench_line (said TEXT)")
    app.add_url_rule("/", "hello", lambda: "hello")
    app.add_url_rule("/", "commit", _commit, methods=["POST"])
    return app.test_client()


def served_hello() -> Flask:
    """The hello that tools.bench_served puts behind gunicorn."""
    app = Flask("hello")
    app.add_url_rule("/", "hello", lambda: "hello")
    app.add_url_rule("/healthz", "alive", lambda: "ok")
    return app


def _commit() -> str:
    with db.engine().begin() as connection:
        connection.exec_driver_sql("INSERT INTO bench_line (said) VALUES ('hello')")
    return "hello"
