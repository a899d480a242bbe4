"""群众事务（温鹿综法发〔2019〕20号 二（四））：来访、来信、来电件件有着落（QZ-1 … QZ-5, JG-3, JG-7, TL16）。"""

import re

from officeapp.numerals import IDENTITY, TELEPHONE
from officeapp.procedures.clauses import OWN_UNIT, By, Clause, Facts, Force, Guard
from officeapp.procedures.common import (
    DEPUTY,
    DISPATCH_CLERK,
    DRAFTER,
    OFFICE_DIRECTOR,
    UNIT_HEAD,
    has,
    returns,
    straight_backs,
    voids,
    withdrawals,
)
from officeapp.procedures.days import not_far, not_past
from officeapp.procedures.grammar import (
    Cell,
    Field,
    Holder,
    Limit,
    Move,
    Needs,
    Offshoot,
    Procedure,
    Rule,
    Rung,
    Stage,
)
from officeapp.procedures.supervised import CURRENT, INSPECTORS, LUCHENG, PERIODS, RESPONSIBLE, to_order

PETITIONS = "《信访工作条例》"
DIALLED = re.compile(r"[\d\- 转、+()（）]*")  # a number, its extension, or two of them
GUIDE = "机关办事程序制度范本"

RECEIVED = Clause(LUCHENG, "二（四）3", "由接待科室（中队和局属单位）做好登记、交办、反馈、督办、归档等工作。", Force.REQUIRED, "QZ-4")
AT_ONCE = Clause(LUCHENG, "二（四）2", "能立即解决的必须立即解决。", Force.FORBIDDEN, "QZ-2")
EXPLAINED = Clause(LUCHENG, "二（四）2", "一时解决不了的要认真耐心解释，尽量让群众满意而归。", Force.REQUIRED, "QZ-2")
LIABLE = Clause(LUCHENG, "二（四）2", "没有正当理由拖延办理、贻误时机的，要追究科室负责同志和经办人的责任。", Force.REQUIRED, "QZ-3")
RECEIPT = Clause(GUIDE, "受理", "符合条件的予以受理并出具受理凭证；不予受理的，说明理由。", Force.REQUIRED, "JG-3")
OBJECTED = Clause(GUIDE, "异议", "设专门渠道受理异议，及时答复、协调；申请人可以补充证据。", Force.REQUIRED, "JG-7")
TOLD_15 = Clause(PETITIONS, "第二十三条", "直接收到信访事项的，当场或者自收到之日起15日内书面告知是否受理。", Force.REQUIRED, "TL16")
NOT_OURS = Clause(PETITIONS, "第二十三条", "不属于本机关职责的，自收到转送之日起5个工作日内提出异议并说明理由。", Force.REQUIRED, "TL16")
DONE_60 = Clause(PETITIONS, "第三十四条", "自受理之日起60日内办结；情况复杂的，经负责人批准可以延长不超过30日并告知。", Force.REQUIRED, "TL16")
REVIEW_30 = Clause(PETITIONS, "第三十五条", "复查自收到请求之日起30日内提出意见并书面答复。", Force.REQUIRED, "TL16")

WAYS = (("visit", "来访"), ("letter", "来信"), ("call", "来电"), ("online", "网络"))
CLOCKS = (("at_once", "咨询求助（当场办理）"), ("agreed", "投诉举报（5个工作日或约定日期）"), ("petition", "信访事项（60日）"))
ANSWERS = (("phone", "电话"), ("face", "当面"), ("letter", "书面"), ("online", "网上"))
HANDLER = Holder("people_of", "经办人", "unit", through="responsible")
RECEIVING_HEAD = Holder("heads_of", "接待单位负责人", "from_unit")
REVIEWER = Holder("people_in", "复查人", "reviewer")

