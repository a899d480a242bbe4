"""工作联系单（温鹿综法发〔2019〕20号 二（三）、附件2）：LX-1 … LX-8, TL6."""

from officeapp.procedures.clauses import Clause, Facts, Force, Guard
from officeapp.procedures.common import DEPUTY, DRAFTER, UNIT_HEAD, returns, straight_backs, voids, withdrawals
from officeapp.procedures.days import day, happened, in_order, not_far, not_past, since_opened
from officeapp.procedures.grammar import Cell, Field, Holder, Limit, Medium, Move, Needs, Procedure, Rule, Rung, Stage
from officeapp.procedures.supervised import (
    ARCHIVED,
    ARCHIVED_IN_ORDER,
    CURRENT,
    INFORM,
    INSPECTORS,
    LUCHENG,
    RESPONSIBLE,
    to_order,
)

FILLED = Clause(LUCHENG, "二（三）3①", "由发出科室（中队或局属单位）填写《工作联系单》，并做好登记。", Force.REQUIRED, "LX-3")
SENT = Clause(LUCHENG, "二（三）3②", "由发出科室将《工作联系单》发至相关科室（中队或局属单位）。", Force.REQUIRED, "LX-3")
HELPED = Clause(LUCHENG, "二（三）2", "对于其他科室要求协助办理的，相关科室要及时予以办理、指导、解决。", Force.REQUIRED, "LX-2")
FEEDBACK = Clause(LUCHENG, "二（三）3④", "承办科室原则上5个工作日内要将结果反馈至对方。", Force.NORMALLY, "LX-4")
EXPLAINED = Clause(LUCHENG, "二（三）3④", "遇特殊情况无法及时办理的，要向对方反馈理由和下步工作安排。", Force.REQUIRED, "LX-4")
URGED = Clause(LUCHENG, "二（三）3⑤", "承办科室未按要求办理并反馈情况的，发出科室可通过电话督催、上门了解情况等形式进行督办。", Force.OPTIONAL, "LX-5")
REPORTED = Clause(LUCHENG, "二（三）3⑤", "并将情况反馈至指挥中心督考组、监督考核科和机关纪委。", Force.REQUIRED, "LX-5")
KEPT = Clause(LUCHENG, "二（三）3⑥", "发出科室对落实情况建立台账，并对相关材料进行整理归档。", Force.REQUIRED, "LX-5")
JUDGED = Clause(LUCHENG, "附件2", "办结反馈：提前完成、在要求期限内完成、延期完成、未完成、拒绝接收，发出负责人签字。", Force.REQUIRED, "LX-8")
REFUSED = Clause(LUCHENG, "附件2", "办结反馈：拒绝接收。", Force.REQUIRED, "LX-7")
SENT_UP = Clause(LUCHENG, "二（三）3⑤", "承办科室未按要求办理的，可进行督办，并将情况反馈至指挥中心督考组、监督考核科和机关纪委。", Force.REQUIRED, "LX-7")

WAYS = (("qq", "QQ"), ("wechat", "微信"), ("fax", "传真"), ("paper", "书面"), ("other", "其他"), ("system", "其他（本系统）"))
OUTCOMES = (("early", "提前完成"), ("in_time", "在要求期限内完成"), ("late", "延期完成"), ("undone", "未完成"), ("refused", "拒绝接收"))
SENDER_HEAD = Holder("heads_of", "发出单位负责人", "from_unit")
HANDLER = Holder("people_of", "接收单位责任人", "to_unit", through="responsible")
SENDER = (DRAFTER, SENDER_HEAD)


def _by_dates(facts: Facts) -> str:
    """The outcome that the two dates speak for (LX-8); the head may choose another that they do not contradict."""
    done, due = str(facts.values.get("done_on") or ""), _due(facts)
    if "handling" not in facts.visited:
        return "refused"
    if not done:
        return "undone"
    return "early" if done < due else "in_time" if done == due else "late"


def _due(facts: Facts) -> str:
    return str(facts.values.get("due_on") or facts.due)


FIELDS = (
    Field("title", "事项", "text", required=True, longest=100, hint="一句话说清请对方办什么", clause=FILLED),
    Field("from_unit", "发出科室（中队或局属单位）", "own_unit", clause=FILLED),
    Field("to_unit", "接收科室（中队或局属单位）", "unit", required=True, clause=SENT),
    Field("content", "具体工作及要求", "lines", required=True, longest=2000, clause=FILLED),
    Field("due_on", "要求完成时间", "date", ahead=True, hint="不填的，按5个工作日计算", clause=FEEDBACK),
    Field("received_by", "接收方式", "choice", required=True, choices=WAYS, default="system", at="receipt", clause=SENT),
    Field("received_on", "接收日期", "date", required=True, at="receipt", clause=SENT),
    Field("responsible", "责任人", "person", required=True, at="receipt", per=("to_unit",), clause=RESPONSIBLE),
    Field("feedback", "工作完成情况反馈", "lines", required=True, at="handling", longest=4000, clause=FEEDBACK),
    Field("done_on", "实际完成时间", "date", required=True, at="handling", clause=FEEDBACK),
    Field("explanation", "未能及时办理的理由", "lines", required=True, at="handling", longest=1000, clause=EXPLAINED),
    Field("plan", "下步工作安排", "lines", required=True, at="handling", longest=1000, clause=EXPLAINED),
    Field("outcome", "办结反馈", "choice", required=True, choices=OUTCOMES, at="outcome", proposes=_by_dates, clause=JUDGED),
    *ARCHIVED,
)


