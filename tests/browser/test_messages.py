"""邮件发送 at both sizes: whatever a mail server answers, the button that mends it is there to be clicked."""

import pytest

from officeapp import clock, db, outbox
from officeapp.outbox import Message
from officeapp.people import Person

ANSWER = "邮件服务器拒收：550 5.1.1 <wang@oa.test>: Recipient address rejected: User unknown in mailbox table " * 2


@pytest.fixture
def failed(site):
    with db.transaction() as session:
        for n in range(3):
            outbox.owe(session, session.get_one(Person, site.bureau.head.id), outbox.MAIL, key=f"test:{n}", body="文",
                       subject=f"【到期提醒】《关于做好第{n}季度市容环境保障和户外广告整治工作的通知》 今日到期",
                       link="/", matter_id=None, now=clock.now())
        session.query(Message).update({"state": "dead", "attempts": 1, "error": ANSWER})
    return site


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_every_failed_mail_has_its_button_in_sight_and_a_title_that_can_be_read(failed, width, height):
    page = failed.page("director", viewport={"width": width, "height": height})
    page.goto("/admin/messages")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    buttons = page.get_by_role("button", name="重发", exact=True)
    assert buttons.count() == 3
    for n in range(3):
        box = buttons.nth(n).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
    assert page.locator("td.list__title").first.bounding_box()["width"] > 250
    buttons.first.click()
    page.get_by_text("已重新送交发信").wait_for()
    page.get_by_role("button", name="全部重发").click()
    page.get_by_text("已重新送交发信：2封").wait_for()
