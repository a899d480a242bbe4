"""The text of a matter as it is written, judged, signed and frozen (FW-12, FW-15). Called by the engine alone."""

from datetime import datetime

from sqlalchemy.orm import Session

from officeapp import refusals, signatures, texts
from officeapp.matters import Matter
from officeapp.people import Actor


def save(session: Session, matter: Matter, actor: Actor, body: str | None, now: datetime) -> None:
    """A new version when anything that will be signed has changed."""
    latest = texts.latest(session, matter.id, "draft")
    body = texts.clean(body) if body is not None else (latest.body if latest else "")
    refusals.refuse_secret(body)
    covered = signatures.covered(session, matter)
    sha256 = texts.fingerprint(matter.title, covered, body)
    if matter.frozen_hash and sha256 != matter.frozen_hash:
        raise refusals.frozen(matter)
    if latest is None or sha256 != matter.text_hash:
        texts.add_version(session, matter.id, role="draft", title=matter.title, body=body, author_id=actor.hand,
                          now=now, fields=covered)
        matter.visited = _still_passed(matter)
    matter.text_hash, matter.text_length = sha256, len(body)


def _still_passed(matter: Matter) -> list[str]:
    """A text rewritten before the desk that judged it has not been judged (FW-12)."""
    rules = matter.rules
    here = rules.order(matter.stage)
    return [key for key in matter.visited if not (rules.stage(key).of_text and rules.order(key) > here)]


def freeze(session: Session, matter: Matter, actor: Actor, now: datetime) -> None:
    """What was signed becomes the final version (FW-15)."""
    draft = texts.latest(session, matter.id, "draft")
    final = texts.add_version(session, matter.id, role="final", title=matter.title, body=draft.body if draft else "",
                              author_id=actor.hand, now=now, fields=signatures.covered(session, matter))
    matter.text_hash = matter.frozen_hash = final.sha256
