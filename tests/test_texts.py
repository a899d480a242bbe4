"""What an office pastes, numbers, keeps and freezes."""

import time
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader
from sqlalchemy.exc import IntegrityError

from officeapp import db
from officeapp.matters import Matter
from officeapp.texts import Paragraph, TextVersion, add_version, clean, fingerprint, latest, paragraphs, versions
from tests import people

NOW = datetime(2026, 2, 11, 1, 0, tzinfo=UTC)

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
OFFICE = st.sampled_from(
    list(
        "一二十百、.．（）()〔〕1234567890１２ \t\u3000\xa0\n\r\x0b\x0c，。•●\uf0b7\u200b"
        "\xad\u2f00㈠⑴⒈\x85\x1e<>/pbr&;lt!-[?\x07"
    )
    + ["<p>", "</p>", "<br/>", "<!--", "-->", "&lt;p&gt;", "&#13;", "&nbsp;", "<style>", "</style>", "2026年"]
)
PASTED = st.lists(OFFICE | HAN | st.characters(), max_size=60).map("".join)


@settings(max_examples=400, deadline=None)
@given(PASTED)
def test_cleaning_twice_changes_nothing_more(raw):
    once = clean(raw)
    assert clean(once) == once


@settings(max_examples=300, deadline=None)
@given(st.lists(HAN | st.sampled_from(list("一、（）1.2 \u3000\t\n\xa0•㈠<>")), max_size=80).map("".join))
def test_cleaning_loses_no_chinese_character(raw):
    def han(text: str) -> Counter:
        return Counter(c for c in text if "\u4e00" <= c <= "\u9fff")

    assert han(raw) <= han(clean(raw))


@settings(max_examples=200, deadline=None)
@given(PASTED)
def test_a_cleaned_text_holds_nothing_a_database_or_a_page_stumbles_over(raw):
    text = clean(raw)
    text.encode("utf-8")
    assert not set(text) & set("\x00\r\t\xa0\u200b\ufeff\xad")
    assert "\n\n\n" not in text


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("一.总体要求", "一、总体要求"),
        ("一、 总体要求", "一、总体要求"),
        ("十一．附则", "十一、附则"),
        ("(一)公文类型", "（一）公文类型"),
        ("（一）、公文类型", "（一）公文类型"),
        ("㈢ 公文类型", "（三）公文类型"),
        ("1、加强巡查", "1.加强巡查"),
        ("１．加强巡查", "1.加强巡查"),
        ("1、2026年工作", "1.2026年工作"),
        ("3. 5家单位", "3. 5家单位"),
        ("(1)每日巡查", "（1）每日巡查"),
        ("2）每日巡查", "（2）每日巡查"),
        ("⑵每日巡查", "（2）每日巡查"),
        ("3.5亿元", "3.5亿元"),
        ("2026.3.5", "2026.3.5"),
        ("十.五规划", "十.五规划"),
        ("\u3000\u3000为进一步\xa0加强\u200b管理\t如下", "为进一步 加强管理 如下"),
        ("\uf0b7 落实责任", "落实责任"),
        ("•\t落实责任", "落实责任"),
        ("⼀、总体要求", "一、总体要求"),
        ("\x93首问负责制\x94", "“首问负责制”"),
        ("张\u3000三", "张\u3000三"),
        ("甲\r\n\r\n\r\n\r\n乙\r丙\x0b丁", "甲\n\n乙\n丙\n丁"),
        ("\ud800孤", "孤"),
    ],
)
def test_pasted_marks_and_spaces_become_those_of_the_standard(pasted, kept):
    assert clean(pasted) == kept


def test_pasted_html_keeps_its_paragraphs_and_drops_the_rest():
    pasted = """<html><head><style>p {color: red} /* 样式 */</style></head><body><!--StartFragment-->
<p class=MsoNormal style='mso-list:l0'><![if !supportLists]><span>一、<span>&nbsp;&nbsp;</span></span><![endif]>办文
程序</p>
<p><o:p>&nbsp;</o:p></p>
<p>(一)公文<b>类型</b><br>见 Word
file &lt;p&gt;</p><script>alert('坏')</script>
<table><tr><td>甲</td><td>乙</td></tr></table><!--EndFragment--></body></html>"""
    assert clean(pasted) == "一、办文程序\n（一）公文类型\n见 Word file ＜p＞\n甲 乙"


def test_hostile_text_is_cleaned_in_a_moment():
    started = time.monotonic()
    for hostile in (
        "<!--" * 50_000,
        "<p" * 90_000 + ">",
        "<p>" + "\n" * 200_000 + "x",
        " " * 200_000 + "x",
        "• " * 90_000,
    ):
        clean(hostile)
    assert time.monotonic() - started < 5


