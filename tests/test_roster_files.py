"""What a staff file is, is told by its content; what is no staff file is refused in a sentence (domain.md 7.2)."""

import io
import subprocess
import sys
import zipfile

import pytest
import xlsxwriter

from officeapp.roster import export, reading, workbook
from officeapp.roster.columns import BYTES, LINES
from officeapp.roster.reading import Unfit
from tests import rosters

ROW = ["yangfan", "杨帆", "办公室", "", "88001234"]
PEOPLE = ",".join(rosters.HEADS["people"])


def read(content):
    return reading.read(io.BytesIO(content))


def refused(content):
    with pytest.raises(Unfit) as unfit:
        read(content)
    return str(unfit.value)


def sheet_xml(inner):
    """A workbook whose one sheet holds this XML, as a hand could forge it."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("人员").write_row(0, 0, rosters.HEADS["people"])
    forged = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(forged, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b"</sheetData>", inner + b"</sheetData>")
            target.writestr(name, content)
    return forged.getvalue()


@pytest.mark.parametrize(("encoding", "told"), [
    ("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("gb18030", "GB18030"),
])
def test_a_csv_is_read_in_three_encodings_and_says_in_which(encoding, told):
    roster = read(rosters.csv("people", [["yangfan", "杨𠮷帆", "办公室", "", ""]], encoding))
    assert [line["name"] for line in roster.lines] == ["杨𠮷帆"] and told in roster.told[0]


def test_bytes_that_two_encodings_could_be_are_judged_by_the_head():
    """All these GB18030 bytes are lawful UTF-8 too: only the words of the first line tell."""
    content = rosters.csv("people", [["a", "b", "c", "", ""]], "gb18030")
    assert read(content).lines[0]["unit"] == "c"
    assert "前10行里没有与模板一致的栏名" in refused("名字,部门\n张三,办公室\n".encode("gb18030"))


def test_lines_are_numbered_as_excel_shows_them_blank_ones_and_broken_cells_included():
    rows = f'\n{PEOPLE}\n\nyangfan,"杨\n帆",办公室,,\n,,,,\nlinli,林立,办公室,,\n'.encode()
    assert [(line.number, line["name"]) for line in read(rows).lines] == [(4, "杨帆"), (6, "林立")]
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet("随便叫什么")
        page.write_row(2, 1, rosters.HEADS["people"])
        page.write_row(5, 1, ROW)
    assert [line.number for line in read(file.getvalue()).lines] == [6]


def test_columns_may_stand_in_any_order_and_needless_ones_be_left_out():
    roster = read("姓名,所在单位,账号\n杨帆,办公室,yangfan\n".encode())
    assert roster.lines[0].cells == {"name": "杨帆", "unit": "办公室", "account": "yangfan"} and not roster.faults


@pytest.mark.parametrize(("head", "row", "wrong"), [
    ("账号,姓名", "a,b", "缺少“所在单位”一栏"),
    (f"{PEOPLE},身份证号", "a,b,c,,,1", "没有叫“身份证号”的栏，系统不收这项内容"),
    (f"{PEOPLE},姓名", "a,b,c,,,d", "有两栏都叫“姓名”"),
    (PEOPLE, "a,b,c,,,多出来的", "在栏名以外还有内容，不知道属于哪一栏"),
])
def test_wrong_columns_are_faults_and_their_table_is_not_read(head, row, wrong):
    roster = read(f"{head}\n{row}\n".encode())
    assert [fault.wrong for fault in roster.faults] == [wrong]


@pytest.mark.parametrize(("content", "sentence"), [
    (b"", "文件是空的"),
    (f"{PEOPLE}\n".encode(), "表里只有栏名，没有内容"),
    (rosters.workbook({}), "文件里没有内容"),
    (b"\xff\xfe" + PEOPLE.encode("utf-16-le"), "编码无法识别"),
    (b"%PDF-1.7\n%more", "这个文件的内容是 pdf，不是表格"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "这个文件的内容是 png"),
    (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "旧版（.doc、.xls）或设了密码的文件"),
    (b"PK\x03\x04 torn", "文件不完整或已损坏"),
    (b"MZ\x90\0\x03\0\0\0", "这个文件不是表格"),
    (f"{PEOPLE}\n".encode() + b"a,b,c,,\n" * (LINES + 1), "一次最多导入2,000行"),
    (f"{PEOPLE}\n".encode() + b" ,,,,\n" * LINES + b"a,b,c,,\n" * 9, "一次最多导入2,000行"),
    (b"," * (BYTES + 1), "文件超过5 MB"),
])
def test_what_is_no_staff_file_is_refused_with_what_to_do(content, sentence):
    said = refused(content)
    assert sentence in said and said.endswith("。") and "请" in said


def test_the_name_of_a_file_says_nothing_its_content_all():
    assert read(rosters.workbook({"people": [ROW]})).told == ("按 Excel 工作簿读取。",)


def test_two_sheets_of_one_kind_are_refused_and_a_strange_one_is_mentioned():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        for name, head in (("一", rosters.HEADS["people"]), ("备注", ["说明"]), ("二", rosters.HEADS["people"])):
            page = book.add_worksheet(name)
            page.write_row(0, 0, head)
            page.write_row(1, 0, ROW[:len(head)])
    assert "有两张“人员”表" in refused(file.getvalue())
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("人员").write_row(0, 0, rosters.HEADS["people"])
        book.get_worksheet_by_name("人员").write_row(1, 0, ROW)
        book.add_worksheet("备注").write_row(0, 0, ["说明"])
    assert read(file.getvalue()).told[1] == "工作表“备注”里没有“单位”、“人员”、“岗位”表的栏名，没有读取。"


def test_the_name_of_a_list_may_stand_above_its_columns_and_is_told_not_read():
    head, row = rosters.HEADS["people"], ",".join(ROW)
    roster = read(f"临江区综合行政执法局人员名册\n2026年11月,,,,单位：人\n{PEOPLE}\n{row}\n".encode("gb18030"))
    assert [(line.number, line["name"]) for line in roster.lines] == [(4, "杨帆")] and not roster.faults
    assert roster.told[1] == "“人员”表的栏名在第3行，上面的内容没有读取。"
    most = "".join(f"名册{n}\n" for n in range(3)) + f"{PEOPLE}\n" + "a,b,c,,\n" * LINES
    assert len(read(most.encode()).lines) == LINES, "what stands above counts for nothing"
    assert head[1] == "姓名" and not read(f"{PEOPLE}\na,姓名,c,,\n".encode()).faults, "a cell like a column is none"


def test_a_table_whose_columns_are_nowhere_is_a_fault_and_not_left_out_silently():
    """Left out, its people are missing and every post of theirs is called wrong: a fault that leads astray."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("人员").write_row(0, 0, ["工号", "名字", "部门"])
        book.add_worksheet("岗位").write_row(0, 0, rosters.HEADS["posts"])
    [fault] = read(file.getvalue()).faults
    assert (fault.table, fault.number, fault.wrong) == ("people", 1, "这张表的前10行里没有栏名，整张没有读取")
    assert "请照模板加上一行栏名（账号、姓名、所在单位等）" in fault.mend


