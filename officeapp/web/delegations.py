"""授权代办: a person grants his own desk for a time; the office director for somebody who is away."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from officeapp import clock, db, grants
from officeapp.delegations import Delegation
from officeapp.directory import Unfit
from officeapp.grants import KEEPER, Granted
from officeapp.people import Person
from officeapp.web.access import business, door
from officeapp.web.forms import OfficeForm
from officeapp.web.request import moment, page_session
from officeapp.web.spoken import day_words, moment_words

blueprint = Blueprint("delegations", __name__, url_prefix="/account/delegations")
STATES = {"planned": "未开始", "running": "代办中", "over": "已到期", "ended": "已提前结束",
          "idle": "已失效（账号停用）"}
ACROSS = ("代办人在别的单位：授权期间，授权人名下的内部事项（督办单、督办提示单、重要情况报告等）也由他看到和办理。"
          "确需这样办的，请勾选“知道并同意”后再设。")


def _day(label: str) -> StringField:
    return StringField(label, [InputRequired(f"请填写{label}。")], render_kw={"type": "date"})


class DelegationForm(OfficeForm):
    principal = SelectField("授权人", coerce=int, description="替本人不在岗、不能自己设的同志设授权")
    delegate = SelectField("代办人", coerce=int)
    first = _day("开始日期")
    last = _day("结束日期")
    reason = StringField("事由", [InputRequired("请写明事由，如出差、休假、学习。"),
                                Length(max=200, message="事由最多200个字。")])
    aware = BooleanField("知道并同意：代办人在别的单位的，内部事项（督办单、重要情况报告等）也由他看到和办理",
                         description="代办人和授权人同一单位的，不用勾选")


@blueprint.route("", methods=["GET", "POST"])
@door(business)
def index() -> ResponseReturnValue:
    form, problem = _form(), ""
    if form.validate_on_submit():
        try:
            said = _grant(form)
        except (Unfit, ValueError) as unfit:
            problem = str(unfit)
        else:
            flash(said, "done")
            return redirect(url_for("delegations.index"), 303)
    return _page(form, problem), 422 if problem or form.errors else 200


@blueprint.post("/<int:delegation_id>/end")
@door(business)
def end(delegation_id: int) -> ResponseReturnValue:
    if page_session().get(Delegation, delegation_id) is None:
        abort(404, "没有这条授权。")
    try:
        with db.transaction() as session:
            grants.end(session, delegation_id, by=current_user._get_current_object(), now=moment())
    except Unfit as unfit:
        flash(str(unfit), "warning")
    else:
        flash("授权已结束，代办人不能再代为办理。", "done")
    return redirect(url_for("delegations.index"), 303)


def _form() -> DelegationForm:
    form = DelegationForm()
    nearest = grants.nearest(page_session(), current_user.unit_id)
    folk = [SelectChoice(value=person.id, label=person.name, optgroup=person.unit.name) for person in nearest]
    form.delegate.choices = [SelectChoice(value=0, label="（请选择）"),
                             *(each for each in folk if each.value != current_user.id)]
    form.principal.choices = [SelectChoice(value=current_user.id, label=f"{current_user.name}（本人）"),
                              *(each for each in folk if each.value != current_user.id)]
    if not _keeps():
        del form.principal
    return form


def _grant(form: DelegationForm) -> str:
    principal = form.principal.data if form.principal else current_user.id
    with db.transaction() as session:
        _refuse_unaware(session, principal, form)
        row = grants.grant(session, principal, form.delegate.data, _typed(form.first), _typed(form.last),
                           form.reason.data, by=current_user._get_current_object(), now=moment())
        names = {person.id: person.name for person in grants.able(session)}
        days = "至".join(day_words(_typed(field)) for field in (form.first, form.last))
        return (f"已设授权：{days}，{names[row.principal_id]}名下的待办由{names[row.delegate_id]}代办，"
                f"事由：{row.reason}。到期自动结束。")


def _refuse_unaware(session: Session, principal: int, form: DelegationForm) -> None:
    """What is internal goes to another unit only knowingly (DB-6)."""
    units = set(session.scalars(select(Person.unit_id).where(Person.id.in_((principal, form.delegate.data)))))
    if len(units) > 1 and not form.aware.data:
        raise Unfit(ACROSS)


def _typed(field: StringField) -> date:
    try:
        return date.fromisoformat(field.data.strip())
    except ValueError:
        raise Unfit(f"{field.label.text}应像 2026-11-02 这样填写。") from None


def _page(form: DelegationForm, problem: str) -> str:
    every = grants.of(page_session(), None if _keeps() else current_user.id)
    mine = [each for each in every if current_user.id in (each.row.principal_id, each.row.delegate_id)]
    groups = [("我授权他人代办的", [g for g in mine if g.row.principal_id == current_user.id]),
              ("我代他人办理的", [g for g in mine if g.row.delegate_id == current_user.id])]
    if _keeps():
        groups.append(("其他人的授权", [g for g in every if g not in mine]))
    today = moment().astimezone(clock.ZONE).date().isoformat()
    return render_template("delegations/index.html", form=form, problem=problem, today=today, longest=grants.LONGEST,
                           groups=[(title, [_line(each) for each in lines]) for title, lines in groups])


def _line(granted: Granted) -> dict[str, Any]:
    state, row = granted.state(moment()), granted.row
    words = STATES[state] + (f" {moment_words(row.ended_at, moment())}" if row.ended_at else "")
    return {"id": row.id, "principal": granted.principal.name, "delegate": granted.delegate.name, "reason": row.reason,
            "days": "至".join(map(day_words, granted.days)), "state": words, "running": state == "running",
            "may_end": state in ("planned", "running") and grants.may_end(row, current_user),
            "by": granted.grantor.name if row.created_by != row.principal_id else ""}


def _keeps() -> bool:
    return current_user.has(KEEPER)
