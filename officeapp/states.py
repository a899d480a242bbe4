"""What a matter's state is, what changed of it, and the state that the events alone tell."""

from collections.abc import Iterable, Mapping
from typing import Any

from officeapp.matters import Event, Matter

STATE = ("stage", "version", "title", "grade", "values", "number", "text_hash", "frozen_hash", "proof_hash",
         "visited", "returned_from", "returns", "sent_from", "closed", "paused", "drafter_id")


def stored_state(matter: Matter) -> dict[str, Any]:
    """The part of a matter that its events must be able to tell again."""
    return {name: getattr(matter, name) for name in STATE} | {"values": dict(matter.values)}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Only what differs, field by field; what an event keeps."""
    changed = {k: v for k, v in after.items() if before.get(k) != v}
    if "values" in changed:
        old = before.get("values", {})
        changed["values"] = {k: v for k, v in after["values"].items() if k not in old or old[k] != v}
    return changed


def replay(events: Iterable[Event]) -> dict[str, Any]:
    """The state that the events alone tell; equal to the stored one, or something wrote behind the engine."""
    state: dict[str, Any] = {"values": {}}
    for event in events:
        if event.what == "opened":
            state["drafter_id"] = event.actor_id
        for key, value in event.data.get("after", {}).items():
            state[key] = {**state["values"], **value} if key == "values" else value
    return state
