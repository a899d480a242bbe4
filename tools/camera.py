"""A browser on a fresh demonstration, and its photographs with a small palette."""

import re
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page
from werkzeug.serving import BaseWSGIServer, make_server

from app import create_app
from officeapp import calendars, clock, db, outbox, schema
from officeapp.demo import load
from officeapp.demo_accounts import PASSWORD
from officeapp.settings import ROOT, Settings

FOLDER = ROOT / "docs" / "pictures"
SIZE = {"width": 1366, "height": 768}
MOST = 200_000  # bytes
NOW = "2026-03-05T10:00+08:00"


class Camera:
    """A browser on a running demonstration; each person has a window of the own."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.windows: dict[str, Page] = {}

    def window(self, account: str, agent: str | None = None) -> Page:
        """The person's window, logged in; one more of another browser where its name is given."""
        if agent or account not in self.windows:
            context = self.browser.new_context(viewport=SIZE, locale="zh-CN", timezone_id="Asia/Shanghai",
                                               user_agent=agent)
            page = context.new_page()
            page.goto(f"{self.address}/login")
            page.fill("#account", account)
            page.fill("#password", PASSWORD)
            page.click("button[type=submit].btn-primary")
            page.wait_for_url(re.compile(r"/(people|calendar)?$"))
            if agent:
                return page
            self.windows[account] = page
        return self.windows[account]

    def visit(self, account: str, path: str) -> Page:
        page = self.window(account)
        page.goto(self.address + path)
        return page

    def desk(self, account: str, stage: str, grade: str = "") -> Page:
        """Open the first matter of this stage (and grade) on the person's desk."""
        page = self.visit(account, "/")
        row = page.locator("tr", has=page.locator("td[data-label=环节]", has_text=re.compile(f"^{stage}")))
        row.filter(has_text=grade).first.locator("td.list__title a").click()
        page.wait_for_selector("#history")
        return page

    def take(self, page: Page, name: str) -> None:
        """Keep what the window shows, in few colours."""
        page.wait_for_load_state("networkidle")
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{name}.png").write_bytes(reduced(page.screenshot()))


def reduced(png: bytes) -> bytes:
    """The same picture with a palette, small enough for a manual."""
    whole = Image.open(BytesIO(png)).convert("RGB")
    for colours in (256, 128, 64, 32):
        out = BytesIO()
        whole.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= MOST:
            break
    return out.getvalue()


def serve(folder: Path) -> BaseWSGIServer:
    """A demonstration on a free port of this machine."""
    app = create_app(Settings.from_env({"DATA_DIR": str(folder), "DEMO_NOW": NOW}))
    outbox.set_bell(None)
    schema.upgrade()
    with db.transaction() as session:
        calendars.ensure_seeded(session, clock.now())
    load.load(clock.now(), folder)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    return server


def chinese(options: dict[str, Any]) -> dict[str, Any]:
    """The browser's own words (dates, file chooser) in Chinese, as the readers see them."""
    env = options["env"] | {"LANGUAGE": "zh_CN", "LANG": "zh_CN.UTF-8"}
    return options | {"args": [*options["args"], "--lang=zh-CN"], "env": env}
