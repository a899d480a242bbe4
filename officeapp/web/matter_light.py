"""The light of one matter's page: what is left and of which limit; how the course was kept, and what a month owes."""

from datetime import date

from officeapp import workdays
from officeapp.matters import CYCLE, Matter
from officeapp.procedures import book
from officeapp.web.dossier import Dossier
from officeapp.web.spoken import day_words
from officeapp.workdays import Light


def light_of(dossier: Dossier) -> Light | None:
    """What is left of the nearest limit, named where it is only its desk's; once the course is run, how it was kept."""
    matter = dossier.matter
    if matter.stage in book.dropped_ends():
        return Light("none", book.end_words(matter.place))
    if matter.due_at is None and not matter.paused:
        return _kept(dossier)
    found = workdays.light(dossier.calendar, matter.due_at, matter.due_unit or "day", dossier.now,
                           soon=dossier.soon_days, paused=matter.paused)
    return found._replace(words=f"{_stage_limit(dossier)}{found.words}")


def _stage_limit(dossier: Dossier) -> str:
    """「签收时限」 where the nearest limit is its desk's own and another one of the whole course runs besides."""
    running = [d for d in dossier.deadlines if d.state == "open"]
    nearest = next((d for d in running if d.due_at == dossier.matter.due_at), None)
    if nearest is None or nearest.scope == CYCLE or all(d.scope != CYCLE for d in running):
        return ""
    return f"{dossier.rules.stage(nearest.scope).title.removeprefix('待')}时限"


def _kept(dossier: Dossier) -> Light | None:
    """Whether the limit of the course was kept; a limit met is no matter closed, and a month may be owed besides."""
    cycle = next((d for d in dossier.deadlines if d.scope == CYCLE and d.state == "met"), None)
    if cycle is None:
        return None
    kept, months = cycle.met_at <= cycle.due_at, _months_words(dossier)
    how = "按期" if kept else "超期"
    words = f"{how}办结" if dossier.matter.closed else f"{_until_then(dossier)}{how}"
    return Light("late" if months or not kept else "well", "，".join(filter(None, (words, months))))


def _until_then(dossier: Dossier) -> str:
    """What the limit of the course was for, where more is to follow."""
    return "反馈" if any(stage.monthly for stage in dossier.rules.stages) else "办理"


def _months_words(dossier: Dossier) -> str:
    """「缺报进展（应于10月29日报）」「进展迟报1次」; "" where every month's report came in its time."""
    missing = [r for r in dossier.reports if not r.closed and r.met_at is None and r.due_at and r.due_at <= dossier.now]
    late = [r for r in dossier.reports if r.met_at and r.met_due and r.met_at > r.met_due and _counts(r)]
    days = "、".join(day_words(date.fromisoformat(report.period))[5:] for report in missing)
    said = f"缺报进展（应于{days}前报）" if missing else "", f"进展迟报{len(late)}次" if late else ""
    return "，".join(filter(None, said))


def _counts(report: Matter) -> bool:
    return report.stage != report.rules.ends_with_parent