def test_a_sheet_with_a_cell_in_its_last_corner_fells_only_its_own_reader():
    """Five kilobytes for which the reader asks half a terabyte: this process lives on to say so."""
    bomb = sheet_xml(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    assert len(bomb) < 20_000 and "读不出来" in refused(bomb)


def test_a_workbook_that_unfolds_too_far_is_refused_before_it_is_read():
    swollen = sheet_xml(b" " * (reading.EXPANDED + 1))
    assert "大得不正常" in refused(swollen)
    padded = io.BytesIO(rosters.workbook({"people": [ROW]}))
    with zipfile.ZipFile(padded, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    assert "文件带有宏" in refused(padded.getvalue())


def test_the_reader_stops_by_itself_when_it_computes_too_long(monkeypatch):
    monkeypatch.setattr(workbook, "SECONDS", 0.001)  # shorter than any interpreter takes to start
    with pytest.raises(workbook.Broken):
        workbook.sheets_of(io.BytesIO(rosters.workbook({"people": [ROW]})), 10)


def test_the_reader_needs_nothing_of_the_house():
    """It starts in isolation, from its own file: quick, and with no environment to leak."""
    told = subprocess.run([sys.executable, "-I", workbook.__file__, "9"], input=rosters.workbook({"people": [ROW]}),
                          capture_output=True, check=True)
    assert b"yangfan" in told.stdout


def test_the_template_holds_the_three_tables_the_choices_and_a_guide_and_nothing_to_import():
    file = io.BytesIO()
    export.write_template(file)
    found = workbook.sheets_of(file, 50)
    assert {name: rows[0][1] for name, rows in list(found.items())[:3]} == {
        rosters.NAMES[key]: head for key, head in rosters.HEADS.items()}
    assert "必填" in str(found["填写说明"]) and "表里只有栏名" in refused(file.getvalue())
    with zipfile.ZipFile(file) as archive:
        assert "科室,中队,局属单位,局领导,外单位" in archive.read("xl/worksheets/sheet1.xml").decode()
