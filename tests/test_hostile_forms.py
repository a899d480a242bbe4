"""Every form of the house, filled with what nobody types: a sentence, never a fault; who may pass is not turned away.

The fields are read from the pages themselves, so that a new form is tried without being named here.
"""

import re
from html.parser import HTMLParser

import pytest

from tests import demo_site
from tests.test_doors import CLOSED_DOOR, example, folk, passes, routes  # noqa: F401 a fixture

ROLES = ("director", "system", "security")  # between them they may pass every door that changes anything
ENDS_THE_VISIT = ("/logout", "/account/sittings", "/account")
HOSTILE = {
    "nothing": "", "long": "长" * 20_000, "negative": "-1", "huge": "9" * 400,
    "no number": "NaN", "another digit": "²", "lone surrogate": "\udcff", "turned round": "\u202e\u2066通知",
    "not a character": "\ufffe\uffff", "first day": "0001-01-01", "no day": "2026-02-30", "last day": "9999-12-31",
    "markup": "<script>alert(1)</script>'\"`{{7*7}}${7*7}", "statement": "'; DROP TABLE matter; --",
    "path": "../../../../etc/passwd", "line break": "a\r\nBcc: x@evil.example", "combining": "a" + "\u0301" * 500,
}


class Forms(HTMLParser):
    """The names of every field of a page, by the path that its form is sent to."""

    def __init__(self, html, page):
        super().__init__()
        self.found, self.path, self.page = {}, None, page
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if tag == "form":
            self.path = named.get("action") or self.page
        elif tag in ("input", "select", "textarea") and self.path and named.get("name"):
            self.found.setdefault(self.path, set()).add(named["name"])


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    yield demo_site.build(tmp_path_factory.mktemp("hostile"))
    demo_site.tear_down()


def shape(path):
    return re.sub(r"\d+", "N", path.partition("?")[0])


def fields(app, browser):
    """What each form of this person's pages asks for."""
    known = {}
    for rule, _ in routes(app, "GET"):
        page = example(rule, 1)
        answer = browser.get(page)
        if answer.mimetype == "text/html":
            for path, names in Forms(answer.text, page).found.items():
                known.setdefault(shape(path), set()).update(names)
    return known


@pytest.mark.parametrize("role", ROLES)
def test_no_form_breaks_whatever_is_typed(app, folk, role):  # noqa: F811
    browser = demo_site.enter(app, role)
    known = fields(app, browser)
    broken = []
    for rule, door in routes(app, "POST"):
        if rule.rule.startswith(ENDS_THE_VISIT) or not passes(door, role, folk):
            continue
        path = example(rule, 1)
        names = known.get(shape(path), set()) | {"version", "note", "move", "next", "on"}
        for title, text in HOSTILE.items():
            data = {name: text.encode("utf-8", "surrogatepass") for name in names if name != "csrf_token"}
            answer = browser.post(path, data=data)
            if answer.status_code >= 500 or CLOSED_DOOR in answer.text:
                broken.append(f"{path} with {title}: {answer.status_code}")
    assert not broken
