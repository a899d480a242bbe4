"""What a file is, told by its content and never by its name.

Office formats are zip archives known by their inner names; an archive is read
through once, so that neither its declared nor its actual size can flood us.
"""

import re
import stat
import zipfile
import zlib
from typing import IO, BinaryIO
from xml.parsers import expat  # nosec B407 # a document type, and so every entity, is refused where it begins

from officeapp.secrecy import marks_in_header

MIMES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "ofd": "application/ofd",
    "jpg": "image/jpeg",
    "png": "image/png",
}
MEMBERS = 5_000
EXPANDED = 400 * 1024 * 1024  # bytes, all members together
UNSUSPICIOUS = 32 * 1024 * 1024  # below this, blank sheets may well shrink a thousandfold
RATIO = 100
CHUNK = 1024 * 1024
_ENDS = {"pdf": b"%%EOF", "jpg": b"\xff\xd9", "png": b"IEND"}
TAIL = 64 * 1024  # bytes at the end in which it must stand; programs leave something behind it
PARSED = 64 * 1024 * 1024  # bytes of a part that is read as what it says, not as bytes
HEADER_BYTES = 4 * 1024 * 1024  # as much of a .docx text as is searched for marks

_SWOLLEN = "文件展开后大得不正常，为安全起见不予接收，请删去多余内容或转成 PDF 后再上传。"
_ODD = "文件的内部结构不正常，为安全起见不予接收，请在 WPS 或 Office 中重新打开、另存后再上传。"
_RUNS = "文件带有宏，为安全起见不予接收，请另存为不带宏的 .docx 或 .xlsx 后再上传。"
_FETCHES = ("文件打开时会自动连接别处取内容，为安全起见不予接收，"
            "请去掉外部模板、链接的图片和对象、DDE 链接，另存后再上传。")
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.I)
# Parts read by their markup; the sheets of a workbook have millions of elements and none that matters here.
_MARKED_UP = re.compile(r".*\.rels|\[content_types\]\.xml|(?:word|xl/externallinks)/.*\.xml")
# What an office program fetches by itself when it opens the file; hyperlinks wait for a click.
_FETCHED = ("attachedtemplate", "oleobject", "frame", "subdocument", "image", "audio", "video", "media",
            "mailmergesource", "mailmergeheadersource")
# Any scheme and any share; not a file of the own disk, by a drive's letter or from the root.
_ELSEWHERE = re.compile(r"\s*(?:(?!file:)[a-z][a-z0-9+.-]+:|[\\/]{2}|file:(?!/{0,3}[a-z]:|///[^/\\%]))", re.I)
_DDE = re.compile(r"\bDDE(?:AUTO)?\b", re.I)
_PARAGRAPH_END = re.compile(r"</w:p>|<w:br\b[^<>]*>")
_MARKUP = re.compile(r"<[^<>]*>")


class Unreadable(Exception):
    """A Chinese sentence: why this content is refused and what to do."""


def kind_of(file: BinaryIO, size: int) -> str:
    """One of MIMES, or "" for anything else; Unreadable when the content itself must be refused."""
    file.seek(0)
    head = file.read(16)
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
        return "png"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(
            "这是旧版（.doc、.xls）或设了密码的文件，请在 WPS 或 Office 中取消密码、另存为 .docx 或 .xlsx 后再上传。"
        )
    return _kind_of_archive(file, size) if head.startswith(b"PK\x03\x04") else ""


def refuse_cut(file: BinaryIO, size: int, kind: str) -> None:
    """Unreadable when a .pdf or a picture lacks its end: it was cut on its way. Archives are read through anyway."""
    if kind in _ENDS:
        file.seek(max(0, size - TAIL))
        if _ENDS[kind] not in file.read(TAIL):
            raise Unreadable("文件不完整，后半部分没有传上来或者没有存好，请打开原文件核对、另存后再上传。")


def marks_inside(file: BinaryIO, kind: str) -> list[str]:
    """Secrecy marks (rule C01) at the head of a .docx, in its page headers and properties; [] for other kinds."""
    if kind != "docx":
        return []
    found = []
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if re.fullmatch(r"word/(document|header\d*)\.xml|docProps/(core|custom)\.xml", name):
                found += marks_in_header(_words_in(archive, name))
    return list(dict.fromkeys(found))


