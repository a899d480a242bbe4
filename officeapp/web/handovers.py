"""工作移交: the office director passes what hangs on one person to another."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from officeapp import db, grants, handovers
from officeapp.decisions import Refused
from officeapp.handovers import KEEPER, LONGEST_REASON, Burden
from officeapp.numerals import small_int
from officeapp.people import Person
from officeapp.web.access import door, posts
from officeapp.web.lights import light_of
from officeapp.web.request import moment, page_session, read_afresh

blueprint = Blueprint("handovers", __name__, url_prefix="/handovers")
DOOR = posts(KEEPER)


@blueprint.get("")
@door(DOOR)
def index() -> str:
    return _page()


@blueprint.post("")
@door(DOOR)
def make() -> ResponseReturnValue:
    typed = request.form
    try:
        with db.transaction() as session:
            passed = handovers.hand_over(
                session, _number(typed.get("giver")), _number(typed.get("receiver")),
                {_number(each) for each in typed.getlist("matter")}, typed.get("reason", ""),
                by=current_user._get_current_object(), now=moment())
    except Refused as refused:
        read_afresh()
        return _page(refused), refused.status
    flash(f"已移交{passed}件，移交人和接办人都已收到通知，期限不变。", "done")
    return redirect(url_for("handovers.index"), 303)


def _page(refused: Refused | None = None) -> str:
    """Whose matters, then which, to whom and why; what was typed is kept."""
    session, asked = page_session(), request.values
    giver = session.get(Person, _number(asked.get("giver")))
    lines = [_line(each) for each in handovers.burdens(session, giver.id)] if giver else []
    chosen = set(request.form.getlist("matter")) if refused else {line["id"] for line in lines}
    return render_template(
        "handovers/index.html", giver=giver, lines=lines, chosen=chosen, refused=refused, longest=LONGEST_REASON,
        givers=[(person.id, f"{label}（{count}件）") for (person, count), (_, label) in _named(session)],
        receivers=_receivers(session, giver) if giver else [],
        receiver=_number(asked.get("receiver")), reason=asked.get("reason", ""))


def _named(session) -> list[tuple[tuple[Person, int], tuple[int, str]]]:
    found = handovers.givers(session)
    return list(zip(found, grants.names(person for person, _ in found), strict=True))


def _receivers(session, giver: Person) -> list[tuple[int, str]]:
    return grants.names(person for person in grants.nearest(session, giver.unit_id) if person.id != giver.id)


def _line(burden: Burden) -> dict[str, Any]:
    matter = burden.matter
    return {"id": str(matter.id), "title": matter.title, "number": matter.number, "kind": matter.rules.title,
            "stage": matter.place.title, "burden": burden.words, "light": light_of(matter),
            "href": url_for("matters.show", matter_id=matter.id)}


def _number(text: str | None) -> int:
    return small_int(text or "") or 0
