"""A real server of the whole site on a free port, and a browser that looks at it."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from app import create_app
from officeapp import clock, db, people
from officeapp.settings import Settings
from tests.browser.chromium import launch_options
from tests.browser.hands import Days

PASSWORD = "kanban2026"
DESK = {"width": 1366, "height": 768}


class Site:
    """The running site: its address, the bureau in it, and pages of people who are logged in."""

    def __init__(self, url: str, browser: Browser, bureau) -> None:
        self.url, self.browser, self.bureau = url, browser, bureau
        self.complaints: list[str] = []

    def page(self, account: str, **options) -> Page:
        """A new browser window in which this person has logged in."""
        context = self.browser.new_context(**{"viewport": DESK, "base_url": self.url, **options})
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._listen)
        page.goto("/login")
        page.fill("#account", account)
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    def _listen(self, message) -> None:
        # Chromium reports every 4xx; a refusal is meant to be one.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


@pytest.fixture
def site(database, bureau, chromium, tmp_path) -> Iterator[Site]:
    """The bureau of tests/people.py behind a real server; everybody's password is PASSWORD."""
    let_everybody_in()
    settings = Settings.from_env({"DATA_DIR": str(tmp_path), "DATABASE_URL": database, "DEMO": "1"})
    server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found = Site(f"http://127.0.0.1:{server.server_port}", chromium, bureau)
    yield found
    for context in chromium.contexts:
        context.close()
    server.shutdown()
    thread.join()
    assert found.complaints == []


@pytest.fixture
def days(site) -> Iterator[Days]:
    """The same bureau on the days of a story."""
    yield Days(site)
    clock.set_offset(timedelta(0))


def let_everybody_in() -> None:
    hashed = people.hash_password(PASSWORD)
    with db.transaction() as session:
        for person in session.query(people.Person):
            person.password_hash = hashed
