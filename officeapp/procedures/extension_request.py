"""延期申请：时限届满前书面申请，逐级审批，原时限、现时限都保留（DB-4）。"""

from officeapp.procedures.clauses import Clause, Force, Guard
from officeapp.procedures.common import CHIEF, DEPUTY, DRAFTER, UNIT_HEAD, returns, straight_backs, withdrawals
from officeapp.procedures.days import in_order, not_far
from officeapp.procedures.grammar import Cell, Field, Limit, Move, Needs, Procedure, Rule, Rung, Stage
from officeapp.procedures.supervised import CURRENT, LUCHENG, STAGE_LADDER

ASKED = Clause(LUCHENG, "二（二）3②", "明确落实办理的具体要求和时限；时限的改变由定时限的领导决定。", Force.REQUIRED, "DB-4")
IN_TIME = Clause(LUCHENG, "二（二）3④", "严格按照交办时限要求反馈办理落实情况。", Force.REQUIRED, "DB-7")

FIELDS = (
    Field("title", "事项", "text", required=True, longest=150),
    Field("old_due", "原时限", "date", required=True, clause=ASKED),
    Field("new_due", "申请延至", "date", required=True, ahead=True, clause=ASKED),
    Field("reason", "延期理由", "lines", required=True, longest=1000, hint="做到什么程度，为什么不能按时办结", clause=ASKED),
)
LATER = Rule("later_than_before", Guard("申请的日期不晚于原时限", lambda f: bool(f.values.get("new_due")) and str(f.values["new_due"]) <= str(f.values.get("old_due"))),
             "“申请延至”应晚于原时限，请改正。", ASKED)
STILL_TO_COME = in_order("@today", "new_due", "申请的日期已经过去",
                         "“申请延至”的日期已经过去，请退回申请人改为今天或以后的日期，或者不同意延期。", ASKED)

STAGES = (
    Stage("writing", "申请", DRAFTER, ASKED, may_edit=True),
    Stage("head_review", "负责人审核", UNIT_HEAD, ASKED, limit=Limit(1, "workday", ASKED), box="负责人意见"),
    Stage("vetting", "分管领导审阅", DEPUTY, ASKED, limit=Limit(1, "workday", ASKED), box="分管领导意见"),
    Stage("decision", "主要领导审批", CHIEF, ASKED, limit=Limit(1, "workday", ASKED), box="主要领导意见"),
    Stage("granted", "同意延期", None, ASKED, clock="ended", closed=True),
    Stage("refused", "不予延期", None, ASKED, clock="ended", closed=True),
    Stage("moot", "不再需要", None, ASKED, clock="ended", closed=True),
)
FORWARD = (
    Move("submit", "报负责人审核", "writing", "head_review", ASKED),
    Move("head_pass", "同意，报分管领导", "head_review", "vetting", ASKED, default_note="情况属实，拟同意延期。"),
    Move("vet_pass", "同意，报主要领导审批", "vetting", "decision", ASKED, default_note="拟同意延期。"),
    Move("grant", "同意延期", "decision", "granted", ASKED, default_note="同意延期。", extends="new_due", withdrawable=False, ready=(STILL_TO_COME,)),
    Move("refuse", "不同意延期", "decision", "refused", IN_TIME, needs=Needs(note=True), withdrawable=False),
)
RETURNS = returns(STAGES, {"head_review": ("writing",), "vetting": ("writing",), "decision": ("writing",)}, ASKED)
BACK = straight_backs(("writing",), ASKED)
WITHDRAWN = withdrawals(("head_review", "vetting", "decision"), ASKED)
FORM = (
    (Cell("title", 3),), (Cell("old_due"), Cell("new_due")), (Cell("reason", 3),), (Cell("@drafter", label="申请人"), Cell("#head_review")),
    (Cell("#vetting"), Cell("#decision")),
)

EXTENSION_REQUEST = Procedure(
    kind="extension_request", rulebook="lucheng-2019", edition=1, title="延期申请", rulebook_title="鹿城2019（办文办事效能通知）",
    source=LUCHENG, noun="延期申请", fields=FIELDS, rules=(LATER, not_far("new_due", "申请延至", ASKED)), stages=STAGES, moves=FORWARD + RETURNS + BACK + WITHDRAWN,
    cycle=Limit(3, "workday", ASKED), ladder=(Rung("on_the_day", "到期当日提醒", 0, (CURRENT,), ASKED),), stage_ladder=STAGE_LADDER[:1],
    form_title="督办事项延期申请", form=FORM, grade_field="", internal=True, dependent=True, ends_with_parent="moot",
)
