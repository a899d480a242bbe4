"""The manual's pictures, from a fresh demonstration: `python -m tools.pictures [name …]`.

Needs a browser (`make test` brings one) and, besides requirements-dev.txt, `pip install pillow==13.0.0`
for the palette. 1366×768, at most 200 kB each, into docs/pictures.
"""

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright

from tests.browser.chromium import launch_options
from tools.camera import SIZE, Camera, chinese, serve

BOARD = "/boards/outgoing-document"
TEXT = (
    "各科室、中队和局属各单位：", "为做好春季户外广告设施安全检查，现将有关事项通知如下。", "一、检查范围",
    "（一）人民路、江滨大道沿线", "1.楼顶和墙面广告", "2.立柱广告", "二、工作要求",
    "请各单位于3月20日前书面反馈检查情况。",
)
PICTURES: list[Callable] = []


def picture(take: Callable) -> Callable:
    PICTURES.append(take)
    return take


@picture
def login(camera: Camera) -> Page:
    page = camera.browser.new_context(viewport=SIZE, locale="zh-CN").new_page()
    page.goto(f"{camera.address}/login")
    return page


@picture
def sittings(camera: Camera) -> Page:
    camera.window("wangjianguo", "Windows NT 10.0; Edg/120.0")
    return camera.visit("wangjianguo", "/account/sittings")


@picture
def todo(camera: Camera) -> Page:
    return camera.visit("wangjianguo", "/")


@picture
def gathering(camera: Camera) -> Page:
    return camera.visit("xuzong", "/gatherings/monthly-summary")


@picture
def delegations(camera: Camera) -> Page:
    return granted(camera)


@picture
def todo_stand_in(camera: Camera) -> Page:
    granted(camera)
    return camera.visit("linxiao", "/")


@picture
def handover(camera: Camera) -> Page:
    page = camera.visit("gaoming", "/handovers")
    page.select_option("#giver", label=page.locator("#giver option", has_text="何军").inner_text())
    page.click("form.people-form button")
    page.wait_for_selector("#receiver")
    page.select_option("#receiver", index=1)
    page.fill("#reason", "调离本局")
    return page


@picture
def draft(camera: Camera) -> Page:
    page = camera.visit("linxiao", "/matters/new/outgoing-document")
    page.fill("[name=title]", "临江区综合行政执法局关于开展春季户外广告设施安全检查的通知")
    page.fill("[name=recipients]", "各科室、中队和局属各单位")
    page.fill("[name=necessity]", "须以正式文件部署，明确责任单位和时限。")
    return page


@picture
def draft_text(camera: Camera) -> Page:
    page = draft(camera)
    page.fill("[name=body]", "\n".join(TEXT))
    page.locator("[name=body]").scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    return page


@picture
def matter_drafter(camera: Camera) -> Page:
    return camera.desk("linxiao", "起草")


@picture
def board(camera: Camera) -> Page:
    return camera.visit("gaoming", BOARD)


@picture
def board_drag(camera: Camera) -> Page:
    page = camera.visit("wangjianguo", BOARD)
    lift(page, page.locator("#column-unit_review .card", has_text="普通").first, "office_review")
    page.wait_for_selector(".column.may-enter")
    return page


@picture
def board_refused(camera: Camera) -> Page:
    page = camera.visit("linxiao", BOARD)
    lift(page, page.locator("#column-drafting .card").first, "signing")
    page.wait_for_timeout(300)
    page.mouse.up()
    page.wait_for_selector(".card .sentence")
    return page


@picture
def board_move(camera: Camera) -> Page:
    page = camera.visit("wangjianguo", BOARD)
    card = page.locator("#column-unit_review .card", has_text="普通").first
    card.hover()
    card.locator(".card__move").click()
    return dialog(page)


@picture
def returning(camera: Camera) -> Page:
    page = camera.desk("wangjianguo", "科室核稿", "普通")
    page.locator("#moves .btn-outline-danger", has_text="退回").first.click()
    return dialog(page)


@picture
def signing(camera: Camera) -> Page:
    return camera.desk("liuzhiqiang", "签发")


@picture
def legality(camera: Camera) -> Page:
    page = camera.desk("qianli", "合法性审查")
    page.locator("#moves [role=button]", has_text="出具审查意见").click()
    return dialog(page)


