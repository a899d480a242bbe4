"""Every page that somebody can click his way to: it is there, well formed, and safe (style: principle 19)."""

import re

import pytest

from tests import demo_site
from tests.demo_site import ACCOUNTS, Page

EACH = 4  # pages of one shape that a visitor looks at
NO_PAGE = ("/calendar/export", "/static/")


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    yield demo_site.build(tmp_path_factory.mktemp("pages"))
    demo_site.tear_down()


def shape(path):
    """The path with what identifies left out: /matters/42/edit is the shape /matters/#/edit."""
    return re.sub(r"\d+", "#", path.split("?")[0])


def walk(client):
    """(path, answer) of the pages reached from the start page by links, a few of each shape."""
    waiting, seen, shapes = ["/"], set(), {}
    while waiting:
        path = waiting.pop(0)
        if path in seen or shapes.get(shape(path), 0) >= EACH:
            continue
        seen.add(path)
        shapes[shape(path)] = shapes.get(shape(path), 0) + 1
        answer = client.get(path, follow_redirects=True)
        yield path, answer
        if answer.mimetype == "text/html":
            links = (link.split("#")[0] for link in Page(answer.text).links)
            waiting += [link for link in links if link.startswith("/") and not link.startswith(NO_PAGE)]


@pytest.mark.parametrize("role", [None, *ACCOUNTS])
def test_every_page_a_reader_is_led_to_is_there_and_well_formed(app, role):
    visited = 0
    for path, answer in walk(demo_site.enter(app, role)):
        visited += 1
        assert answer.status_code == 200, f"{path}: a link leads {role} to {answer.status_code}"
        if answer.mimetype != "text/html":
            continue
        page = Page(answer.text)
        assert page.headings == 1, f"{path} has {page.headings} h1: one page, one heading"
        assert not page.twins, f"{path} has ids twice, so labels and updates miss: {page.twins}"
        assert not page.inline, f"{path}: the content security policy drops {page.inline}"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"], path
    assert visited > (0 if role is None else 3)


@pytest.mark.parametrize("path", ["/nothing-here", "/matters/999999", "/people/units/new", "/boards/nothing"])
def test_a_page_for_what_went_wrong_says_what_to_do(app, path):
    answer = demo_site.enter(app, "drafter").get(path)
    page = Page(answer.text)
    assert answer.status_code in (403, 404) and page.headings == 1 and not page.twins and not page.inline
    assert "Traceback" not in answer.text and "werkzeug" not in answer.text.lower()
