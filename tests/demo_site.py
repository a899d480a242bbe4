"""The demonstration bureau behind the real site, for tests that walk its pages."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from officeapp import calendars, clock, db, schema
from officeapp.demo import load as demo
from officeapp.demo_accounts import PASSWORD
from tests.services import settings_of

MATTERS = 24
# One account for each role that the doors tell apart.
ACCOUNTS = {
    "drafter": "linxiao", "head": "wangjianguo", "deputy": "liuzhiqiang", "chief": "zhouzheng", "director": "gaoming",
    "reviewer": "wumin", "clerk": "chenwen", "dispatcher": "hejing", "lawyer": "qianli", "inspector": "gaoyuan",
    "system": "xitong", "security": "anquan", "audit": "shenji",
}


def build(folder: Path) -> Flask:
    """A site with 24 matters on SQLite; call `tear_down` when done."""
    url = f"sqlite:///{folder / 'demo.db'}"
    app = create_app(settings_of({"DATABASE_URL": url, "DATA_DIR": str(folder), "DEMO_NOW": "2026-11-20T10:00+08:00",
                                  "METRICS_TOKEN": "monitor-" * 4}))
    schema.upgrade()
    with db.transaction() as session:
        calendars.ensure_seeded(session, clock.now())
    demo.load(clock.now(), folder, count=MATTERS)
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def tear_down() -> None:
    clock.set_offset(timedelta(0))


def enter(app: Flask, role: str | None) -> FlaskClient:
    """A browser of this role, logged in by its form; None stays outside."""
    client = app.test_client()
    if role:
        answer = client.post("/login", data={"account": ACCOUNTS[role], "password": PASSWORD})
        assert answer.status_code == 303, answer.text
    return client


class Page(HTMLParser):
    """What the house rules ask of a page: its headings, ids, links and attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings, self.ids, self.links, self.attributes, self.scripts = 0, [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.headings += tag == "h1"
        self.ids += [named["id"]] if named.get("id") else []
        self.links += [named["href"]] if tag == "a" and named.get("href") else []
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.scripts += [named] if tag == "script" else []

    @property
    def twins(self) -> list[str]:
        return sorted({each for each in self.ids if self.ids.count(each) > 1})

    @property
    def inline(self) -> list[str]:
        """Attributes and scripts that the content security policy would drop."""
        bad = [f"{tag} {name}" for tag, name, value in self.attributes
               if name == "style" or re.match(r"on\w+$|hx-on", name) or value.startswith("javascript:")]
        return bad + [f"script {named}" for named in self.scripts if not named.get("src")]
