"""台账: on screen, printed and in Excel by the same columns (domain.md 6.3)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from officeapp import admin_events, boards, calendars, db, ledgers, sheets, workdays
from officeapp.clock import ZONE
from officeapp.ledgers import Asked, Line
from officeapp.numerals import small_int
from officeapp.people import Actor, Holding, Person, Post, Unit
from officeapp.procedures import book
from officeapp.procedures.grammar import Cell, Field, Procedure
from officeapp.roles import ids_in
from officeapp.web import downloads, matter_page, saved_filters
from officeapp.web.access import business, door
from officeapp.web.dossier import Names
from officeapp.web.paper_form import value_words
from officeapp.web.request import moment, page_session
from officeapp.web.safety import costly
from officeapp.web.spoken import masked, moment_words, without_numbers
from officeapp.workdays import Calendar, ending_day

blueprint = Blueprint("ledgers", __name__, url_prefix="/ledgers")
PAGE, MOST_PRINTED = 100, 1000


class Writer:
    """Turns lines into words; names and calendar are read once, however long the ledger is."""

    def __init__(self, session: Session, rules: Procedure) -> None:
        self.rules, self.now = rules, moment()
        self.names = Names({key: short or name for key, short, name in session.execute(
                               select(Unit.id, Unit.short, Unit.name))},
                           dict(session.execute(select(Person.id, Person.name)).all()))
        self.heads = _heads(session) if any(cell.key == "@liable" for cell in rules.ledger) else {}
        self.calendar: Calendar = calendars.current(session)
        self.widths = tuple(_width(cell, rules.field(cell.key)) for cell in rules.ledger)
        self.head = tuple(cell.label or rules.field(cell.key).label for cell in rules.ledger)

    def row(self, line: Line) -> tuple[object, ...]:
        return tuple(self._word(cell, line) for cell in self.rules.ledger)

    def _word(self, cell: Cell, line: Line) -> object:
        if cell.key.startswith("@"):
            return self._facts(line)[cell.key]
        field = line.rules.field(cell.key)
        value = line.row.values.get(cell.key)
        if field is None or field.type == "date":
            return value or ""
        words = value_words(field, value, self.names)
        if field.personal:
            return masked(words)
        return without_numbers(words) if self.rules.kind in book.of_citizens() else words

    def _facts(self, line: Line) -> dict[str, object]:
        row = line.row
        return {
            "@number": row.number, "@opened": workdays.local_day(row.opened_at).isoformat(), "@due": _day(line.due_at),
            "@original_due": _day(line.original_due_at), "@reports": line.reports, "@returns": row.returns,
            "@missing": "、".join(line.missing),
            "@urged": line.urged, "@stage": line.rules.stage(row.stage).title, "@late": self._late(line),
            "@liable": self._liable(line),
            "@unit": self.names.units.get(row.unit_id, ""), "@holder": row.holder,
        }

    def _liable(self, line: Line) -> str:
        """The head of the unit and who handled it, of what is late (QZ-3); "" of the rest."""
        if not self._late(line):
            return ""
        named = ids_in(list((line.row.values.get("responsible") or {}).values()))
        handlers = "、".join(self.names.people.get(each, "") for each in named)
        return "；".join(filter(None, (self.heads.get(line.row.unit_id, ""), handlers)))

    def _late(self, line: Line) -> object:
        """Working days over the limit when it was met, or until today; "" when none."""
        if line.due_at is None:
            return ""
        ended = line.met_at or line.row.closed_at or self.now
        days = self.calendar.workdays_between(ending_day(line.due_at), workdays.local_day(ended))
        return max(days, 0) if ended > line.due_at else ""


@blueprint.get("/<kind>")
@door(business)
def show(kind: str) -> str:
    rules = _rules(kind)
    asked, session, before = _asked(rules), page_session(), request.args.get("before", type=small_int)
    writer = Writer(session, rules)
    found = list(ledgers.lines(session, current_user, asked, moment(), before=before, most=PAGE + 1))
    return render_template(
        "ledgers/show.html", rules=rules, kind=kind, head=writer.head, widths=writer.widths, asked=asked, kept=_kept(),
        states=ledgers.states(rules),
        rows=[(line.row.id, line.row.title, writer.row(line)) for line in found[:PAGE]],
        sums=ledgers.sums(session, current_user, asked, moment()), units=boards.unit_names(session),
        years=ledgers.years(session, rules.kind), tabs=tabs(), saved=saved_filters.bar(kind),
        older=found[PAGE - 1].row.id if len(found) > PAGE else None, newest=before is None)


@blueprint.get("/<kind>/export")
@door(business)
@costly
def export(kind: str) -> ResponseReturnValue:
    """The same lines as Excel, or streamed as CSV with `format=csv`; who takes it is written down."""
    rules, actor = _rules(kind), current_user._get_current_object()
    asked = _asked(rules)
    _write_down(rules, "ledger_exported")
    writer = Writer(page_session(), rules)
    name = f"{rules.ledger_title}{moment().astimezone(ZONE):%Y%m%d%H%M}"
    rows = _rows(writer, actor, asked)
    if request.args.get("format") == "csv":
        return downloads.csv(writer.head, rows, name)
    return downloads.xlsx(lambda file: sheets.write_xlsx(file, writer.head, rows), name)


@blueprint.get("/<kind>/printed")
@door(business)
@costly
def printed(kind: str) -> str:
    """The same lines as sheets of paper, up to MOST_PRINTED; who prints them is written down."""
    rules, session = _rules(kind), page_session()
    asked = _asked(rules)
    _write_down(rules, "ledger_printed")
    writer = Writer(session, rules)
    found = ledgers.lines(session, current_user, asked, moment(), most=MOST_PRINTED)
    return render_template(
        "print/ledger.html", rules=rules, kind=kind, head=writer.head, rows=[writer.row(line) for line in found],
        widths=writer.widths, sums=ledgers.sums(session, current_user, asked, moment()), most=MOST_PRINTED,
        words=_words(rules, asked), states=ledgers.states(rules), kept=_kept(),
        watermark=matter_page.watermark(rules, current_user, moment()),
        printed_words=f"{current_user.name} {moment_words(moment(), moment())} 打印")


def _write_down(rules: Procedure, what: str) -> None:
    """Who takes a ledger away, and what he asked for: internal orders (DB-6), citizens' matters, any."""
    with db.transaction() as session:
        admin_events.record(session, current_user._get_current_object(), what, rules.ledger_title, now=moment(),
                            note="，".join(f"{k}={v}" for k, v in request.args.items())[:200])


