"""The text of a document: cleaned, read in levels, kept in numbered versions.

Text is plain: one paragraph a line, its level told by the mark it begins with
(GB/T 9704-2012, 7.3.3): 一、 （一） 1. （1）
"""

import hashlib
import html
import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp.db import Base
from officeapp.secrecy import INVISIBLE

ROLES = ("draft", "final", "proof")

_HAN_DIGITS = "一二三四五六七八九十"
# PDF readers hand over Kangxi radicals that look like, and are not, the characters.
_RADICALS = {c: unicodedata.normalize("NFKC", chr(c)) for c in range(0x2F00, 0x2FD6)}
_ENCLOSED = {
    **{0x3220 + i: f"（{_HAN_DIGITS[i]}）" for i in range(10)},
    **{0x2474 + i: f"（{i + 1}）" for i in range(20)},
    **{0x2488 + i: f"{i + 1}." for i in range(20)},
}
_BREAKS = dict.fromkeys((0x0B, 0x0C, 0x2028, 0x2029), "\n")
_SPACES = dict.fromkeys((0x07, 0x09, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F), " ")
_HYPHENS = dict.fromkeys((0x1E, 0x2010, 0x2011), "-")
_WINDOWS = {c: bytes([c]).decode("cp1252") for c in range(0x80, 0xA0) if c not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
_CHARACTERS = {**_RADICALS, **_BREAKS, **_SPACES, **_HYPHENS, **_WINDOWS}
# U+F000-F0FF is where Word keeps Symbol and Wingdings bullets; other private-use
# characters may be rare names and stay. A lone surrogate cannot be stored.
_RUBBISH = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\uf000-\uf0ff\ud800-\udfff]")
_BULLETS = re.compile(r"^(?:[•▪◦‣➢◆●■]+[ \u3000]+)+")

_HAN = rf"([{_HAN_DIGITS}百]{{1,4}})"
_ARABIC = r"([0-9０-９]{1,2})"
_MARKS = (
    (re.compile(rf"^{_HAN} ?[、.．](?![{_HAN_DIGITS}百])[ \u3000]*"), "{}、"),
    (re.compile(rf"^[(（] ?{_HAN} ?[)）][、.． \u3000]*"), "（{}）"),
    (re.compile(rf"^[(（]? ?{_ARABIC} ?[)）][、.． \u3000]*"), "（{}）"),
    (re.compile(rf"^{_ARABIC} ?[、.．][ \u3000]*(?=\d{{4}}年|[^\d \u3000])"), "{}."),
    (re.compile(rf"^{_ARABIC} ?[、.．][ \u3000]+(?=\d)"), "{}. "),
)
_LEVELS = (
    (1, re.compile(rf"^{_HAN}、")),
    (2, re.compile(rf"^（{_HAN}）")),
    (3, re.compile(r"^([0-9]{1,2})\.(?=\d{4}年|\D)")),
    (4, re.compile(r"^（([0-9]{1,2})）")),
)
_TAG_NAMES = (
    "html|head|body|meta|link|title|p|div|br|span|font|b|i|u|s|em|strong|a|img|sub|sup|ol|ul|li|table|thead|tbody"
    "|tr|td|th|col|colgroup|h[1-6]|hr|pre|section|article|blockquote|center|del|ins|o:p|w:[a-z]+|st1:[a-z]+"
)
_TAG = re.compile(rf"<(?:/?(?:{_TAG_NAMES})(?:[\s/][^<>]*)?|!doctype[^<>]*|!\[[^<>]*|\?[^<>]*)>", re.IGNORECASE)
# Only a block that is opened and closed makes a page; somebody may well write of a 「<s>栏」.
_PAGE = re.compile(r"<(p|div|li|tr|td|h[1-6]|body|html)(?:\s[^<>]*)?>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BLOCK_NAMES = "p|div|br|li|tr|h[1-6]|table|ul|ol|hr|title|section|article|blockquote"
_BLOCK = re.compile(rf"</?(?:{_BLOCK_NAMES})(?:[\s/][^<>]*)?>", re.IGNORECASE)
_CELL = re.compile(r"</t[dh](?:\s[^<>]*)?>", re.IGNORECASE)
_CJK = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
_SPACE = re.compile(r"\s+")
_WRAPPED = re.compile(rf"(?<={_CJK})\n|\n(?={_CJK})")


@dataclass(frozen=True)
class Paragraph:
    """level 0 body, 1 一、, 2 （一）, 3 1., 4 （1）; number is the mark, text what follows it."""

    level: int
    number: str
    text: str


class TextVersion(Base):
    """One saved text of a matter; n counts 1, 2, 3 … per matter and rows are never changed."""

    __tablename__ = "text_version"
    __table_args__ = (UniqueConstraint("matter_id", "n"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), index=True)
    n: Mapped[int]
    role: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    sha256: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text, default="")


