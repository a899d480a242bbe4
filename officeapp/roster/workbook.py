"""An Excel file read by a process of its own, which alone falls when the file is made to fell its reader.

Five kilobytes that fill the last cell of a sheet make the reader ask for half a terabyte,
and in a web process that would end everybody's requests (docs/decisions/roster.md).
"""

import io
import json
import resource
import subprocess  # nosec B404 # starts this file only
import sys
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from typing import BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

MEMORY = 512 * 1024 * 1024  # bytes
SECONDS = 10  # of computing; the wall clock gets three times as many

Rows = list[tuple[int, list[str]]]  # filled ones, each with the number that Excel shows


class Broken(Exception):
    """The file could not be read within memory and time, or is no workbook."""


def sheets_of(file: BinaryIO, most: int) -> dict[str, Rows]:
    """Every sheet by name, the first `most` filled rows of each. Broken if the file cannot be read."""
    file.seek(0)
    try:
        child = subprocess.run([sys.executable, "-I", __file__, str(most)], input=file.read(), capture_output=True,  # nosec B603 # no shell, this file
                               timeout=3 * SECONDS)
    except subprocess.TimeoutExpired:
        raise Broken from None
    if child.returncode:
        raise Broken(child.stderr.decode(errors="replace")[-500:])
    return json.loads(child.stdout)


def main(most: int) -> int:
    """Read a workbook from the standard input, write its sheets as JSON; the exit status."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        found = {name: list(islice(_filled(book.get_sheet_by_name(name)), most)) for name in book.sheet_names}
    except (CalamineError, MemoryError) as fault:
        sys.stderr.write(str(fault))
        return 1
    json.dump(found, sys.stdout)
    return 0


def _filled(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [text_of(cell) for cell in row]
        if any(cells):
            yield number, cells


def text_of(cell: object) -> str:
    """What a person sees in the cell: a telephone number has no decimals, a date no midnight."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, (date, time)) else str(cell)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