FIELDS = (
    Field("title", "事由", "text", required=True, longest=80, hint="不写群众姓名", clause=RECEIVED),
    Field("way", "来源", "choice", required=True, choices=WAYS, default="visit", clause=RECEIVED),
    Field("clock", "办理时限", "choice", required=True, choices=CLOCKS, default="at_once", clause=AT_ONCE),
    Field("citizen", "群众称呼", "text", longest=20, personal=True, hint="如“张先生”；匿名的不填", clause=RECEIVED),
    Field("phone", "联系电话", "text", longest=30, personal=True, hint="只为答复使用", clause=RECEIVED),
    Field("content", "反映内容", "lines", required=True, longest=2000, clause=RECEIVED),
    Field("from_unit", "接待单位", "own_unit", clause=RECEIVED),
    Field("unit", "承办单位", "unit", required=True, default=OWN_UNIT, hint="先填的是您的单位；归别的单位办的，在这里改", clause=RECEIVED),
    Field("due_on", "约定答复日期", "date", ahead=True, hint="投诉举报类可以填；不填的按5个工作日", clause=EXPLAINED),
    Field("answer", "办理结果", "lines", required=True, at="registration", longest=2000, clause=AT_ONCE),
    Field("responsible", "经办人", "person", required=True, at="receipt", per=("unit",), clause=RESPONSIBLE),
    Field("told_by", "受理告知方式", "choice", required=True, choices=ANSWERS, default="letter", at="acceptance", clause=TOLD_15),
    Field("told_on", "受理告知日期", "date", required=True, at="acceptance", clause=TOLD_15),
    Field("result", "办理情况", "lines", required=True, at="handling", longest=3000, clause=RECEIVED),
    Field("explanation", "向群众解释的情况", "lines", required=True, at="handling", longest=1000, clause=EXPLAINED),
    Field("answered_by", "答复方式", "choice", required=True, choices=ANSWERS, default="phone", at="answering", clause=EXPLAINED),
    Field("answered_on", "答复日期", "date", required=True, at="answering", clause=EXPLAINED),
    Field("objection", "群众异议", "lines", required=True, at="answering", longest=1000, clause=OBJECTED),
    Field("reviewer", "复查人", "person", required=True, at="objection", clause=OBJECTED),
    Field("review", "复查意见", "lines", required=True, at="reviewing", longest=2000, clause=REVIEW_30),
    Field("period", "保管期限", "choice", required=True, choices=PERIODS, default="D10", at="archiving", clause=RECEIVED),
)


def _same_person(facts: Facts) -> bool:
    named = (facts.values.get("responsible") or {}).values()
    return facts.values.get("reviewer") in named


def _names_an_identity(facts: Facts) -> bool:
    """An identity number anywhere, or a telephone in what every list shows (domain.md 7.2: only what is necessary)."""
    title, content = (str(facts.values.get(key) or "") for key in ("title", "content"))
    return bool(IDENTITY.search(title + "\n" + content) or TELEPHONE.search(title))


RULES = (
    Rule("only_what_is_needed", Guard("写了身份证号，或者事由里写了电话", _names_an_identity),
         "不登记身份证号码；电话只写在“联系电话”栏，“事由”在列表里人人看得到。请删去后再办。", RECEIVED),
    Rule("another_person_reviews", Guard("复查人就是原经办人", _same_person), "复查应由原经办人以外的人办理，请另选复查人。", OBJECTED, brought="reviewer"),
    Rule("phone_is_a_number", Guard("联系电话里有别的内容", lambda f: not DIALLED.fullmatch(str(f.values.get("phone") or ""))),
         "“联系电话”只填号码，可以用“-”、空格和“转”，如 0577-88001234转806；别的话写在“反映内容”里。", RECEIVED, brought="phone"),
    not_past("due_on", "约定答复日期", EXPLAINED, brought="due_on"),
    not_far("due_on", "约定答复日期", EXPLAINED),
    Rule("answered_by_today", Guard("答复日期晚于今天", lambda f: bool(f.today) and str(f.values.get("answered_on") or "") > f.today),
         "“答复日期”不能晚于今天，请改正。", EXPLAINED, brought="answered_on"),
)
PETITION = Guard("信访事项", has("clock", "petition").test)
SIMPLE = Guard("咨询求助、投诉举报", has("clock", "at_once", "agreed").test)

