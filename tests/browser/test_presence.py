"""A browser that is left alone is logged out with a sentence; typing keeps it in, and nothing typed is lost."""

from datetime import timedelta

import pytest

from officeapp import clock
from tests.browser.conftest import PASSWORD

NEW = "/matters/new/outgoing-document"


@pytest.fixture
def pass_by():
    """pass_by(page, 31): so many minutes go by for the browser and for the server."""
    gone = [0]

    def minutes(page, count):
        gone[0] += count
        clock.set_offset(timedelta(minutes=gone[0]))
        page.clock.fast_forward(count * 60_000)

    yield minutes
    clock.set_offset(timedelta(0))


def typed(site):
    page = site.page("drafter")
    page.clock.install()
    page.goto(NEW)
    page.fill("#f-title", "关于开展春季检查的通知")
    return page


def test_a_page_left_alone_goes_to_the_login_and_what_was_typed_comes_back(site, pass_by):
    page = typed(site)
    pass_by(page, 31)
    page.wait_for_url("**/login?next=**")
    assert "没有操作，为了安全已自动退出登录" in page.inner_text("#flash")
    page.fill("#account", "drafter")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"**{NEW}")
    assert page.input_value("#f-title") == "关于开展春季检查的通知"


def test_typing_is_a_sign_that_somebody_is_there(site, pass_by):
    page = typed(site)
    for _ in range(3):
        pass_by(page, 20)
        with page.expect_response("**/presence") as told:
            page.type("#f-title", "各")
        assert told.value.request.method == "POST" and told.value.status == 204
    assert page.goto("/people").status == 200 and "/login" not in page.url
