"""督办通报：办公室定期通报督办单、联系单的办理情况（温鹿综法发〔2019〕20号 二（五））：FZ-1, DB-12, TL15。"""

from officeapp.procedures.clauses import Clause, Force
from officeapp.procedures.common import (
    CHIEF,
    DISPATCH_CLERK,
    DRAFTER,
    OFFICE_DIRECTOR,
    returns,
    straight_backs,
    voids,
    withdrawals,
)
from officeapp.procedures.days import happened, in_order
from officeapp.procedures.grammar import Cell, Field, Holder, Limit, Medium, Move, Procedure, Rung, Stage
from officeapp.procedures.supervised import CURRENT, INSPECTION_GROUP, INSPECTORS, LUCHENG, OFFICE

CIRCULATED = Clause(LUCHENG, "二（五）", "办公室对《工作督办单》和《工作联系单》的办理情况定期予以通报。", Force.REQUIRED, "FZ-1")
GOOD = Clause(LUCHENG, "二（五）", "对贯彻落实好的予以总结推广。", Force.REQUIRED, "FZ-1")
BAD = Clause(LUCHENG, "二（五）", "对贯彻落实不好的，查明原因，通报批评。", Force.REQUIRED, "FZ-1")
FILED = Clause(LUCHENG, "二（二）3⑥", "办理结束后建立台账，并整理归档。", Force.REQUIRED, "DB-11")

HEADS = Holder("heads_of", "各单位负责人", "units")
DEPUTIES = Holder("deputies_of", "分管领导", "units")

FIELDS = (
    Field("title", "标题", "text", required=True, longest=100, clause=CIRCULATED),
    Field("since", "通报期间，自", "date", required=True, clause=CIRCULATED),
    Field("until", "至", "date", required=True, clause=CIRCULATED),
    Field("results", "办理情况", "lines", required=True, longest=6000, hint="系统按登记的情况写好，请核对；不写督办内容", clause=CIRCULATED),
    Field("good", "好的做法", "lines", required=True, longest=2000, hint="哪些单位办得好，做法是什么；没有的写“无”", clause=GOOD),
    Field("causes", "存在问题、原因和要求", "lines", required=True, longest=2000, hint="哪些没有按期办，查明的原因，怎么改；没有的写“无”", clause=BAD),
    Field("units", "印发单位", "units", required=True, clause=CIRCULATED),
)

STAGES = (
    Stage("drafting", "拟稿", DRAFTER, CIRCULATED, may_edit=True),
    Stage("review", "办公室主任审核", OFFICE_DIRECTOR, CIRCULATED, limit=Limit(1, "workday", CIRCULATED), box="审核"),
    Stage("signing", "主要领导签发", CHIEF, CIRCULATED, box="签发", medium=Medium.EITHER, recorder=OFFICE),
    Stage("filing", "印发归档", DISPATCH_CLERK, FILED, clock="ended"),
    Stage("filed", "已印发归档", None, FILED, clock="ended", closed=True),
    Stage("voided", "撤销", None, CIRCULATED, clock="ended", closed=True),
)
MOVES = (
    Move("submit", "送办公室主任审核", "drafting", "review", CIRCULATED),
    Move("pass", "审核通过，呈主要领导", "review", "signing", CIRCULATED, default_note="情况属实，拟同意通报。"),
    Move("issue", "签发，印发各单位", "signing", "filing", CIRCULATED, default_note="同意印发。", tells=(HEADS, DEPUTIES, *INSPECTORS), withdrawable=False),
    Move("file", "归档", "filing", "filed", FILED, withdrawable=False),
    *returns(STAGES, {"review": ("drafting",), "signing": ("drafting", "review")}, CIRCULATED),
    *straight_backs(("drafting", "review"), CIRCULATED), *withdrawals(("review", "signing"), CIRCULATED),
    *voids({"drafting": (DRAFTER, OFFICE_DIRECTOR)}, "voided", CIRCULATED),
)

CIRCULAR = Procedure(
    kind="circular", rulebook="lucheng-2019", edition=1, title="督办通报", rulebook_title="鹿城2019（办文办事效能通知）",
    source=LUCHENG, noun="督办通报", fields=FIELDS,
    rules=(in_order("since", "until", "期间倒置", "通报期间的起日不能晚于止日，请改正。", CIRCULATED), happened("until", "通报期间的止日", CIRCULATED)),
    stages=STAGES, moves=MOVES, cycle=Limit(5, "workday", CIRCULATED),
    ladder=(Rung("on_the_day", "到期当日提醒", 0, (CURRENT,), CIRCULATED), Rung("overdue", "超期催办", 1, (CURRENT, OFFICE_DIRECTOR), CIRCULATED)),
    stage_ladder=(), form_title="督办通报",
    form=((Cell("@number", label="编号"), Cell("@opened", label="日期")), (Cell("title", 3),), (Cell("since"), Cell("until")), (Cell("results", 3),),
          (Cell("good", 3),), (Cell("causes", 3),), (Cell("units", 3),), (Cell("#review"), Cell("#signing"))),
    grade_field="", handed_at="filing", series="督办通报", ledger_title="督办通报登记",
    ledger=(Cell("@number", label="编号"), Cell("@opened", label="日期"), Cell("title"), Cell("since", label="自"), Cell("until"), Cell("@holder", label="现在办理人"),
            Cell("@stage", label="现在环节"), Cell("@late", label="超期天数")),
    internal=True, openers=(*OFFICE, INSPECTION_GROUP), circulates=("supervision_order", "liaison_slip"),
)
