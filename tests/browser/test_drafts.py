"""What was typed and not yet kept survives a fault, a reload, the way back; what has arrived is not offered again."""

import re

from tests.desks import BODY, moved, opened, stored
from tests.services import wait_for

KEPT = "Object.keys(sessionStorage).filter((key) => /^draft:/.test(key)).length"
PDF = {"name": "经费测算表.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\ntrailer\n<<>>\n%%EOF\n"}
OPINION = "数据属实，建议补充完成时限后印发。"


def waiting(site):
    """A matter on the head's desk."""
    matter_id = opened(site.bureau.drafter)
    moved(matter_id, "submit", site.bureau.drafter)
    return matter_id


def written(page, matter_id, words=OPINION):
    page.goto(f"/matters/{matter_id}")
    page.fill("#note", words)
    wait_for(lambda: page.evaluate(KEPT) == 1)


def fault(route):
    if route.request.method == "POST":
        route.fulfill(status=500, body="fault")
    else:
        route.fallback()


def test_a_text_whose_saving_failed_is_still_there_after_a_look_at_the_matter(site):
    matter_id, page = opened(site.bureau.drafter), site.page("drafter")
    page.goto(f"/matters/{matter_id}/edit")
    page.fill("#body", BODY + "\n新写的一段。")
    page.route("**/edit", fault)
    page.click("button[value=save]")
    page.wait_for_selector("text=fault")
    page.unroute("**/edit", fault)
    page.goto(f"/matters/{matter_id}")
    page.goto(f"/matters/{matter_id}/edit")
    assert "新写的一段。" in page.input_value("#body") and "尚未保存的内容已补上" in page.inner_text("#flash")
    page.click("button[value=save]")
    page.wait_for_url(re.compile(r"/matters/\d+$"))
    assert page.evaluate(KEPT) == 0
    page.goto(f"/matters/{matter_id}/edit")
    assert page.inner_text("#flash") == ""


def test_one_saved_text_does_not_take_another_unsaved_one_with_it(site):
    page, saved = site.page("drafter"), opened(site.bureau.drafter)
    page.goto("/matters/new/outgoing-document")
    page.fill("#f-title", "另一件的题目")
    page.goto(f"/matters/{saved}/edit")
    page.fill("#body", BODY + "\n改动。")
    page.click("button[value=save]")
    page.wait_for_url(re.compile(r"/matters/\d+$"))
    page.goto("/matters/new/outgoing-document")
    assert page.input_value("#f-title") == "另一件的题目"


def test_an_opinion_survives_a_reload_and_an_upload_and_goes_when_it_was_sent(site):
    matter_id, page = waiting(site), site.page("head")
    written(page, matter_id)
    page.reload()
    assert page.input_value("#note") == OPINION and "尚未送出的内容已补上" in page.inner_text("#moves")
    page.set_input_files("#upload-file", PDF)
    page.click("#attachments button:has-text('上传')")
    page.wait_for_selector("#attachments li:has-text('经费测算表.pdf')")
    page.goto("/")
    page.go_back()
    assert page.input_value("#note") == OPINION
    page.reload()
    assert page.input_value("#note") == OPINION
    page.click("#moves .btn-primary")
    page.wait_for_selector("text=现在“办公室审核”环节")
    assert page.evaluate(KEPT) == 0


def test_a_chosen_phrase_survives_too(site):
    matter_id, page = waiting(site), site.page("head")
    page.goto(f"/matters/{matter_id}")
    page.fill("#note", "")
    page.click("#moves summary:has-text('常用意见')")
    page.click("#moves [data-phrase='拟同意。']")
    page.reload()
    assert page.input_value("#note") == "拟同意。"


def test_an_opinion_belongs_to_its_person_and_its_round(site):
    matter_id, page = waiting(site), site.page("head")
    written(page, matter_id)
    moved(matter_id, "unit_pass_ordinary", site.bureau.head, note="同意。")
    moved(matter_id, "office_review_return_to_drafting", site.bureau.reviewer, note="请补依据。")
    moved(matter_id, "submit", site.bureau.drafter)
    page.reload()
    assert page.input_value("#note") != OPINION and page.evaluate(KEPT) == 0
    written(page, matter_id)
    page.context.clear_cookies()
    page.goto(f"/login?next=/matters/{matter_id}")
    page.fill("#account", "reviewer")
    page.fill("#password", "kanban2026")
    page.click("button[type=submit]")
    page.wait_for_url(re.compile(r"/matters/\d+$"))
    assert OPINION not in page.content()


def test_the_reason_in_a_dialog_survives_and_cancelling_drops_it(site):
    matter_id, page = waiting(site), site.page("head")
    dialog = f"#moves a[href$='/matters/{matter_id}/moves/unit_review_return_to_drafting']"
    page.goto(f"/matters/{matter_id}")
    page.click(dialog)
    page.fill("dialog #move-note", "请补充完成时限。")
    page.reload()
    page.click(dialog)
    page.wait_for_selector("dialog .sentence--warning")
    assert page.input_value("dialog #move-note") == "请补充完成时限。"
    page.click("dialog [data-draft-drop]")
    assert page.evaluate(KEPT) == 0
    page.click(dialog)
    page.fill("dialog #move-note", "请补充依据。")
    page.click("dialog button[type=submit]")
    page.wait_for_selector("text=现在“起草”环节")
    assert page.evaluate(KEPT) == 0 and stored(matter_id).stage == "drafting"


def test_on_the_board_too_a_reason_goes_when_it_was_sent(site):
    matter_id, page = waiting(site), site.page("head")
    page.goto("/boards/outgoing-document")
    page.click(f"#card-{matter_id} .card__move")
    page.click("dialog a[hx-get$='/unit_review_return_to_drafting']")
    page.fill("dialog #move-note", "请补充完成时限。")
    wait_for(lambda: page.evaluate(KEPT) == 1)
    page.click("dialog button[type=submit]")
    page.wait_for_selector("dialog", state="detached")
    wait_for(lambda: page.evaluate(KEPT) == 0)
    assert stored(matter_id).stage == "drafting"
