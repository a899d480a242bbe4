"""The drafter's page, new and edited: the paper form's fields over the text editor."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import flash, render_template
from flask_login import current_user
from wtforms.form import BaseForm

from officeapp import comparison, fields
from officeapp.choices import choices_for
from officeapp.clock import ZONE
from officeapp.comparison import Change
from officeapp.decisions import Refused
from officeapp.matters import Matter
from officeapp.procedures.clauses import OWN_UNIT
from officeapp.procedures.grammar import Field, Move, MoveKind, Procedure
from officeapp.roles import ids_in
from officeapp.web import matter_forms
from officeapp.web.dossier import PEOPLE, UNITS, Names, names_in
from officeapp.web.matter_page import bureau
from officeapp.web.paper_form import value_words
from officeapp.web.request import moment, page_session
from officeapp.web.spoken import cited


@dataclass
class Draft:
    """What is on the page: the form as typed, the text, what was refused and in which field."""

    rules: Procedure
    form: BaseForm
    body: str
    fields: list[Field]
    faults: Mapping[str, str] = field(default_factory=dict)
    body_error: str = ""
    kept: bool = False  # typed and not saved: the page shows it again

    @property
    def values(self) -> dict[str, Any]:
        return matter_forms.values_of(self.form)


@dataclass(frozen=True)
class Difference:
    """One field typed otherwise than it stands now, after somebody else was first."""

    label: str
    typed: str
    stands: str


@dataclass(frozen=True)
class Conflict:
    differences: tuple[Difference, ...]
    text: tuple[Change, ...]


def begun(rules: Procedure, carried: Mapping[str, Any]) -> Draft:
    """A new form, filled with what is taken over from another matter; what is written down happened today until
    somebody says otherwise, and a limit is nobody's guess."""
    asked = asked_at_first(rules)
    needed = {f.key for f in asked if f.required} | {key for move in ways_on(rules) for key in move.needs.fields}
    today = {f.key: moment().astimezone(ZONE).date().isoformat() for f in asked
             if f.type == "date" and f.key in needed and not f.ahead}
    own = {f.key: current_user.unit_id for f in asked if f.default == OWN_UNIT}
    values = {f.key: f.default for f in asked} | own | today | dict(carried)
    return Draft(rules, _form(asked, values=values), "", asked)


def stored(rules: Procedure, values: Mapping[str, Any], body: str) -> Draft:
    asked = fields.typed_fields(rules)
    return Draft(rules, _form(asked, values=values), body, asked)


def typed(rules: Procedure, request_form: Any, *, first: bool = False) -> Draft:
    """What the browser sent, whatever it is worth; on the `first` form with what the ways on from it ask."""
    asked = asked_at_first(rules) if first else fields.typed_fields(rules)
    return Draft(rules, _form(asked, typed=request_form), request_form.get("body", ""), asked, kept=True)


def _form(asked: list[Field], **filled: Any) -> BaseForm:
    return matter_forms.form_of(asked, choices=choices_for(page_session(), asked), **filled)


def ways_on(rules: Procedure) -> list[Move]:
    """Where the start leads, for the buttons that draft and send: one click at a counter, not two pages."""
    return [move for move in rules.moves_from(rules.start.key) if move.kind is MoveKind.FORWARD]


def asked_at_first(rules: Procedure) -> list[Field]:
    """The drafter's fields, and those that only one of the ways on asks for: left blank where another is taken."""
    asked = {f.key: f for f in fields.typed_fields(rules)}
    for move in ways_on(rules):
        for f in filter(None, map(rules.field, move.needs.fields)):
            hint = f.hint or f"按“{sends(rules, move)}”时填写"
            asked.setdefault(f.key, replace(f, required=False, hint=hint))
    return list(asked.values())


def sends(rules: Procedure, move: Move) -> str:
    """「起草并送科室核稿」「登记并当场办结」: the words of the button."""
    return f"{rules.start.title}并{move.title}"


def refuse(draft: Draft, refused: Refused) -> None:
    """Put the sentence and its clause on top, and each field's own beside it."""
    draft.faults = refused.fields
    if "正文" in refused.sentence and not refused.fields:
        draft.body_error = refused.sentence
    say_refused(refused)


def say_refused(refused: Refused) -> None:
    flash({"text": refused.sentence, "clause": cited(refused.clause)}, "refused")


def conflict(draft: Draft, matter: Matter, body: str) -> Conflict:
    """What was typed against what now stands, so that nothing typed is lost (409)."""
    asked = fields.typed_fields(draft.rules)
    pairs = ((f, draft.values.get(f.key), matter.values.get(f.key)) for f in asked)
    named = {f.key: ids_in(draft.values.get(f.key)) + ids_in(matter.values.get(f.key))
             for f in asked if f.type in (*UNITS, *PEOPLE)}
    names = names_in(page_session(), draft.rules, named)
    differing = tuple(_difference(f, mine, theirs, names) for f, mine, theirs in pairs
                      if (mine or "") != (theirs or ""))
    changes = tuple(comparison.compare(body, draft.body))
    return Conflict(differing, changes if comparison.count_spots(changes) else ())


def page(draft: Draft, **more: Any) -> str:
    """templates/matters/drafting.html for a draft; `more` has title, action, back, version, conflict."""
    drawn = matter_forms.entries(draft.fields, draft.form, draft.faults)
    return render_template(
        "matters/drafting.html", rows=matter_forms.sheet(draft.rules, drawn), body=draft.body, draft=draft,
        body_error=draft.body_error, form_title=bureau() + draft.rules.form_title,
        faulty=[entry for entry in drawn if entry.error], **more,
    )


def _difference(field: Field, mine: Any, theirs: Any, names: Names) -> Difference:
    return Difference(field.label, value_words(field, mine, names) or "（空）",
                      value_words(field, theirs, names) or "（空）")
