"""What concerns a person rather than a matter: who stands in, what passed on, what administrators did to an account."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from officeapp import notices, recipients
from officeapp.clock import ZONE
from officeapp.people import Person
from officeapp.recipients import Recipient


def delegated(session: Session, grant_id: int, principal: Person, delegate: Person, by: str, period: str,
              reason: str, *, now: datetime) -> None:
    """Somebody stands in for another for a time: both are told."""
    line = f"{period}，{principal.name}名下的待办由{delegate.name}代办（{by}设，事由：{reason}）。"
    subject = f"【授权代办】{principal.name}授权{delegate.name}"
    for person in (principal, delegate):
        notices.tell(session, Recipient(person), f"delegated:{grant_id}", subject, line, "", "/account/delegations",
                     None, now)


def delegation_ended(session: Session, grant_id: int, principal: Person, delegate: Person, by: str, *,
                     now: datetime) -> None:
    """It has been ended before its last day."""
    line = f"{by}已提前结束授权，{principal.name}名下的待办由本人办理，{delegate.name}不用再代办。"
    subject = f"【授权代办】{principal.name}的授权已结束"
    for person in (principal, delegate):
        notices.tell(session, Recipient(person), f"delegation_ended:{grant_id}", subject, line, "",
                     "/account/delegations", None, now)


def handed_over(session: Session, giver: Person, receiver: Person, passed: Sequence[int], by: str, reason: str, *,
                now: datetime) -> None:
    """Matters have passed from one to the other: both are told how many and why."""
    subject = f"【工作移交】{giver.name}移交{receiver.name}{len(passed)}件"
    line = f"{by}已把{giver.name}名下的{len(passed)}件事项移交{receiver.name}接办（{reason}），期限不变。"
    key = f"handed_over:{giver.id}:{receiver.id}:{passed[0]}:{now.astimezone(ZONE):%Y-%m-%dT%H%M%S}"
    for recipient in recipients.of(session, (giver, receiver), now):
        notices.tell(session, recipient, key, subject, line, "", "/", None, now)


def about_account(session: Session, person: Person, what: str, line: str, *, now: datetime) -> None:
    """Administrators changed what lets this person in, or where the person's mail goes."""
    key = f"account:{what}:{now.astimezone(ZONE):%Y-%m-%dT%H%M%S.%f}"
    notices.tell(session, Recipient(person), key, f"【账号】{what}", line, "", "/account/sittings", None, now)


def mail_goes_elsewhere(session: Session, person: Person, before: str, by: str, *, now: datetime) -> None:
    """An administrator changed the address of a person's mail, which names documents."""
    line = f"{by}把您收提醒的邮箱由“{before or '（空）'}”改为“{person.email or '（空）'}”。不对的，请告诉审计管理员。"
    about_account(session, person, "邮箱已修改", line, now=now)
