"""How a refusal reaches its reader: the sentence, the clause it rests on, and what to do next."""

from typing import Any

from flask import Flask, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from officeapp.decisions import Refused
from officeapp.web.request import is_fragment

TITLES = {403: "您不能办理这一步", 404: "没有这件事项", 409: "不是最新情况"}


def install(app: Flask) -> None:
    app.register_error_handler(Refused, refused)


def refused(refusal: Refused) -> ResponseReturnValue:
    """A page, or for htmx a fragment, with the refusal's own status."""
    if is_fragment():
        return fragment(render_template("_refusal.html", **said(refusal)), refusal.status)
    error = {"code": refusal.status, "title": TITLES.get(refusal.status, "这一步还不能办理"),
             "sentence": refusal.sentence, "clause": cite(refusal), "next": _next()}
    return render_template("error.html", error=error), refusal.status


def said(refusal: Refused) -> dict[str, Any]:
    """The refusal as the templates take it."""
    return {"refused_sentence": refusal.sentence, "refused_clause": cite(refusal)}


def cite(refusal: Refused) -> str:
    return refusal.clause.cite if refusal.clause else ""


def fragment(body: str, status: int = 200) -> ResponseReturnValue:
    """An answer for htmx. The header lets app.js swap what htmx would drop as an error."""
    response = make_response(body, status)
    if status >= 400:
        response.headers["X-Refusal"] = "1"
    return response


def _next() -> list[dict[str, str]]:
    matter_id = (request.view_args or {}).get("matter_id")
    links = [{"href": url_for("matters.show", matter_id=matter_id), "label": "回到该事项"}] if matter_id else []
    return [*links, {"href": "/", "label": "回到我的待办"}]
