"""What comes out of the printer: the browser's own PDF, sheet by sheet."""

import re
from io import BytesIO
from unicodedata import normalize

from playwright.sync_api import Page
from pypdf import PdfReader

A4 = (595, 842)  # points


def sheets(page: Page) -> list[str]:
    """The words of each sheet, plain; every one of them is A4, upright."""
    read = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages
    assert {tuple(round(float(side)) for side in sheet.mediabox[2:]) for sheet in read} == {A4}
    return [plain(sheet.extract_text()) for sheet in read]


def plain(words: str) -> str:
    """Without spaces, and each character in its common form: a PDF names the glyphs, not what was typed."""
    return re.sub(r"\s+", "", normalize("NFKC", words))
