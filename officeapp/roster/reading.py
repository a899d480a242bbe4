"""An uploaded staff file told by its content, and read into lines; nothing is compared with the directory here."""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from officeapp import sheets, sniffing
from officeapp.roster.columns import BYTES, LINES, TABLES, Fault, Line, Table
from officeapp.roster.workbook import Broken, Rows, sheets_of
from officeapp.secrecy import INVISIBLE

EXPANDED = 60 * 1024 * 1024  # bytes of a workbook's parts; 2,000 lines need one
GUIDE = "填写说明"
ENCODINGS = (("utf-8-sig", "UTF-8"), ("gb18030", "GB18030（WPS、Excel 的中文 CSV）"))
NAMES = "、".join(f"“{table.title}”" for table in TABLES)
FROM_THE_TEMPLATE = "请从模板重新填写，不要删改栏名。"
HEADINGS = 10  # filled rows among which the head is looked for: many a list has its name and its date above
MOST = LINES + HEADINGS + 1  # filled rows; one more than fit tells that there are too many


class Unfit(Exception):
    """The whole file cannot be read; str() says why and what to do."""


@dataclass(frozen=True)
class Roster:
    """What a file holds: its filled lines, what is wrong with its columns, what to tell about the reading."""

    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]
    told: tuple[str, ...]

    def of(self, table: Table) -> list[Line]:
        return [line for line in self.lines if line.table == table.key]


def read(file: BinaryIO) -> Roster:
    """The roster in a workbook or a CSV file. Unfit names what hinders."""
    size = _size(file)
    if size > BYTES:
        raise Unfit(f"文件超过{BYTES // 1024 // 1024} MB。请只留下{NAMES}几张表，删去图片和其他内容后再选。")
    if not size:
        raise Unfit("文件是空的。请打开原文件确认有内容、保存后再选。")
    try:
        kind = sniffing.kind_of(file, size)
    except sniffing.Unreadable as fault:
        raise Unfit(str(fault)) from None
    if kind not in ("", "xlsx"):
        raise Unfit(f"这个文件的内容是 {kind}，不是表格。请选择由模板填写的 .xlsx 或 .csv 文件。")
    found, told = _workbook(file) if kind else _csv(file)
    return _roster(found, told)


def _size(file: BinaryIO) -> int:
    file.seek(0, io.SEEK_END)
    return file.tell()


def _workbook(file: BinaryIO) -> tuple[dict[str, Rows], list[str]]:
    with zipfile.ZipFile(file) as archive:
        if sum(member.file_size for member in archive.infolist()) > EXPANDED:
            raise Unfit("文件展开后大得不正常，不予读取。请把内容复制到新下载的模板里再选。")
    try:
        return sheets_of(file, MOST), ["按 Excel 工作簿读取。"]
    except Broken:
        raise Unfit("这个工作簿读不出来：文件损坏，或者表格以外很远的地方还有内容。"
                    "请把要导入的内容复制到新下载的模板里再选。") from None


def _csv(file: BinaryIO) -> tuple[dict[str, Rows], list[str]]:
    """The reading under which the first line is known; a file that both encodings could be is judged by its words."""
    file.seek(0)
    content, readings = file.read(), []
    for encoding, name in ENCODINGS:
        rows = _rows(content, encoding)
        readings += [] if rows is None else [rows]
        if rows and _head_of(rows) is not None:
            return {"": rows}, [f"按 {name} 编码的 CSV 读取。"]
    if not readings:
        raise Unfit("这个文件不是表格，或者编码无法识别。请在 WPS、Excel 里打开，另存为 .xlsx 后再选。")
    return {"": readings[0]}, []


def _rows(content: bytes, encoding: str) -> Rows | None:
    """The filled rows of a CSV file; None if it is none in this encoding."""
    try:
        text = content.decode(encoding)
        rows = enumerate(csv.reader(io.StringIO(text, newline="")), start=1)
        filled = ((n, [_unguarded(cell) for cell in row]) for n, row in rows if any(row))
        return None if "\0" in text else list(islice(filled, MOST))
    except (UnicodeDecodeError, csv.Error):
        return None


def _unguarded(cell: str) -> str:
    """Without the apostrophe that our own CSV puts before what a spreadsheet would run."""
    return cell[1:] if cell.startswith("'") and sheets.guarded(cell[1:]) != cell[1:] else cell


def _roster(found: dict[str, Rows], told: list[str]) -> Roster:
    lines, faults, seen, longest = [], [], set(), 0
    for name, rows in found.items():
        head = _head_of(rows) if name != GUIDE else None
        if head is None:
            said, missed = _unread(name, rows)
            told, faults = told + said, faults + missed
            continue
        number, titles = rows[head][0], _titles(rows[head][1])
        table, longest = _table_of(titles), max(longest, len(rows) - head - 1)
        if table in seen:
            raise Unfit(f"文件里有两张“{table.title}”表。请合并成一张后再选。")
        seen.add(table)
        told = [*told, f"“{table.title}”表的栏名在第{number}行，上面的内容没有读取。"] if head else told
        wrong = _faults_of_head(table, number, titles)
        faults += wrong
        for number, row in rows[head + 1:] if not wrong else ():
            faults += _outside(table, titles, number, row)
            lines += _line(table, titles, number, row)
    _refuse_amount(found, seen, longest, lines, faults)
    return Roster(tuple(lines), tuple(faults), tuple(told))


