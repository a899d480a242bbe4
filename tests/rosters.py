"""Staff files for tests: a bureau's list of 300 people in the columns of the template, and faults to plant in it."""

import io
from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

from officeapp.roster.columns import TABLES
from officeapp.sheets import Column, Sheet, csv_bytes, write_book

SURNAMES = "张李王赵陈杨黄徐朱胡林郭罗梁宋唐韩曹许邓"
GIVEN = ("伟", "芳", "娜", "敏", "静", "磊", "洋", "艳", "勇", "杰", "娟", "涛", "超", "霞", "平")
HEADS = {table.key: [column.title for column in table.columns] for table in TABLES}
NAMES = {table.key: table.title for table in TABLES}
Rows = list[list[str]]


def staff(count: int = 300) -> dict[str, Rows]:
    """Ten new squads under a new brigade, `count` new people in them, a head for each squad and one 内勤."""
    units = [["执法大队", "大队", "局属单位", "", "", ""]]
    units += [[f"第{n}中队", f"{n}中队", "中队", "", "执法大队", ""] for n in range(1, 11)]
    names = ["".join(pair) for pair in product(SURNAMES, GIVEN)]
    people = [[f"zf{n:03d}", names[n - 1], f"第{n % 10 + 1}中队", f"zf{n:03d}@bureau.test", f"8800{1000 + n}"]
              for n in range(1, count + 1)]
    posts = [[f"zf{n:03d}", names[n - 1], "科室负责人", "", "中队长"] for n in range(1, 11)]
    posts.append(["zf007", names[6], "内勤", "", ""])
    return {"units": units, "people": people, "posts": posts}


class Planted(NamedTuple):
    """A fault put into a table: row and column counted from 0, what is put there, what must be said of it."""

    table: str
    row: int
    column: str
    text: str
    said: str

    @property
    def line(self) -> int:
        return self.row + 2  # the head is line 1


TWELVE = (
    Planted("people", 14, "账号", "", "缺少账号"),
    Planted("people", 17, "姓名", "", "缺少姓名"),
    Planted("people", 33, "所在单位", "第11中队", "没有这个单位"),
    Planted("people", 58, "账号", "zf007", "与第8行重复"),
    Planted("people", 101, "账号", "head", "这是王建国的账号"),
    Planted("people", 140, "账号", "wang jian", "账号不合规定"),
    Planted("people", 177, "电子邮箱", "zf178.bureau.test", "邮箱地址不完整"),
    Planted("people", 222, "电话", "见通讯录", "不像电话号码"),
    Planted("people", 299, "姓名", "=HYPERLINK(1)", "像是公式"),
    Planted("units", 3, "类别", "分队", "没有这种类别"),
    Planted("units", 5, "上级单位", "第5中队", "上级单位绕回了自己"),
    Planted("posts", 6, "岗位", "审计管理员", "三员不得兼任其他岗位"),
)


def planted(tables: dict[str, Rows], faults: Iterable[Planted] = TWELVE) -> dict[str, Rows]:
    """The same tables with the faults in them."""
    spoilt = {key: [list(row) for row in rows] for key, rows in tables.items()}
    for fault in faults:
        spoilt[fault.table][fault.row][HEADS[fault.table].index(fault.column)] = fault.text
    return spoilt


def workbook(tables: dict[str, Rows], heads: dict[str, Sequence[str]] = HEADS) -> bytes:
    """An .xlsx with these tables under their heads."""
    file = io.BytesIO()
    write_book(file, [Sheet(NAMES[key], [Column(title) for title in heads[key]], rows) for key, rows in tables.items()])
    return file.getvalue()


def workbook_file(tables: dict[str, Rows]) -> io.BytesIO:
    return io.BytesIO(workbook(tables))


def csv(table: str, rows: Rows, encoding: str = "utf-8-sig") -> bytes:
    """One table as CSV in an encoding."""
    return b"".join(csv_bytes(HEADS[table], rows)).decode("utf-8-sig").encode(encoding)
