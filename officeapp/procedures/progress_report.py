"""督办进展报告：每月书面报告，至办结为止（DB-7、DB-8、TL5）。It comes from a matter that is tracked and goes back to it."""

from officeapp.procedures.common import (
    CHIEF,
    DEPUTY,
    DRAFTER,
    OFFICE_REVIEWER,
    UNIT_HEAD,
    returns,
    straight_backs,
    withdrawals,
)
from officeapp.procedures.grammar import Cell, Field, Limit, Move, Needs, Procedure, Rung, Stage
from officeapp.procedures.supervised import CURRENT, INFORM, INSPECTORS, LUCHENG, MONTHLY, REDO, REVIEW, URGE

FIELDS = (
    Field("title", "标题", "text", required=True, longest=150),
    Field("due_on", "应报日期", "date", required=True, clause=MONTHLY),
    Field("progress", "进展情况", "lines", required=True, at="writing", longest=4000, hint="本月做了什么、到什么程度", clause=MONTHLY),
    Field("next_step", "下步安排", "lines", required=True, at="writing", longest=2000, hint="还有什么问题，下个月怎么办", clause=MONTHLY),
)

STAGES = (
    Stage("writing", "撰写", DRAFTER, MONTHLY),
    Stage("head_review", "负责人初审", UNIT_HEAD, REVIEW, box="初审"),
    Stage("vetting", "分管领导审阅", DEPUTY, REVIEW, box="审阅"),
    Stage("office_review", "办公室核稿", OFFICE_REVIEWER, REVIEW, box="核稿", clock="ended"),
    Stage("decision", "主要领导审定", CHIEF, REVIEW, box="审定", clock="ended"),
    Stage("filed", "已存", None, MONTHLY, clock="ended", closed=True),
    Stage("finished", "已存，督办单办结", None, MONTHLY, clock="ended", closed=True),
    Stage("moot", "免报", None, MONTHLY, clock="ended", closed=True),
)

FORWARD = (
    Move("submit", "报送负责人初审", "writing", "head_review", MONTHLY, needs=Needs(fields=("progress", "next_step"))),
    Move("head_pass", "初审通过，报分管领导审阅", "head_review", "vetting", REVIEW, default_note="情况属实，同意上报。"),
    Move("vet_pass", "审阅同意，送办公室核稿", "vetting", "office_review", REVIEW, default_note="同意。"),
    Move("office_pass", "核稿通过，呈主要领导", "office_review", "decision", REVIEW, default_note="拟请审定。"),
    Move("keep_tracking", "已阅，继续跟踪", "decision", "filed", MONTHLY, default_note="继续抓好落实。", withdrawable=False),
)
FINISH = Move("finish", "同意办结督办单", "decision", "finished", MONTHLY, default_note="同意办结。", withdrawable=False, on_parent="finish")
RETURNS = returns(STAGES, {"head_review": ("writing",), "vetting": ("writing", "head_review"),
                           "office_review": ("writing",), "decision": ("writing", "office_review")}, REDO)
BACK = straight_backs(("writing", "head_review", "office_review"), REDO)
WITHDRAWN = withdrawals(("head_review", "vetting", "office_review", "decision"), REVIEW)

LADDER = (
    Rung("before_5", "到期前5个工作日提醒报送", -5, (CURRENT,), MONTHLY),
    Rung("on_the_day", "应报当日提醒", 0, (CURRENT,), MONTHLY),
    Rung("overdue", "超期催报：责任人、负责人", 1, (CURRENT, UNIT_HEAD), URGE),
    Rung("notice", "督办通知：督考组、监督考核科、机关纪委", 5, INSPECTORS, INFORM, opens="supervision_notice"),
)

FORM = (
    (Cell("title", 3),), (Cell("due_on"), Cell("@drafter", label="撰写")), (Cell("progress", 3),), (Cell("next_step", 3),),
    (Cell("#head_review"), Cell("#vetting")), (Cell("#office_review"), Cell("#decision")),
)

PROGRESS_REPORT = Procedure(
    kind="progress_report", rulebook="lucheng-2019", edition=1, title="进展报告", rulebook_title="鹿城2019（办文办事效能通知）",
    source=LUCHENG, noun="进展报告", fields=FIELDS, rules=(), stages=STAGES,
    moves=FORWARD + (FINISH,) + RETURNS + BACK + WITHDRAWN,
    cycle=Limit(0, "day", MONTHLY, until="due_on"), ladder=LADDER, stage_ladder=(), form_title="督办事项进展报告", form=FORM,
    grade_field="", internal=True, dependent=True, ends_with_parent="moot",
)
