"""月度工作总结和下月计划：各科室每月20日前报综合科汇总（《办公办文办会办事制度》一（二）6）：JH-1, JH-2, TL12."""

from officeapp.procedures.clauses import Clause, Force, Guard
from officeapp.procedures.common import DEPUTY, UNIT_HEAD, been_at, no, withdrawals
from officeapp.procedures.grammar import (
    Cell,
    Field,
    Gathering,
    Holder,
    Limit,
    Move,
    MoveKind,
    Needs,
    Procedure,
    Rung,
    Stage,
)
from officeapp.procedures.supervised import CURRENT

SYSTEM = "《办公办文办会办事制度》"
SUMMARY = Clause(SYSTEM, "一（二）6", "各科室要认真制订好月度工作计划，并于每月20日前将本月工作总结报综合科汇总。", Force.REQUIRED, "JH-1")
DUTIES = Clause(SYSTEM, "一（二）5", "各科室要明确科室人员的工作职责，加强日常监督检查，对交办的任务和职责范围内的工作做到高质高效按时完成。", Force.REQUIRED, "JH-2")
REPORTED = Clause(SYSTEM, "一（二）7", "各科室人员要及时请示汇报工作和有关事项。", Force.REQUIRED, "JH-3")

COLLECTOR = Holder("bureau", "综合科", "summary_collector")
REPORTER = Holder("people_of", "撰写人", "unit", through="reporter", optional=True)

FIELDS = (
    Field("title", "标题", "text", required=True, longest=150),
    Field("unit", "科室", "unit", required=True, clause=SUMMARY),
    Field("due_on", "报送期限", "date", required=True, clause=SUMMARY),
    Field("reporter", "撰写人", "person", per=("unit",), hint="以后各月沿用；负责人自己写的不选", clause=DUTIES),
    Field("summary", "本月工作总结", "lines", required=True, at="writing", longest=4000, hint="做了什么、到什么程度、有什么问题", clause=SUMMARY),
    Field("plan", "下月工作计划", "lines", required=True, at="writing", longest=4000, hint="做什么、谁负责、什么时候完成", clause=SUMMARY),
)
TEXT = Needs(fields=("summary", "plan"))

STAGES = (
    Stage("writing", "撰写", (REPORTER, UNIT_HEAD), SUMMARY, box="撰写"),
    Stage("rework", "修改重报", (REPORTER, UNIT_HEAD), DUTIES, clock="ended", limit=Limit(2, "workday", DUTIES), box="修改重报"),
    Stage("head_review", "负责人审签", UNIT_HEAD, DUTIES, box="审签"),
    Stage("collection", "综合科汇总", COLLECTOR, SUMMARY, clock="ended", box="汇总"),
    Stage("filed", "已汇总", None, SUMMARY, clock="ended", closed=True),
    Stage("excused", "免报", None, SUMMARY, clock="ended", closed=True),
)

REWORKED = Guard("综合科退回重报的", been_at("rework").test)
FORWARD = (
    Move("submit", "报科室负责人审签", "writing", "head_review", SUMMARY, who=(REPORTER,), needs=TEXT),
    Move("sign_off", "签字，报综合科", "writing", "collection", SUMMARY, who=(UNIT_HEAD,), needs=TEXT, default_note="同意报送。", withdrawable=False),
    Move("name_reporter", "指定撰写人", "writing", "writing", DUTIES, who=(UNIT_HEAD,), needs=Needs(fields=("reporter",)), withdrawable=False),
    Move("resubmit", "改好，报科室负责人审签", "rework", "head_review", DUTIES, who=(REPORTER,), needs=TEXT),
    Move("sign_again", "改好，签字重报", "rework", "collection", DUTIES, who=(UNIT_HEAD,), needs=TEXT, default_note="已修改，同意报送。", withdrawable=False),
    Move("head_pass", "审签，报综合科", "head_review", "collection", DUTIES, needs=TEXT, default_note="同意报送。", withdrawable=False),
    Move("accept", "收入汇总", "collection", "filed", SUMMARY, withdrawable=False),
)
RETURNS = tuple(
    Move(key, title, source, target, clause, kind=MoveKind.RETURN, needs=Needs(note=True), when=when, withdrawable=False)
    for key, title, source, target, clause, when in (
        ("head_return", "退回撰写", "head_review", "writing", DUTIES, no(REWORKED, "首次报送的")),
        ("head_return_again", "退回修改", "head_review", "rework", DUTIES, REWORKED),
        ("collection_return", "退回重报", "collection", "rework", DUTIES, None),
    ))
WITHDRAWN = withdrawals(("head_review",), DUTIES)
EXCUSED = tuple(
    Move(f"{source}_excuse", "免报", source, "excused", SUMMARY, kind=MoveKind.VOID, who=(COLLECTOR,), needs=Needs(note=True), withdrawable=False)
    for source in ("writing", "rework", "head_review"))

LADDER = (
    Rung("before_2", "到期前2个工作日提醒报送", -2, (CURRENT,), SUMMARY),
    Rung("on_the_day", "到期当日提醒报送", 0, (CURRENT,), SUMMARY),
    Rung("overdue", "超期催报：撰写人、科室负责人", 1, (CURRENT, UNIT_HEAD), REPORTED),
    Rung("told", "超期未报：分管领导、综合科", 3, (UNIT_HEAD, DEPUTY, COLLECTOR), REPORTED),
)
STAGE_LADDER = (
    Rung("stage_on_the_day", "重报到期当日提醒", 0, (CURRENT,), DUTIES),
    Rung("stage_overdue", "重报超期催报", 1, (CURRENT, UNIT_HEAD), REPORTED),
)

FORM = (
    (Cell("unit"), Cell("due_on")), (Cell("summary", 3),), (Cell("plan", 3),),
    (Cell("reporter"), Cell("#writing")), (Cell("#head_review"), Cell("#rework")), (Cell("#collection", 3),),
)
LEDGER_COLUMNS = (
    Cell("@unit", label="科室"), Cell("title"), Cell("@opened", label="发起日期"), Cell("@due", label="报送期限"), Cell("@holder", label="现在办理人"),
    Cell("@returns", label="退回次数"), Cell("@urged", label="提醒催报次数"), Cell("@stage", label="现在环节"), Cell("@late", label="超期天数"),
)

MONTHLY_SUMMARY = Procedure(
    kind="monthly_summary", rulebook="office-system", edition=1, title="月度总结", rulebook_title="办公办文办会办事制度",
    source=SYSTEM, noun="月度总结", fields=FIELDS, rules=(), stages=STAGES, moves=FORWARD + RETURNS + WITHDRAWN + EXCUSED,
    cycle=Limit(0, "day", SUMMARY, until="due_on"), ladder=LADDER, stage_ladder=STAGE_LADDER,
    form_title="月度工作总结和计划", form=FORM, grade_field="", unit_field="unit", ledger_title="月度总结台账", ledger=LEDGER_COLUMNS,
    supervisors=(COLLECTOR,), dependent=True,
    gathering=Gathering(
        day=20, lead=5, units=("section",), writer=UNIT_HEAD, collector=COLLECTOR, title="{unit}{month}工作总结和{next}工作计划",
        heading="{month}工作总结和{next}工作计划", parts=("summary", "plan"), kept=("reporter",), clause=SUMMARY),
)
