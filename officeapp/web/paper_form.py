"""The paper form of a matter: field cells, 意见栏 filled from the history, built-in cells."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from officeapp import decisions
from officeapp.courses import due_day
from officeapp.matters import Event, Matter
from officeapp.procedures.clauses import settle
from officeapp.procedures.grammar import Cell, Field, Medium, Procedure
from officeapp.roles import ids_in
from officeapp.web.dossier import NO_NAMES, Dossier, Names
from officeapp.web.spoken import day_words, masked


@dataclass(frozen=True)
class Opinion:
    """What one signer wrote in a box, and on which day; `recorded_by` when it was on paper."""

    text: str
    name: str
    unit: str
    date: str
    paper: bool = False
    recorded_by: str = ""
    scan_id: int | None = None


@dataclass(frozen=True)
class Square:
    """A label and what stands beside it; kind: field, lines, ticked, box or fact. `waits`: words of my empty box."""

    label: str
    span: int
    kind: str
    value: str = ""
    pending: str = ""
    opinions: tuple[Opinion, ...] = ()
    waits: str = ""


@dataclass(frozen=True)
class PaperForm:
    title: str
    rows: tuple[tuple[Square, ...], ...]
    note: str = ""
    copies: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class Record:
    """What was entered at one stage (编号、印发、归档): label and value."""

    title: str
    lines: tuple[tuple[str, str], ...]


def paper_form(dossier: Dossier, bureau: str) -> PaperForm:
    """The form as its procedure draws it; the bureau's name stands in the title."""
    rows = tuple(tuple(_square(dossier, cell) for cell in row) for row in dossier.rules.form)
    rules = dossier.rules
    return PaperForm(bureau + rules.form_title, rows, rules.form_note, rules.copies or ("",))


def receipt_form(dossier: Dossier, bureau: str) -> PaperForm:
    """The slip for whoever brought the matter; what was answered at once stands on it, else there is no such row."""
    drawn = (tuple(_square(dossier, cell) for cell in row) for row in dossier.rules.receipt)
    rows = tuple(row for row in drawn if any(square.value or square.kind in ("fact", "box") for square in row))
    return PaperForm(bureau + dossier.rules.receipt_title, rows)


def records_of(dossier: Dossier) -> list[Record]:
    """The entries made after the drafter's form, by stage, once something stands in them."""
    found: dict[str, list[tuple[str, str]]] = {}
    drawn = set() if dossier.rules.has_text else {cell.key for row in dossier.rules.form for cell in row}
    for field in dossier.rules.fields:
        value = _words(dossier, field)
        if field.at and field.key not in drawn and value:
            found.setdefault(field.at, []).append((field.label, value))
    number = dossier.matter.number
    records = [Record(f"{dossier.rules.stage(at).title}登记", tuple(lines)) for at, lines in found.items()]
    if records and number and dossier.rules.has_text:
        records[0] = Record(records[0].title, (("发文字号", number), *records[0].lines))
    return records


def value_words(field: Field, value: Any, names: Names = NO_NAMES) -> str:
    """A stored value as it stands on paper."""
    if value in (None, "", [], {}):
        return ""
    if field.per:
        alone = len(value) == 1
        each = replace(field, per=())
        return "\n".join(("" if alone else f"{names.units.get(int(unit), '')}：") + value_words(each, v, names)
                         for unit, v in value.items())
    if field.type in ("unit", "own_unit", "units", "organs"):
        return "、".join(names.units.get(key, "") for key in ids_in(value))
    if field.type in ("person", "people"):
        return "、".join(names.people.get(key, "") for key in ids_in(value))
    if field.type == "yesno":
        return "是" if value else "否"
    if field.type == "date":
        return day_words(date.fromisoformat(str(value)))
    if isinstance(value, list):
        return "、".join(field.label_of(each) for each in value)
    return field.label_of(value)


def _square(dossier: Dossier, cell: Cell) -> Square:
    if cell.key.startswith("#"):
        return _box(dossier, cell)
    if cell.key.startswith("@"):
        return _fact(dossier, cell)
    field = dossier.rules.field(cell.key)
    value = dossier.matter.values.get(cell.key)
    words = ticked_words(field, value) if cell.ticked else _moved_words(dossier, field) or _words(dossier, field)
    if cell.reports:
        words = "\n".join(filter(None, (words, *(_month(report, cell.reports) for report in dossier.reports))))
    kind = "ticked" if cell.ticked else "lines" if field.type == "lines" else "field"
    return Square(cell.label or field.label, cell.span, kind, words)


def _moved_words(dossier: Dossier, field: Field) -> str:
    """「原时限…，现时限…」 where an extension has put off the day that this field names (DB-4); "" otherwise."""
    limit = settle(dossier.rules.cycle, dossier.case.facts)
    days = [e.data["due"] for e in dossier.events if e.what == "extended" and e.data.get("due")]
    if not limit or limit.until != field.key or not days:
        return ""
    return f"原时限{_day(days[0][0])}，现时限{_day(days[-1][1])}"


def _day(iso: str) -> str:
    return day_words(date.fromisoformat(iso))