def _kept() -> dict[str, str]:
    return {name: value for name, value in request.args.items() if name in saved_filters.LEDGER_ASKS and value}


def _words(rules: Procedure, asked: Asked) -> str:
    """What was asked for, above the printed lines."""
    unit = boards.unit_names(page_session()).get(asked.unit or 0, "")
    said = (f"{asked.year}年" if asked.year else "", unit, ledgers.states(rules).get(asked.state, ""),
            f"“{asked.q}”" if asked.q else "")
    return "、".join(filter(None, said)) or "全部"


def tabs() -> list[dict[str, str]]:
    """Every ledger there is."""
    kept = (rules for rules in map(book.current, book.kinds()) if rules.ledger)
    return [{"title": rules.ledger_title, "href": url_for("ledgers.show", kind=rules.kind.replace("_", "-"))}
            for rules in kept]


def _heads(session: Session) -> dict[int, str]:
    """The heads of each unit, by its id."""
    query = (select(Post.unit_id, Person.name).join(Holding, Holding.post_id == Post.id)
             .join(Person, Person.id == Holding.person_id).where(Post.kind == "unit_head", Person.active)
             .order_by(Post.position, Post.id))
    found: dict[int, list[str]] = {}
    for unit, name in session.execute(query):
        found.setdefault(unit, []).append(name)
    return {unit: "、".join(names) for unit, names in found.items()}


def _rows(writer: Writer, actor: Actor, asked: Asked) -> Iterator[tuple]:
    # The page's own session is closed before a streamed answer has been read.
    with db.reading() as session:
        for line in ledgers.lines(session, actor, asked, writer.now):
            yield writer.row(line)


def _rules(kind: str) -> Procedure:
    name = kind.replace("-", "_")
    if "_" in kind or name not in book.kinds() or not book.current(name).ledger:
        abort(404, "没有这本台账，请从左边“台账”里选择。")
    return book.current(name)


def _asked(rules: Procedure) -> Asked:
    given: dict[str, Any] = request.args
    year = small_int(given.get("year", ""))
    state, words = given.get("state", ""), given.get("q", "").strip()[:60]
    return Asked(rules.kind, year if year and 2000 <= year < 2100 else None,
                 small_int(given.get("unit", "")), state if state in ledgers.states(rules) else "", words)


def _day(at: datetime | None) -> str:
    return ending_day(at).isoformat() if at else ""


def _width(cell: Cell, field: Field | None) -> str:
    if cell.key == "@number":
        return "is-names"
    if field is None or field.type in ("date", "choice", "number"):
        return "is-short"
    if field.type in ("unit", "units", "own_unit", "person", "people"):
        return "is-names"
    return "is-long" if field.type == "lines" or field.longest > 60 else ""
