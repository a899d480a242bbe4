"""单位人员: the directory for everyone, and its three small forms for two administrators."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from officeapp import db, directory, first_passwords, password_requests, personal_notices, proposals
from officeapp.directory import Unfit
from officeapp.numerals import small_int
from officeapp.people import POST_KINDS, RELATIONS, UNIT_KINDS, Person, Post, Unit
from officeapp.web.access import door, everyone, posts
from officeapp.web.admission import secret_key
from officeapp.web.forms import OfficeForm
from officeapp.web.people_forms import PersonForm, PostForm, UnitForm, ask_first, choices
from officeapp.web.request import moment, page_session

blueprint = Blueprint("people", __name__, url_prefix="/people")
KEEPER = posts("system_admin")
ASKED = Markup("已提请为{name}{what}。口令前段是 <b class=\"half\">{front}</b> ，只显示这一次，请当面交给本人；"
               "后段由确认人交给本人。")
GRANTER = posts("security_admin")


@blueprint.get("")
@door(everyone)
def index():
    session, words = page_session(), request.args.get("q", "").strip()[:60]
    unit_id = request.args.get("unit", type=small_int)
    gone = current_user.is_admin and request.args.get("state") == "disabled"
    found = directory.find(session, words, unit_id, active=not gone)
    units = directory.units(session)
    return render_template(
        "people/index.html",
        groups=_by_unit(units, found, everything=not words and not unit_id and not gone),
        total=len(found), units=[unit for unit in units if unit.kind != "outside"],
        words=words, unit_id=unit_id, gone=gone, posts_of=_posts_of(session),
        disabled=len(directory.find(session, active=False)) if current_user.is_admin else 0,
        unit_kinds=UNIT_KINDS, relations=RELATIONS,
    )


def _by_unit(units: list[Unit], found: list[Person], everything: bool) -> list[tuple[Unit, list[Person]]]:
    """The people under their units; empty units only where nothing is filtered."""
    inside: dict[int, list[Person]] = {}
    for person in found:
        inside.setdefault(person.unit_id, []).append(person)
    return [(unit, inside.get(unit.id, [])) for unit in units if everything or unit.id in inside]


def _posts_of(session: Session) -> dict[int, list[str]]:
    """The titles of each person's posts; that of an ordinary member of staff says nothing."""
    found: dict[int, list[str]] = {}
    for seat in directory.seats(session):
        for person in seat.people:
            found.setdefault(person.id, []).append(seat.post.title)
    return found


@blueprint.app_template_global("people_tabs")
def _tabs() -> list[dict[str, Any]]:
    """The pages about people that this person may open, with what waits there for him."""
    keeper, granter = KEEPER.opens(current_user), GRANTER.opens(current_user)
    session = page_session()
    tabs = [("people", "通讯录", "people.index", 0), ("posts", "岗位与分管", "people.seats", 0)]
    if keeper or granter:
        count = proposals.count_waiting(session) if granter else 0
        tabs.append(("proposals", "待授岗位", "proposals.index", count))
    if current_user.is_admin:
        count = password_requests.count_waiting(session, current_user)
        tabs.append(("requests", "待确认口令", "password_requests.index", count))
    if keeper:
        tabs.append(("imports", "导入导出", "roster.index", 0))
        tabs.append(("passwords", "初始口令", "first_passwords.index", first_passwords.count_without(session)))
    return [{"key": key, "label": label, "href": url_for(where), "count": n} for key, label, where, n in tabs]


@blueprint.get("/posts")
@door(everyone)
def seats():
    return render_template("people/posts.html", seats=directory.seats(page_session()), kinds=POST_KINDS)


@blueprint.route("/units/new", methods=["GET", "POST"], endpoint="new_unit")
@blueprint.route("/units/<int:unit_id>", methods=["GET", "POST"])
@door(KEEPER)
def unit(unit_id: int | None = None):
    form = UnitForm(obj=_found(Unit, unit_id))
    form.parent_id.choices = choices([(0, "（无）"), *((u.id, u.name) for u in directory.units(page_session()))])
    if form.parent_id.data is None:
        form.parent_id.data = 0
    return _answer(form, "单位", Unit, unit_id, _save_unit)


@blueprint.route("/persons/new", methods=["GET", "POST"], endpoint="new_person")
@blueprint.route("/persons/<int:person_id>", methods=["GET", "POST"])
@door(KEEPER)
def person(person_id: int | None = None):
    found = _found(Person, person_id)
    form = PersonForm(obj=found)
    form.unit_id.choices = choices((u.id, u.name) for u in directory.units(page_session()) if u.kind != "outside")
    if found is None:
        ask_first(form.unit_id, 0, "请选择所在单位。")
    return _answer(form, "人员", Person, person_id, _save_person, hands=_hands(found) if found else None)


