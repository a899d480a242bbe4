"""The calendar as a JSON document: read, export, compare. Pure; no database.

The shape is {"2027": {"off": {"2027-01-01": "元旦"}, "work": {"2027-02-07": "春节"}}}:
a year in a document replaces that whole year and counts as known.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from officeapp.workdays import WEEK, Calendar, Year, days_of, ordinary_year

YEARS = range(2000, 2100)
NAME_LENGTH = 20
CHOICES = {"off": "放假", "work": "上班", "week": "按周"}
SECTIONS = {"off": "放假", "work": "上班"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Faults(ValueError):
    """A document that cannot be taken; `sentences` names every faulty date."""

    def __init__(self, *sentences: str):
        super().__init__("；".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True)
class DayChange:
    """One day whose reading changes: what it was, what it would be."""

    day: date
    before: str
    after: str
    worked: bool
    will_work: bool

    @property
    def moves(self) -> bool:
        """Whether limits can move, or only the day's name changes."""
        return self.worked != self.will_work


def parse(text: str | bytes) -> dict:
    """JSON text as a document; Faults when unreadable or a key stands twice."""
    try:
        plain = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        return json.loads(plain, object_pairs_hook=_single)
    except UnicodeDecodeError:
        raise Faults("文件不是 UTF-8 编码的文本") from None
    except json.JSONDecodeError as fault:
        raise Faults(f"第{fault.lineno}行第{fault.colno}列起不是有效的 JSON") from None
    except RecursionError:
        raise Faults("文件层次过多，不是工作日历") from None


def read_years(document: object, source: str = "") -> dict[int, Year]:
    """The years of a document, all known; Faults with a sentence for every fault."""
    if not isinstance(document, dict) or not document:
        raise Faults("内容应以年份为键，例如 {\"2027\": {\"off\": {…}, \"work\": {…}}}")
    faults = [sentence for item in document.items() for sentence in _faults_in(*item)]
    if faults:
        raise Faults(*faults)
    return {int(key): _year(key, body, source) for key, body in document.items()}


def export(calendar: Calendar, years: Iterable[int] | None = None) -> dict:
    """The known years (or the named ones) as a document that `read_years` takes back."""
    if years is None:
        years = [number for number, year in sorted(calendar.years.items()) if year.known]
    return {str(number): _body(calendar.year(number)) for number in years}


def with_years(calendar: Calendar, years: Mapping[int, Year]) -> Calendar:
    """The calendar with these years in place of its own."""
    return Calendar(calendar.version, {**calendar.years, **years})


def with_day(calendar: Calendar, day: date, choice: str, name: str) -> Calendar:
    """The calendar with one day 放假, 上班 or 按周; the year stays as known as it was."""
    if choice not in CHOICES or day.year not in YEARS:
        raise Faults(f"{day}不能这样设定")
    if choice == "off" and not 0 < len(name) <= NAME_LENGTH:
        raise Faults(f"{day}设为放假，须写明节日或事由（不超过{NAME_LENGTH}字）")
    year = calendar.year(day.year)
    off = {d: n for d, n in year.off.items() if d != day}
    work = {d: n for d, n in year.work.items() if d != day}
    if choice == "off":
        off[day] = name
    if choice == "work" and day.weekday() >= 5:
        work[day] = name[:NAME_LENGTH] or "调休"
    return with_years(calendar, {day.year: replace(year, off=off, work=work)})


def changes(old: Calendar, new: Calendar) -> list[DayChange]:
    """Every day that reads differently, in order."""
    numbers = sorted({*old.years, *new.years})
    days = (day for number in numbers for day in days_of(number))
    return [
        DayChange(day, old.why(day), new.why(day), old.is_workday(day), new.is_workday(day))
        for day in days
        if old.why(day) != new.why(day)
    ]


def cautions(years: Mapping[int, Year]) -> list[str]:
    """What looks forgotten without being wrong: statutory days worked, no 调休 at all."""
    return [sentence for year in years.values() for sentence in _cautions_in(year)]


def _cautions_in(year: Year) -> Iterator[str]:
    alone = Calendar(0, {year.year: year})
    worked: dict[str, list[str]] = {}
    for day, name in ordinary_year(year.year).off.items():
        if alone.is_workday(day):
            worked.setdefault(name, []).append(f"{day.month}月{day.day}日")
    for name, days in worked.items():
        yield f"{year.year}年{name}（{'、'.join(days)}）按本日历为工作日，请核对通知"
    if not year.work:
        yield f"{year.year}年没有调休上班的日子，请核对通知"


def _single(pairs: list[tuple[str, object]]) -> dict:
    keys = [key for key, _ in pairs]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise Faults(*(f"{key}列了两次" for key in twice))
    return dict(pairs)


def _faults_in(key: object, body: object) -> Iterator[str]:
    if not re.fullmatch(r"\d{4}", str(key)) or int(key) not in YEARS:
        yield f"“{key}”不是可用的年份（{YEARS[0]}至{YEARS[-1]}）"
    elif not isinstance(body, dict):
        yield f"{key}年的内容应为 off（放假）和 work（上班）两项"
    else:
        yield from (f"{key}年含有不认识的项目“{name}”，只能有 off 和 work" for name in body if name not in SECTIONS)
        yield from _section_faults(key, body)


def _section_faults(key: str, body: dict) -> Iterator[str]:
    sections = {name: body.get(name, {}) for name in SECTIONS}
    for name, days in sections.items():
        if not isinstance(days, dict):
            yield f"{key}年的 {name} 应为“日期: 名称”的对照"
            return
        yield from (fault for item in days.items() for fault in _day_faults(key, name, *item))
    yield from (f"{day}同时列为放假和上班" for day in sections["off"] if day in sections["work"])
    if not sections["off"]:
        yield f"{key}年没有列出放假的日子"


def _day_faults(key: str, section: str, text: str, name: object) -> Iterator[str]:
    day = read_date(text)
    if day is None:
        yield f"{key}年中的“{text}”不是有效日期，日期应写作2027-01-01的样式"
        return
    if day.year != int(key):
        yield f"{text}不属于{key}年"
    if section == "work" and day.weekday() < 5:
        yield f"{text}是{WEEK[day.weekday()]}，本来就上班，不应列为调休上班"
    if not isinstance(name, str) or not 0 < len(name.strip()) <= NAME_LENGTH:
        yield f"{text}须写明节日名称（不超过{NAME_LENGTH}字）"


def read_date(text: str) -> date | None:
    """A date written 2027-01-01; None for anything else."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _year(key: str, body: dict, source: str) -> Year:
    off, work = (
        {date.fromisoformat(day): name.strip() for day, name in sorted(body.get(section, {}).items())}
        for section in SECTIONS
    )
    return Year(int(key), off, work, True, source)


def _body(year: Year) -> dict:
    return {
        section: {day.isoformat(): name for day, name in sorted(days.items())}
        for section, days in (("off", year.off), ("work", year.work))
    }
