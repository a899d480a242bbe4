"""Attachments are judged by their content, refused with a sentence, and kept once by hash."""

import io
import zipfile
from datetime import UTC, datetime

import pytest

from officeapp import db
from officeapp.attachments import Unacceptable, accept, attachments_of, clean_name, open_path, shelve, store
from officeapp.matters import Matter
from tests import people

NOW = datetime(2026, 2, 11, 1, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 20 + b"\x00\x00\x00\x00IEND\xaeB`\x82"
PDF = b"%PDF-1.7\n%%EOF\n"
JPG = b"\xff\xd8\xff\xe0" + b"\x00" * 20 + b"\xff\xd9"


def archive(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return buffer.getvalue()


def docx(body="<w:p><w:r><w:t>通知</w:t></w:r></w:p>", **more):
    return archive({"[Content_Types].xml": "<Types/>", "word/document.xml": body, **more})


XLSX = archive({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"})
OFD = archive({"OFD.xml": "<ofd:OFD/>", "Doc_0/Document.xml": "<x/>"})


def refusal(content, name):
    with pytest.raises(Unacceptable) as refused:
        accept(io.BytesIO(content), name)
    return refused.value


@pytest.mark.parametrize(
    ("content", "name", "extension"),
    [
        (docx(), "通知.docx", "docx"),
        (XLSX, "台账.XLSX", "xlsx"),
        (PDF, "扫描件.pdf", "pdf"),
        (OFD, "公文.ofd", "ofd"),
        (JPG, "签批.jpeg", "jpg"),
        (PNG, "签批.png", "png"),
    ],
)
def test_the_six_formats_are_accepted_by_content(content, name, extension):
    accepted = accept(io.BytesIO(content), name)
    assert (accepted.extension, accepted.name, accepted.size) == (extension, name, len(content))
    accepted.file.close()


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (PDF, "通知.docx", "内容却是 pdf 格式"),
        (docx(), "通知.xlsx", "内容却是 docx 格式"),
        (b"MZ\x90\x00", "通知.pdf", "内容却不是这种格式"),
        (archive({"a.txt": "x"}), "通知.docx", "内容却不是这种格式"),
        (b"<html><script>", "签批.png", "内容却不是这种格式"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 50, "通知.docx", "旧版"),
        (PDF, "通知.exe", "只收"),
        (PDF, "通知", "只收"),
        (b"", "通知.pdf", "空的"),
        (docx()[:-30], "通知.docx", "已损坏"),
        (docx(**{"word/vbaProject.bin": "x"}), "通知.docx", "宏"),
        (docx(**{"word/VBAPROJECT.BIN": "x"}), "通知.docx", "宏"),
        (
            archive({"[Content_Types].xml": '<Types><Override ContentType="word.macroEnabled"/></Types>',
                     "word/document.xml": "<x/>"}),
            "a.docx",
            "宏",
        ),
        (docx(**{"xl/workbook.xml": "x"}), "通知.docx", "内容却不是这种格式"),
    ],
)
def test_a_wrong_content_is_refused_with_a_sentence_that_says_what_to_do(content, name, says):
    sentence = refusal(content, name).sentence
    assert says in sentence
    assert sentence.endswith("。")
    assert "请" in sentence


def test_a_file_over_the_limit_is_refused_while_it_is_still_arriving():
    stream = io.BytesIO(PDF + b"x" * 10_000_000)
    with pytest.raises(Unacceptable, match="超过1MB"):
        accept(stream, "a.pdf", limit=1024 * 1024)
    assert stream.tell() < 5_000_000
    assert accept(io.BytesIO(PDF), "a.pdf", limit=len(PDF)).size == len(PDF)


def test_a_bomb_is_refused_by_its_declared_size():
    assert "大得不正常" in refusal(docx(**{"word/media/a.bin": b"\x00" * (40 * 1024 * 1024)}), "a.docx").sentence


def test_a_bomb_of_many_entries_is_refused_before_they_are_listed():
    assert "大得不正常" in refusal(b"PK\x03\x04" + b"PK\x01\x02" * 6_000, "a.docx").sentence


def test_an_archive_that_lies_about_its_size_is_refused():
    content = bytearray(docx(**{"word/media/a.bin": b"\x00" * 1_000_000}))
    size = (1_000_000).to_bytes(4, "little")
    assert content.count(size) == 2
    assert "已损坏" in refusal(bytes(content).replace(size, (10).to_bytes(4, "little")), "a.docx").sentence


def test_an_encrypted_archive_is_refused():
    content = bytearray(docx())
    central = content.index(b"PK\x01\x02")
    content[central + 8] |= 1
    assert "密码" in refusal(bytes(content), "a.docx").sentence


class Untouchable(io.BytesIO):
    def read(self, *_):
        raise AssertionError("the content was read")


def test_a_marked_name_is_refused_before_a_byte_is_read_c01():
    with pytest.raises(Unacceptable) as refused:
        accept(Untouchable(PDF), "机密★5年 通知.pdf")
    assert refused.value.rule == "C01"
    assert "严禁处理涉密信息" in refused.value.sentence
    assert "通知" not in refused.value.sentence


@pytest.mark.parametrize(
    "members",
    [
        {"word/document.xml": "<x><w:p><w:t>机</w:t><w:t>密★5年</w:t></w:p><w:p><w:t>通知</w:t></w:p></x>"},
        {"word/header1.xml": "<w:p><w:t>秘密</w:t></w:p>"},
        {"docProps/core.xml": "<cp:keywords>绝密</cp:keywords>"},
    ],
)
def test_a_docx_marked_inside_is_refused_c01(members):
    assert refusal(docx(**members), "通知.docx").rule == "C01"


def test_a_docx_about_secrecy_is_accepted_c01():
    accept(io.BytesIO(docx("<w:p><w:t>做好商业秘密保护，签订保密承诺书。</w:t></w:p>")), "保密承诺书.docx").file.close()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/通知.pdf", "通知.pdf"),
        ("C:\\文件\\关于\u202e某事的\x00通知.pdf", "关于某事的通知.pdf"),
        ('a"b<c>:d?.pdf', "a_b_c__d_.pdf"),
        (".pdf", "pdf"),
        ("  关于 \t 某事 .pdf ", "关于 某事.pdf"),
        ("𠮷野镕.pdf", "𠮷野镕.pdf"),
    ],
)
def test_a_name_loses_its_path_and_tricks_and_keeps_its_chinese(given, kept):
    assert clean_name(given) == kept


