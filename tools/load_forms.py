"""A move's dialog filled in as somebody in a hurry would: what must be said is said, the first choice is taken."""

from lxml import html

from officeapp import clock

SAID = {"number": "1", "text": "同意", "textarea": "同意，请按程序办理。"}


def filled(page: str) -> list[tuple[str, str]] | None:
    """What the first form of a move would send; None where there is none, or it wants a file."""
    forms = [form for form in html.document_fromstring(page).forms if (form.action or "").endswith("/moves")]
    for field in forms[0].iter("input", "select", "textarea") if forms else ():
        if field.get("required") is None:
            continue
        if field.get("type") == "file":
            return None
        _fill(forms[0], field)
    return [(name, value) for name, value in forms[0].form_values() if value is not None] if forms else None


def _fill(form: html.FormElement, field: html.HtmlElement) -> None:
    kind = field.get("type", "text") if field.tag == "input" else field.tag
    if kind in ("checkbox", "radio"):
        alike = [each for each in form.iter("input") if each.name == field.name]
        alike[0].checked = alike[0].checked or not any(each.checked for each in alike)
    elif kind == "select":
        field.value = field.value or next((option for option in field.value_options if option), None)
    else:
        field.value = field.value or SAID.get(kind) or clock.today().isoformat()
