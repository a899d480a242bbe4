"""常用意见: each person's own stock of opinions, offered beside the opinion box."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from officeapp import db
from officeapp.people import Person
from officeapp.web.access import business, door

blueprint = Blueprint("phrases", __name__)
LONGEST, MOST = 60, 30


@blueprint.get("/phrases")
@door(business)
def index() -> str:
    return _page(current_user.phrases)


@blueprint.post("/phrases")
@door(business)
def add() -> ResponseReturnValue:
    text = " ".join(request.form.get("text", "").split())
    fault = _fault(text, current_user.phrases)
    if fault:
        return _page(current_user.phrases, text, fault), 422
    _keep((*current_user.phrases, text))
    flash("已加入您的常用意见。", "done")
    return redirect(url_for("phrases.index"), 303)


@blueprint.post("/phrases/removal")
@door(business)
def remove() -> ResponseReturnValue:
    text = request.form.get("text", "")
    _keep(tuple(phrase for phrase in current_user.phrases if phrase != text))
    return redirect(url_for("phrases.index"), 303)


def _fault(text: str, phrases: tuple[str, ...]) -> str:
    if not text:
        return "请写下意见内容再添加。"
    if len(text) > LONGEST:
        return f"常用意见最多{LONGEST}个字，现在{len(text)}个字，请删减。"
    if text in phrases:
        return "这条意见已经在列表里。"
    return f"最多保存{MOST}条，请先移除不用的。" if len(phrases) >= MOST else ""


def _keep(phrases: tuple[str, ...]) -> None:
    with db.transaction() as session:
        session.get(Person, current_user.id).phrases = "\n".join(phrases)


def _page(phrases: tuple[str, ...], text: str = "", fault: str = "") -> str:
    return render_template("matters/phrases.html", phrases=phrases, text=text, fault=fault, longest=LONGEST)
