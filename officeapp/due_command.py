"""`flask due`: when a limit ends, and with --explain why (domain 5.4)."""

from datetime import date, datetime

import click

from officeapp import calendars, db, workdays
from officeapp.workdays import SHANGHAI, Calendar, Counted, Due, seed_calendar

UNITS: dict[str, str] = {"workday": "个工作日", "day": "天", "month": "个月", "hour": "小时"}
LONGEST = 3660
STARTS = range(2000, 2090)


class Unreadable(ValueError):
    """What was typed cannot be counted from; str() is the sentence."""


@click.command("due", context_settings={"ignore_unknown_options": True})
@click.argument("start", default="")
@click.argument("n", default="")
@click.argument("unit", default="")
@click.option("--roll/--no-roll", default=True, help="天、月的末日遇休息日时是否顺延（民法典第203条）；默认顺延")
@click.option("--explain", is_flag=True, help="逐日列出计入和不计入的日子")
@click.pass_context
def due(context: click.Context, start: str, n: str, unit: str, roll: bool, explain: bool) -> None:
    """推算期限：flask due 2026-02-11 5 workday

    START 起算日（2026-02-11）或时刻（2026-09-30T16:00），当日不计；
    N 数量；UNIT 单位：workday、day、month、hour。
    """
    try:
        begin, length = _read(start, n, unit)
    except Unreadable as fault:
        click.echo(str(fault), err=True)
        context.exit(2)
    calendar = _calendar()
    found = workdays.due(calendar, begin, length, unit, roll=roll)
    for line in _lines(calendar, begin, length, found, roll, explain):
        click.echo(line)


def _read(start: str, n: str, unit: str) -> tuple[datetime | date, int]:
    if not (start and n and unit):
        raise Unreadable("请依次写明起算日、数量和单位，例如：flask due 2026-02-11 5 workday")
    if unit not in UNITS:
        raise Unreadable(f"单位“{unit}”不可用，应为 workday（工作日）、day（天）、month（月）或 hour（小时）")
    if not (n.isascii() and n.isdecimal() and int(n) <= LONGEST):
        raise Unreadable(f"数量“{n}”应为0至{LONGEST}的整数")
    return _read_start(start, unit), int(n)


def _read_start(text: str, unit: str) -> datetime | date:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"起算日“{text}”不是有效日期，应写作2026-02-11或2026-09-30T16:00") from None
    if moment.year not in STARTS:
        raise Unreadable(f"起算日“{text}”超出可推算的年份（{STARTS[0]}至{STARTS[-1]}）")
    if unit == "hour" and "T" not in text and " " not in text:
        raise Unreadable("按小时推算须写明时刻，例如2026-09-30T16:00")
    return moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment


def _calendar() -> Calendar:
    try:
        with db.reading() as session:
            return calendars.current(session) if calendars.is_prepared(session) else seed_calendar()
    except RuntimeError:
        # No database is configured: the packaged calendar answers.
        return seed_calendar()


def _lines(calendar: Calendar, start, n: int, found: Due, roll: bool, explain: bool) -> list[str]:
    lines = _explained(calendar, start, n, found, roll) if explain else []
    if found.provisional:
        lines.append("暂定：期限涉及放假安排尚未载入的年份，载入后可能变动")
    hour = found.unit == "hour"
    return [*lines, f"{found.at:%Y-%m-%dT%H:%M}" if hour else found.day.isoformat()]


def _explained(calendar: Calendar, start, n: int, found: Due, roll: bool) -> list[str]:
    policy = ""
    if found.unit in ("day", "month"):
        policy = "，末日遇休息日顺延" if roll else "，末日不顺延"
    source = f"工作日历第{calendar.version}版" if calendar.version else "随软件附带的工作日历"
    begin = start.strftime("%Y-%m-%dT%H:%M" if found.unit == "hour" else "%Y-%m-%d")
    head = f"自{begin}起算{n}{UNITS[found.unit]}{'' if found.unit == 'hour' else '，当日不计'}{policy}（{source}）"
    return [head, *_day_lines(calendar, found)]


def _day_lines(calendar: Calendar, found: Due) -> list[str]:
    lines, n = [], 0
    for counted in found.days:
        n += counted.counted
        mark = f"第{n}日" if found.unit != "hour" else "计时"
        lines.append(_day_line(counted, mark, calendar.known(counted.day)))
    return lines


def _day_line(counted: Counted, mark: str, known: bool) -> str:
    week = "一二三四五六日"[counted.day.weekday()]
    return f"{counted.day} 周{week}  {mark if counted.counted else '不计'}  {counted.why}{'' if known else '（暂定）'}"

