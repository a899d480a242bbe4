"""Rule C01: marks of state secrets are found, words about secrecy are left alone."""

import pytest

from officeapp.secrecy import marks_in_header, secrecy_marks, secrecy_marks_in_name


@pytest.mark.parametrize(
    "text",
    [
        "机密★5年",
        "机 密 ★ 5年",
        "机\u200b密★",
        "某某局文件\n秘密\n关于某事的通知",
        "【绝密】",
        "密级：机密",
        "000012 秘密10年 特急",
    ],
)
def test_a_secrecy_mark_is_found_c01(text):
    assert secrecy_marks(text)
    assert marks_in_header(text)


@pytest.mark.parametrize(
    "text",
    [
        "做好商业秘密保护和保守国家秘密宣传，签订保密承诺书。",
        "一、秘密",
        "秘密是指",
        "国家秘密分为绝密、机密、秘密三级",
        "正文\n" * 12 + "秘密",
        "",
    ],
)
def test_words_about_secrecy_are_no_mark_c01(text):
    assert secrecy_marks(text) == []


def test_a_starred_mark_deep_in_a_text_is_found_but_not_in_its_header_c01():
    quoted = "正文\n" * 20 + "例如标注「秘密★十年」。"
    assert secrecy_marks(quoted) == ["秘密★"]
    assert marks_in_header(quoted) == []


@pytest.mark.parametrize(
    "name", ["机密-关于某事的通知.docx", "（秘密）纪要.pdf", "绝密文件.docx", "通知 秘密★5年.pdf", "机密关于.pdf"]
)
def test_a_marked_file_name_is_found_c01(name):
    assert secrecy_marks_in_name(name)


@pytest.mark.parametrize(
    "name", ["商业秘密保护办法.docx", "保守国家秘密法.pdf", "保密承诺书.docx", "秘密级文件管理办法.docx"]
)
def test_a_file_name_about_secrecy_is_no_mark_c01(name):
    assert secrecy_marks_in_name(name) == []
