"""What one cell may hold: the same rule for a line of a file and for a form on the screen."""

import re

from officeapp.roster.columns import PEOPLE, TABLES, Column, Fault, Line
from officeapp.secrecy import secrecy_marks
from officeapp.sheets import BEGINS_A_FORMULA

HIDDEN = "（有密级标志，不再显示）"
_SECRET = ("有密级标志",
           "本系统为非涉密系统，严禁处理涉密信息。请停止导入，按纸质涉密文件规定办理，并报告办公室保密员。")
_INVISIBLE = ("有看不见的控制字符", "请把这一格清空，重新键入。")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SHAPES = {
    PEOPLE.column("account"): (r"[A-Za-z0-9][A-Za-z0-9_.-]*", "账号不合规定",
                               "账号只用字母、数字、点、横线，以字母或数字开头，如 wangjianguo。"),
    PEOPLE.column("email"): (r"[^@\s,;，；<>\"]+@[^@\s,;，；<>\"]+\.[^@\s,;，；<>\"]+", "邮箱地址不完整",
                             "应像 name@example.cn，一个人只写一个。"),
    PEOPLE.column("phone"): (r"(?=(?:\D*\d){3})[0-9(（][0-9()（）\- /、，,;；转]*", "不像电话号码",
                             "只写数字、横线和“转”，如 88001001、88001001转802。"),
}
_SHAPE_OF = {(column.key, column.title): shape for column, shape in _SHAPES.items()}


def fault_of(column: Column, text: str) -> tuple[str, str] | None:
    """What is wrong with this text and what to do; None if nothing is, or if there is none."""
    if not text:
        return None
    if secrecy_marks(text):
        return _SECRET
    if _CONTROL.search(text):
        return _INVISIBLE
    if text.startswith(BEGINS_A_FORMULA):
        return f"以“{text[0]}”开头，像是公式", f"请去掉开头的“{text[0]}”。"
    if len(text) > column.longest:
        return f"太长，有{len(text)}个字", f"“{column.title}”最多{column.longest}个字，请缩短。"
    if column.choices and text not in column.choices:
        return f"没有这种{column.title}", f"请写{'、'.join(column.choices)}中的一种。"
    pattern, wrong, mend = _SHAPE_OF.get((column.key, column.title), ("", "", ""))
    return (wrong, mend) if pattern and not re.fullmatch(pattern, text) else None


def faults_in(line: Line) -> list[Fault]:
    """Every faulty cell of a line by itself, missing ones first."""
    table = next(table for table in TABLES if table.key == line.table)
    found = []
    for column in table.columns:
        text = line[column.key]
        if column.needed and not text:
            missing = f"缺少{column.title}", f"请填写{column.hint}。"
            found.append(Fault(line.table, line.number, column.title, "", *missing))
        wrong = fault_of(column, text)
        if wrong:
            shown = HIDDEN if wrong is _SECRET else text[:60]
            found.append(Fault(line.table, line.number, column.title, shown, *wrong))
    return found


def is_secret(fault: Fault) -> bool:
    """Whether a mark of secrecy was found: then who, when and the rule are logged, nothing else (rule C01)."""
    return fault.found == HIDDEN


