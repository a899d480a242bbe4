"""初始口令: the sheet with the first halves of imported people's passwords, taken once."""

from functools import partial
from itertools import groupby

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from officeapp import db, first_passwords, sheets
from officeapp.clock import ZONE
from officeapp.first_passwords import HEAD, MOST
from officeapp.numerals import small_int
from officeapp.people import Person
from officeapp.web import downloads
from officeapp.web.access import door, posts
from officeapp.web.admission import secret_key
from officeapp.web.request import moment, page_session, read_afresh

blueprint = Blueprint("first_passwords", __name__, url_prefix="/people/first-passwords")
KEEPER = posts("system_admin")
DONE = ("所选的人都已经生成过前段表，或者已改成自己的口令，没有再生成，原来下载的前段表仍然有效。"
        "前段表没有收好的，请在下面“已提请或者已发”里重发；忘记口令的，请在本人的页面上提请重置。")


@blueprint.get("")
@door(KEEPER)
def index() -> str:
    return _page()


@blueprint.post("")
@door(KEEPER)
def take() -> ResponseReturnValue:
    """The sheet itself is the answer, and the only place where these halves can be read."""
    ids = [number for number in map(small_int, request.form.getlist("person")) if number]
    if not 0 < len(ids) <= MOST:
        return _page("请先勾选要发口令的人。" if not ids else f"一次最多{MOST}人，请分几次办理。"), 422
    with db.transaction() as session:
        given = first_passwords.ask(session, ids, again="again" in request.form, key=secret_key(),
                                    by=current_user._get_current_object(), now=moment())
    if not given:
        read_afresh()
        return _page(DONE), 409
    address = current_app.config["OFFICE"].base_url
    rows = [(each.unit, each.name, each.account, each.half, address) for each in given]
    name = f"口令前段{moment().astimezone(ZONE):%Y%m%d%H%M}"
    return downloads.xlsx(partial(sheets.write_xlsx, head=HEAD, rows=rows), name)


def _page(problem: str = "") -> str:
    without, unused = first_passwords.without(page_session()), first_passwords.unused(page_session())
    return render_template(
        "people/first_passwords.html", problem=problem, without=len(without), unused=len(unused),
        without_by_unit=_by_unit(without[:MOST]), unused_by_unit=_by_unit(unused[:MOST]),
    )


def _by_unit(people: list[Person]) -> list[tuple[str, list[Person]]]:
    return [(unit, list(inside)) for unit, inside in groupby(people, key=lambda person: person.unit.name)]
