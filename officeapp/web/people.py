"""单位人员: the directory for everyone, and its three small forms for two administrators."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from officeapp import db, directory
from officeapp.directory import Unfit
from officeapp.people import POST_KINDS, RELATIONS, UNIT_KINDS, Person, Post, Unit
from officeapp.web.access import door, everyone, posts
from officeapp.web.request import moment, page_session

blueprint = Blueprint("people", __name__, url_prefix="/people")
KEEPER = posts("system_admin")
GRANTER = posts("security_admin")


def _text(label: str, longest: int, *checks: Any, hint: str = "", required: bool = False) -> StringField:
    first = InputRequired(f"请填写“{label}”。") if required else Optional()
    length = Length(max=longest, message=f"“{label}”最多{longest}个字。")
    return StringField(label, [first, length, *checks], description=hint, filters=[lambda v: (v or "").strip()])


class UnitForm(FlaskForm):
    name = _text("单位名称", 80, required=True)
    short = _text("简称", 20, hint="看板和列表上显示，如“市容科”")
    kind = SelectField("类别", choices=list(UNIT_KINDS.items()))
    relation = SelectField(
        "与本局关系", choices=[("", "（本局单位不填）"), *RELATIONS.items()], description="只有外单位需要选择"
    )
    parent_id = SelectField("上级单位", coerce=int)
    active = BooleanField("在用", default=True)


class PersonForm(FlaskForm):
    account = _text("账号", 40, Regexp(r"^[A-Za-z0-9_.-]+$", message="账号只用字母、数字、点、横线。"), required=True)
    name = _text("姓名", 40, required=True)
    unit_id = SelectField("所在单位", coerce=int)
    email = _text(
        "电子邮箱", 120, Regexp(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", message="邮箱地址不完整，应像 name@example.cn。")
    )
    phone = _text("电话", 40)
    active = BooleanField("在岗", default=True)


class PostForm(FlaskForm):
    kind = SelectField("岗位", choices=list(POST_KINDS.items()))
    unit_id = SelectField("设在单位", coerce=int)
    title = _text("职务名称", 40, hint="不填则用岗位名称，如“科长”“中队长”")
    holders = SelectMultipleField("担任人", coerce=int, description="按住 Ctrl 可选多人")
    charge = SelectMultipleField("分管单位", coerce=int, description="只对副局长有效；一个单位只有一名分管领导")


@blueprint.get("")
@door(everyone)
def index():
    session = page_session()
    people_of: dict[int, list[Person]] = {}
    for person in directory.staff(session):
        people_of.setdefault(person.unit_id, []).append(person)
    posts_of: dict[int, list[str]] = {}
    for seat in directory.seats(session):
        for person in seat.people:
            posts_of.setdefault(person.id, []).append(seat.post.title)
    return render_template(
        "people/index.html",
        units=directory.units(session),
        people_of=people_of,
        posts_of=posts_of,
        unit_kinds=UNIT_KINDS,
        relations=RELATIONS,
    )


@blueprint.get("/posts")
@door(everyone)
def seats():
    return render_template("people/posts.html", seats=directory.seats(page_session()), kinds=POST_KINDS)


@blueprint.route("/units/new", methods=["GET", "POST"], endpoint="new_unit")
@blueprint.route("/units/<int:unit_id>", methods=["GET", "POST"])
@door(KEEPER)
def unit(unit_id: int | None = None):
    form = UnitForm(obj=_found(Unit, unit_id))
    form.parent_id.choices = [(0, "（无）"), *((u.id, u.name) for u in directory.units(page_session()))]
    if form.parent_id.data is None:
        form.parent_id.data = 0
    return _answer(form, "单位", Unit, unit_id, _save_unit)


@blueprint.route("/persons/new", methods=["GET", "POST"], endpoint="new_person")
@blueprint.route("/persons/<int:person_id>", methods=["GET", "POST"])
@door(KEEPER)
def person(person_id: int | None = None):
    form = PersonForm(obj=_found(Person, person_id))
    form.unit_id.choices = [(u.id, u.name) for u in directory.units(page_session()) if u.kind != "outside"]
    return _answer(form, "人员", Person, person_id, _save_person)


@blueprint.post("/persons/<int:person_id>/password")
@door(KEEPER)
def password(person_id: int):
    try:
        with db.transaction() as session:
            found = session.get(Person, person_id) or abort(404)
            fresh = directory.reset_password(session, found, by=current_user._get_current_object(), now=moment())
    except Unfit as unfit:
        flash(str(unfit), "warning")
    else:
        flash(f"{found.name}的新口令是 {fresh} ，只显示这一次，请当面交给本人。本人登录后须先修改口令。", "notice")
    return redirect(url_for("people.person", person_id=person_id), 303)


@blueprint.route("/posts/new", methods=["GET", "POST"], endpoint="new_post")
@blueprint.route("/posts/<int:post_id>", methods=["GET", "POST"])
@door(GRANTER)
def post(post_id: int | None = None):
    found = _found(Post, post_id)
    form = PostForm(obj=found)
    inside = [(u.id, u.name) for u in directory.units(page_session()) if u.kind != "outside"]
    form.unit_id.choices = form.charge.choices = inside
    form.holders.choices = [(p.id, f"{p.name}（{p.unit.name}）") for p in directory.staff(page_session()) if p.active]
    if not form.is_submitted():
        seat = next((s for s in directory.seats(page_session()) if s.post.id == post_id), None)
        form.holders.data = [p.id for p in seat.people] if seat else []
        form.charge.data = [u.id for u in seat.charge] if seat else []
    return _answer(form, "岗位", Post, post_id, _save_post)


def _found(table: type, key: int | None) -> Any:
    if key is None:
        return None
    return page_session().get(table, key) or abort(404, "没有这条记录，可能已被删除。")


def _answer(form: FlaskForm, noun: str, table: type, key: int | None, save: Any):
    """Show the form; on a good POST save it, on a bad one show it again with what was typed."""
    problem = ""
    if form.validate_on_submit():
        try:
            with db.transaction() as session:
                said = save(session, session.get(table, key) if key else None, form)
        except Unfit as unfit:
            problem = str(unfit)
        else:
            flash(said, "notice")
            return redirect(url_for("people.seats" if table is Post else "people.index"), 303)
    bad = bool(problem or form.errors)
    page = render_template(
        "people/form.html", form=form, noun=noun, key=key, problem=problem, is_person=table is Person
    )
    return page, 422 if bad else 200


def _save_unit(session, found, form) -> str:
    saved = directory.save_unit(
        session,
        found,
        name=form.name.data,
        short=form.short.data,
        kind=form.kind.data,
        relation=form.relation.data,
        parent_id=form.parent_id.data or None,
        active=form.active.data,
        by=current_user._get_current_object(),
        now=moment(),
    )
    return f"已保存单位“{saved.name}”。"


def _save_person(session, found, form) -> str:
    saved, first = directory.save_person(
        session,
        found,
        account=form.account.data,
        name=form.name.data,
        unit_id=form.unit_id.data,
        email=form.email.data,
        phone=form.phone.data,
        active=form.active.data,
        by=current_user._get_current_object(),
        now=moment(),
    )
    told = f"初始口令是 {first} ，只显示这一次，请当面交给本人。岗位请由安全管理员授予。" if first else ""
    return f"已保存“{saved.name}”。{told}"


def _save_post(session, found, form) -> str:
    saved = directory.save_post(
        session,
        found,
        kind=form.kind.data,
        unit_id=form.unit_id.data,
        title=form.title.data,
        holders=form.holders.data,
        charge=form.charge.data,
        by=current_user._get_current_object(),
        now=moment(),
    )
    return f"已保存岗位“{saved.title}”。"