def _hands(person: Person) -> dict[str, str]:
    """What else may be done with this account from here, by the functions that do it; "" may be."""
    session, me = page_session(), current_user._get_current_object()
    return {"ask": password_requests.why_not_ask(session, person, me),
            "stop": password_requests.why_not_stop(session, person, me)}


@blueprint.post("/persons/<int:person_id>/password")
@door(posts("system_admin", "security_admin"))
def password(person_id: int):
    """Asked for, not reset: another administrator confirms."""
    me = current_user._get_current_object()
    try:
        with db.transaction() as session:
            found = session.get(Person, person_id) or abort(404)
            front = password_requests.ask(session, found, key=secret_key(), by=me, now=moment())
    except Unfit as unfit:
        flash(str(unfit), "warning")
    else:
        flash(ASKED.format(what="重置口令", name=found.name, front=front) + "确认以前，原口令照常可用。", "notice")
    if me.has("system_admin"):
        return redirect(url_for("people.person", person_id=person_id), 303)
    return redirect(url_for("password_requests.index"), 303)


@blueprint.post("/persons/<int:person_id>/login-stop")
@door(KEEPER)
def stop_login(person_id: int):
    try:
        with db.transaction() as session:
            found = session.get(Person, person_id) or abort(404)
            password_requests.stop_login(session, found, by=current_user._get_current_object(), now=moment())
    except Unfit as unfit:
        flash(str(unfit), "warning")
    else:
        flash(f"{found.name}已不能登录，正在用的登录也已结束。恢复时请提请新口令。", "notice")
    return redirect(url_for("people.person", person_id=person_id), 303)


@blueprint.route("/posts/new", methods=["GET", "POST"], endpoint="new_post")
@blueprint.route("/posts/<int:post_id>", methods=["GET", "POST"])
@door(GRANTER)
def post(post_id: int | None = None):
    found = _found(Post, post_id)
    form = PostForm(obj=found)
    inside = [u for u in directory.units(page_session()) if u.kind != "outside"]
    form.unit_id.choices = form.charge.choices = choices((u.id, u.name) for u in inside)
    form.holders.choices = [SelectChoice(p.id, p.name, optgroup=unit.name)
                            for unit, people in _by_unit(inside, directory.find(page_session()), everything=False)
                            for p in people]
    if found is None:
        form.kind.choices = choices(POST_KINDS.items())
        ask_first(form.kind, "", "请选择岗位。")
        ask_first(form.unit_id, 0, "请选择设在哪个单位。")
    if not form.is_submitted():
        seat = next((s for s in directory.seats(page_session()) if s.post.id == post_id), None)
        form.holders.data = [p.id for p in seat.people] if seat else []
        form.charge.data = [u.id for u in seat.charge] if seat else []
    return _answer(form, "岗位", Post, post_id, _save_post)


def _found(table: type, key: int | None) -> Any:
    if key is None:
        return None
    return page_session().get(table, key) or abort(404, "没有这条记录，可能已被删除。")


def _answer(form: OfficeForm, noun: str, table: type, key: int | None, save: Any,
            hands: dict[str, str] | None = None):
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
    page = render_template("people/form.html", form=form, noun=noun, key=key, problem=problem, hands=hands)
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
    me, before = current_user._get_current_object(), found.email if found else form.email.data
    saved, moves = proposals.save_person(
        session,
        found,
        account=form.account.data,
        name=form.name.data,
        unit_id=form.unit_id.data,
        email=form.email.data,
        phone=form.phone.data,
        active=form.active.data,
        by=me,
        now=moment(),
    )
    if before != saved.email:
        personal_notices.mail_goes_elsewhere(session, saved, before, me.name, now=moment())
    told = "调到新单位的提请已送安全管理员，授予以前仍在原单位。" if moves else ""
    if saved.active and not saved.password_hash:
        front = password_requests.ask(session, saved, key=secret_key(), by=me, now=moment())
        told += ASKED.format(what="开通账号", name=saved.name, front=front) + "岗位请由安全管理员授予。"
    return Markup("已保存“{}”。").format(saved.name) + told


def _save_post(session, found, form) -> str:
    told = _passed_on(session, found, form.charge.data) if form.kind.data == "deputy" else ""
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
    return f"已保存岗位“{saved.title}”。{told}"


def _passed_on(session: Session, post: Post | None, charge: list[int]) -> str:
    """A unit has one deputy only: from whom this one takes it is said, or nobody would notice."""
    found = [f"“{unit.name}”原由{'、'.join(p.name for p in seat.people) or seat.post.title}分管，已改由本岗位分管。"
             for seat in directory.seats(session) if post is None or seat.post.id != post.id
             for unit in seat.charge if unit.id in charge]
    return "".join(found)
