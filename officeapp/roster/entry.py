"""A plan carried out, all or nothing: units and accounts at once, posts as proposals (domain.md 7.2)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeapp import admin_events, directory, personal_notices, proposals
from officeapp.people import Actor, Person, Unit
from officeapp.proposals import CHARGE
from officeapp.roster.columns import POST_KIND_OF, RELATION_OF, UNIT_KIND_OF
from officeapp.roster.plan import Plan, Step, plan
from officeapp.roster.reading import Roster, clean


class Changed(Exception):
    """The directory is no longer what the preview was made on: look at a fresh one."""


def enter(session: Session, roster: Roster, fingerprint: str, source: str, *, by: Actor, now: datetime) -> Plan:
    """Write exactly the plan with this fingerprint, from a file called `source`. Changed writes nothing."""
    agreed = plan(session, roster)
    if agreed.faults or not agreed.steps or agreed.fingerprint != fingerprint:
        raise Changed
    entry = _Entry(session, by, now)
    for step in agreed.steps:
        getattr(entry, step.kind)(step)
    admin_events.record(session, by, "staff_imported", source, now=now, note=agreed.counted)
    return agreed


class _Entry:
    """The verbs of the steps, and the units and people that they find or make."""

    def __init__(self, session: Session, by: Actor, now: datetime) -> None:
        self.session, self.by, self.now = session, by, now
        self.units = {clean(unit.name): unit for unit in session.scalars(select(Unit))}
        self.people = {person.account: person for person in session.scalars(select(Person))}

    def unit_added(self, step: Step) -> None:
        self.units[step.key] = self._save_unit(None, step)

    def unit_changed(self, step: Step) -> None:
        self._save_unit(self.units[step.key], step)

    def person_added(self, step: Step) -> None:
        self.people[step.key] = self._keep_person(None, step)

    def person_changed(self, step: Step) -> None:
        self._keep_person(self.people[step.key], step)

    def transfer_proposed(self, step: Step) -> None:
        proposals.transfer(self.session, self.people[step.key], self.units[step.after("unit")], by=self.by,
                           now=self.now)

    def post_proposed(self, step: Step) -> None:
        self._propose(step, POST_KIND_OF[step.after("post")])

    def charge_proposed(self, step: Step) -> None:
        self._propose(step, CHARGE)

    def _save_unit(self, unit: Unit | None, step: Step) -> Unit:
        kind, relation, parent = step.after("kind"), step.after("relation"), step.after("parent")
        return directory.save_unit(
            self.session, unit,
            name=unit.name if unit else step.key,
            short=step.after("short") or (unit.short if unit else ""),
            kind=UNIT_KIND_OF[kind] if kind else unit.kind,
            relation=RELATION_OF[relation] if relation else unit.relation if unit else "",
            parent_id=self.units[parent].id if parent else unit.parent_id if unit else None,
            active=True, by=self.by, now=self.now,
        )

    def _keep_person(self, person: Person | None, step: Step) -> Person:
        unit, before = step.after("unit"), person.email if person else ""
        kept, _ = proposals.save_person(
            self.session, person,
            account=step.key,
            name=person.name if person else step.whom,
            unit_id=self.units[unit].id if unit else person.unit_id,
            email=step.after("email") or (person.email if person else ""),
            phone=step.after("phone") or (person.phone if person else ""),
            active=True, by=self.by, now=self.now,
        )
        if person and before != kept.email:
            personal_notices.mail_goes_elsewhere(self.session, kept, before, self.by.name, now=self.now)
        return kept

    def _propose(self, step: Step, kind: str) -> None:
        proposals.propose(self.session, self.people[step.key], kind, self.units[step.after("unit")],
                          step.after("title"), by=self.by, now=self.now)
