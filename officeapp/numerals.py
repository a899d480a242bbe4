"""Whole numbers: as they come from outside, in addresses, forms and cookies, as headings are numbered, and those by
which a citizen is found.
"""

import re

HAN = ("", *"一二三四五六七八九")
IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
# A mobile one, one with its area's, a local one; neither a day nor a sum of money.
TELEPHONE = re.compile(r"(?<!\d)(?:1\d{10}|0\d{2,3}-?\d{7,8}"
                       r"|(?!20\d\d(?:0\d|1[0-2])[0-3]\d(?!\d))\d{7,8}(?!\s*[万元]))(?!\d)")
LARGEST = 2**31 - 1  # what a column holds; PostgreSQL answers anything larger with an error


def small_int(text: str) -> int | None:
    """The number from 0 to 2147483647 that ASCII digits spell; None for anything else, ² and ٣ included."""
    text = text.strip()
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST))
    return int(text) if plain and int(text) <= LARGEST else None


def han(number: int) -> str:
    """「一」「十」「十二」「二十」, as headings are numbered; 1 to 99."""
    tens, ones = divmod(number, 10)
    return (HAN[tens] if tens > 1 else "") + ("十" if tens else "") + HAN[ones]
