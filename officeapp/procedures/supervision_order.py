"""工作督办单（温鹿综法发〔2019〕20号 二（二）、附件1）：DB-1 … DB-13, TL4, TL5."""

from officeapp.procedures.clauses import Clause, Force, Guard
from officeapp.procedures.common import (
    CHIEF,
    DEPUTY,
    DISPATCH_CLERK,
    DRAFTER,
    OFFICE_DIRECTOR,
    OFFICE_REVIEWER,
    UNIT_HEAD,
    has,
    returns,
    straight_backs,
    voids,
    withdrawals,
)
from officeapp.procedures.days import in_order, not_far, not_past
from officeapp.procedures.grammar import (
    Cell,
    Field,
    Gate,
    Holder,
    Limit,
    Medium,
    Move,
    Needs,
    Offshoot,
    Procedure,
    Rule,
    Stage,
)
from officeapp.procedures.supervised import (
    ARCHIVED,
    ARCHIVED_IN_ORDER,
    COMMON_EFFORT,
    FEEDBACK,
    LADDER,
    LEDGER,
    LUCHENG,
    MONTHLY,
    OFFICE,
    REDO,
    RESPONSIBLE,
    REVIEW,
    SCOPE,
    SIGNED_FOR,
    STAGE_LADDER,
)

REGISTERED = Clause(LUCHENG, "二（二）3①", "由办公室对办理事项的编号、日期、内容、领导批示等信息进行登记，形成《工作督办单》。", Force.REQUIRED, "DB-3")
INTERNAL = Clause(LUCHENG, "二（二）3③", "对未标密督办单，按内部文件进行管理，未经批准不得擅自对外公布。", Force.FORBIDDEN, "DB-6")
EXTENDING = Clause(LUCHENG, "二（二）3②", "明确落实办理的具体要求和时限；确需延期的，应在时限届满前书面申请。", Force.REQUIRED, "DB-4")
SIGNED_BY_DIRECTOR = Clause(LUCHENG, "附件1", "督办结果、是否结案、主任签字、归档日期。", Force.REQUIRED, "DB-11")

SOURCES = (("meeting", "会议决定"), ("instruction", "领导批示"), ("assignment", "领导交办"))
MANNERS = (("system", "本系统"), ("paper", "书面"), ("meeting", "会议"), ("phone", "电话"))
CLOSED = (("closed", "结案"), ("partly", "部分结案"))

HEADS = (Holder("heads_of", "承办单位负责人", "lead_unit"), Holder("heads_of", "协办单位负责人", "assisting"))
DEPUTIES = Holder("deputies_of", "相关分管领导", "assisting")
LEAD = Holder("people_of", "牵头责任人", "lead_unit", through="responsible")
ASSISTING = Holder("people_of", "协办责任人", "assisting", through="responsible", until="contribution", again="asked_again")

FIELDS = (
    Field("title", "督办事项", "text", required=True, longest=100, hint="一句话说清要办什么", clause=REGISTERED),
    Field("source", "来源", "choice", required=True, choices=SOURCES, default="instruction", clause=SCOPE),
    Field("ordered_on", "督办日期", "date", required=True, clause=REGISTERED),
    Field("content", "内容", "lines", required=True, longest=2000, clause=REGISTERED),
    Field("instruction", "领导批示", "lines", longest=1000, hint="谁、何日、批示原文；会议决定写会议名称和议定事项", clause=REGISTERED),
    Field("lead_unit", "承办科室（中队、局属单位）", "unit", required=True, hint="多个单位的，这里选牵头单位", clause=SIGNED_FOR),
    Field("assisting", "协办科室（中队、局属单位）", "units", clause=COMMON_EFFORT),
    Field("due_on", "时间要求", "date", required=True, ahead=True, hint="最迟哪一天反馈办理情况", clause=FEEDBACK),
    Field("manner", "交办方式", "choice", required=True, choices=MANNERS, default="system", clause=SIGNED_FOR),
    Field("demands", "督办要求", "lines", longest=1000, clause=SIGNED_FOR),
    Field("assigned_on", "交办日期", "date", required=True, at="registration", clause=SIGNED_FOR),
    Field("responsible", "责任人", "person", required=True, at="receipt", per=("lead_unit", "assisting"), hint="本单位具体承办的人", clause=RESPONSIBLE),
    Field("contribution", "协办情况", "lines", required=True, at="handling", per=("assisting",), longest=2000, clause=COMMON_EFFORT),
    Field("asked_again", "请重新反馈的协办单位", "units", required=True, at="handling", among="assisting", clause=COMMON_EFFORT),
    Field("report", "工作进展", "lines", required=True, at="handling", longest=4000, hint="做了什么、到什么程度、还有什么问题", clause=REVIEW),
    Field("result", "督办结果", "lines", required=True, at="closing", longest=2000, clause=SIGNED_BY_DIRECTOR),
    Field("conclusion", "是否结案", "choice", required=True, choices=CLOSED, default="closed", at="closing", clause=SIGNED_BY_DIRECTOR),
    *ARCHIVED,
)