def test_four_levels_are_told_by_their_marks_gb9704_7_3_3():
    text = "为规范办文，通知如下：\n\n一、类型\n（一）普通件\n1.起草\n（1）附发文稿纸\n2019年印发\n3.5天"
    assert paragraphs(text) == [
        Paragraph(0, "", "为规范办文，通知如下："),
        Paragraph(1, "一、", "类型"),
        Paragraph(2, "（一）", "普通件"),
        Paragraph(3, "1.", "起草"),
        Paragraph(4, "（1）", "附发文稿纸"),
        Paragraph(0, "", "2019年印发"),
        Paragraph(0, "", "3.5天"),
    ]


def test_the_fingerprint_stays_for_equal_content_and_moves_with_every_part_fw15():
    signed = fingerprint("通知", {"grade": "普通件", "on": date(2026, 2, 11)}, "正文")
    assert signed == fingerprint("通知", {"on": date(2026, 2, 11), "grade": "普通件"}, "正文")
    assert len(signed) == 64
    others = [
        fingerprint("通知。", {"grade": "普通件", "on": date(2026, 2, 11)}, "正文"),
        fingerprint("通知", {"grade": "普通件", "on": date(2026, 2, 12)}, "正文"),
        fingerprint("通知", {"grade": "普通件", "on": date(2026, 2, 11)}, "正文。"),
    ]
    assert len({signed, *others}) == 4


def test_a_fingerprint_refuses_values_without_a_stable_form_fw15():
    with pytest.raises(TypeError):
        fingerprint("通知", {"x": object()}, "正文")
    with pytest.raises(ValueError):
        fingerprint("通知", {"x": float("nan")}, "正文")


@pytest.fixture
def matter_id(either_database):
    with db.transaction() as session:
        drafter = people.bureau(session).drafter
        matter = Matter(
            kind="outgoing_document",
            rulebook="lucheng",
            edition=1,
            title="通知",
            stage="draft",
            drafter_id=drafter.id,
            unit_id=drafter.unit_id,
            opened_at=NOW,
            stage_at=NOW,
        )
        session.add(matter)
        session.flush()
        return matter.id


def _add(session, matter_id, role, body):
    author_id = session.get(Matter, matter_id).drafter_id
    return add_version(session, matter_id, role=role, title="通知", body=body, author_id=author_id, now=NOW)


def test_versions_are_numbered_per_matter_and_the_latest_of_a_role_is_found(matter_id):
    with db.transaction() as session:
        for role, body in (("draft", "初稿"), ("final", "1、定稿"), ("proof", "清样")):
            _add(session, matter_id, role, body)
    with db.reading() as session:
        assert [version.n for version in versions(session, matter_id)] == [1, 2, 3]
        assert latest(session, matter_id).body == "清样"
        final = latest(session, matter_id, "final")
        assert (final.body, final.at) == ("1.定稿", NOW)
        assert final.sha256 == fingerprint("通知", {}, "1.定稿")
        assert latest(session, matter_id + 1) is None


def test_one_number_cannot_be_given_twice_in_a_matter(matter_id):
    with pytest.raises(IntegrityError), db.transaction() as session:
        first = _add(session, matter_id, "draft", "初稿")
        session.add(
            TextVersion(
                matter_id=matter_id,
                n=first.n,
                role="draft",
                title="通知",
                body="x",
                author_id=first.author_id,
                at=NOW,
                sha256="0",
            )
        )


def test_an_unknown_role_is_refused(matter_id):
    with pytest.raises(ValueError), db.transaction() as session:
        _add(session, matter_id, "secret", "x")


PARTIALS = Environment(loader=FileSystemLoader(Path(__file__).parents[1] / "templates"), autoescape=True)


def _render(partial, **given):
    return PARTIALS.get_template(f"texts/{partial}").render(**given)


def test_the_body_shows_each_level_and_never_markup():
    page = _render("_body.html", paragraphs=paragraphs("一、类型\n（一）平急件。主要为<b>上行文</b>"))
    assert '<p class="text-paragraph text-level-1"><span class="text-heading">一、类型</span></p>' in page
    assert '<span class="text-heading">（一）平急件。</span>主要为&lt;b&gt;上行文&lt;/b&gt;</p>' in page
    assert "还没有正文" in _render("_body.html", paragraphs=[])


def test_the_editor_is_a_plain_text_area_that_cannot_be_broken_out_of():
    page = _render("_editor.html", body="\n一、</textarea><script>")
    assert 'name="body"' in page
    assert ">\n\n一、&lt;/textarea&gt;&lt;script&gt;</textarea>" in page
    assert "style=" not in page


def test_a_word_in_angle_brackets_is_text_and_costs_no_line():
    typed = "一、第一段\n第二段，详见附表<s>栏、<b>项。\n（一）第三段"
    assert clean(typed) == typed
    assert clean("写在<p>里") == "写在<p>里"
