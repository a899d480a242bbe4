"""What is typed waits in the browser's window (static/draft.js) until it hears from here that it has arrived."""

import json

from flask import Response, flash
from flask_login import current_user


def name_of(address: str) -> str:
    """The name under which a form at this address keeps this person's words; forms below it are `address/…`."""
    return f"{current_user.id}:{address}"


def say_arrived(address: str) -> None:
    """On the next page: what was typed at this address and below it is kept here now."""
    flash(name_of(address), "arrived")


def mark_arrived(answer: Response, address: str) -> None:
    """The same for an answer that leaves the page open."""
    answer.headers["HX-Trigger"] = json.dumps({"draft-arrived": name_of(address)})
