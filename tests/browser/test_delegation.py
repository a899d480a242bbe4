"""A stand-in in a real browser: he drags a card that is another's, reads for whom, and signs with both names."""

from playwright.sync_api import expect

from officeapp import clock, db, grants, matters
from tests.browser.test_board import BOARD, drop, go, opened, stage


def granted(site):
    head, officer, now = site.bureau.head, site.bureau.officer, clock.now()
    with db.transaction() as session:
        grants.grant(session, head.id, officer.id, clock.today(), clock.today(), "出差", by=head, now=now)


def test_a_stand_in_drags_a_card_and_is_asked_for_whom_before_it_moves(site):
    granted(site)
    one = opened(site.bureau.drafter)
    go(one, site.bureau.drafter, "submit")
    page = site.page("officer")
    page.goto(BOARD)
    drop(page, one, "office_review")
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("您正在代王建国办理，署名为“何军（代王建国）”。")
    assert stage(one) == "unit_review", "nothing is signed by letting go of a card"
    dialog.locator("button[type=submit]").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert stage(one) == "office_review"
    with db.reading() as session:
        event = matters.history(session, one)[-1]
    assert (event.actor_id, event.principal_id) == (site.bureau.officer.id, site.bureau.head.id)


def test_granted_with_the_keyboard_and_without_scripts_it_is_on_the_stand_ins_list(site):
    one = opened(site.bureau.drafter)
    go(one, site.bureau.drafter, "submit")
    page = site.page("head", java_script_enabled=False)
    page.goto("/account/delegations")
    page.select_option("#delegate", label="何军")
    for name in ("first", "last"):
        page.fill(f"#{name}", clock.today().isoformat())
    page.fill("#reason", "出差")
    page.check("#aware")
    page.press("#reason", "Enter")
    expect(page.locator(".list__title")).to_have_text("王建国 → 何军")
    theirs = site.page("officer", viewport={"width": 390, "height": 844})
    row = theirs.locator("tr", has=theirs.locator(".stands-in", has_text="代王建国"))
    row.locator("a").click()
    expect(theirs.locator("#moves")).to_contain_text("您正在代王建国办理")
    theirs.locator("#moves button.btn-primary").click()
    expect(theirs.locator("#history")).to_contain_text("何军（代王建国）")
    assert stage(one) == "office_review"
