"""Which day may not come after which: rules that several rulebooks share (TL4, TL6, LX-8)."""

from officeapp.procedures.clauses import Clause, Facts, Guard
from officeapp.procedures.grammar import Rule

FURTHEST = 2  # years: a day further off is a slip of the finger


def day(facts: Facts, name: str) -> str:
    """The ISO day in a field, or what the record tells (@today, @opened, @begun); "" while it is not known."""
    return str((getattr(facts, name[1:]) if name.startswith("@") else facts.values.get(name)) or "")


def in_order(first: str, then: str, title: str, sentence: str, clause: Clause, *, at: str = "",
             brought: str = "") -> Rule:
    """Refused when `first` is later than `then`; a day that is not known forbids nothing."""
    def breaks(facts: Facts) -> bool:
        days = day(facts, first), day(facts, then)
        return all(days) and days[0] > days[1]
    return Rule(f"{first}_by_{then}".replace("@", ""), Guard(title, breaks), sentence, clause, at, brought)


def not_past(key: str, label: str, clause: Clause, *, at: str = "", brought: str = "") -> Rule:
    """A limit that names its day names one still to come, where it is handed over or typed."""
    return in_order("@today", key, f"{label}已经过去", f"“{label}”不能早于今天，请改为今天或以后的日期。", clause,
                    at=at, brought=brought)


def not_far(key: str, label: str, clause: Clause) -> Rule:
    """A limit is not years off."""
    def breaks(facts: Facts) -> bool:
        asked, today = day(facts, key), day(facts, "@today")
        return bool(asked and today) and asked > f"{int(today[:4]) + FURTHEST}{today[4:]}"
    return Rule(f"{key}_not_far", Guard(f"{label}在两年以后", breaks),
                f"“{label}”在{FURTHEST}年以后，请核对年份并改正；确需更长时间的，分段提出时限。", clause, brought=key)


def happened(key: str, label: str, clause: Clause) -> Rule:
    """What is written down as done was done by today."""
    return in_order(key, "@today", f"{label}晚于今天", f"“{label}”不能晚于今天，请改正。", clause, brought=key)


def since_opened(key: str, label: str, clause: Clause) -> Rule:
    """What is done with a matter is not done before there was one."""
    return in_order("@opened", key, f"{label}早于登记日期", f"“{label}”不能早于本件的登记日期，请改正。", clause, brought=key)
