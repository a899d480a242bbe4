"""Days, moments, lengths and clauses as an office writes them."""

from datetime import date, datetime, timedelta

from officeapp.clock import ZONE
from officeapp.numerals import IDENTITY, TELEPHONE
from officeapp.procedures.clauses import Clause
from officeapp.workdays import WEEK, local_day

MASKED = "＊"
UNITS = ((1024**3, "GB"), (1024**2, "MB"), (1024, "KB"))


def day_words(day: date | datetime) -> str:
    """「2026年11月2日」, in the bureau's zone."""
    day = local_day(day)
    return f"{day.year}年{day.month}月{day.day}日"


def weekday_words(day: date) -> str:
    """「2026年11月2日（周一）」."""
    return f"{day_words(day)}（{WEEK[day.weekday()]}）"


def moment_words(at: datetime | None, now: datetime) -> str:
    """「11月2日 09:05」; the year only when it is not this one."""
    if at is None:
        return ""
    local = at.astimezone(ZONE)
    year = "" if local.year == now.astimezone(ZONE).year else f"{local.year}年"
    return f"{year}{local.month}月{local.day}日 {local:%H:%M}"


def took_words(length: timedelta) -> str:
    """「45分钟」「3小时20分」「2天3小时」."""
    minutes = int(length.total_seconds()) // 60
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}天{hours}小时" if hours else f"{days}天"
    if hours:
        return f"{hours}小时{minutes}分" if minutes else f"{hours}小时"
    return f"{minutes}分钟" if minutes else "不到1分钟"


def size_words(size: int) -> str:
    """「1.2MB」; bytes in."""
    for unit, name in UNITS:
        if size >= unit:
            return f"{size / unit:.1f}".rstrip("0").rstrip(".") + name
    return f"{size}字节"


def masked(words: str) -> str:
    """「张＊＊」「139＊＊＊＊0000」: enough to tell apart, too little to call (domain.md 7.2)."""
    if sum(letter.isdecimal() for letter in words) < 7:
        return words[:1] + MASKED * len(words[1:])
    ahead, behind = (3, 4) if len(words) > 10 else (2, 2)  # of a short one the rest would be soon guessed
    return words[:ahead] + MASKED * (len(words) - ahead - behind) + words[-behind:]


def without_numbers(words: str) -> str:
    """Free words with the telephones and identity numbers in them masked: people write them where no field asks."""
    for pattern in (IDENTITY, TELEPHONE):
        words = pattern.sub(lambda found: masked(found[0]), words)
    return words


def cited(clause: Clause | None) -> str:
    """「温鹿综法发〔2019〕20号 一（二）2③：文稿一经签发后……」; empty without a clause."""
    if clause is None:
        return ""
    return f"{clause.cite}：{clause.text}" if clause.text else clause.cite