@pytest.mark.parametrize("given", ["长" * 300 + ".pdf", "a." + "b" * 300, "", "..", "/"])
def test_a_name_is_never_longer_than_a_file_system_holds_and_never_empty(given):
    kept = clean_name(given)
    assert 0 < len(kept.encode()) <= 200
    assert given[-4:] != ".pdf" or kept.endswith("长.pdf")


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


def _store(matter_id, root, content=PDF, name="通知.pdf", kind="attachment"):
    with db.transaction() as session:
        uploader_id = session.get(Matter, matter_id).drafter_id
        accepted = accept(io.BytesIO(content), name)
        return store(session, accepted, matter_id, uploader_id, kind, NOW, root)


def test_equal_contents_are_kept_once_and_listed_twice(matter_id, tmp_path):
    first = _store(matter_id, tmp_path)
    second = _store(matter_id, tmp_path, name="另一个名字.pdf", kind="scan")
    assert first.sha256 == second.sha256
    path = open_path(tmp_path, first.sha256)
    assert path == tmp_path / "attachments" / first.sha256[:2] / first.sha256[2:4] / first.sha256
    assert path.read_bytes() == PDF
    assert [p.name for p in path.parent.iterdir()] == [first.sha256]
    with db.reading() as session:
        assert [a.name for a in attachments_of(session, matter_id)] == ["通知.pdf", "另一个名字.pdf"]
        assert [a.name for a in attachments_of(session, matter_id, "scan")] == ["另一个名字.pdf"]


def test_a_removed_attachment_is_not_listed(matter_id, tmp_path):
    kept = _store(matter_id, tmp_path)
    with db.transaction() as session:
        session.get(type(kept), kept.id).removed_at = NOW
    with db.reading() as session:
        assert attachments_of(session, matter_id) == []


def test_a_half_written_file_is_written_again(tmp_path):
    accepted = accept(io.BytesIO(PDF), "通知.pdf")
    shelve(accepted, tmp_path).write_bytes(b"half")
    assert shelve(accepted, tmp_path).read_bytes() == PDF
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 1


def test_a_refused_file_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    refusal(b"%PDF-" + b"x" * 6_000_000, "通知.docx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("sha256", ["../../../etc/passwd", "A" * 64, "a" * 63, ""])
def test_only_a_hash_opens_the_store(tmp_path, sha256):
    with pytest.raises(ValueError):
        open_path(tmp_path, sha256)


def test_missing_contents_are_not_silently_empty(tmp_path):
    with pytest.raises(FileNotFoundError):
        open_path(tmp_path, "a" * 64)
