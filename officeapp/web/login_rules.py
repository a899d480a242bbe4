"""登录规则: what a password must be like, when an account locks, when an idle browser is logged out."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from officeapp import admin_events, db
from officeapp.options import choose, options
from officeapp.people import POST_KINDS
from officeapp.web.access import door, posts
from officeapp.web.forms import OfficeForm
from officeapp.web.request import moment, page_session
from officeapp.web.whole_numbers import WholeNumber

blueprint = Blueprint("login_rules", __name__, url_prefix="/people/login-rules")
GRANTER = posts("security_admin")


def _number(label: str, least: int, most: int, hint: str = "") -> WholeNumber:
    said = f"请填{least}到{most}。"
    return WholeNumber(label, [InputRequired(said), NumberRange(least, most, said)], description=hint,
                        render_kw={"inputmode": "numeric"})


class RulesForm(OfficeForm):
    """One field for each option; its label is also how the record calls it."""

    password_length = _number("口令最少字符数", 8, 64, "改动后对以后修改的口令有效")
    password_classes = _number("口令最少字符种类", 1, 4, "大写字母、小写字母、数字、其他字符，共四类")
    password_history = _number("不得重用最近几次的口令", 1, 24)
    password_days = _number("口令使用天数", 0, 365, "用满后登录须先修改，到期前7天起提醒；填0表示不到期")
    login_tries = _number("连续输错几次后暂停登录", 3, 10)
    login_lock_minutes = _number("暂停登录多少分钟", 5, 1440)
    idle_minutes = _number("无操作多少分钟后自动退出", 5, 120, "最多提前2分钟退出；正在填写也算操作")
    second_factor_kinds = SelectMultipleField(
        "须用二次验证的岗位", choices=[SelectChoice(*each) for each in POST_KINDS.items()],
        widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
        description="勾选的，下次登录时须先启用；其他人员可以自愿启用")


@blueprint.route("", methods=["GET", "POST"])
@door(GRANTER)
def index() -> ResponseReturnValue:
    form = RulesForm(data=options(page_session()))
    if form.validate_on_submit():
        changed = _save(form)
        flash(f"已保存登录规则：{changed}。" if changed else "登录规则没有变化。", "notice")
        return redirect(url_for("people.seats"), 303)
    page = render_template("people/login_rules.html", form=form)
    return page, 422 if form.errors else 200


def _save(form: RulesForm) -> str:
    """Keep what differs; in words, which the administrator's line says too."""
    with db.transaction() as session:
        before = dict(options(session))
        changed = [field for field in form if field.name in before and field.data != before[field.name]]
        for field in changed:
            choose(session, field.name, field.data)
        said = "，".join(f"{field.label.text}{_words(before[field.name])}→{_words(field.data)}" for field in changed)
        if said:
            admin_events.record(session, current_user, "login_rules", "登录规则", now=moment(), note=said)
    return said


def _words(value: int | list[str]) -> str:
    return str(value) if isinstance(value, int) else "、".join(POST_KINDS[kind] for kind in value) or "无"
