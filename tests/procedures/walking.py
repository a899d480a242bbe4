"""Walking a matter through a rulebook, one named person a step."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from officeapp import db, engine, matters
from officeapp.attachments import Attachment
from officeapp.decisions import Refused
from officeapp.desks import Paper
from officeapp.people import Actor

BODY = "一、总体要求\n做好冬季市容环境保障。"
DRAFT = {"title": "临江区综合行政执法局关于做好冬季市容环境保障工作的通知", "recipients": "各科室、中队",
         "necessity": "需各单位统一执行，电话通知不能留痕"}
ARCHIVED = {"period": "D30", "archive_pages": 4, "archive_note": "齐全"}


class Walk:
    """One matter on its way; every step is a real move through the engine."""

    def __init__(self, rulebook: str, drafter: Actor, now: datetime, **values: Any) -> None:
        self.now = now
        with db.transaction() as session:
            opened = engine.open_matter(session, "outgoing_document", drafter, {**DRAFT, **values}, body=BODY,
                                        now=now, rulebook=rulebook)
            self.id = opened.id

    def go(self, actor: Actor, key: str, note: str = "", paper: Paper | None = None, **values: Any) -> SimpleNamespace:
        """Make the move; the matter's stage, number and holder afterwards."""
        self.now += timedelta(minutes=10)
        with db.transaction() as session:
            version = session.get(matters.Matter, self.id).version
            engine.move(session, self.id, key, actor, version=version, note=note, values=values, paper=paper,
                        now=self.now)
        return self.state

    def sign_on_paper(self, recorder: Actor, key: str, signer: Actor, note: str = "") -> SimpleNamespace:
        return self.go(recorder, key, note, Paper(signer.id, self.now.date()))

    def refusal(self, actor: Actor, key: str, note: str = "", **values: Any) -> Refused:
        """The refusal of a move that must not succeed."""
        try:
            self.go(actor, key, note, **values)
        except Refused as refused:
            return refused
        raise AssertionError(f"{key} by {actor.name} was not refused")

    def offered(self, actor: Actor) -> set[str]:
        with db.reading() as session:
            return {o.move.key for o in engine.moves_open_to(session, session.get(matters.Matter, self.id), actor)}

    def attach(self, kind: str, uploader: Actor) -> None:
        with db.transaction() as session:
            session.add(Attachment(
                matter_id=self.id, kind=kind, sha256="0" * 64, name="审查意见.pdf", mime="application/pdf", size=1,
                uploader_id=uploader.id, at=self.now))

    @property
    def state(self) -> SimpleNamespace:
        with db.reading() as session:
            m = session.get(matters.Matter, self.id)
            return SimpleNamespace(stage=m.stage, number=m.number, holder=m.holder, closed=m.closed, paused=m.paused,
                                   frozen=bool(m.frozen_hash), due_at=m.due_at, visited=tuple(m.visited))

    @property
    def path(self) -> list[str]:
        """The stages in the order the history tells."""
        with db.reading() as session:
            events = matters.history(session, self.id)
            assert engine.replay(events) == engine.stored_state(session.get(matters.Matter, self.id))
            return [e.target for e in events if e.what in ("opened", "moved")]
