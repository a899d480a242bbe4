"""Tables for Excel and WPS, written row by row; no cell of ours is ever taken for a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

import xlsxwriter

BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
BATCH = 500  # rows


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
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(BEGINS_A_FORMULA) else cell


def write_xlsx(target: BinaryIO, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """One sheet in constant memory: words are stored as words, never as formula or link."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, head, book.add_format({"bold": True}))
        for n, row in enumerate(rows, start=1):
            sheet.write_row(n, 0, row)


def _taken(sheet: io.StringIO) -> bytes:
    text = sheet.getvalue()
    sheet.seek(0)
    sheet.truncate()
    return text.encode()
