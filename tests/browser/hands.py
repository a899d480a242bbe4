"""What people do at their pages: press what is offered, answer its dialog, send back; and the days between."""

import re
from datetime import datetime

from playwright.sync_api import Page, expect

from officeapp import clock, deadlines, progress


def press(page: Page, path: str, title: str, note: str = "", **fields: str) -> None:
    """Press what the page offers; where a dialog asks, answer it."""
    page.goto(path)
    offered = page.locator("#moves").get_by_role("button", name=re.compile(re.escape(title))).first
    version = page.locator("#moves-version").input_value()
    if offered.evaluate("e => e.tagName") == "BUTTON":
        if note:
            page.fill("#note", note)
        offered.click()
    else:
        offered.click()
        answer(page, note, fields)
    expect(page.locator(f"#moves-version[value='{version}']")).to_have_count(0)


def answer(page: Page, note: str, fields: dict[str, str]) -> None:
    """Fill what the open dialog asks for and send it."""
    dialog = page.locator("dialog[open]")
    for name, value in fields.items():
        asked = dialog.locator(f"[name={name}]").first
        tag = asked.evaluate("e => e.tagName")
        asked.select_option(value) if tag == "SELECT" else asked.fill(value)
    if note:
        dialog.locator("[name=note]").fill(note)
    dialog.locator("button[type=submit]").click()


def return_to(page: Page, path: str, title: str, reason: str) -> None:
    """Send back; where several stages may be chosen, choose from the menu."""
    page.goto(path)
    menu = page.locator("#moves details.pick summary.btn-outline-danger")
    if menu.count():
        menu.click()
    page.locator("#moves").get_by_role("button", name=re.compile(title)).first.click()
    answer(page, reason, {})
    expect(page.locator("dialog[open]")).to_have_count(0)


def fill_in(page: Page, kind: str, **values: str | list[str]) -> str:
    """Fill the blank form of a kind and save it; the new matter's path. A list ticks boxes."""
    page.goto(f"/matters/new/{kind}")
    for name, value in values.items():
        if isinstance(value, list):
            for each in value:
                page.check(f"[name={name}][value='{each}']")
        elif page.locator(f"[name={name}]").evaluate("e => e.tagName") == "SELECT":
            page.select_option(f"[name={name}]", value)
        else:
            page.fill(f"[name={name}]", value)
    page.get_by_role("button", name=re.compile("^保存")).first.click()
    page.wait_for_url(re.compile(r"/matters/\d+$"))
    return re.search(r"/matters/\d+", page.url)[0]


class Days:
    """The house on the days of a story: its clock is set, its sweeps run, everybody sits down anew each day."""

    def __init__(self, site) -> None:
        self.site, self.windows = site, {}

    def begin(self, year: int, month: int, day: int, hour: int = 9) -> None:
        """Another day: yesterday's windows are closed, for its logins have ended."""
        for page in self.windows.values():
            page.context.close()
        self.windows.clear()
        clock.set_offset(datetime(year, month, day, hour, tzinfo=clock.ZONE) - clock.machine_now())
        progress.sweep(clock.now())
        deadlines.sweep(clock.now())

    def at(self, account: str) -> Page:
        """The person's window of today."""
        if account not in self.windows:
            self.windows[account] = self.site.page(account)
        return self.windows[account]
