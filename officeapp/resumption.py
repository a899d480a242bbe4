"""What is owed once the database is an older one again, because a backup came back.

What left between the backup and the loss stands nowhere any more. So the calendar is asked at once, before anything
runs, and every mail that may have left already waits under 未送达 for somebody who says 重发: none goes out twice
unasked, and none is forgotten (design.md §6).
"""

from datetime import datetime

from officeapp import admin_events, db, deadlines, digests, outbox, progress, prompts

WHY = "从备份恢复以前可能已经寄出，没有自动再寄；请向收件人核实，确未收到的再按“重发”。"


def resume(now: datetime, base_url: str, came_back: str) -> int:
    """Lay those mails aside and tell the auditor what came back; how many mails. No worker may be running."""
    for sweep in (progress.sweep, prompts.sweep, deadlines.sweep):
        sweep(now)
    digests.gather_each(digests.waiting(now), now, base_url, now)
    with db.transaction() as session:
        aside = outbox.lay_aside(session, now, WHY)
        admin_events.record(session, None, "restored", came_back, now=now, note=f"{aside}封邮件留待核实")
    return aside
