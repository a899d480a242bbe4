"""Tables that a browser saves: named in Chinese, never shown in its window."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO
from urllib.parse import quote

from flask import Response, send_file

from officeapp import sheets

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv(head: Sequence[str], rows: Iterable[Sequence[object]], name: str) -> Response:
    """A CSV file sent while it is written; `name` is without its ending."""
    answer = Response(sheets.csv_bytes(head, rows), mimetype="text/csv")
    return _named(answer, name, "csv")


def xlsx(write: Callable[[BinaryIO], None], name: str) -> Response:
    """A workbook that `write` fills; `name` is without its ending."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 the server closes it when it has been sent
    write(file)
    file.seek(0)
    answer = send_file(file, mimetype=XLSX)
    answer.headers["Cache-Control"] = "no-store"  # send_file allows a browser to keep what may be passwords
    return _named(answer, name, "xlsx")


def _named(answer: Response, name: str, ending: str) -> Response:
    """A header's plain value has no room for Chinese: an old browser saves `table`, and never a file without a name."""
    named = {"filename*": f"UTF-8''{quote(name)}.{ending}"}
    answer.headers.set("Content-Disposition", "attachment", filename=f"table.{ending}", **named)
    return answer
