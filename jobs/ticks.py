"""What one beat of the timetable does."""


def tick() -> None:
    """Look for what is due and do it; safe to run twice and after days of downtime."""