def ticked_words(field: Field, value: Any) -> str:
    """「□提前完成　☑在要求期限内完成」: every choice, as it stands on a paper form."""
    return "　".join(f"{'☑' if key == value else '□'}{label}" for key, label in field.choices)


def _month(report: Matter, keys: tuple[str, ...]) -> str:
    """What one month's report says and on which day it was made, once its review has let it pass."""
    passed = report.closed and report.stage != report.rules.ends_with_parent
    told = "".join(report.values.get(key) or "" for key in keys) if passed else ""
    if not told:
        return ""
    late = report.met_at is not None and report.met_due is not None and report.met_at > report.met_due
    owed = f"（应于{day_words(date.fromisoformat(report.period))}前报）" if late else ""
    return f"{day_words(report.met_at or report.closed_at)}报告{owed}：{told}"


def _words(dossier: Dossier, field: Field) -> str:
    words = value_words(field, dossier.matter.values.get(field.key), dossier.names)
    return masked(words) if field.personal and not dossier.handled else dossier.discreet(words)


def _fact(dossier: Dossier, cell: Cell) -> Square:
    matter = dossier.matter
    if cell.key == "@by_hand":  # left empty on the paper, for a seal or a telephone
        return Square(cell.label, cell.span, "box")
    if cell.key == "@drafter":
        return _drafted(dossier, cell)
    facts = {"@number": (matter.number, "" if matter.closed else _when_numbered(dossier.rules)),
             "@opened": (day_words(matter.opened_at), ""), "@due": (_due_words(dossier), "")}
    value, pending = facts.get(cell.key, ("", ""))
    return Square(cell.label, cell.span, "fact", value, "" if value else pending)


def _drafted(dossier: Dossier, cell: Cell) -> Square:
    """Who drafted it and when; what the system opened for him bears no name of his before he has sent it."""
    matter, first = dossier.matter, dossier.events[0] if dossier.events else None
    if first and first.actor_id is None:
        sent = next((e for e in dossier.events if e.what == "moved" and e.source == first.target and e.actor_id), None)
        if sent is None:
            return Square(cell.label, cell.span, "fact", pending="还没有报送")
        return Square(cell.label, cell.span, "fact", opinions=(replace(_opinion(dossier, sent), text=""),))
    # Where another unit handles it, the drafter signs for his own.
    unit = matter.drafter.unit if dossier.rules.unit_field else matter.unit
    said = Opinion("", _drafter_words(dossier), unit.short or unit.name, day_words(matter.opened_at))
    return Square(cell.label, cell.span, "fact", opinions=(said,))


def _due_words(dossier: Dossier) -> str:
    day = due_day(dossier.matter)
    return f"{day_words(date.fromisoformat(day))}前" if day else ""


def _drafter_words(dossier: Dossier) -> str:
    """Who drafted it, and who has taken it over since (工作移交)."""
    now, first = dossier.matter.drafter.name, dossier.who(dossier.events[0].actor_id).name if dossier.events else ""
    return f"{first}（{now}接办）" if first and first != now else now


def _when_numbered(rules: Procedure) -> str:
    stage = next((m.source for m in rules.moves if m.numbers), "")
    return f"签发后在“{rules.stage(stage).title}”环节给号" if stage else ""


def _box(dossier: Dossier, cell: Cell) -> Square:
    stage = dossier.rules.stage(cell.key[1:])
    said = tuple(_opinion(dossier, event) for event in _last_round(dossier, stage.key))
    here = dossier.matter.stage == stage.key and not dossier.matter.closed
    return Square(cell.label or stage.box or stage.title, cell.span, "box", opinions=said,
                  waits=_waits(dossier) if here else "")


def _waits(dossier: Dossier) -> str:
    case, actor = dossier.case, dossier.face
    on_paper = settle(case.stage.medium, case.facts) is Medium.PAPER
    recording = any(offer.medium is Medium.PAPER for offer in decisions.offers(case, dossier.actor))
    if decisions.holds(case, actor):
        you = f"您代{actor.name}" if actor.delegate else "您"
        return (f"待{you}在纸质稿纸上签字" + ("并代录" if recording else "")) if on_paper else f"待{you}填写"
    return f"待{case.matter.holder}签字，由您代录" if recording else ""


def _last_round(dossier: Dossier, stage: str) -> list[Event]:
    """The signatures since the matter last came to this stage: going back empties the box."""
    signed: list[Event] = []
    for event in dossier.events:
        if event.target == stage and event.source != stage and event.what in ("moved", "opened"):
            signed = []
        stays = event.what == "moved" and event.target == stage  # as naming who writes: nothing is signed by it
        if event.source == stage and event.what in ("moved", "signed") and not stays and _signs(dossier, event):
            signed.append(event)
    return signed


def _signs(dossier: Dossier, event: Event) -> bool:
    move = dossier.rules.move(event.move)
    return move is not None and move.kind in decisions.ONWARD


def _opinion(dossier: Dossier, event: Event) -> Opinion:
    signer = dossier.signed(event)
    paper = event.data.get("paper")
    on = date.fromisoformat(paper["on"]) if paper else event.at
    return Opinion(dossier.discreet(event.note), signer.name, signer.unit, day_words(on), bool(paper),
                   dossier.recorder(event) if paper else "", paper.get("scan_id") if paper else None)