RULES = (
    Rule("instruction_quoted", Guard("领导批示没有写", lambda f: f.values.get("source") == "instruction" and not f.values.get("instruction")),
         "来源是领导批示的，请把批示的人、日期和原文写在“领导批示”栏。", REGISTERED),
    in_order("ordered_on", "due_on", "时间要求早于督办日期", "“时间要求”不能早于“督办日期”，请改正。", FEEDBACK),
    not_past("due_on", "时间要求", FEEDBACK, at="registration"),
    not_far("due_on", "时间要求", FEEDBACK),
    in_order("assigned_on", "due_on", "交办日期晚于时间要求", "“交办日期”不能晚于“时间要求”，请改正。", SIGNED_FOR, brought="assigned_on"),
    Rule("lead_does_not_assist", Guard("牵头单位又是协办单位", lambda f: f.values.get("lead_unit") in (f.values.get("assisting") or ())),
         "承办（牵头）单位不能同时是协办单位，请在“协办科室”里去掉它。", COMMON_EFFORT),
    *ARCHIVED_IN_ORDER,
)
ALL_HEARD = Rule(
    "assisting_units_heard", Guard("协办单位还没有反馈协办情况", lambda f: f.desks > 1),
    "还有协办单位没有反馈协办情况，牵头单位应主动联系、共同办理。确需先报的，请在“意见”里写明原因。", COMMON_EFFORT)
ONLY_OFFICE = "督办单由办公室登记、交办。请把事项报办公室。"

STAGES = (
    Stage("registration", "登记", DRAFTER, REGISTERED, may_edit=True, clock="before"),
    Stage("receipt", "待签收", HEADS, SIGNED_FOR, how="all", limit=Limit(1, "workday", SIGNED_FOR), medium=Medium.EITHER,
          recorder=OFFICE, box="签收", gate=Gate(OFFICE, ("registration",), ONLY_OFFICE, REGISTERED)),
    Stage("handling", "办理", (LEAD, ASSISTING), COMMON_EFFORT, how="lead", box="办理"),
    Stage("head_review", "负责人初审", UNIT_HEAD, REVIEW, box="初审"),
    Stage("vetting", "分管领导审阅", DEPUTY, REVIEW, box="审阅", medium=Medium.EITHER, recorder=OFFICE),
    Stage("office_review", "办公室核稿", OFFICE_REVIEWER, REVIEW, box="核稿"),
    Stage("decision", "主要领导审定", CHIEF, REVIEW, box="审定", medium=Medium.EITHER, recorder=OFFICE),
    Stage("tracking", "跟踪落实", LEAD, MONTHLY, clock="ended", monthly="progress_report"),
    Stage("suspended", "暂停", OFFICE_DIRECTOR, SIGNED_FOR, clock="pauses"),
    Stage("closing", "结案", OFFICE_DIRECTOR, SIGNED_BY_DIRECTOR, clock="ended", box="主任签字", medium=Medium.EITHER, recorder=OFFICE),
    Stage("archiving", "归档", DISPATCH_CLERK, LEDGER, clock="ended"),
    Stage("archived", "已归档", None, LEDGER, clock="ended", closed=True),
    Stage("voided", "撤销", None, REGISTERED, clock="ended", closed=True),
)