STAGES = (
    Stage("registration", "登记", DRAFTER, RECEIVED, may_edit=True),
    Stage("receipt", "待接办", UNIT_HEAD, RECEIVED, limit=By("clock", {"petition": Limit(5, "workday", NOT_OURS)}, otherwise=Limit(1, "workday", RECEIVED)), box="接办"),
    Stage("acceptance", "受理告知", HANDLER, TOLD_15, limit=Limit(15, "day", TOLD_15, roll=True, from_opening=True)),
    Stage("handling", "办理", HANDLER, RECEIVED),
    Stage("head_review", "负责人审核", UNIT_HEAD, RECEIVED, box="审核"),
    Stage("answering", "答复群众", DRAFTER, EXPLAINED, limit=Limit(1, "workday", EXPLAINED)),
    Stage("objection", "异议受理", UNIT_HEAD, OBJECTED, limit=Limit(1, "workday", OBJECTED)),
    Stage("reviewing", "复查", REVIEWER, OBJECTED, limit=Limit(30, "day", REVIEW_30, roll=True), box="复查"),
    Stage("archiving", "归档", DRAFTER, RECEIVED, clock="ended"),
    Stage("archived", "已归档", None, RECEIVED, clock="ended", closed=True),
    Stage("voided", "不予受理", None, RECEIPT, clock="ended", closed=True),
)
FORWARD = (
    Move("settle", "当场办结", "registration", "archiving", AT_ONCE, when=SIMPLE, needs=Needs(fields=("answer",)), withdrawable=False),
    Move("assign", "交承办单位", "registration", "receipt", RECEIVED, default_note="请及时办理并答复群众。"),
    Move("accept", "接办，确定经办人", "receipt", "handling", RECEIVED, when=SIMPLE, needs=Needs(fields=("responsible",)), withdrawable=False),
    Move("accept_petition", "接办，确定经办人", "receipt", "acceptance", RECEIVED, when=PETITION, needs=Needs(fields=("responsible",)),
         withdrawable=False),
    Move("told", "已书面告知受理", "acceptance", "handling", TOLD_15, needs=Needs(fields=("told_by", "told_on"))),
    Move("report", "报送办理情况", "handling", "head_review", RECEIVED, needs=Needs(fields=("result", "explanation"))),
    Move("pass", "审核通过，答复群众", "head_review", "answering", RECEIVED, default_note="同意答复。"),
    Move("answer", "已答复，群众无异议", "answering", "archiving", EXPLAINED, needs=Needs(fields=("answered_by", "answered_on"))),
    Move("object", "群众有异议，另行复查", "answering", "objection", OBJECTED, needs=Needs(fields=("answered_by", "answered_on", "objection")), withdrawable=False),
    Move("appoint", "确定复查人", "objection", "reviewing", OBJECTED, needs=Needs(fields=("reviewer",)), withdrawable=False),
    Move("reviewed", "出具复查意见，答复群众", "reviewing", "answering", REVIEW_30, needs=Needs(fields=("review",)), withdrawable=False),
    Move("archive", "归档", "archiving", "archived", RECEIVED, needs=Needs(fields=("period",)), withdrawable=False),
)
RETURNS = returns(STAGES, {"head_review": ("handling",), "receipt": ("registration",)}, NOT_OURS)
BACK = straight_backs(("registration", "handling"), RECEIVED)
WITHDRAWN = withdrawals(("receipt", "head_review", "answering"), RECEIVED)
VOIDS = voids({"registration": (DRAFTER, UNIT_HEAD), "acceptance": (HANDLER, UNIT_HEAD)}, "voided", RECEIPT)

