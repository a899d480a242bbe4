"""The drafter's page, new and edited: the paper form's fields over the text editor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import flash, render_template
from wtforms.form import BaseForm

from officeapp import comparison, fields
from officeapp.choices import choices_for
from officeapp.clock import ZONE
from officeapp.comparison import Change
from officeapp.decisions import Refused
from officeapp.matters import Matter
from officeapp.procedures.grammar import Field, MoveKind, Procedure
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
    """A new form, filled with what is taken over from another matter; a day is today until somebody says otherwise."""
    today = {f.key: moment().astimezone(ZONE).date().isoformat() for f in fields.typed_fields(rules)
             if f.type == "date" and f.required}
    values = {f.key: f.default for f in fields.typed_fields(rules)} | today | dict(carried)
    return Draft(rules, _form(rules, values=values), "")


def stored(rules: Procedure, values: Mapping[str, Any], body: str) -> Draft:
    return Draft(rules, _form(rules, values=values), body)


def typed(rules: Procedure, request_form: Any) -> Draft:
    """What the browser sent, whatever it is worth."""
    return Draft(rules, _form(rules, typed=request_form), request_form.get("body", ""), kept=True)


def _form(rules: Procedure, **filled: Any) -> BaseForm:
    asked = fields.typed_fields(rules)
    return matter_forms.form_of(asked, choices=choices_for(page_session(), asked), **filled)


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


def first_move(rules: Procedure) -> str:
    """「送科室核稿」: where the start leads, for the button that drafts and sends."""
    onward = (m.title for m in rules.moves_from(rules.start.key) if m.kind is MoveKind.FORWARD)
    return next(onward, "")


def page(draft: Draft, **more: Any) -> str:
    """templates/matters/drafting.html for a draft; `more` has title, action, back, version, conflict."""
    drawn = matter_forms.entries(fields.typed_fields(draft.rules), draft.form, draft.faults)
    return render_template(
        "matters/drafting.html", rows=matter_forms.sheet(draft.rules, drawn), body=draft.body, draft=draft,
        body_error=draft.body_error, form_title=bureau() + draft.rules.form_title,
        faulty=[entry for entry in drawn if entry.error], **more,
    )


def _difference(field: Field, mine: Any, theirs: Any, names: Names) -> Difference:
    return Difference(field.label, value_words(field, mine, names) or "（空）",
                      value_words(field, theirs, names) or "（空）")
