"""The pages of the rulebooks: what is shipped, what is in force, and each one in full."""

from flask import Blueprint, abort, render_template, request
from markupsafe import Markup

from officeapp.options import options
from officeapp.procedures import book, description
from officeapp.procedures.drawing import drawn_flow
from officeapp.procedures.grammar import Procedure
from officeapp.web.access import door, everyone
from officeapp.web.request import page_session

blueprint = Blueprint("procedures", __name__, url_prefix="/procedures")


@blueprint.get("")
@door(everyone)
def index() -> str:
    shelf = [(book.current(kind).title, [(p, p == _in_force(kind)) for p in book.editions(kind)])
             for kind in book.kinds()]
    return render_template("procedures/index.html", shelf=shelf, describe=description)


@blueprint.get("/<kind>")
@door(everyone)
def show(kind: str) -> str:
    kind = kind.replace("-", "_")
    if kind not in book.kinds():
        abort(404, "没有这个规程，请从“办理规程”里选择。")
    chosen = request.args.get("rulebook")
    if chosen and not book.editions(kind, chosen):
        abort(404, "没有这个规程，请从“办理规程”里选择。")
    in_force = _in_force(kind)
    procedure = book.current(kind, chosen) if chosen else in_force
    return render_template(
        "procedures/show.html", procedure=procedure, in_force=procedure == in_force, others=book.editions(kind),
        describe=description, flow=Markup(drawn_flow(procedure)))  # nosec B704 # drawn from the rulebook, escaped there


def _in_force(kind: str) -> Procedure:
    """The rulebook the bureau has chosen for new matters."""
    return book.current(kind, options(page_session()).get(f"rulebook.{kind}"))
