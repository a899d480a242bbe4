"""The matter page in a real browser: drafting, an expired login, uploading beside a half-written opinion, printing."""

import re

import pytest

from tests.desks import BODY, FORM, ORDINARY, archived, moved, opened, stored

PDF = {"name": "经费测算表.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\ntrailer\n<<>>\n%%EOF\n"}
LONG = "临江区综合行政执法局关于进一步规范全区城市管理领域行政执法行为提升执法规范化水平并建立健全长效工作机制的通知"


def draft(page, form=ORDINARY, body=BODY):
    page.goto("/matters/new/outgoing-document")
    page.fill("#f-title", form["title"])
    page.select_option("#f-genre", form["genre"])
    page.select_option("#f-grade", form["grade"])
    page.fill("#f-recipients", form["recipients"])
    page.fill("#f-necessity", form["necessity"])
    page.fill("#body", body)


def test_a_document_is_drafted_sent_and_passed_with_one_press_each(site):
    drafter = site.page("drafter")
    draft(drafter)
    drafter.click("text=起草并送科室核稿")
    drafter.wait_for_url(re.compile(r"/matters/\d+$"))
    assert "王建国" in drafter.inner_text("#moves")
    head = site.page("head")
    head.goto(drafter.url)
    head.click("#moves summary:has-text('常用意见')")
    head.click("#moves [data-phrase='拟同意。']")
    assert "拟同意。" in head.input_value("#note")
    head.fill("#note", "同意送审。")
    head.click("#moves .btn-primary")
    head.wait_for_selector("text=现在“办公室审核”环节")
    assert "同意送审。" in head.inner_text("#paper-form")


def test_a_refused_draft_keeps_everything_and_puts_the_eye_on_the_sentence(site):
    page = site.page("drafter")
    draft(page, FORM | {"grade": "ordinary"})
    page.click("text=保存为草稿")
    page.wait_for_selector(".sentence--refused")
    assert "不能作为普通件" in page.evaluate("document.activeElement.innerText")
    assert page.input_value("#body") == BODY and page.input_value("#f-genre") == "请示"


def test_what_was_typed_survives_an_expired_login(site):
    page = site.page("drafter")
    draft(page)
    page.context.clear_cookies()
    page.click("text=保存为草稿")
    page.wait_for_selector("text=登录已过期")
    page.fill("#account", "drafter")
    page.fill("#password", "kanban2026")
    page.click("button[type=submit]")
    page.wait_for_url("**/matters/new/outgoing-document")
    assert page.input_value("#body") == BODY and page.input_value("#f-title") == ORDINARY["title"]
    assert "尚未保存的内容已补上" in page.inner_text("#flash")
    page.click("text=保存为草稿")
    page.wait_for_url(re.compile(r"/matters/\d+$"))
    page.goto("/matters/new/outgoing-document")
    assert page.input_value("#f-title") == ""  # it arrived: nothing is offered again


def test_another_person_at_the_same_window_is_not_shown_the_draft(site):
    page = site.page("drafter")
    draft(page)
    page.context.clear_cookies()
    page.click("text=保存为草稿")
    page.wait_for_load_state()
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => /^draft:/.test(key)).length") == 1
    page.goto("/login?next=/matters/new/outgoing-document")
    page.fill("#account", "colleague")
    page.fill("#password", "kanban2026")
    page.click("button[type=submit]")
    page.wait_for_url("**/matters/new/outgoing-document")
    assert page.input_value("#f-title") == ""


def test_an_upload_leaves_the_half_written_opinion_alone(site):
    matter_id = opened(site.bureau.drafter)
    moved(matter_id, "submit", site.bureau.drafter)
    page = site.page("head")
    page.goto(f"/matters/{matter_id}")
    page.fill("#note", "写到一半的意见")
    page.set_input_files("#upload-file", PDF)
    page.click("#attachments button:has-text('上传')")
    page.wait_for_selector("#attachments li:has-text('经费测算表.pdf')")
    assert page.input_value("#note") == "写到一半的意见" and "添加附件" in page.inner_text("#history")
    page.set_input_files("#upload-file", PDF | {"name": "程序.exe"})
    page.click("#attachments button:has-text('上传')")
    page.wait_for_selector("#attachments .sentence--refused")
    page.click("#moves .btn-primary")  # the version followed the upload: not stale
    page.wait_for_selector("text=现在“办公室审核”环节")
    with page.expect_download() as download:
        page.click("text=经费测算表.pdf")
    assert download.value.suggested_filename == "经费测算表.pdf"


def test_everything_works_without_scripts(site):
    page = site.page("drafter", java_script_enabled=False)
    draft(page)
    page.click("text=起草并送科室核稿")
    matter_id = int(page.url.rsplit("/", 1)[1])
    head = site.page("head", java_script_enabled=False)
    head.goto(f"/matters/{matter_id}")
    head.set_input_files("#upload-file", PDF)
    head.click("#attachments button:has-text('上传')")
    assert "经费测算表.pdf" in head.inner_text("#attachments")
    head.click("#moves .btn-primary")
    assert stored(matter_id).stage == "office_review"


@pytest.mark.parametrize("width", [1366, 390])
def test_long_titles_and_every_page_stay_within_the_frame(site, width):
    form = ORDINARY | {"title": LONG * 2, "copies_to": "W" * 120}
    matter_id = opened(site.bureau.drafter, form, body=f"{BODY}\n{'W' * 300}")
    page = site.page("drafter", viewport={"width": width, "height": 768 if width > 800 else 844})
    for path in ("", "/edit", "/versions", "/deadlines", "/proofs"):
        page.goto(f"/matters/{matter_id}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    for path in ("/matters/new/outgoing-document", "/phrases"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_form_prints_on_one_sheet_of_a4(site):
    page = site.page("dispatcher")
    page.goto(f"/matters/{archived(site.bureau)}/form")
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    box = re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert [round(float(n)) for n in box.groups()] in ([595, 842], [596, 842])