def clean(raw: str) -> str:
    """Plain text from what Word, WPS, a PDF or a web page left in the clipboard.

    One paragraph a line, at most one blank line in a row, level marks as
    GB/T 9704 7.3.3 writes them. Cleaning twice changes nothing more.
    """
    text = _visible(raw)
    if _PAGE.search(text):
        text = _visible(_without_tags(text))
    lines = [_clean_line(line) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def paragraphs(text: str) -> list[Paragraph]:
    """The paragraphs of a cleaned text; blank lines are left out."""
    return [_paragraph(line) for line in text.splitlines() if line.strip()]


def fingerprint(title: str, fields: dict, body: str) -> str:
    """SHA-256 (hex) of what the signer saw: title, field values, body (FW-15).

    Keys are sorted and dates written in ISO form, so equal content hashes equally.
    """
    content = {"title": title, "fields": fields, "body": body}
    written = json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_iso
    )
    return hashlib.sha256(written.encode()).hexdigest()


def add_version(
    session: Session,
    matter_id: int,
    *,
    role: str,
    title: str,
    body: str,
    author_id: int,
    now: datetime,
    fields: dict | None = None,
    note: str = "",
) -> TextVersion:
    """Add the next version of a matter's text; the body is cleaned, the row flushed.

    Call it inside db.transaction(): two authors at once meet the unique (matter_id, n).
    """
    if role not in ROLES:
        raise ValueError(f"role must be one of {ROLES}, not {role!r}")
    body = clean(body)
    n = session.scalar(select(func.coalesce(func.max(TextVersion.n), 0)).where(TextVersion.matter_id == matter_id)) + 1
    sha256 = fingerprint(title, fields or {}, body)
    version = TextVersion(
        matter_id=matter_id,
        n=n,
        role=role,
        title=title,
        body=body,
        author_id=author_id,
        at=now,
        sha256=sha256,
        note=note,
    )
    session.add(version)
    session.flush()
    return version


_LATEST = (select(TextVersion).where(TextVersion.matter_id == bindparam("matter"))
           .order_by(TextVersion.n.desc()).limit(1))
_LATEST_OF = _LATEST.where(TextVersion.role == bindparam("role"))


def latest(session: Session, matter_id: int, role: str | None = None) -> TextVersion | None:
    """The newest version of a matter's text, or the newest in one role."""
    given = {"matter": matter_id} | ({"role": role} if role else {})
    return session.scalar(_LATEST_OF if role else _LATEST, given)


def versions(session: Session, matter_id: int) -> list[TextVersion]:
    """Every version of a matter's text, oldest first."""
    wanted = select(TextVersion).where(TextVersion.matter_id == matter_id).order_by(TextVersion.n)
    return list(session.scalars(wanted))


def _visible(text: str) -> str:
    text = INVISIBLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return _RUBBISH.sub("", text.translate(_CHARACTERS))


def _clean_line(line: str) -> str:
    line = re.sub(" {2,}", " ", line).strip(" \u3000")
    line = _BULLETS.sub("", line)
    if line and ord(line[0]) in _ENCLOSED:
        line = _ENCLOSED[ord(line[0])] + line[1:]
    for mark, written in _MARKS:
        if found := mark.match(line):
            number = unicodedata.normalize("NFKC", found[1])
            return (written.format(number) + line[found.end() :]).strip(" \u3000")
    return line


def _without_tags(text: str) -> str:
    """Text of a pasted page; every block is a line, what looked like a tag and was text is kept wide."""
    for begin, end in (("<!--", "-->"), ("<style", "</style>"), ("<script", "</script>")):
        text = _without(text, begin, end)
    text = _SPACE.sub(lambda run: "\n" if "\n" in run[0] else run[0], text)
    text = _WRAPPED.sub("", text).replace("\n", " ")
    text = _TAG.sub("", _CELL.sub(" ", _BLOCK.sub("\n", text)))
    text = html.unescape(text).replace("<", "＜").replace(">", "＞")
    return re.sub(r"\n\s*\n", "\n", text)


def _without(text: str, begin: str, end: str) -> str:
    # Linear on purpose: one expression for both ends rescans the rest for every unclosed begin.
    begins, ends = (re.compile(word, re.IGNORECASE) for word in (begin, end))
    kept, at = [], 0
    while (start := begins.search(text, at)) and (stop := ends.search(text, start.end())):
        kept.append(text[at : start.start()])
        at = stop.end()
    return "".join(kept) + text[at:]


def _paragraph(line: str) -> Paragraph:
    for level, mark in _LEVELS:
        if found := mark.match(line):
            return Paragraph(level, found[0], line[found.end() :].strip())
    return Paragraph(0, "", line.strip())


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a fingerprint cannot hold {type(value).__name__}")
