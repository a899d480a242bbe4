"""Whether what was typed fits a procedure's fields: one check for pages and engine."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from officeapp.procedures.clauses import OWN_UNIT
from officeapp.procedures.grammar import Field, Procedure
from officeapp.roles import ids_in
from officeapp.secrecy import secrecy_marks

YEARS = "1949", "2100"  # a slip of the finger beyond would be counted day by day
SECRET = "含有密级标志。本系统为非涉密系统，严禁处理涉密信息；涉密文件请按纸质流程办理。"  # nosec B105 # a sentence, no password


def drafters_fields(procedure: Procedure) -> list[Field]:
    """The fields of the form that opens a matter and that the signer signs."""
    return [f for f in procedure.fields if not f.at]


def typed_fields(procedure: Procedure) -> list[Field]:
    """The drafter's fields that somebody types: which unit it comes from is known."""
    return [f for f in drafters_fields(procedure) if f.type != "own_unit"]


def with_defaults(procedure: Procedure, values: Mapping[str, Any]) -> dict[str, Any]:
    """The drafter's fields only, each with its default where nothing was given."""
    return {f.key: values.get(f.key, None if f.default == OWN_UNIT else f.default) for f in drafters_fields(procedure)}


def own_units(procedure: Procedure, unit_id: int) -> dict[str, int]:
    """The fields that say which unit it comes from: the drafter's, whatever was typed."""
    return {f.key: unit_id for f in procedure.fields if f.type == "own_unit"}


def units_in(procedure: Procedure, values: Mapping[str, Any]) -> set[int]:
    """Every unit that the form names."""
    named = (values.get(f.key) for f in procedure.fields if f.type in ("unit", "units", "own_unit"))
    return {unit for value in named for unit in ids_in(value)}


def faults_of(fields: Iterable[Field], values: Mapping[str, Any]) -> dict[str, str]:
    """Sentence by field key, empty when everything fits."""
    return {f.key: fault for f in fields if (fault := _fault(f, values.get(f.key)))}


def _fault(field: Field, value: Any) -> str:
    if value in (None, "", []) or (isinstance(value, str) and not value.strip()):
        return f"请填写“{field.label}”。" if field.required else ""
    if field.per and isinstance(value, Mapping):  # as it is kept: by unit
        return next(filter(None, (_fault(replace(field, per=()), each) for each in value.values())), "")
    return _CHECKS.get(field.type, _fine)(field, value)


def _fine(field: Field, value: Any) -> str:
    return ""


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        return f"“{field.label}”应是文字。"
    if len(value) > field.longest:
        return f"“{field.label}”最多{field.longest}个字，现在{len(value)}个字，请删减。"
    return f"“{field.label}”{SECRET}" if secrecy_marks(value) else ""


def _choice(field: Field, value: Any) -> str:
    return "" if value in dict(field.choices) else f"“{field.label}”请从列出的选项中选择。"


def _number(field: Field, value: Any) -> str:
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 9999
    return "" if fits else f"“{field.label}”请填1到9999的整数。"


def _date(field: Field, value: Any) -> str:
    try:
        fits = date.fromisoformat(str(value)).isoformat() == str(value)  # days are compared as they are written
    except ValueError:
        fits = False
    if not fits:
        return f"“{field.label}”请填日期，如 2026-03-05。"
    return "" if YEARS[0] <= value < YEARS[1] else f"“{field.label}”的年份不对，请核对，如 2026-03-05。"


def _yesno(field: Field, value: Any) -> str:
    return "" if isinstance(value, bool) else f"“{field.label}”请选择是或否。"


def _identity(field: Field, value: Any) -> str:
    return "" if isinstance(value, int) and not isinstance(value, bool) else f"“{field.label}”请从名单中选择。"


def _identities(field: Field, value: Any) -> str:
    fits = isinstance(value, (list, tuple)) and not any(_identity(field, each) for each in value)
    return "" if fits else f"“{field.label}”请从名单中选择。"


_CHECKS = {"text": _text, "lines": _text, "series": _text, "choice": _choice, "number": _number,
           "date": _date, "yesno": _yesno, "unit": _identity, "own_unit": _identity, "person": _identity,
           "units": _identities, "people": _identities, "organs": _identities}
