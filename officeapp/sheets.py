"""Tables for Excel and WPS, written row by row; no cell of ours is ever taken for a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, NamedTuple

from officeapp import late

xlsxwriter = late.module("xlsxwriter")

# The wide ones are formulas to an Excel of Chinese or Japanese.
BEGINS_A_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
BATCH = 500  # rows
LAST = 5_000  # rows in which a spreadsheet offers a column's choices


def csv_bytes(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """UTF-8 with the mark that Excel and WPS know it by, some hundred rows at a time."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(head)
    yield b"\xef\xbb\xbf"
    for n, row in enumerate(rows, start=1):
        writer.writerow([guarded(cell) for cell in row])
        if n % BATCH == 0:
            yield _taken(sheet)
    yield _taken(sheet)


def guarded(cell: object) -> object:
    """The same words behind an apostrophe if a spreadsheet would run them (CSV has no types to forbid it)."""
    runs = isinstance(cell, str) and any(text.startswith(BEGINS_A_FORMULA) for text in (cell.strip(" "), cell.strip()))
    return f"'{cell}" if runs else cell


class Column(NamedTuple):
    """A column of a workbook: its title, its width in characters, a note on its head, the only words that fit."""

    title: str
    width: int = 0
    note: str = ""
    choices: Sequence[str] = ()


class Sheet(NamedTuple):
    """One sheet of a workbook."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]


def write_xlsx(target: BinaryIO, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """One sheet in constant memory."""
    write_book(target, [Sheet("", [Column(title) for title in head], rows)])


def write_book(target: BinaryIO, sheets: Iterable[Sheet]) -> None:
    """A workbook in constant memory: words are stored as words, never as formula or link."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        bold = book.add_format({"bold": True})
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.title or None), sheet, bold)


def _write_sheet(page: "xlsxwriter.worksheet.Worksheet", sheet: Sheet, bold: "xlsxwriter.format.Format") -> None:
    page.freeze_panes(1, 0)
    for n, column in enumerate(sheet.columns):
        page.write_string(0, n, column.title, bold)
        if column.width:
            page.set_column(n, n, column.width)
        if column.note:
            page.write_comment(0, n, column.note)
        if column.choices:
            page.data_validation(1, n, LAST, n, {"validate": "list", "source": list(column.choices)})
    for n, row in enumerate(sheet.rows, start=1):
        page.write_row(n, 0, row)


def _taken(sheet: io.StringIO) -> bytes:
    text = sheet.getvalue()
    sheet.seek(0)
    sheet.truncate()
    return text.encode()
