"""How 200 documents came to lie where they lie: the real engine, driven at past moments."""

import random
from datetime import datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from officeapp import attachments, calendars, clock, db, decisions, desks, engine, outbox, people
from officeapp.decisions import Offer, Refused
from officeapp.demo import papers
from officeapp.demo_accounts import ACCOUNTS
from officeapp.desks import Paper
from officeapp.matters import Matter
from officeapp.outbox import Message
from officeapp.people import Actor, Person, Post
from officeapp.procedures.grammar import Medium, MoveKind

KIND = "outgoing_document"
OPEN_SHARE = 0.43
SHOWN = {each.account for each in ACCOUNTS}


class Narrator:
    """Opens matters and carries each to a chosen stage, never later than `now`."""

    def __init__(self, now: datetime, rng: random.Random, root: Path) -> None:
        self.root = root
        self.now, self.rng, self.pace = now, rng, 1.0
        with db.reading() as session:
            self.calendar = calendars.current(session)
            ids = list(session.scalars(select(Person.id).order_by(Person.id)))
            self.actors = {n: people.actor(session, n) for n in ids}
            self.clerks = self._of_kind("registry_clerk")
            self.posts = {p.id: p for p in session.scalars(select(Post))}
        self.drafters = [a for a in self.actors.values() if a.has("staff")]
        # The accounts on the login page must find something on their desks.
        self.weights = [8 if a.account in SHOWN else 1 for a in self.drafters]

    def _of_kind(self, kind: str) -> list[Actor]:
        return [a for a in self.actors.values() if a.has(kind)]

    def tell(self, open_: bool) -> None:
        """One document, in one transaction."""
        days = self.rng.choice((0, 1, 1, 2, 2, 3, 3, 4, 5, 7, 10, 14)) if open_ else self.rng.randint(8, 150)
        voided = not open_ and self.rng.random() < 0.06
        stops = self.rng.randint(0, 9) if open_ else self.rng.randint(1, 3) if voided else 99
        self.pace = min(1.0, 0.15 + days / 6)
        at = self._working_moment(self.now - timedelta(days=days, hours=self.rng.randint(1, 5)))
        values, body = papers.paper(self.rng)
        with db.transaction() as session:
            drafter = self.rng.choices(self.drafters, self.weights)[0]
            matter = engine.open_matter(session, KIND, drafter, values, body=body, now=min(at, self.now))
            for _ in range(stops):
                at = self._later(at, matter)
                if at >= self.now or matter.closed or not self._step(session, matter, at, open_):
                    break
            if voided and not matter.closed:
                self._void(session, matter, at)

    def _void(self, session: Session, matter: Matter, at: datetime) -> None:
        director = self._of_kind("office_director")[0]
        for offer in engine.moves_open_to(session, matter, director):
            if offer.move.kind is MoveKind.VOID:
                engine.move(
                    session,
                    matter.id,
                    offer.move.key,
                    director,
                    version=matter.version,
                    now=at,
                    note=self.rng.choice(papers.VOID_REASONS),
                )
                return

    def _later(self, at: datetime, matter: Matter) -> datetime:
        hours = self.rng.choice((0.3, 0.6, 1, 2, 4, 7)) * (3 if matter.place.clock == "pauses" else 1)
        return self._working_moment(at + timedelta(hours=hours * self.pace))

    def _working_moment(self, at: datetime) -> datetime:
        """The same moment, or the next morning of a working day."""
        local = at.astimezone(clock.ZONE)
        if local.time() < time(8, 40):
            local = local.replace(hour=8, minute=40)
        if local.time() > time(17, 20) or not self.calendar.is_workday(local.date()):
            day = self.calendar.next_workday(local.date() + timedelta(days=1))
            local = datetime.combine(day, time(9, self.rng.randint(0, 50)), clock.ZONE)
        return local

    def _step(self, session: Session, matter: Matter, at: datetime, open_: bool) -> bool:
        waits = open_ and matter.place.clock == "pauses" and self.rng.random() < 0.6
        choice = None if waits else self._choose(session, matter)
        if choice is None:
            return False
        actor, offer, paper_signer = choice
        paper = (
            Paper(paper_signer, at.astimezone(clock.ZONE).date(), self.rng.choice(("", "电话同意")))
            if paper_signer
            else None
        )
        if offer.move.needs.attachment:
            self._attach(session, matter, actor, offer.move.needs.attachment, at)
        try:
            engine.move(
                session,
                matter.id,
                offer.move.key,
                actor,
                version=matter.version,
                now=at,
                paper=paper,
                note=self._note(offer),
                values=self._values(matter, at),
            )
        except Refused:
            return False
        return True

    def _attach(self, session: Session, matter: Matter, actor: Actor, kind: str, at: datetime) -> None:
        opinion = attachments.accept(BytesIO(papers.OPINION_PDF), "合法性审查意见.pdf")
        attachments.store(session, opinion, matter.id, actor.id, kind, at, self.root)
        opinion.file.close()

    def _choose(self, session: Session, matter: Matter) -> tuple[Actor, Offer, int | None] | None:
        """Who does what next: mostly forward, sometimes back."""
        case = engine.case(session, matter)
        signers = desks.signers(session, matter.id)
        if not signers:
            return None
        paper = decisions.settle(matter.place.medium, case.facts) is Medium.PAPER
        actor = self._recorder(case, matter) if paper else self.actors[signers[0].id]
        offers = [o for o in decisions.offers(case, actor) if o.move.kind not in (MoveKind.WITHDRAW, MoveKind.VOID)]
        forward = [o for o in offers if o.move.kind is MoveKind.FORWARD]
        back = [o for o in offers if o.move.kind is MoveKind.RETURN]
        pool = back if back and not matter.frozen_hash and self.rng.random() < 0.07 else forward
        return (actor, self.rng.choice(pool), signers[0].id if paper else None) if pool else None

    def _recorder(self, case: decisions.Case, matter: Matter) -> Actor:
        drafter = self.actors[matter.drafter_id]
        at_home = any(case.plays(drafter, holder) for holder in matter.place.recorder)
        return drafter if at_home and self.rng.random() < 0.7 else self.clerks[0]

    def _note(self, offer: Offer) -> str:
        if offer.move.kind is MoveKind.RETURN:
            return self.rng.choice(papers.RETURN_REASONS)
        if not offer.move.default_note and not offer.move.needs.note:
            return ""  # a clerk who numbers or dispatches writes no opinion
        return offer.move.default_note or self.rng.choice(papers.OPINIONS)

    def _values(self, matter: Matter, at: datetime) -> dict[str, Any]:
        series = {"函": "临综法函", "纪要": "临综法会纪", "请示": "临综法报", "报告": "临综法报"}
        return {
            "series": series.get(matter.values.get("genre"), "临综法发"),
            "copies": self.rng.randint(3, 20),
            "sealed_on": at.astimezone(clock.ZONE).date().isoformat(),
            "channel": "intranet",
            "distribution": f"{matter.values.get('recipients') or '局领导、各科室'}各1份，存档2份",
            "period": self.rng.choice(("Y", "D30", "D10")),
            "archive_pages": self.rng.randint(2, 12),
            "archive_note": "批示原件、签发单、纸质件2份、电子文本齐全",
        }


def tell_all(now: datetime, count: int, rng: random.Random, root: Path) -> None:
    """`count` documents, about two in five still open."""
    narrator = Narrator(now, rng, root)
    still_open = round(count * OPEN_SHARE)
    starts = [True] * still_open + [False] * (count - still_open)
    rng.shuffle(starts)
    for open_ in starts:
        narrator.tell(open_)


def forget_old_messages(now: datetime) -> None:
    """What was told days ago has been read and sent; only fresh messages wait."""
    old = Message.created_at < now - timedelta(days=1)
    with db.transaction() as session:
        session.execute(update(Message).where(old, Message.channel == outbox.NOTICE).values(read_at=Message.created_at))
        session.execute(
            update(Message).where(old, Message.channel == outbox.MAIL).values(state="sent", sent_at=Message.created_at)
        )