def _contradicts(facts: Facts) -> bool:
    """Whether the outcome says otherwise than the dates do (LX-8)."""
    outcome, done, due = facts.values.get("outcome"), str(facts.values.get("done_on") or ""), _due(facts)
    if outcome == "undone":
        return bool(done) and done <= due
    if outcome in ("early", "in_time"):
        return not done or done > due or (outcome == "early" and done >= due)
    return outcome == "late" and (not done or done <= due)


def _received_before_sending(facts: Facts) -> bool:
    """In this system nothing is received before it is sent; paper may have gone ahead of its entry."""
    return facts.values.get("received_by") == "system" and "" < day(facts, "received_on") < facts.begun


RULES = (
    Rule("other_unit", Guard("接收单位就是发出单位", lambda f: bool(f.values.get("to_unit")) and f.values.get("to_unit") == f.values.get("from_unit")),
         "接收单位不能是本单位，请另选。", SENT),
    Rule("outcome_fits_the_dates", Guard("办结反馈与日期不符", _contradicts),
         "“办结反馈”与“要求完成时间”“实际完成时间”对不上：早于要求日的选提前完成，不晚于要求日的选在要求期限内完成，晚于的选延期完成；已按时完成的不选未完成，认为没有办好的请退回办理。请改选。", JUDGED, brought="outcome"),
    Rule("refused_means_refused", Guard("对方拒绝接收而选了别的结果", lambda f: "handling" not in f.visited and f.values.get("outcome") not in ("refused", "undone")),
         "对方没有接收办理，“办结反馈”只能选拒绝接收或未完成。", REFUSED, brought="outcome"),
    Rule("accepted_is_not_refused", Guard("对方已经接收而选了拒绝接收", lambda f: "handling" in f.visited and f.values.get("outcome") == "refused"),
         "对方已经接收办理，“办结反馈”不能选拒绝接收，请按完成情况改选。", REFUSED, brought="outcome"),
    Rule("due_leaves_a_day", Guard("要求完成时间不到1个工作日", lambda f: "" < day(f, "due_on") < f.next_workday()),
         "“要求完成时间”至少应留出1个工作日，请改为下一个工作日或以后的日期。确需更早完成的，请在“意见”里写明原因。", FEEDBACK, at="filling"),
    not_far("due_on", "要求完成时间", SENT),
    since_opened("received_on", "接收日期", SENT),
    Rule("received_once_sent", Guard("接收日期早于发出日期", _received_before_sending), "“接收日期”不能早于本件发出的日期，请改正。", SENT, brought="received_on"),
    happened("received_on", "接收日期", SENT),
    in_order("received_on", "done_on", "实际完成时间早于接收日期", "“实际完成时间”不能早于“接收日期”，请改正。", JUDGED, brought="done_on"),
    happened("done_on", "实际完成时间", JUDGED),
    *ARCHIVED_IN_ORDER,
)
DUE_AHEAD = not_past("due_on", "要求完成时间", SENT)

STAGES = (
    Stage("filling", "填写", DRAFTER, FILLED, may_edit=True, clock="before"),
    Stage("sender_sign", "发出负责人签字", SENDER_HEAD, SENT, clock="before", may_edit=True, box="发出单位负责人签字", medium=Medium.EITHER, recorder=(DRAFTER,)),
    Stage("receipt", "待接收", UNIT_HEAD, SENT, limit=Limit(1, "workday", HELPED), box="接收", medium=Medium.EITHER, recorder=(DRAFTER,)),
    Stage("handling", "办理", HANDLER, HELPED, box="办理"),
    Stage("receiver_sign", "接收负责人签字", UNIT_HEAD, FEEDBACK, box="接收单位负责人签字"),
    Stage("refused", "拒收协调", SENDER_HEAD, SENT_UP),
    Stage("outcome", "办结反馈", SENDER_HEAD, JUDGED, clock="ended", box="办结反馈签字"),
    Stage("archiving", "归档", DRAFTER, KEPT, clock="ended"),
    Stage("archived", "已归档", None, KEPT, clock="ended", closed=True),
    Stage("voided", "撤销", None, FILLED, clock="ended", closed=True),
)

