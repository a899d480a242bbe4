"""The versions of a text side by side, and the 清样 held against the 定稿 (FW-17)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeapp import comparison, texts
from officeapp.texts import TextVersion
from officeapp.web.dossier import Dossier
from officeapp.web.matter_page import ROLES, may_proof
from officeapp.web.spoken import moment_words


@dataclass(frozen=True)
class VersionLine:
    n: int
    role: str
    role_label: str
    by: str
    at: str

    @property
    def label(self) -> str:
        return f"第{self.n}稿（{self.role_label}）"


def chosen(session: Session, dossier: Dossier, old: int | None, new: int | None) -> dict[str, Any]:
    """The list, and the two asked for compared; without a wish, the last two."""
    lines = lines_of(dossier)
    numbers = [line.n for line in lines]
    new = new if new in numbers else (numbers[-1] if numbers else 0)
    old = old if old in numbers else next((n for n in reversed(numbers) if n < new), new)
    found = _versions(session, dossier.matter.id, (old, new))
    labels = {line.n: line.label for line in lines}
    changes = comparison.compare(_whole(found.get(old)), _whole(found.get(new))) if old != new else []
    return {"lines": lines[::-1], "old": old, "new": new, "changes": changes, "compared": old != new,
            "old_label": labels.get(old, ""), "new_label": labels.get(new, ""),
            "comparison_title": f"{labels.get(new, '')}对照{labels.get(old, '')}"}


def proof_of(session: Session, dossier: Dossier, typed: str | None) -> dict[str, Any]:
    """定稿 and 清样, their comparison, and whether this person may enter the 清样."""
    final = texts.latest(session, dossier.matter.id, "final") if dossier.matter.frozen_hash else None
    kept = texts.latest(session, dossier.matter.id, "proof") if dossier.matter.proof_hash else None
    changes = comparison.compare(final.body, kept.body) if final and kept else []
    body = typed if typed is not None else (kept or final).body if final else ""
    return {"final": final, "kept": kept, "changes": changes, "may_proof": may_proof(dossier), "body": body,
            "old_label": "定稿", "new_label": "清样", "comparison_title": "清样与定稿对照",
            "by": dossier.who(kept.author_id).name if kept else "",
            "at": moment_words(kept.at, dossier.now) if kept else ""}


def lines_of(dossier: Dossier) -> list[VersionLine]:
    """Every version, oldest first."""
    return [VersionLine(v.n, v.role, ROLES[v.role], dossier.who(v.author_id).name, moment_words(v.at, dossier.now))
            for v in dossier.versions]


def _versions(session: Session, matter_id: int, numbers: Iterable[int]) -> dict[int, TextVersion]:
    query = select(TextVersion).where(TextVersion.matter_id == matter_id, TextVersion.n.in_(set(numbers)))
    return {version.n: version for version in session.scalars(query)}


def _whole(version: TextVersion | None) -> str:
    return f"{version.title}\n{version.body}" if version else ""