LADDER = (
    Rung("before_1", "到期前1个工作日提醒", -1, (CURRENT,), RECEIVED),
    Rung("on_the_day", "到期当日提醒", 0, (CURRENT,), RECEIVED),
    Rung("overdue", "超期催办：经办人、负责人", 1, (CURRENT, UNIT_HEAD), LIABLE),
    Rung("prompt_slip", "督办提示单", 2, (UNIT_HEAD, DEPUTY, OFFICE_DIRECTOR), LIABLE, opens="prompt_slip"),
    Rung("notice", "督办通知：督考组、监督考核科、机关纪委", 5, INSPECTORS, LIABLE, opens="supervision_notice"),
)
STAGE_LADDER = (Rung("stage_overdue", "环节超期催办", 1, (CURRENT, UNIT_HEAD), LIABLE),)

FORM = (
    (Cell("@number", label="编号"), Cell("@opened", label="登记日期")), (Cell("title", 3),), (Cell("way"), Cell("clock")),
    (Cell("citizen"), Cell("phone")), (Cell("content", 3),), (Cell("from_unit"), Cell("@drafter", label="接待人")), (Cell("unit"), Cell("responsible")),
    (Cell("result", 3),), (Cell("explanation", 3),), (Cell("#head_review", 3),), (Cell("answer", 3),),
    (Cell("answered_by"), Cell("answered_on")), (Cell("objection", 3),), (Cell("review", 3),),
)
RECEIPT_FORM = ((Cell("@number", label="编号"), Cell("@opened", label="登记日期")), (Cell("title", 3),), (Cell("way"), Cell("clock")),
                (Cell("unit"), Cell("@due", label="答复期限")), (Cell("answer", 3),), (Cell("@drafter", label="接待人"), Cell("@by_hand", label="咨询电话")),
                (Cell("@by_hand", 3, label="接待单位（盖章处）"),))

LEDGER_COLUMNS = (
    Cell("@number", label="编号"), Cell("@opened", label="登记日期"), Cell("way"), Cell("title"), Cell("citizen", label="群众"), Cell("phone", label="电话"),
    Cell("from_unit"), Cell("unit"), Cell("responsible"), Cell("clock"), Cell("@due", label="期限"), Cell("answered_on"), Cell("objection", label="异议"),
    Cell("@urged", label="督办次数"), Cell("@stage", label="现在环节"), Cell("@late", label="超期天数"), Cell("@liable", label="超期责任人"),
)

PUBLIC_MATTER = Procedure(
    kind="public_matter", rulebook="lucheng-2019", edition=1, title="群众事务", rulebook_title="鹿城2019（办文办事效能通知）",
    source=LUCHENG, noun="群众事务", fields=FIELDS, rules=RULES, stages=STAGES, moves=FORWARD + RETURNS + BACK + WITHDRAWN + VOIDS,
    cycle=By("clock", {"at_once": Limit(1, "workday", AT_ONCE), "agreed": Limit(5, "workday", EXPLAINED, until="due_on"),
                       "petition": Limit(60, "day", DONE_60, roll=True)}),
    ladder=LADDER, stage_ladder=STAGE_LADDER, form_title="群众事务登记表", form=FORM, grade_field="clock", unit_field="unit",
    handed_at="receipt", series="群众", ledger_title="群众事务登记簿", ledger=LEDGER_COLUMNS, supervisors=(DRAFTER, RECEIVING_HEAD, UNIT_HEAD, OFFICE_DIRECTOR, DISPATCH_CLERK), receipt_title="群众事务受理回执", receipt=RECEIPT_FORM,
    offshoots=(Offshoot("extension_request", "申请延期", EXPLAINED, who=(HANDLER, UNIT_HEAD), stages=("acceptance", "handling", "head_review"),
                        when=Guard("时限届满前", lambda f: not f.due or f.today <= f.due), carries=(("title", "title"), ("old_due", "@due")), at_most=By("clock", {"petition": Limit(30, "day", DONE_60)}), once=True),
               to_order()),
)