def _head_of(rows: Rows) -> int | None:
    """Which of the first rows names the columns: the one that knows most of them."""
    known = [_known(_titles(row)) for _, row in rows[:HEADINGS]]
    return known.index(max(known)) if any(known) else None


def _known(titles: list[str]) -> int:
    """How many of the columns of its table this row names; 0 if it heads none."""
    table = _table_of(titles)
    return sum(column.title in titles for column in table.columns) if table else 0


def _unread(name: str, rows: Rows) -> tuple[list[str], list[Fault]]:
    """What is said of a sheet without a head: a strange one is mentioned, one that is named like a table is a fault."""
    if not rows or name in ("", GUIDE):
        return [], []
    table = next((table for table in TABLES if table.title == name.strip()), None)
    if table is None:
        return [f"工作表“{name}”里没有{NAMES}表的栏名，没有读取。"], []
    needed = "、".join(column.title for column in table.columns if column.needed)
    wrong = f"这张表的前{HEADINGS}行里没有栏名，整张没有读取"
    return [], [Fault(table.key, rows[0][0], "", " ".join(filter(None, rows[0][1]))[:60], wrong,
                      f"请照模板加上一行栏名（{needed}等）；不要这张表的，请删去它。")]


def _refuse_amount(found: dict[str, Rows], seen: set[Table], longest: int, lines: list[Line],
                   faults: list[Fault]) -> None:
    if not any(found.values()):
        raise Unfit("文件里没有内容。请打开原文件填写、保存后再选。")
    if not seen:
        raise Unfit(f"没有找到{NAMES}表：前{HEADINGS}行里没有与模板一致的栏名。{FROM_THE_TEMPLATE}")
    if len(lines) > LINES or longest > LINES:
        raise Unfit(f"一次最多导入{LINES:,}行，这个文件更多。请分成几个文件，分几次导入。")
    if not lines and not faults:
        raise Unfit("表里只有栏名，没有内容。请填写后再选。")


def _titles(row: list[str]) -> list[str]:
    titles = [re.sub(r"[\s*＊]+|（必填）", "", INVISIBLE.sub("", cell)) for cell in row]
    while titles and not titles[-1]:
        titles.pop()
    return titles


def _table_of(titles: list[str]) -> Table | None:
    """The table that most of whose needed columns are here; the third is told from the second by its own."""
    def needed(table: Table) -> int:
        return sum(column.needed and column.title in titles for column in table.columns)
    if POST_TITLE in titles:
        return TABLES[2]
    best = max(TABLES[:2], key=needed)
    return best if needed(best) else None


POST_TITLE = TABLES[2].column("post").title


def _faults_of_head(table: Table, number: int, titles: list[str]) -> list[Fault]:
    known = {column.title for column in table.columns}
    missing = [Fault(table.key, number, c.title, "", f"缺少“{c.title}”一栏", FROM_THE_TEMPLATE)
               for c in table.columns if c.needed and c.title not in titles]
    strange = [Fault(table.key, number, title, title, f"没有叫“{title[:20]}”的栏，系统不收这项内容", "请删去这一栏。")
               for title in titles if title and title not in known]
    twice = [Fault(table.key, number, title, title, f"有两栏都叫“{title}”", "请删去一栏。")
             for title in known if titles.count(title) > 1]
    return [*missing, *strange, *twice]


def _outside(table: Table, titles: list[str], number: int, row: list[str]) -> list[Fault]:
    strange = [clean(cell) for n, cell in enumerate(row) if n >= len(titles) or not titles[n]]
    text = " ".join(filter(None, strange))
    wrong, mend = "在栏名以外还有内容，不知道属于哪一栏", "请移到对应的栏里，或者删去。"
    return [Fault(table.key, number, "", text, wrong, mend)] if text else []


def _line(table: Table, titles: list[str], number: int, row: list[str]) -> Iterator[Line]:
    keys = {column.title: column.key for column in table.columns}
    padded = [*row, *[""] * len(titles)]
    cells = {keys[title]: clean(cell) for title, cell in zip(titles, padded, strict=False) if title}
    if any(cells.values()):
        yield Line(table.key, number, cells)


def clean(text: str) -> str:
    """The same words without what nobody sees; a full-width letter or digit becomes a plain one."""
    text = re.sub(r"\s+", " ", INVISIBLE.sub("", text)).strip()
    text = "".join(unicodedata.normalize("NFKC", c) if "！" <= c <= "～" and c.upper().isalnum() else c for c in text)
    # 「王 强」 is written with a space only to stand in line with names of three characters.
    return re.sub(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])", "", text)
