"""Forms made from a procedure's field declarations: what was typed is kept, what is sent on is typed.

Whether it fits is asked of officeapp.fields, the same check that the engine makes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm

from officeapp.numerals import small_int
from officeapp.procedures.grammar import Field, Procedure

Choices = Sequence[tuple[str, str]]
MANY = ("units", "people", "organs")
ONE = ("unit", "person")


class WholeNumberField(StringField):
    """A whole number as int; anything else stays as typed, for the page to show and the check to refuse."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        number = small_int(text)
        self.data = number if number is not None else text or None


class IdentityField(SelectMultipleField):
    """Chosen units or people, as ints."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, coerce=_identity, validate_choice=False, **kwargs)


def small_int_of(given: object) -> int | None:
    """One chosen id; None for nothing chosen or what is no id."""
    return small_int(str(given))


def _identity(given: object) -> int:
    number = small_int(str(given))
    if number is None:
        raise ValueError(given)
    return number


@dataclass(frozen=True)
class Entry:
    """One field as the page draws it: declaration, what stands in it, what is wrong with it."""

    key: str
    label: str
    type: str
    required: bool
    choices: Choices
    hint: str
    value: Any
    error: str
    longest: int
    span: int = 1


def form_of(fields: Iterable[Field], *, typed: MultiDict | None = None, values: Mapping[str, Any] | None = None,
            choices: Mapping[str, Choices] | None = None) -> BaseForm:
    """A WTForms form: filled from what was typed (request.form), else from stored values, else defaults.

    `choices` gives the lists of fields that the procedure cannot know (series, units, people), by key.
    """
    fields = list(fields)
    form = BaseForm({f.key: _unbound(f, (choices or {}).get(f.key, f.choices)) for f in fields})
    stored = {f.key: (values or {}).get(f.key, f.default) for f in fields}
    form.process(typed, data=stored)
    return form


def values_of(form: BaseForm) -> dict[str, Any]:
    """Typed values by key, as officeapp.fields and the engine want them."""
    return {field.name: field.data for field in form}


def entries(fields: Iterable[Field], form: BaseForm, faults: Mapping[str, str] | None = None) -> list[Entry]:
    """What templates draw, in the order given."""
    return [_entry(f, form[f.key], (faults or {}).get(f.key, "")) for f in fields]


def sheet(procedure: Procedure, drawn: Iterable[Entry]) -> list[tuple[Entry, ...]]:
    """The drafter's entries in the rows of the paper form; what it has no cell for comes after, the title before."""
    left = {entry.key: entry for entry in drawn}
    spans = {c.key: c.span for row in procedure.form for c in row if c.key in left}
    first = [] if "title" in spans else [(left.pop("title"), 3)]
    placed = first + [(left.pop(key), span) for key, span in spans.items()]
    placed += [(entry, _span(entry)) for entry in left.values()]
    rows: list[list[tuple[Entry, int]]] = []
    for entry, span in placed:
        if rows and span < 3 and len(rows[-1]) == 1 and rows[-1][0][1] < 3:
            rows[-1].append((entry, span))
        else:
            rows.append([(entry, span)])
    return [_filled(row) for row in rows]


def _filled(row: list[tuple[Entry, int]]) -> tuple[Entry, ...]:
    alone = len(row) == 1
    return tuple(Entry(**{**entry.__dict__, "span": 3 if alone else 1}) for entry, _ in row)


def _span(entry: Entry) -> int:
    return 3 if entry.type in ("lines", *MANY) or entry.longest > 100 and entry.type == "text" else 1


def _entry(field: Field, bound: Any, error: str) -> Entry:
    choices = tuple((c.value, c.label) for c in getattr(bound, "choices", None) or ())
    return Entry(field.key, field.label, field.type, field.required, choices, field.hint, bound.data, error,
                 field.longest)


def _unbound(field: Field, choices: Choices) -> UnboundField:
    offered = [SelectChoice(value=value, label=label) for value, label in choices]
    if field.type in ("choice", "series"):
        return SelectField(field.label, choices=offered, validate_choice=False)
    if field.type in ONE:
        blank = SelectChoice(value="", label="请选择")
        return SelectField(field.label, choices=[blank, *offered], validate_choice=False, coerce=small_int_of)
    if field.type in MANY:
        return IdentityField(field.label, choices=offered)
    return _PLAIN.get(field.type, StringField)(field.label, **_FILTERS.get(field.type, {}))


def _one_line(text: Any) -> Any:
    return " ".join(text.split()) if isinstance(text, str) else text


def _lines(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


_PLAIN = {"lines": TextAreaField, "number": WholeNumberField, "yesno": BooleanField}
_FILTERS = {"text": {"filters": [_one_line]}, "date": {"filters": [_one_line]}, "lines": {"filters": [_lines]}}