FORWARD = (
    Move("assign", "交办", "registration", "receipt", SIGNED_FOR, who=OFFICE, needs=Needs(fields=("assigned_on",)), default_note="请按要求办理并按时反馈。",
         tells=(DEPUTIES,)),
    Move("receive", "签收，确定责任人", "receipt", "handling", SIGNED_FOR, needs=Needs(fields=("responsible",)), withdrawable=False),
    Move("contribute", "反馈协办情况", "handling", "handling", COMMON_EFFORT, who=(ASSISTING,), needs=Needs(fields=("contribution",)),
         contributes=True, withdrawable=False),
    Move("report", "报送办理报告", "handling", "head_review", FEEDBACK, who=(LEAD,), needs=Needs(fields=("report",)), ready=(ALL_HEARD,)),
    Move("ask_again", "请协办单位重新反馈", "handling", "handling", COMMON_EFFORT, who=(LEAD,), needs=Needs(note=True, fields=("asked_again",)),
         when=Guard("已有协办单位反馈", has("contribution").test), withdrawable=False),
    Move("head_pass", "初审通过，报分管领导审阅", "head_review", "vetting", REVIEW, default_note="情况属实，同意上报。"),
    Move("vet_pass", "审阅同意，送办公室核稿", "vetting", "office_review", REVIEW, default_note="同意。"),
    Move("office_pass", "核稿通过，呈主要领导", "office_review", "decision", REVIEW, default_note="内容完整，拟请审定。"),
    Move("close", "同意办结", "decision", "closing", REVIEW, default_note="同意办结。"),
    Move("track", "本次报告已阅，继续跟踪", "decision", "tracking", MONTHLY, default_note="继续抓好落实，每月报告进展。"),
    Move("finish", "办结", "tracking", "closing", MONTHLY, who=(CHIEF,), default_note="同意办结。"),
    Move("resume", "恢复办理", "suspended", "handling", SIGNED_FOR, needs=Needs(note=True)),
    Move("suspend", "暂停办理", "handling", "suspended", SIGNED_FOR, who=(OFFICE_DIRECTOR,), needs=Needs(note=True), withdrawable=False),
    Move("sign_off", "签字结案", "closing", "archiving", SIGNED_BY_DIRECTOR, needs=Needs(fields=("result", "conclusion")), withdrawable=False),
    Move("archive", "归档", "archiving", "archived", LEDGER, needs=Needs(fields=("archived_on", "period")), withdrawable=False),
)
RETURNS = returns(STAGES, {
    "head_review": ("handling",), "vetting": ("handling", "head_review"),
    "office_review": ("handling",), "decision": ("handling", "office_review"),
}, REDO)
BACK = straight_backs(("head_review", "office_review"), REDO)
WITHDRAWN = withdrawals(("head_review", "vetting", "office_review", "decision"), REVIEW)
VOIDS = voids({"registration": (DRAFTER, OFFICE_DIRECTOR), "receipt": (OFFICE_DIRECTOR,), "handling": (OFFICE_DIRECTOR,),
               "tracking": (OFFICE_DIRECTOR,)}, "voided", REGISTERED)

FORM = (
    (Cell("@number", label="编号"), Cell("ordered_on")),
    (Cell("content", 3),),
    (Cell("instruction", 3),),
    (Cell("lead_unit"), Cell("responsible")),
    (Cell("assisting", 3),),
    (Cell("due_on"), Cell("assigned_on")),
    (Cell("manner", 3),),
    (Cell("demands", 3),),
    (Cell("report", 3, reports=("progress",)),),
    (Cell("result", 3),),
    (Cell("conclusion"), Cell("#closing", label="主任签字")),
    (Cell("archived_on", 3),),
)

LEDGER_COLUMNS = (
    # What is asked for first stands first: a screen shows some eight of these.
    Cell("@number", label="编号"), Cell("title"), Cell("lead_unit", label="承办"), Cell("responsible"), Cell("@due", label="现时限"),
    Cell("@late", label="超期天数"), Cell("@stage", label="现在环节"), Cell("result"), Cell("@missing", label="缺报进展（应报日期）"),
    Cell("source"), Cell("instruction"), Cell("assisting", label="协办"), Cell("assigned_on"), Cell("@original_due", label="原时限"),
    Cell("@reports", label="进展次数"), Cell("@returns", label="退回次数"), Cell("@urged", label="督办次数"), Cell("conclusion"),
    Cell("archived_on"), Cell("period"),
)

SUPERVISION_ORDER = Procedure(
    kind="supervision_order", rulebook="lucheng-2019", edition=1, title="督办单",
    rulebook_title="鹿城2019（办文办事效能通知）", source=LUCHENG, noun="督办单",
    fields=FIELDS, rules=RULES, stages=STAGES, moves=FORWARD + RETURNS + BACK + WITHDRAWN + VOIDS,
    cycle=Limit(0, "day", FEEDBACK, until="due_on"), ladder=LADDER, stage_ladder=STAGE_LADDER,
    form_title="工作督办单", form=FORM, grade_field="source", unit_field="lead_unit", handed_at="receipt", series="督办", ledger_title="督办台账", ledger=LEDGER_COLUMNS,
    internal=True, supervisors=OFFICE, openers=OFFICE,
    offshoots=(
        Offshoot("extension_request", "申请延期", EXTENDING, who=(LEAD, UNIT_HEAD), stages=("receipt", "handling"),
                 when=Guard("时限届满前", lambda f: not f.due or f.today <= f.due), carries=(("title", "title"), ("old_due", "@due")), once=True),
    ),
)