FORWARD = (
    Move("submit", "送本单位负责人签字", "filling", "sender_sign", FILLED, ready=(DUE_AHEAD,)),
    Move("send", "签字发出", "sender_sign", "receipt", SENT, default_note="请协助办理。", ready=(DUE_AHEAD,)),
    Move("accept", "接收，确定责任人", "receipt", "handling", HELPED, needs=Needs(fields=("received_by", "received_on", "responsible")), withdrawable=False),
    Move("refuse", "拒绝接收", "receipt", "refused", REFUSED, needs=Needs(note=True), withdrawable=False, sets_off="prompt_slip"),
    Move("resend", "协调后重新发出", "refused", "receipt", SENT_UP, needs=Needs(note=True)),
    Move("give_up", "不再协调，作办结反馈", "refused", "outcome", REFUSED, default_note="对方拒绝接收，另行处理。"),
    Move("explain", "反馈理由和下步安排", "handling", "handling", EXPLAINED, needs=Needs(fields=("explanation", "plan")), contributes=True, withdrawable=False),
    Move("answer", "反馈完成情况，送负责人签字", "handling", "receiver_sign", FEEDBACK, needs=Needs(fields=("feedback", "done_on"))),
    Move("reply", "签字反馈发出单位", "receiver_sign", "outcome", FEEDBACK, default_note="同意反馈。"),
    Move("judge", "确认办结反馈", "outcome", "archiving", JUDGED, needs=Needs(fields=("outcome",)), withdrawable=False),
    Move("archive", "归档", "archiving", "archived", KEPT, needs=Needs(fields=("archived_on", "period")), withdrawable=False),
)
RETURNS = returns(STAGES, {"sender_sign": ("filling",), "receiver_sign": ("handling",), "outcome": ("handling",)}, FEEDBACK)
BACK = straight_backs(("filling", "handling"), FEEDBACK)
WITHDRAWN = withdrawals(("sender_sign", "receipt", "receiver_sign", "outcome"), SENT)
VOIDS = voids({"filling": SENDER, "sender_sign": SENDER, "receipt": SENDER}, "voided", FILLED)

LADDER = (
    Rung("before_1", "到期前1个工作日提醒", -1, (CURRENT,), FEEDBACK),
    Rung("on_the_day", "到期当日提醒", 0, (CURRENT,), FEEDBACK),
    Rung("overdue", "超期催办：责任人、负责人", 1, (CURRENT, UNIT_HEAD), URGED),
    Rung("prompt_slip", "督办提示单", 3, (UNIT_HEAD, DEPUTY, SENDER_HEAD), URGED, opens="prompt_slip"),
    Rung("notice", "督办通知：督考组、监督考核科、机关纪委", 5, INSPECTORS, REPORTED, opens="supervision_notice"),
)
STAGE_LADDER = (
    Rung("stage_overdue", "逾期未接收催办", 1, (CURRENT, SENDER_HEAD), URGED),
    Rung("stage_notice", "逾期未接收督办", 3, INSPECTORS, INFORM, opens="supervision_notice"),
)
FORM = (
    (Cell("from_unit", 3),), (Cell("content", 3),),
    (Cell("due_on"), Cell("#sender_sign", label="发出科室（中队或局属单位）负责人签字、日期")),
    (Cell("to_unit", 3),), (Cell("received_by", label="接收方式（QQ，微信，传真，书面，其他）"), Cell("received_on", label="日期")),
    (Cell("feedback", 3),),
    (Cell("done_on"), Cell("#receiver_sign", label="接收科室（中队或局属单位）负责人签字、日期")),
    (Cell("outcome", 3, ticked=True),), (Cell("#outcome", 3, label="发出科室（中队或局属单位）负责人签字、日期"),),
)
TWOFOLD = "说明：本联系单一式二份，发出科室（中队或局属单位）、接收科室（中队或局属单位）各一份。"

LEDGER_COLUMNS = (
    Cell("@number", label="内部号"), Cell("from_unit", label="发出"), Cell("to_unit", label="接收"), Cell("title"), Cell("@opened", label="登记日期"),
    Cell("@due", label="要求完成"), Cell("done_on", label="实际完成"), Cell("outcome"), Cell("@urged", label="督办次数"), Cell("@stage", label="现在环节"),
    Cell("@late", label="超期天数"), Cell("archived_on"),
)

LIAISON_SLIP = Procedure(
    kind="liaison_slip", rulebook="lucheng-2019", edition=1, title="联系单", rulebook_title="鹿城2019（办文办事效能通知）",
    source=LUCHENG, noun="联系单", fields=FIELDS, rules=RULES, stages=STAGES, moves=FORWARD + RETURNS + BACK + WITHDRAWN + VOIDS,
    cycle=Limit(5, "workday", FEEDBACK, until="due_on"), ladder=LADDER, stage_ladder=STAGE_LADDER,
    form_title="工作联系单", form=FORM, form_note=TWOFOLD, copies=("发出单位存", "接收单位存"),
    grade_field="", unit_field="to_unit", handed_at="receipt", series="联系单", ledger_title="联系单台账", ledger=LEDGER_COLUMNS, supervisors=SENDER,
    offshoots=(to_order(),),
)
