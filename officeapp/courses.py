"""The limit of a matter's whole course, which every layer asks for by the same words."""

from officeapp.matters import CYCLE, Deadline, Matter
from officeapp.workdays import ending_day, local_day


def course_of(matter: Matter) -> Deadline | None:
    """The limit of the whole course, met or not; None before it began, or where it was called off."""
    return next((d for d in reversed(matter.deadlines) if d.scope == CYCLE and d.state != "cancelled"), None)


def due_day(matter: Matter) -> str:
    """The last day of the course as it stands, "" while none is counted."""
    course = course_of(matter)
    return ending_day(course.due_at).isoformat() if course else ""


def begun_day(matter: Matter) -> str:
    """The day from which the course counts, "" before."""
    course = course_of(matter)
    return local_day(course.start).isoformat() if course else ""
