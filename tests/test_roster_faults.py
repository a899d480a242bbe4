"""Every fault of a staff file is named with what stood there and what to do (domain.md 7.2: input validity)."""

import pytest

from officeapp import db, directory, proposals
from officeapp.people import Person, Unit
from officeapp.roster import reading
from officeapp.roster.cells import HIDDEN
from officeapp.roster.plan import plan
from tests import rosters
from tests.desks import doors

NEW = ["newman", "杨帆", "办公室", "newman@bureau.test", "88001234"]


def planned(**tables):
    """The plan for a workbook of these tables."""
    with db.reading() as session:
        return plan(session, reading.read(rosters.workbook_file(tables)))


def said(**tables):
    """What is wrong: (column, words) of each fault."""
    return [(fault.column, fault.wrong) for fault in planned(**tables).faults]


def with_cell(column, text):
    row = list(NEW)
    row[rosters.HEADS["people"].index(column)] = text
    return row


@pytest.mark.parametrize(("column", "text", "wrong"), [
    ("账号", "", "缺少账号"), ("姓名", "", "缺少姓名"), ("所在单位", "", "缺少所在单位"),
    ("账号", "杨帆", "账号不合规定"), ("账号", "-newman", "以“-”开头，像是公式"), ("账号", "n" * 41, "太长，有41个字"),
    ("账号", "HEAD", "与账号“head”只差大小写"),
    ("姓名", "@SUM(A1)", "以“@”开头，像是公式"), ("姓名", "杨\x07帆", "有看不见的控制字符"),
    ("姓名", "机密★1年", "有密级标志"), ("所在单位", "绝密", "有密级标志"),
    ("电子邮箱", "newman@bureau", "邮箱地址不完整"), ("电子邮箱", "a@b.cn;c@d.cn", "邮箱地址不完整"),
    ("电话", "88", "不像电话号码"), ("电话", "+8613800000000", "以“+”开头，像是公式"),
    ("所在单位", "火星科", "没有这个单位"),
])
def test_a_cell_that_cannot_stand_is_named(bureau, column, text, wrong):
    faults = planned(people=[with_cell(column, text)]).faults
    assert [(f.column, f.wrong, f.number) for f in faults if wrong in f.wrong] == [(column, faults[0].wrong, 2)]
    assert all(fault.mend.endswith("。") for fault in faults)


def test_a_mark_of_secrecy_is_named_but_never_shown(bureau):
    [fault, *_] = planned(people=[with_cell("姓名", "机密★1年")]).faults
    assert fault.found == HIDDEN and "机密★" not in "".join(map(str, fault)) and "保密员" in fault.mend


@pytest.mark.parametrize(("row", "column", "wrong"), [
    (["新科", "", "", "", "", ""], "类别", "新单位没有写类别"),
    (["新科", "", "分队", "", "", ""], "类别", "没有这种类别"),
    (["新科", "", "科室", "平级", "", ""], "与本局关系", "本局单位不填与本局关系"),
    (["办公室", "", "外单位", "", "", ""], "类别", "这个单位里有5人，不能改为外单位"),
    (["新科", "", "科室", "", "火星局", ""], "上级单位", "没有这个上级单位"),
    (["新科", "", "科室", "", "新科", ""], "上级单位", "上级单位绕回了自己"),
    (["新科", "", "科室", "", "", "nobody"], "分管领导账号", "没有这个账号"),
    (["新科", "", "科室", "", "", "head"], "分管领导账号", "王建国不是副局长"),
    (["区财政局", "", "外单位", "平级", "", "deputy"], "分管领导账号", "外单位不设分管领导"),
])
def test_a_unit_that_cannot_be_is_named(bureau, row, column, wrong):
    [found] = said(units=[row])
    assert found[0] == column and wrong in found[1]


def test_units_that_are_each_others_superiors_are_both_named_also_through_the_directory(bureau):
    with db.transaction() as session:
        session.get_one(Unit, bureau.units["south"]).parent_id = bureau.units["command"]
    assert said(units=[["甲", "", "科室", "", "乙", ""], ["乙", "", "科室", "", "甲", ""]]) == [
        ("上级单位", "上级单位绕回了自己")] * 2
    assert said(units=[["指挥中心", "", "", "", "南门中队", ""]]) == [("上级单位", "上级单位绕回了自己")]


