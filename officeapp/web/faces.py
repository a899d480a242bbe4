"""In whose name a request acts: one's own, or that of somebody one stands in for (授权代办)."""

from flask import request
from flask_login import current_user

from officeapp import decisions
from officeapp.decisions import Case, Refused
from officeapp.numerals import small_int
from officeapp.people import Actor

FIELD = "for"  # in forms and addresses: the principal's number


def of_task(case: Case) -> Actor:
    """For a page: whom the address names, if that may be, else whose task it is, his own first."""
    return named() or decisions.acting(case, current_user)


def chosen() -> Actor:
    """Whom the form or the address names. Refused when this person does not stand in for him (any more)."""
    face = named() if request.values.get(FIELD) else current_user._get_current_object()
    if face is None:
        raise Refused("您现在没有这位同志的授权代办（可能刚刚结束），不能代为办理。请回到该事项查看。", None, 403)
    return face


def named() -> Actor | None:
    """The principal that the form or the address names, if this person stands in for him now."""
    wanted = small_int(request.values.get(FIELD, ""))
    return next((principal for principal in current_user.principals if principal.id == wanted), None)
