"""The text editor in a real browser under the pages' own policy: marks, pasting, counting, and without JavaScript."""

from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from officeapp.texts import clean

ROOT = Path(__file__).parents[2]
URL = "http://editor.test/"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'"
PASTE = """([html, text]) => {
  const data = new DataTransfer();
  if (html) data.setData("text/html", html);
  data.setData("text/plain", text);
  const area = document.querySelector("textarea");
  area.focus();
  area.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""
WORD = """<html><head><style>p {color: red}</style></head><body><!--StartFragment-->
<p class=MsoNormal style='mso-list:l0'><![if !supportLists]><span>二、<span>&nbsp;</span></span><![endif]>办文
程序<img src=x onerror="window.ran = 1"></p><p><o:p>&nbsp;</o:p></p>
<p>(一)公文<b>类型</b><del>修订前</del><br>见 Word
file</p><ol><li>起草<ol><li>附稿纸</li></ol></li><li>审核</li></ol><script>window.ran = 1</script></body></html>"""


@pytest.fixture
def editor(chromium, request):
    """Open the editor with a body; complaints of the console fail the test."""
    contexts, complaints = [], []

    def open_with(body, **options):
        contexts.append(chromium.new_context(**options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route("**/*", lambda route: _answer(route, body))
        page.goto(URL)
        return page

    yield open_with
    for context in contexts:
        context.close()
    assert complaints == []


def _answer(route, body):
    if route.request.url.endswith("/editor.js"):
        route.fulfill(path=ROOT / "static/editor.js", content_type="text/javascript")
        return
    if route.request.url.endswith("/favicon.ico"):
        route.fulfill(status=204)
        return
    partial = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True)
    form = partial.get_template("texts/_editor.html").render(body=body)
    page = f'<!doctype html><script src="/editor.js" defer></script>{form}'
    route.fulfill(body=page, headers={"Content-Security-Policy": POLICY, "Content-Type": "text/html; charset=utf-8"})


def _text(page):
    return page.locator("textarea").input_value()


def _type_paragraph(page, words, level):
    page.locator("textarea").press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.type(words)
    page.click(f'[data-level="{level}"]')


def test_a_level_mark_numbers_on_and_begins_anew_under_a_higher_one(editor):
    page = editor("一、类型\n（一）普通件\n1.起草")
    for words, level in (("审核", 3), ("平急件", 2), ("起草", 3), ("附稿纸", 4), ("程序", 1)):
        _type_paragraph(page, words, level)
    assert _text(page) == "一、类型\n（一）普通件\n1.起草\n2.审核\n（二）平急件\n1.起草\n（1）附稿纸\n二、程序"


def test_a_mark_is_replaced_and_taken_off_again_and_undo_brings_it_back(editor):
    page = editor("十、类型")
    _type_paragraph(page, "（三）程序", 1)
    assert _text(page) == "十、类型\n十一、程序"
    page.click('[data-level="0"]')
    assert _text(page) == "十、类型\n程序"
    page.keyboard.press("Control+z")
    assert _text(page) == "十、类型\n十一、程序"


def test_pasted_word_text_keeps_paragraphs_and_levels_and_runs_nothing(editor):
    page = editor("")
    page.evaluate(PASTE, [WORD, "x"])
    pasted = _text(page)
    assert pasted == "二、办文程序\n（一）公文类型\n见 Word file\n1.起草\n（1）附稿纸\n2.审核"
    assert clean(pasted) == pasted
    assert page.evaluate("window.ran") is None


def test_pasted_plain_text_is_cleaned_as_the_server_would(editor):
    page = editor("")
    plain = "1、甲\r\n\r\n\r\n　　(1)乙\u00a0丙\r\n一. 丁\u200b\r\n3.5亿元"
    page.evaluate(PASTE, ["", plain])
    assert _text(page) == clean(plain)


def test_the_count_follows_and_warns_beyond_four_thousand_c05(editor):
    page = editor("一、类型 \n正文")
    output = page.locator("[data-editor-count]")
    assert output.inner_text() == "全文6字"
    page.locator("textarea").fill("字" * 4000)
    assert output.inner_text() == "全文4,000字"
    page.locator("textarea").fill("字" * 4001)
    assert "超过4000字" in output.inner_text()


def test_the_area_grows_with_its_text_and_has_no_inline_style(editor):
    page = editor("甲\n" * 60)
    area = page.locator("textarea")
    assert int(area.get_attribute("rows")) > 50
    area.fill("甲")
    assert area.get_attribute("rows") == "16"
    assert area.get_attribute("style") is None


def test_without_javascript_the_area_works_and_nothing_dead_is_shown(editor):
    page = editor("一、类型", java_script_enabled=False)
    page.locator("textarea").fill("二、程序")
    assert _text(page) == "二、程序"
    assert not page.locator("[data-editor-tools]").is_visible()
    assert not page.locator("[data-editor-count]").is_visible()
