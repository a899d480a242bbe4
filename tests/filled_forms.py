"""Forms as somebody would fill them, for machines that try every rulebook."""

from datetime import date
from typing import Any

from officeapp.procedures.grammar import Procedure

SERIES = ("临综法发", "临综法函")


def filled(asked: list, today: date = date(2026, 11, 2)) -> dict[str, Any]:
    """A fitting value for each field."""
    by_type = {"number": 3, "date": today.isoformat(), "yesno": True, "series": SERIES[0]}
    return {f.key: f.choices[0][0] or f.default if f.type == "choice" else by_type.get(f.type, "填写") for f in asked}


def drafted(rules: Procedure, **values: Any) -> dict[str, Any]:
    """A whole form for the drafter, with these values chosen."""
    form = [f for f in rules.fields if not f.at]
    known = {f.key for f in form}
    base = {f.key: f.default for f in form} | filled([f for f in form if f.required])
    return base | {key: value for key, value in values.items() if key in known}
