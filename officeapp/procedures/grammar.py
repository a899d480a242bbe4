"""The words a procedure is written in, checked by faults_in(): a regulation as data; the undeclared cannot happen."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Literal

from officeapp.procedures.clauses import By, Clause, Facts, Guard

Unit = Literal["workday", "day", "month", "hour", "date"]
UNIT_WORDS = {"workday": "个工作日", "day": "天", "month": "个月", "hour": "小时", "date": ""}


@dataclass(frozen=True)
class Holder:
    """Who holds a stage, relative to the matter; roles.holders() finds them."""

    rule: str  # a key of roles._RULES
    title: str
    name: str = ""  # a post kind, or a field of units or people (deputies_of: besides the handling unit)
    through: str = ""  # people_of: the field that names somebody for each of these units,
    until: str = ""  # until the unit has filled this one,
    again: str = ""  # and anew while this one names the unit
    optional: bool = False  # may be empty while another of the stage's holders is filled


@dataclass(frozen=True)
class Rung:
    """One step of a ladder: `offset` working days from the due day (negative = before)."""

    key: str
    title: str
    offset: int
    to: tuple[Holder, ...]
    clause: Clause
    opens: str = ""  # the kind of numbered document that this rung sends


@dataclass(frozen=True)
class Limit:
    """A time limit: n units, counted as the clause says; the day that a field names comes before them."""

    n: int
    unit: Unit
    clause: Clause
    roll: bool = False
    from_opening: bool = False  # a stage's limit that counts from the day the matter was opened
    bypass_hours: bool = False  # reminders may leave outside office hours
    mails_at_once: bool = False  # each new desk hears of it by mail as well
    until: str = ""  # a date field; without a day in it the n units count, and none when n is 0

    @property
    def words(self) -> str:
        counted = f"{self.n}{UNIT_WORDS[self.unit]}" if self.n else ""
        return "，未写明的".join(filter(None, ("按写明的日期" if self.until else "", counted)))


@dataclass(frozen=True)
class Field:
    """One field, declared once for form, card, page, print and ledger."""

    key: str
    label: str
    type: Literal["text", "lines", "choice", "number", "date", "yesno", "series", "units", "people", "organs", "unit", "person", "own_unit"]
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    default: Any = None
    at: str = ""  # the stage that fills it; "" = the drafter's form
    clause: Clause | None = None
    longest: int = 200
    per: tuple[str, ...] = ()  # fields of units: each unit in them fills its own
    among: str = ""  # a field of units: only those in it may be named
    proposes: Callable[[Facts], Any] | None = None  # what the record speaks for, to begin with
    ahead: bool = False  # the day by which something is owed: nothing stands in it until somebody says
    personal: bool = False  # of a citizen: masked in lists, and to who has no part in the matter

    def label_of(self, value: Any) -> str:
        return dict(self.choices).get(value, "" if value is None else str(value))


@dataclass(frozen=True)
class Rule:
    """What the fields must satisfy; refused with its sentence when `breaks` holds."""

    key: str
    breaks: Guard
    sentence: str
    clause: Clause
    at: str = ""  # "" = always; else only when leaving this stage
    brought: str = ""  # only when this field comes: with the form, its change or a move


@dataclass(frozen=True)
class Gate:
    """Who alone, and from where, may move a matter into a stage (FW-14)."""

    who: tuple[Holder, ...]
    sources: tuple[str, ...]
    sentence: str
    clause: Clause


class Medium(Enum):
    ONLINE = "online"
    PAPER = "paper"
    EITHER = "either"


@dataclass(frozen=True)
class Stage:
    """One stage: who holds it, how many must act, its limit, its clock, its box."""

    key: str
    title: str
    holder: "Holder | By | tuple[Holder, ...] | None"
    clause: Clause
    column: str = ""  # board column; the title if empty
    how: Literal["one", "all", "in_turn", "lead"] = "one"  # lead: the others add their part, the lead takes it on
    limit: Limit | By | None = None
    clock: Literal["before", "runs", "pauses", "ended"] = "runs"  # before: the cycle has not begun
    medium: Medium | By = Medium.ONLINE
    recorder: tuple[Holder, ...] = ()  # who may record a paper signature
    may_edit: bool = False
    text_due: bool = False  # leaving it needs a text
    of_text: bool = False  # judges the text: rewritten before this desk, it must come here again
    gate: Gate | None = None
    box: str = ""  # label of its 意见栏 on the form
    closed: bool = False
    monthly: str = ""  # the kind of report owed each month while the matter lies here (DB-7)

    @property
    def board_column(self) -> str:
        return self.column or self.title


class MoveKind(Enum):
    FORWARD = "forward"
    RETURN = "return"
    STRAIGHT_BACK = "straight_back"
    WITHDRAW = "withdraw"
    VOID = "void"


@dataclass(frozen=True)
class Needs:
    """What a move asks for before it is made."""

    note: bool = False
    fields: tuple[str, ...] = ()
    attachment: str = ""


@dataclass(frozen=True)
class Move:
    """One declared move. `who` empty = whoever holds the source stage."""

    key: str
    title: str
    source: str
    target: str  # "" where the matter's history decides (straight back, withdraw)
    clause: Clause
    kind: MoveKind = MoveKind.FORWARD
    who: tuple[Holder, ...] = ()
    when: Guard | None = None
    needs: Needs = Needs()
    signs: bool = False  # freezes the text (FW-15)
    numbers: bool = False  # gives the number (FW-16)
    withdrawable: bool = True
    ready: tuple[Rule, ...] = ()
    default_note: str = ""
    contributes: bool = False  # adds a part where it lies; the matter stays
    on_parent: str = ""  # the move it makes on the matter it came from
    extends: str = ""  # the field whose day becomes the due day of the matter it came from
    tells: tuple[Holder, ...] = ()  # who hears of it besides those who must act
    sets_off: str = ""  # the rung of the ladder whose document it sends at once


@dataclass(frozen=True)
class Cell:
    """One cell of the paper form: a field's key, a stage's box, or a built-in (@number, @drafter…)."""

    key: str
    span: int = 1
    label: str = ""
    ticked: bool = False  # all choices of the field, the chosen one ticked
    reports: tuple[str, ...] = ()  # fields of each finished monthly report that stand below it (DB-7)


@dataclass(frozen=True)
class Gathering:
    """Every unit of some kinds owes one each month; the calendar opens it, one desk gathers them (JH-1, TL12)."""

    day: int  # of the month; off a rest day to the working day before
    lead: int  # working days before it at which each is opened
    units: tuple[str, ...]  # kinds of units
    writer: Holder  # of the unit
    collector: Holder
    title: str  # of one, with {unit}, {month} and {next}
    heading: str  # of all together, with {month} and {next}
    parts: tuple[str, ...]  # fields that stand in the text of all
    kept: tuple[str, ...]  # fields taken over from the month before
    clause: Clause


@dataclass(frozen=True)
class Offshoot:
    """A matter that may be begun from another, linked both ways; `stages` empty = any open one."""

    kind: str
    title: str
    clause: Clause
    who: tuple[Holder, ...] = ()  # empty = whoever may draft
    stages: tuple[str, ...] = ()
    when: Guard | None = None
    carries: tuple[tuple[str, str], ...] = ()  # (its field, the field here or @title, @name, @due): not to be changed
    suggests: tuple[tuple[str, str], ...] = ()  # the same, to begin with
    at_most: Limit | By | None = None  # days after the first due day that it may ask for, and only once
    once: bool = False  # not while another one is open
    after_closing: bool = False  # from one that is done, too


@dataclass(frozen=True, eq=False)  # each is one object: what is worked out of it may be kept beside it
class Procedure:
    """A whole rulebook for one kind of matter, in one edition."""

    kind: str
    rulebook: str
    edition: int
    title: str
    rulebook_title: str
    source: str
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]
    stages: tuple[Stage, ...]
    moves: tuple[Move, ...]
    cycle: Limit | By
    ladder: tuple[Rung, ...]
    stage_ladder: tuple[Rung, ...]
    form_title: str
    form: tuple[tuple[Cell, ...], ...]
    form_note: str = ""  # what stands below the form
    copies: tuple[str, ...] = ()  # printed once for each of these
    grade_field: str = "grade"
    noun: str = ""
    unit_field: str = ""  # the unit that handles it; the drafter's if empty
    series: str = ""  # numbered when it is opened
    handed_at: str = ""  # the stage at which the units that its form names come in; at once if empty
    readers: tuple[Holder, ...] = ()  # who alone reads it besides those with part in it; the unit and duty if empty
    internal: bool = False  # watermarked, its readers written down (DB-6)
    openers: tuple[Holder, ...] = ()  # who may begin one; whoever may draft if empty
    ledger_title: str = ""
    ledger: tuple[Cell, ...] = ()  # the columns of its 台账: fields' keys, or what the record tells (@urged, @late …)
    receipt_title: str = ""  # a slip printed for whoever brought it (JG-3)
    receipt: tuple[tuple[Cell, ...], ...] = ()
    supervisors: tuple[Holder, ...] = ()  # who urges, writes contacts down and sends it up the ladder
    offshoots: tuple[Offshoot, ...] = ()
    dependent: bool = False  # only ever comes from another matter, or of the calendar
    gathering: Gathering | None = None
    circulates: tuple[str, ...] = ()  # the kinds of whose handling it tells all units (FZ-1)
    ends_with_parent: str = ""  # the closed stage it falls to when what it came from is done; "" = it goes on

    @property
    def start(self) -> Stage:
        return self.stages[0]

    def stage(self, key: str) -> Stage:
        """The stage of that key; KeyError if the procedure has none."""
        return self._stages[key]

    def move(self, key: str) -> Move | None:
        return self._moves.get(key)

    def field(self, key: str) -> Field | None:
        return self._fields.get(key)

    def moves_from(self, stage: str) -> list[Move]:
        return self._from.get(stage, [])

    def order(self, key: str) -> int:
        return self._order[key]

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "_stages", {s.key: s for s in self.stages})
        put(self, "_order", {s.key: n for n, s in enumerate(self.stages)})
        put(self, "_moves", {m.key: m for m in self.moves})
        put(self, "_fields", {f.key: f for f in self.fields})
        put(self, "_from", {s.key: [m for m in self.moves if m.source == s.key] for s in self.stages})

    @cached_property
    def has_text(self) -> bool:  # besides the form
        return any(stage.text_due for stage in self.stages)

    @cached_property
    def columns(self) -> dict[str, str]:
        """Board columns in order, closed stages left out: the title, and the key of its first stage."""
        first = {s.board_column: s.key for s in reversed(self.stages)}
        return {s.board_column: first[s.board_column] for s in self.stages if not s.closed}
