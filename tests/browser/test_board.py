"""The board in a real browser: dragging, refusals, dialogs, the keyboard, other people's moves, and no scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from officeapp import clock, db, engine
from officeapp.matters import Matter
from tests.procedures.walking import BODY, DRAFT

BOARD = "/boards/outgoing-document"
PHONE = {"width": 390, "height": 844}


def opened(actor, **values) -> int:
    with db.transaction() as session:
        return engine.open_matter(session, "outgoing_document", actor, DRAFT | values, body=BODY, now=clock.now()).id


def go(matter_id, actor, key, **more):
    with db.transaction() as session:
        version = session.get(Matter, matter_id).version
        engine.move(session, matter_id, key, actor, version=version, now=clock.now(), **more)


def stage(matter_id) -> str:
    with db.reading() as session:
        return session.get(Matter, matter_id).stage


def lift(page: Page, matter_id: int, key: str) -> None:
    """Take a card by its upper edge and hold it over a column."""
    card = page.locator(f"#card-{matter_id}")
    card.scroll_into_view_if_needed()
    box = card.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 12, box["y"] + 24, steps=4)
    over = page.locator(f"#column-{key}").bounding_box()
    page.mouse.move(over["x"] + over["width"] / 2, over["y"] + 220, steps=12)
    expect(page.locator("#board")).to_have_class(re.compile("is-dragging"))


def drop(page: Page, matter_id: int, key: str) -> None:
    lift(page, matter_id, key)
    page.mouse.up()


def lies_in(page: Page, matter_id: int, key: str):
    expect(page.locator(f"#column-{key} #card-{matter_id}")).to_have_count(1)
    expect(page.locator(f"#card-{matter_id}")).to_have_count(1)


def test_allowed_columns_light_up_with_the_moves_name_and_a_drop_is_the_move(site):
    one = opened(site.bureau.drafter)
    page = site.page("drafter")
    page.goto(BOARD)
    lift(page, one, "unit_review")
    expect(page.locator(".column.may-enter")).to_have_count(1)
    expect(page.locator("#column-unit_review .column__drop")).to_have_text("送科室核稿")
    page.mouse.up()
    lies_in(page, one, "unit_review")
    expect(page.locator("#board-message")).to_contain_text("已办理“送科室核稿”")
    expect(page.locator("#column-drafting .column__total")).to_contain_text("0")
    expect(page.locator(f"#card-{one} .card__title a")).to_be_focused()
    assert stage(one) == "unit_review"


def test_a_refused_drop_snaps_back_with_the_sentence_and_its_clause_fw_14(site):
    one = opened(site.bureau.drafter, grade="expedited")
    page = site.page("drafter", viewport={"width": 2400, "height": 768})
    page.goto(BOARD)
    drop(page, one, "signing")
    lies_in(page, one, "drafting")
    refusal = page.locator(f"#card-{one} .sentence--refused")
    expect(refusal).to_contain_text("签发件只能由办公室审核通过后报送")
    expect(refusal).to_contain_text("依据：温鹿综法发〔2019〕20号")
    assert stage(one) == "drafting"
    drop(page, one, "unit_review")  # the board goes on working
    lies_in(page, one, "unit_review")
    expect(page.locator(".sentence--refused")).to_have_count(0)


def test_a_stale_card_shows_where_it_lies_now(site):
    one = opened(site.bureau.drafter)
    page = site.page("drafter")
    page.goto(BOARD)
    go(one, site.bureau.drafter, "submit")
    drop(page, one, "unit_review")
    lies_in(page, one, "unit_review")
    expect(page.locator(f"#card-{one} .sentence--refused")).to_contain_text("刚才已办理")


def test_a_drop_that_needs_a_reason_opens_its_dialog_and_escape_returns_the_card_fw_13(site):
    one = opened(site.bureau.drafter)
    go(one, site.bureau.drafter, "submit")
    page = site.page("head")
    page.goto(BOARD)
    drop(page, one, "drafting")
    expect(page.locator("dialog[open]")).to_contain_text("退回起草")
    expect(page.locator("#move-note")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    lies_in(page, one, "unit_review")
    assert stage(one) == "unit_review"
    drop(page, one, "drafting")
    page.fill("#move-note", "请补充依据")
    page.click("dialog .btn-danger")
    lies_in(page, one, "drafting")
    expect(page.locator(f"#card-{one}")).to_contain_text("退回1次")
    expect(page.locator("dialog")).to_have_count(0)


def test_escape_while_dragging_puts_the_card_back(site):
    one = opened(site.bureau.drafter)
    page = site.page("drafter")
    page.goto(BOARD)
    lift(page, one, "unit_review")
    page.keyboard.press("Escape")
    expect(page.locator("#board")).not_to_have_class(re.compile("is-dragging"))
    page.mouse.up()
    lies_in(page, one, "drafting")
    expect(page.locator(".card--lifted")).to_have_count(0)
    assert stage(one) == "drafting"


def test_a_card_let_go_beside_the_board_is_not_moved(site):
    one = opened(site.bureau.drafter)
    page = site.page("drafter")
    page.goto("/boards/outgoing-document")
    lift(page, one, "unit_review")
    page.mouse.move(700, 20, steps=12)
    page.mouse.up()
    expect(page.locator("#board")).not_to_have_class(re.compile("is-dragging"))
    lies_in(page, one, "drafting")
    assert stage(one) == "drafting"


def test_a_column_out_of_sight_is_reached_by_dragging_to_the_edge(site):
    one = opened(site.bureau.drafter)
    page = site.page("drafter", viewport={"width": 900, "height": 700})
    page.goto(BOARD)
    lift(page, one, "drafting")
    last = page.locator("#column-archiving")
    for n in range(400):  # a hand is never quite still
        page.mouse.move(850 + n % 9, 420)
        if last.bounding_box()["x"] < 860:
            break
    expect(last).to_be_in_viewport()
    page.keyboard.press("Escape")
    page.mouse.up()
    lies_in(page, one, "drafting")


def test_a_broken_connection_gives_the_card_back_and_says_so(site):
    one = opened(site.bureau.drafter)
    page = site.page("drafter")
    page.goto(BOARD)
    page.route("**/moves", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    drop(page, one, "unit_review")
    lies_in(page, one, "drafting")
    expect(page.locator("#flash")).to_contain_text("没有连上服务器")
    page.unroute("**/moves")
    site.complaints.clear()  # htmx reports the lost connection there
    drop(page, one, "unit_review")
    lies_in(page, one, "unit_review")


def test_a_paper_signature_is_recorded_from_the_board_with_two_presses_fw_3(site):
    one = opened(site.bureau.drafter, grade="expedited")
    go(one, site.bureau.drafter, "submit")
    page = site.page("drafter")
    page.goto(BOARD)
    drop(page, one, "vetting")
    expect(page.locator("dialog[open]")).to_contain_text("谁在“核稿（科室）”栏签字")
    assert page.locator("input[name=signer]:checked").count() == 1
    page.click("dialog button[type=submit]")
    lies_in(page, one, "vetting")
    expect(page.locator(f"#card-{one}")).to_contain_text("纸质·林晓代录")


def test_the_keyboard_moves_a_card_without_a_mouse(site):
    one = opened(site.bureau.drafter)
    page = site.page("drafter")
    page.goto(BOARD)
    page.locator(f"#card-{one} .card__title a").focus()
    page.keyboard.press("Tab")
    expect(page.locator(f"#card-{one} .card__move")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_contain_text("送科室核稿")
    page.locator("dialog button", has_text="送科室核稿").focus()
    page.keyboard.press("Enter")
    lies_in(page, one, "unit_review")
    expect(page.locator(f"#card-{one} .card__title a")).to_be_focused()


def test_another_persons_board_follows_within_fifteen_seconds_and_keeps_the_focus(site):
    one, two = opened(site.bureau.drafter), opened(site.bureau.drafter)
    page = site.page("head")
    answers = []
    page.on("response", lambda answer: answers.append(answer.status) if "/changes" in answer.url else None)
    page.goto(BOARD)
    page.locator(f"#card-{two} .card__title a").focus()
    go(one, site.bureau.drafter, "submit")
    expect(page.locator(f"#column-unit_review #card-{one}")).to_have_count(1, timeout=17_000)
    lies_in(page, one, "unit_review")
    expect(page.locator(f"#card-{two} .card__title a")).to_be_focused()
    with page.expect_response(lambda answer: "/changes" in answer.url, timeout=17_000):
        pass
    assert answers == [200, 204]


def test_everything_works_without_scripts(site):
    one = opened(site.bureau.drafter)
    page = site.page("drafter", java_script_enabled=False)
    page.goto(f"{BOARD}?grade=ordinary")
    page.locator(f"#card-{one} .card__move").click()
    expect(page.locator("h1")).to_have_text(DRAFT["title"])
    page.get_by_role("button", name="送科室核稿").click()
    assert page.url.endswith(f"{BOARD}?grade=ordinary")
    expect(page.locator("#flash")).to_contain_text("已办理“送科室核稿”")
    lies_in(page, one, "unit_review")
    page.locator(f"#card-{one} .card__move").click()
    page.get_by_role("button", name="撤回").click()
    page.fill("#move-note", "漏了附件")
    page.get_by_role("button", name="撤回").click()
    lies_in(page, one, "drafting")


def test_more_cards_come_when_the_column_is_scrolled(site):
    for _ in range(53):
        opened(site.bureau.drafter)
    page = site.page("drafter")
    page.goto(BOARD)
    cards = page.locator("#cards-drafting .card")
    expect(cards).to_have_count(50)
    page.locator("#cards-drafting").evaluate("it => { it.scrollTop = it.scrollHeight; }")
    expect(cards).to_have_count(53)


@pytest.mark.parametrize("viewport", [{"width": 1366, "height": 768}, PHONE], ids=["desk", "phone"])
def test_a_full_board_never_breaks_the_frame(site, viewport):
    for n in range(12):
        opened(site.bureau.drafter, grade=("ordinary", "expedited", "urgent")[n % 3], title="关于" + "很长的标题" * 30)
    page = site.page("drafter", viewport=viewport)
    for path in (BOARD, "/boards/overdue", f"{BOARD}?q=没有"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(BOARD)
    if viewport == PHONE:
        expect(page.locator(".column.is-shown")).to_have_count(1)
        page.locator("#board-stages [data-stage=signing]").click()
        expect(page.locator("#column-signing")).to_be_visible()
        expect(page.locator("#column-drafting")).to_be_hidden()
