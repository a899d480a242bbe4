"""Who plays in the machines: the bureau's people, some of them administrators besides, some standing in for others."""

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace

from officeapp.delegations import Delegation
from officeapp.people import Actor, Delegate
from tests.people import PEOPLE

ALSO_ADMINS = ("drafter", "head", "deputy")  # the same people with an administrator's post besides
STAND_INS = (("officer", "drafter"), ("colleague", "head"), ("officer", "reviewer"), ("secretary", "deputy"),
             ("dispatcher", "clerk"), ("captain", "lawyer"))  # who acts for whom (授权代办)
NAMES = [*sorted(PEOPLE), *(f"{name}_as_admin" for name in ALSO_ADMINS),
         *(f"{one}_for_{other}" for one, other in STAND_INS)]


def cast(bureau: SimpleNamespace, names: tuple[str, ...] = tuple(PEOPLE)) -> dict[str, Actor]:
    actors = {name: getattr(bureau, name) for name in names}
    as_admins = {f"{name}_as_admin": replace(actors[name], posts=actors[name].posts + bureau.admin.posts)
                 for name in ALSO_ADMINS}
    stand_ins = {f"{one}_for_{other}": replace(actors[other], delegate=Delegate(actors[one].id, actors[one].name))
                 for one, other in STAND_INS}
    return actors | as_admins | stand_ins


def delegations_of(bureau: SimpleNamespace, start: datetime) -> list[Delegation]:
    """Every stand-in stands in the whole time."""
    return [Delegation(principal_id=getattr(bureau, other).id, delegate_id=getattr(bureau, one).id, starts_at=start,
                       ends_at=start + timedelta(days=36500), created_by=getattr(bureau, other).id, created_at=start)
            for one, other in STAND_INS]
