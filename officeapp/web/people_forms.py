"""The three small forms of the directory: a unit, a person, a post."""

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Optional, ValidationError

from officeapp.people import POST_KINDS, RELATIONS, UNIT_KINDS
from officeapp.roster.cells import fault_of
from officeapp.roster.columns import PEOPLE, POSTS, UNITS, Column
from officeapp.roster.reading import clean
from officeapp.web.forms import OfficeForm


def _text(column: Column, hint: str = "", required: bool = False) -> StringField:
    """A field under the same rule as the column of a file."""
    first = InputRequired(f"请填写“{column.title}”。") if required else Optional()
    return StringField(column.title, [first, _Fits(column)], description=hint, filters=[lambda v: clean(v or "")])


class _Fits:
    """Refuses what an import would refuse, in the same words."""

    def __init__(self, column: Column) -> None:
        self.column = column

    def __call__(self, form: OfficeForm, field: StringField) -> None:
        wrong = fault_of(self.column, field.data)
        if wrong:
            raise ValidationError("：".join(wrong))


def choices(pairs: Iterable[tuple[Any, str]]) -> list[SelectChoice]:
    """(value, label) of each as a form takes them."""
    return [SelectChoice(value, label) for value, label in pairs]


def ask_first(field: SelectField, nothing: Any, sentence: str) -> None:
    """What decides who sees what is chosen knowingly: nothing is chosen for whoever did not look."""
    field.choices = [SelectChoice(nothing, "（请选择）"), *field.choices]
    field.validators = [DataRequired(sentence)]
    field.flags.required = True


class UnitForm(OfficeForm):
    name = _text(UNITS.column("unit"), required=True)
    short = _text(UNITS.column("short"), hint="看板和列表上显示，如“市容科”")
    kind = SelectField("类别", choices=choices(UNIT_KINDS.items()))
    relation = SelectField("与本局关系", choices=choices([("", "（本局单位不填）"), *RELATIONS.items()]),
                           description="只有外单位需要选择")
    parent_id = SelectField("上级单位", coerce=int)
    active = BooleanField("在用", default=True)


class PersonForm(OfficeForm):
    account = _text(PEOPLE.column("account"), required=True)
    name = _text(PEOPLE.column("name"), required=True)
    unit_id = SelectField("所在单位", coerce=int)
    email = _text(PEOPLE.column("email"))
    phone = _text(PEOPLE.column("phone"))
    active = BooleanField("在岗", default=True)


class PostForm(OfficeForm):
    kind = SelectField("岗位", choices=choices(POST_KINDS.items()))
    unit_id = SelectField("设在单位", coerce=int)
    title = _text(POSTS.column("title"), hint="不填则用岗位名称，如“科长”“中队长”")
    holders = SelectMultipleField("担任人", coerce=int, description="点开单位，勾选担任人，可以勾选多人")
    charge = SelectMultipleField("分管单位", coerce=int, description="只对副局长有效；一个单位只有一名分管领导")
