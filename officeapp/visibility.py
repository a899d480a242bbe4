"""Who may see which matter: one rule for pages, boards, attachments and polls (design.md §8).

Staff see what they take part in and what their unit handles; deputies their
portfolio; office, chief and inspection what their duty needs; administrators nothing.
"""

from functools import lru_cache

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import Session

from officeapp.matters import Matter, Task
from officeapp.people import Actor

SEE_ALL = ("chief", "party_secretary", "office_director", "office_reviewer", "registry_clerk", "dispatch_clerk",
           "inspection_group", "assessment_section", "discipline_committee")


@lru_cache(maxsize=1000)
def visible_to(actor: Actor) -> ColumnElement[bool]:
    """A condition on Matter that holds for what this person may see."""
    if actor.is_admin:
        return false()
    if actor.has(*SEE_ALL):
        return true()
    units = {actor.unit_id, *actor.portfolio, *(s.unit_id for s in actor.posts if s.kind == "unit_head")}
    mine = or_(Task.person_id == actor.id, Task.done_by == actor.id, Task.on_behalf_of == actor.id,
               Task.post_id.in_(actor.post_ids))
    took_part = exists(select(1).where(and_(Task.matter_id == Matter.id, mine)))
    return or_(Matter.unit_id.in_(units), Matter.drafter_id == actor.id, took_part)


def may_see(session: Session, actor: Actor, matter_id: int) -> bool:
    return session.scalar(select(1).where(Matter.id == matter_id, visible_to(actor))) is not None
