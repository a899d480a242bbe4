"""The search box of the top bar and its page."""

from flask import Blueprint, render_template, request, url_for
from flask_login import current_user

from officeapp import search
from officeapp.numerals import small_int
from officeapp.todo import PAGE
from officeapp.web.access import business, door
from officeapp.web.request import page_session
from officeapp.web.todo import row_of

blueprint = Blueprint("search", __name__)
LONGEST = 100


@blueprint.get("/search")
@door(business)
def index():
    words = request.args.get("q", "").strip()[:LONGEST]
    before = small_int(request.args.get("before", ""))
    lines = search.found(page_session(), current_user, words, before) if words else []
    shown = lines[:PAGE]
    more = url_for("search.index", q=words, before=shown[-1].id) if len(lines) > PAGE else None
    return render_template("search/index.html", words=words, search_q=words, more_href=more,
                           rows=[row_of(line) for line in shown])