def _words_in(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as member:
        content = member.read(HEADER_BYTES)
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    markup = content.decode("utf-16" if wide else "utf-8", "replace")
    if name.startswith("docProps"):
        return _MARKUP.sub("\n", markup)
    return _MARKUP.sub("", _PARAGRAPH_END.sub("\n", markup))


def _kind_of_archive(file: BinaryIO, size: int) -> str:
    # zipfile builds an object for every entry before anybody can count them.
    if _entries(file) > MEMBERS:
        raise Unreadable(_SWOLLEN)
    try:
        with zipfile.ZipFile(file) as archive:
            _refuse_bomb(archive, size)
            _refuse_tricks(archive.infolist())
            _read_through(archive)
            return _kind_by_names(set(archive.namelist()), archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as fault:
        raise Unreadable("文件不完整或已损坏，请在 WPS 或 Office 中重新打开、另存后再上传。") from fault


def _entries(file: BinaryIO) -> int:
    file.seek(0)
    count = 0
    while chunk := file.read(CHUNK):
        count += chunk.count(b"PK\x01\x02")
    return count


def _refuse_bomb(archive: zipfile.ZipFile, size: int) -> None:
    members = archive.infolist()
    declared = sum(member.file_size for member in members)
    if declared > EXPANDED or (declared > UNSUSPICIOUS and declared > RATIO * size):
        raise Unreadable(_SWOLLEN)
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("文件设了密码，请取消密码、另存后再上传。")
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
        raise NotImplementedError("compression")


def _read_through(archive: zipfile.ZipFile) -> None:
    # Reading checks each member against its declared size and checksum.
    for each in archive.infolist():
        with archive.open(each) as member:
            if _MARKED_UP.fullmatch(each.filename.replace("\\", "/").lower()):
                _refuse_markup(member, each.file_size)
            elif each.filename.lower().endswith(".xml") and _DOCTYPE.search(
                    member.read(HEADER_BYTES).replace(b"\0", b"")):
                raise Unreadable(_ODD)
            while member.read(CHUNK):
                pass


def _refuse_tricks(members: list[zipfile.ZipInfo]) -> None:
    """Two parts of one name, which two programs read differently; names and links that lead out of the folder."""
    names = [member.filename.replace("\\", "/").lower() for member in members]
    leads_out = any(name.startswith("/") or ":" in name or ".." in name.split("/") for name in names)
    if len(set(names)) < len(names) or leads_out or any(stat.S_ISLNK(each.external_attr >> 16) for each in members):
        raise Unreadable(_ODD)


def _refuse_markup(member: IO[bytes], size: int) -> None:
    """No part may declare entities (the office formats have none), fetch from elsewhere or start a program.

    Told by a parser: quotes, character references, comments and prefixes are as free as XML has them.
    """
    if size > PARSED:
        raise Unreadable(_SWOLLEN)
    parser, instructions, inside = expat.ParserCreate(), [], []

    def begin(name: str, given: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        said = {key.rpartition(":")[2]: value for key, value in given.items()}
        inside.append(local)
        instructions.append(said.get("instr", ""))
        fetched = said.get("Type", "").rpartition("/")[2].strip().lower() in _FETCHED
        if local == "ddeLink" or (fetched and _ELSEWHERE.match(said.get("Target", ""))):
            raise Unreadable(_FETCHES)
        _refuse_macros(said.get("ContentType", "").lower())

    def end(name: str) -> None:
        inside.pop()

    def text(words: str) -> None:
        if inside[-1] == "instrText":
            instructions.append(words)

    def declared(*_: object) -> None:
        raise Unreadable(_ODD)

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, declared
    try:
        parser.ParseFile(member)
    except expat.ExpatError as fault:
        raise Unreadable(_ODD) from fault
    if _DDE.search("".join(instructions)):
        raise Unreadable(_FETCHES)


def _kind_by_names(names: set[str], archive: zipfile.ZipFile) -> str:
    lowered = {name.lower() for name in names}
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name or "/activex/" in name for name in lowered):
        raise Unreadable(_RUNS)
    office = "[Content_Types].xml" in names
    kinds = [
        *(["docx"] if office and "word/document.xml" in names else []),
        *(["xlsx"] if office and "xl/workbook.xml" in names else []),
        *(["ofd"] if "OFD.xml" in names else []),
    ]
    return kinds[0] if len(kinds) == 1 else ""


def _refuse_macros(content_type: str) -> None:
    if "macroenabled" in content_type or "vbaproject" in content_type:
        raise Unreadable(_RUNS)