@picture
def office_review(camera: Camera) -> Page:
    return camera.desk("wumin", "办公室审核")


@picture
def paper(camera: Camera) -> Page:
    page = camera.visit("chenwen", f"{BOARD}?grade=expedited")
    page.locator(":is(#column-unit_review, #column-vetting, #column-signing) .card__title a").first.click()
    page.locator("#moves [role=button]", has_text="代录签字").first.click()
    return dialog(page)


@picture
def numbering(camera: Camera) -> Page:
    page = camera.desk("chenwen", "编号")
    page.locator("#moves [role=button]", has_text="编号登记").click()
    return dialog(page)


@picture
def proof(camera: Camera) -> Page:
    page = camera.desk("chenwen", "校对")
    page.locator("#text a", has_text=re.compile("清样")).click()
    area = page.locator("[name=body]")
    area.fill(area.input_value().replace("应当", "应", 1).replace("反馈", "反溃", 1))
    page.click("text=保存清样并对照")
    page.wait_for_selector(".comparison")
    return page


@picture
def dispatch(camera: Camera) -> Page:
    page = camera.desk("hejing", "印发")
    page.locator("#moves [role=button]", has_text="用印并印发").click()
    return dialog(page)


@picture
def archiving(camera: Camera) -> Page:
    page = camera.desk("hejing", "归档")
    page.locator("#moves [role=button]", has_text="归档").first.click()
    return dialog(page)


@picture
def deadlines(camera: Camera) -> Page:
    page = camera.desk("linxiao", "起草")
    page.click("text=时限说明")
    return page


@picture
def versions(camera: Camera) -> Page:
    page = camera.desk("chenwen", "校对")
    page.click("text=历次文稿对照")
    return page


@picture
def print_form(camera: Camera) -> Page:
    page = camera.desk("hejing", "归档")
    page.click("text=打印发文稿纸")
    return page


@picture
def overdue(camera: Camera) -> Page:
    return camera.visit("gaoyuan", "/boards/overdue")


@picture
def notices(camera: Camera) -> Page:
    return camera.visit("wangjianguo", "/notices")


@picture
def options(camera: Camera) -> Page:
    page = camera.visit("gaoming", "/")
    page.click("nav >> text=办文设置")
    return page


@picture
def calendar(camera: Camera) -> Page:
    return camera.visit("gaoming", "/calendar?year=2026")


@picture
def people(camera: Camera) -> Page:
    return camera.visit("xitong", "/people")


@picture
def posts(camera: Camera) -> Page:
    page = camera.visit("anquan", "/people")
    page.click("text=岗位与分管")
    return page


@picture
def rulebook(camera: Camera) -> Page:
    return camera.visit("wumin", "/procedures/outgoing-document")


def granted(camera: Camera) -> Page:
    """王建国 has given his desk to 林晓 for a week."""
    page = camera.visit("wangjianguo", "/account/delegations")
    if not page.locator(".list__title", has_text="林晓").count():
        page.select_option("#delegate", label="林晓")
        page.fill("#first", "2026-03-05")
        page.fill("#last", "2026-03-13")
        page.fill("#reason", "赴省厅参加执法业务培训")
        page.click("form.people-form button")
        page.wait_for_selector(".list__title")
    return page


def dialog(page: Page) -> Page:
    page.wait_for_selector("dialog[open]")
    return page


def lift(page: Page, card: Locator, column: str) -> None:
    """Take a card and hold it over a column."""
    card.hover(position={"x": 100, "y": 12})
    page.mouse.down()
    page.mouse.move(700, 300, steps=5)
    target = page.locator(f"#column-{column}")
    target.evaluate("it => it.scrollIntoView({inline: 'nearest', block: 'nearest'})")
    box = target.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 160, steps=15)


def main(wanted: list[str]) -> None:
    """Take the named pictures, or all."""
    with tempfile.TemporaryDirectory(prefix="officeapp-pictures-") as name, sync_playwright() as playwright:
        server = serve(Path(name))
        browser = playwright.chromium.launch(**chinese(launch_options()))
        camera = Camera(browser, f"http://127.0.0.1:{server.port}")
        for take in PICTURES:
            if not wanted or take.__name__ in wanted:
                camera.take(take(camera), take.__name__.replace("_", "-"))
                print(take.__name__, flush=True)
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main(sys.argv[1:])
