"""What a signature covers, and whether the text that is kept is still the one that was signed (FW-15)."""

from typing import Any

from sqlalchemy.orm import Session

from officeapp import fields, texts
from officeapp.attachments import attachments_of
from officeapp.matters import Matter

ROLES = {"draft": "text_hash", "final": "frozen_hash", "proof": "proof_hash"}  # a text's role → where its hash stands


def covered(session: Session, matter: Matter) -> dict[str, Any]:
    """What is signed besides title and body: the form and the attachments."""
    form = {f.key: matter.values.get(f.key) for f in fields.drafters_fields(matter.rules)}
    return form | {"attachments": [a.sha256 for a in attachments_of(session, matter.id, "attachment")]}


def altered(session: Session, matter: Matter) -> list[str]:
    """The roles whose newest text, with form and attachments, is not what the matter's hash says."""
    hashes = {role: getattr(matter, column) for role, column in ROLES.items()}
    return [role for role, hash_ in hashes.items() if hash_ and _hash_now(session, matter, role) != hash_]


def _hash_now(session: Session, matter: Matter, role: str) -> str:
    text = texts.latest(session, matter.id, role)
    return texts.fingerprint(matter.title, covered(session, matter), text.body) if text else ""
