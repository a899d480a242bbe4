"""The directory written out in the columns of the import, and the empty template with its guide."""

from collections.abc import Iterable
from typing import BinaryIO, NamedTuple

from sqlalchemy.orm import Session

from officeapp import directory
from officeapp.people import POST_KINDS, RELATIONS, UNIT_KINDS, Person, Post
from officeapp.roster.columns import LINES, TABLES, Table
from officeapp.roster.reading import GUIDE
from officeapp.sheets import Column, Sheet, write_book

Rows = list[tuple[str, ...]]
WIDTHS = {"unit": 24, "short": 14, "kind": 12, "relation": 12, "parent": 24, "deputy": 16, "account": 18, "name": 12,
          "email": 28, "phone": 18, "post": 18, "title": 18}
ADVICE = (
    "一、需要导入哪几张表就填哪几张，不用的表留空。第一行的栏名不要改。",
    "二、单位按“单位名称”认，人员按“账号”认：系统里没有的新增，已有的修改。空白的格子不改动原来的内容。",
    "三、导入不停用单位和人员，不改姓名，不免去岗位；这些请在“单位人员”里逐个办理。",
    "四、一般工作人员不必列入“岗位”表。岗位和分管由安全管理员在“待授岗位”里授予后才生效。",
    "五、选好文件后先核对，确认以前什么都不会改动。有一处错误，整个文件都不导入。",
    f"六、一次最多{LINES:,}行。严禁填写涉密信息。",
)


class Directory(NamedTuple):
    """What the tables are filled with: those in use, by table key."""

    units: Rows
    people: Rows
    posts: Rows

    def of(self, table: Table) -> Rows:
        return getattr(self, table.key)


def directory_rows(session: Session) -> Directory:
    """Everybody and everything in use, row by row in the columns of the import."""
    units = [unit for unit in directory.units(session) if unit.active]
    folk = [person for person in directory.staff(session) if person.active and person.unit.active]
    seats = [seat for seat in directory.seats(session) if seat.post.unit.active]
    names = {unit.id: unit.name for unit in units}
    deputies = {unit.id: person.account for seat in seats for unit in seat.charge for person in seat.people[:1]
                if person in folk}
    order = {unit.id: n for n, unit in enumerate(units)}
    return Directory(
        [(u.name, u.short, UNIT_KINDS[u.kind], RELATIONS.get(u.relation, ""), names.get(u.parent_id, ""),
          deputies.get(u.id, "")) for u in units],
        [(p.account, p.name, p.unit.name, p.email, p.phone) for p in sorted(folk, key=lambda p: order[p.unit_id])],
        _posts([(seat.post, person) for seat in seats for person in seat.people if person in folk]),
    )


def _posts(held: Iterable[tuple[Post, Person]]) -> Rows:
    """A person's posts of one kind in one unit are one line, as an import knows them."""
    rows: dict[tuple[str, str, int], tuple[str, ...]] = {}
    for post, person in held:
        kind = POST_KINDS[post.kind]
        title = "" if post.title == kind else post.title
        rows.setdefault((person.account, kind, post.unit_id),
                        (person.account, person.name, kind, post.unit.name, title))
    return list(rows.values())


def write_directory(target: BinaryIO, rows: Directory) -> None:
    """A workbook of the three tables, which goes in again as it is."""
    write_book(target, [_sheet(table, rows.of(table)) for table in TABLES])


def write_template(target: BinaryIO) -> None:
    """The three tables empty, with their choices and notes, and a guide."""
    guide = [(line, "", "") for line in ADVICE] + [("", "", "")]
    guide += [(table.title, column.title + ("（必填）" if column.needed else ""), column.hint)
              for table in TABLES for column in table.columns]
    write_book(target, [*(_sheet(table, []) for table in TABLES),
                        Sheet(GUIDE, [Column("填写说明", 12), Column("", 22), Column("", 60)], guide)])


def _sheet(table: Table, rows: Iterable[tuple[str, ...]]) -> Sheet:
    columns = [Column(column.title, WIDTHS[column.key], column.hint, column.choices) for column in table.columns]
    return Sheet(table.title, columns, rows)
