"""领导事务：重要情况报告、参加上级会议（温鹿综法发〔2019〕20号 二（一））：LD-1 … LD-4, LD-6."""

from officeapp.procedures.clauses import By, Clause, Force, Guard
from officeapp.procedures.common import (
    CHIEF,
    DRAFTER,
    OFFICE_DIRECTOR,
    PARTY_SECRETARY,
    returns,
    straight_backs,
    voids,
    withdrawals,
)
from officeapp.procedures.days import happened, in_order
from officeapp.procedures.grammar import Cell, Field, Holder, Limit, Move, Needs, Procedure, Rung, Stage
from officeapp.procedures.supervised import CURRENT, LUCHENG, to_order

REPORTED = Clause(LUCHENG, "二（一）2", "对分管工作中的重要情况或重大事项及时向局长报告，并提出解决问题的方案和建议。", Force.REQUIRED, "LD-3")
MEETING = Clause(LUCHENG, "二（一）2", "积极参加上级组织召开的会议，会后及时汇报、传达、落实会议精神。", Force.REQUIRED, "LD-4")
SHARED = Clause(LUCHENG, "二（一）2", "局领导按照分工负责制履行职责，职责分明，各负其责。", Force.REQUIRED, "LD-2")
READERS = (CHIEF, PARTY_SECRETARY, OFFICE_DIRECTOR)
UPWARD = Clause("局机关办文办事工作程序和规范", "请示报告", "需市里协调的，分管领导审定、局长同意后报市政府分管领导；特别重大的由主要领导报市主要领导。", Force.REQUIRED, "LD-6")
CITY = (("no", "不需要"), ("leader", "报市政府分管领导"), ("top", "特别重大，报市主要领导"))
LEADERS = (CHIEF, Holder("bureau", "副局长", "deputy"), Holder("bureau", "党委书记", "party_secretary"))

LEADER_REPORT = Procedure(
    kind="leader_report", rulebook="lucheng-2019", edition=1, title="重要情况报告", rulebook_title="鹿城2019（办文办事效能通知）",
    source=LUCHENG, noun="重要情况报告",
    fields=(
        Field("title", "事项", "text", required=True, longest=100, clause=REPORTED),
        Field("situation", "情况", "lines", required=True, longest=2000, clause=REPORTED),
        Field("plan", "解决方案", "lines", required=True, longest=2000, clause=REPORTED),
        Field("advice", "建议", "lines", required=True, longest=1000, clause=REPORTED),
        Field("city", "需市里协调", "choice", required=True, choices=CITY, default="no", clause=UPWARD),
        Field("instruction", "局长批示", "lines", required=True, at="reading", longest=1000, clause=REPORTED),
        Field("reported_to", "报告的市领导", "text", required=True, at="upward", longest=60, clause=UPWARD),
        Field("reported_on", "上报日期", "date", required=True, at="upward", clause=UPWARD),
        Field("outcome", "落实情况", "lines", required=True, at="carrying_out", longest=2000, clause=SHARED),
    ),
    rules=(),
    stages=(
        Stage("writing", "撰写", DRAFTER, REPORTED, may_edit=True),
        Stage("reading", "报局长", CHIEF, REPORTED, limit=Limit(1, "workday", REPORTED), box="局长批示"),
        Stage("upward", "上报市领导", By("city", {"top": CHIEF}, otherwise=DRAFTER), UPWARD, limit=Limit(1, "workday", UPWARD)),
        Stage("carrying_out", "落实", DRAFTER, SHARED, limit=Limit(7, "day", SHARED, roll=True)),
        Stage("filed", "已办结", None, SHARED, clock="ended", closed=True),
        Stage("voided", "撤销", None, REPORTED, clock="ended", closed=True),
    ),
    moves=(
        Move("submit", "报局长", "writing", "reading", REPORTED),
        Move("instruct", "批示", "reading", "carrying_out", REPORTED, when=Guard("不需市里协调", lambda f: f.values.get("city") in ("no", None)), needs=Needs(fields=("instruction",)), withdrawable=False),
        Move("consent", "批示，同意上报市领导", "reading", "upward", UPWARD, when=Guard("需市里协调", lambda f: f.values.get("city") in ("leader", "top")),
             needs=Needs(fields=("instruction",)), withdrawable=False),
        Move("report_up", "已上报，落实", "upward", "carrying_out", UPWARD, needs=Needs(fields=("reported_to", "reported_on")), withdrawable=False),
        Move("finish", "落实完毕", "carrying_out", "filed", SHARED, needs=Needs(fields=("outcome",)), withdrawable=False),
        *returns((Stage("writing", "撰写", DRAFTER, REPORTED),), {"reading": ("writing",)}, REPORTED),
        *straight_backs(("writing",), REPORTED), *withdrawals(("reading",), REPORTED),
        *voids({"writing": (DRAFTER,)}, "voided", REPORTED),
    ),
    cycle=Limit(10, "workday", REPORTED),
    ladder=(Rung("on_the_day", "到期当日提醒", 0, (CURRENT,), REPORTED), Rung("overdue", "超期提醒", 1, (CURRENT,), SHARED)),
    stage_ladder=(Rung("stage_overdue", "环节超期提醒", 1, (CURRENT,), SHARED),),
    form_title="重要情况报告单",
    form=((Cell("title", 3),), (Cell("@drafter", label="报告人"), Cell("@opened", label="日期")), (Cell("situation", 3),), (Cell("plan", 3),),
          (Cell("advice", 3),), (Cell("city", 3),), (Cell("instruction", 3),), (Cell("#reading", 3, label="局长签字"),), (Cell("outcome", 3),)),
    grade_field="", internal=True, openers=LEADERS, readers=READERS, offshoots=(to_order(),),
)