@pytest.mark.parametrize(("rows", "wrong"), [
    ([["nobody", "", "文书", "", ""]], "没有这个账号"),
    ([["head", "王健国", "文书", "", ""]], "账号“head”是王建国的"),
    ([["head", "", "科长", "", ""]], "没有这种岗位"),
    ([["head", "", "", "", ""]], "缺少岗位"),
    ([["head", "", "文书", "火星科", ""]], "没有这个单位"),
    ([["head", "", "文书", "", ""], ["head", "", "文书", "市容管理科", ""]], "与第2行重复"),
    ([["head", "", "安全管理员", "", ""]], "三员不得兼任其他岗位（另有科室负责人）"),
    ([["admin", "", "文书", "", ""]], "三员不得兼任其他岗位（另有系统管理员）"),
    ([["colleague", "", "安全管理员", "", ""]], "三员不得兼任其他岗位（另有工作人员）"),
    ([["head", "", "局长", "", ""]], "局长只能有一人，已有周正"),
])
def test_a_post_that_cannot_be_given_is_named(bureau, rows, wrong):
    assert wrong in [found for _, found in said(posts=rows)]


def test_two_newcomers_are_not_both_chief(bureau):
    with db.transaction() as session:
        session.get_one(Person, bureau.chief.id).active = False
    folk = [NEW, ["other", "林立", "办公室", "", ""]]
    chiefs = [["newman", "", "局长", "局领导", ""], ["other", "", "局长", "局领导", ""]]
    assert said(people=folk, posts=chiefs) == [("岗位", "局长只能有一人，已有杨帆")]
    assert said(people=folk, posts=chiefs[:1]) == []


def test_who_or_what_is_disabled_is_not_touched_by_a_file(bureau, now):
    with db.transaction() as session:
        session.get_one(Person, bureau.colleague.id).active = False
        session.get_one(Unit, bureau.units["archive"]).active = False
    assert said(people=[["colleague", "赵琳", "市容管理科", "", ""]]) == [("账号", "赵琳的账号已停用")]
    assert said(posts=[["colleague", "", "文书", "", ""]]) == [("账号", "赵琳的账号已停用")]
    assert said(units=[["档案服务中心", "", "", "", "办公室", ""]]) == [("单位名称", "这个单位已停用")]
    assert said(people=[with_cell("所在单位", "档案服务中心")]) == [("所在单位", "这个单位已停用")]


def test_an_outside_unit_has_no_accounts(bureau):
    rows = [["区财政局", "", "外单位", "平级", "", ""]]
    assert said(units=rows, people=[with_cell("所在单位", "区财政局")]) == [("所在单位", "这是外单位，不设账号")]


def test_one_name_twice_in_a_unit_is_a_warning_in_the_file_and_with_the_directory(bureau):
    twice = planned(people=[NEW, ["yangfan2", "杨帆", "办公室", "", ""], ["wjg", "王建国", "市容管理科", "", ""]])
    assert [(w.number, w.wrong) for w in twice.warnings] == [
        (3, "与账号“newman”同单位、同姓名"), (4, "与账号“head”同单位、同姓名")]
    assert not twice.faults and len(twice.of("person_added")) == 3


def test_a_post_that_the_file_leaves_out_is_a_warning_for_an_import_takes_nothing_away(bureau):
    found = planned(posts=[["director", "高明", "文书", "", ""]])
    left_out = ["办公室办公室主任", "办公室科室负责人"]
    assert [w.wrong for w in found.warnings] == [f"表里没有写高明现任的“{post}”" for post in left_out]
    assert [step.after("post") for step in found.steps] == ["文书"]


def test_what_is_asked_for_already_is_not_asked_again(bureau, now):
    with db.transaction() as session:
        unit = session.get_one(Unit, bureau.units["appearance"])
        proposals.propose(session, session.get_one(Person, bureau.head.id), "seal_keeper", unit, "", by=bureau.admin,
                          now=now)
    assert planned(posts=[["head", "王建国", "印章管理", "", ""]]).steps == ()


def test_a_name_may_be_written_with_spaces_and_a_number_in_full_width(bureau):
    [step] = planned(people=[["ｎｅｗｍａｎ", "杨　帆", " 办公室 ", "", "８８００１２３４"]]).steps
    assert (step.key, step.whom, step.after("unit"), step.after("phone")) == ("newman", "杨帆", "办公室", "88001234")


def test_the_forms_on_the_screen_refuse_what_a_file_may_not_hold(database, bureau, tmp_path):
    browser = doors(database, tmp_path)(bureau.admin)
    form = {"account": "newman", "name": "=1+1", "unit_id": bureau.units["office"], "phone": "见通讯录", "active": "y"}
    answer = browser.post("/people/persons/new", data=form)
    assert answer.status_code == 422 and "以“=”开头，像是公式：请去掉开头的“=”。" in answer.text
    assert "不像电话号码" in answer.text and 'value="=1+1"' in answer.text
    with db.reading() as session:
        assert not directory.find(session, "newman")
