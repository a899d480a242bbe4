"""The three tables of a staff file: their columns, the same for template, import and export."""

from typing import NamedTuple

from officeapp.people import ADMIN_KINDS, POST_KINDS, RELATIONS, UNIT_KINDS

LINES = 2_000  # in one file, all tables together
BYTES = 5 * 1024 * 1024  # of one file


class Column(NamedTuple):
    """One column: the key in code, the title in the file, the longest text, what to fill in."""

    key: str
    title: str
    longest: int
    hint: str
    needed: bool = False
    choices: tuple[str, ...] = ()


class Table(NamedTuple):
    """One table: a sheet of a workbook, or a whole CSV file."""

    key: str
    title: str
    columns: tuple[Column, ...]

    def column(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)


UNITS = Table("units", "单位", (
    Column("unit", "单位名称", 80, "单位的全称，不能与别的单位重名", needed=True),
    Column("short", "简称", 20, "看板和列表上显示，可不填"),
    Column("kind", "类别", 12, "从下拉表里选", choices=tuple(UNIT_KINDS.values())),
    Column("relation", "与本局关系", 12, "只有外单位填写", choices=tuple(RELATIONS.values())),
    Column("parent", "上级单位", 80, "上级单位的全称，没有的不填"),
    Column("deputy", "分管领导账号", 40, "分管本单位的副局长的账号"),
))
PEOPLE = Table("people", "人员", (
    Column("account", "账号", 40, "本人的账号，只用字母、数字、点、横线，如 wangjianguo", needed=True),
    Column("name", "姓名", 40, "真实姓名", needed=True),
    Column("unit", "所在单位", 80, "单位全称，与“单位”表或者系统里的一致", needed=True),
    Column("email", "电子邮箱", 120, "接收提醒邮件，可不填"),
    Column("phone", "电话", 40, "办公电话或手机，可不填"),
))
POSTS = Table("posts", "岗位", (
    Column("account", "账号", 40, "担任人的账号", needed=True),
    Column("name", "姓名", 40, "供核对，可不填"),
    Column("post", "岗位", 24, "下拉表里的一种；一般工作人员不必列", needed=True, choices=tuple(POST_KINDS.values())),
    Column("unit", "设在单位", 80, "不填的，设在本人所在单位"),
    Column("title", "职务名称", 40, "如“科长”“中队长”，不填的用岗位名称"),
))
TABLES = (UNITS, PEOPLE, POSTS)

UNIT_KIND_OF = {title: key for key, title in UNIT_KINDS.items()}
RELATION_OF = {title: key for key, title in RELATIONS.items()}
POST_KIND_OF = {title: key for key, title in POST_KINDS.items()}
THREE = tuple(POST_KINDS[kind] for kind in ADMIN_KINDS)


class Line(NamedTuple):
    """One filled line of a table; the number is the one that Excel shows. Columns that the file lacks are missing."""

    table: str
    number: int
    cells: dict[str, str]

    def __getitem__(self, key: str) -> str:
        return self.cells.get(key, "")


class Fault(NamedTuple):
    """What is wrong in one cell: where, what stood there, what is wrong, what to do."""

    table: str
    number: int
    column: str
    found: str
    wrong: str
    mend: str