TICKS = (("reported_on", "汇报", "已向局长汇报"), ("conveyed_on", "传达", "已向分管单位传达"), ("done_on", "落实", "已落实会议要求"))
AFTER_THE_MEETING = tuple(rule for key, word, _ in TICKS for rule in (
    in_order("held_on", key, f"{word}日期早于会议日期", f"“{word}日期”不能早于“会议日期”，请核对这两个日期。", MEETING),
    happened(key, f"{word}日期", MEETING)))

SUPERIOR_MEETING = Procedure(
    kind="superior_meeting", rulebook="lucheng-2019", edition=1, title="上级会议", rulebook_title="鹿城2019（办文办事效能通知）",
    source=LUCHENG, noun="上级会议",
    fields=(
        Field("title", "会议名称", "text", required=True, longest=100, clause=MEETING),
        Field("held_on", "会议日期", "date", required=True, clause=MEETING),
        Field("organ", "召集单位", "text", required=True, longest=60, clause=MEETING),
        Field("spirit", "会议精神要点", "lines", required=True, longest=3000, clause=MEETING),
        *(Field(key, f"{word}日期", "date", required=True, at="follow_up", clause=MEETING) for key, word, _ in TICKS),
    ),
    rules=AFTER_THE_MEETING,
    stages=(
        Stage("follow_up", "会后落实", DRAFTER, MEETING, may_edit=True),
        Stage("filed", "已落实", None, MEETING, clock="ended", closed=True),
        Stage("voided", "撤销", None, MEETING, clock="ended", closed=True),
    ),
    moves=(
        *(Move(key.removesuffix("_on"), f"登记：{title}", "follow_up", "follow_up", MEETING, needs=Needs(fields=(key,)),
               contributes=True, withdrawable=False) for key, _, title in TICKS),
        Move("finish", "三项完成，办结", "follow_up", "filed", MEETING, needs=Needs(fields=tuple(key for key, _, _ in TICKS)), withdrawable=False),
        *voids({"follow_up": (DRAFTER,)}, "voided", MEETING),
    ),
    cycle=Limit(3, "workday", MEETING),
    ladder=tuple(Rung(f"after_{n}" if n else "on_the_day", "会后汇报、传达、落实提醒", n, (CURRENT,), MEETING) for n in (0, 2, 4, 6, 8, 10, 15, 20)),
    stage_ladder=(), form_title="参加上级会议登记单",
    form=((Cell("title", 3),), (Cell("held_on"), Cell("organ")), (Cell("@drafter", 3, label="参会领导"),), (Cell("spirit", 3),),
          (Cell("reported_on"), Cell("conveyed_on")), (Cell("done_on", 3),)),
    grade_field="", openers=LEADERS, readers=READERS, offshoots=(to_order(),),
)
