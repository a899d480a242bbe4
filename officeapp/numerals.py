"""Whole numbers as they come from outside: from addresses, forms and cookies."""

LARGEST = 2**31 - 1  # what a column holds; PostgreSQL answers anything larger with an error


def small_int(text: str) -> int | None:
    """The number from 0 to 2147483647 that ASCII digits spell; None for anything else, ² and ٣ included."""
    text = text.strip()
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST))
    return int(text) if plain and int(text) <= LARGEST else None
