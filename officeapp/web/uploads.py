"""Files that come with a request: checked, held beside the store, shelved when nothing can refuse them any more."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from officeapp import attachments, engine
from officeapp.attachments import Accepted, Attachment, Unacceptable
from officeapp.decisions import Refused
from officeapp.matters import Matter
from officeapp.options import options
from officeapp.people import Actor
from officeapp.web.attachment_list import KINDS
from officeapp.web.request import close_session, moment, page_session

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Held:
    """An upload that passed every check; its contents wait beside the store."""

    kind: str
    accepted: Accepted
    waiting: Path

    def keep(self, session: Session, matter: Matter, face: Actor) -> Attachment:
        """The row and the event, on a locked matter."""
        file = attachments.add(session, self.accepted, matter.id, face.hand, self.kind, moment())
        engine.text_changed(session, matter, face, "attached", f"{KINDS[self.kind]}：{file.name}", moment())
        return file

    def shelve(self) -> None:
        """Last in the transaction: from here on only a crash could refuse it."""
        attachments.place(self.waiting, self.accepted, root())


@contextmanager
def held(uploads: Mapping[str, FileStorage], matter_id: int) -> Iterator[list[Held]]:
    """Uploads by kind, within the bureau's limit; closed and forgotten at the end. Refused names the kind's field.

    Ask first whether this person may bring them at all. No transaction is open while they are read.
    """
    limit = int(options(page_session())["attachment_limit_mb"]) * 1024 * 1024 if uploads else 0
    close_session()
    with ExitStack() as stack:
        yield [_held(stack, kind, upload, limit, matter_id) for kind, upload in uploads.items()]


def root() -> Path:
    return current_app.config["OFFICE"].data_dir


def _held(stack: ExitStack, kind: str, upload: FileStorage, limit: int, matter_id: int) -> Held:
    try:
        accepted = attachments.accept(upload.stream, upload.filename, limit=limit)
    except Unacceptable as fault:
        said = {"person": current_user.id, "matter": matter_id, "rule": fault.rule or "-"}
        log.warning("upload refused", extra=said)
        raise Refused(fault.sentence, None, fields={kind: fault.sentence}) from None
    stack.callback(accepted.file.close)
    return Held(kind, accepted, stack.enter_context(attachments.beside(accepted, root())))
