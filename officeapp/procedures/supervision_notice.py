"""督办提示单和督办通知：办公室把未落实的情况正式告知，编号、签收、答复（DB-10、LX-5）。"""

from officeapp.procedures.clauses import Clause, Force, Guard
from officeapp.procedures.common import OFFICE_DIRECTOR, UNIT_HEAD
from officeapp.procedures.grammar import Cell, Field, Holder, Limit, Move, Needs, Procedure, Rule, Rung, Stage
from officeapp.procedures.supervised import CURRENT, INFORM, INSPECTORS, LUCHENG, URGE

ANSWERED = Clause(LUCHENG, "二（五）", "对贯彻落实不好的，查明原因，通报批评；造成一定影响的，追究负责人的责任。", Force.REQUIRED, "FZ-1")
EACH_OF_THREE = Clause(LUCHENG, "二（二）3⑤", "将情况反馈至指挥中心督考组、监督考核科和机关纪委。", Force.NORMALLY, "DB-10")
ALL_ANSWERED = Rule(
    "all_three_answered", Guard("还有单位没有答复", lambda f: f.desks > 1),
    "督考组、监督考核科、机关纪委中还有没有答复的，请等其按“答复本单位意见”。确需先反馈的，请在“意见”里写明原因。", EACH_OF_THREE)

FIELDS = (
    Field("title", "事项", "text", required=True, longest=200),
    Field("content", "情况", "lines", required=True, longest=4000, hint="应办什么、何时到期、依据什么、之前做过什么"),
)


def _rungs(to: tuple[Holder, ...], clause: Clause) -> tuple[Rung, ...]:
    return (Rung("on_the_day", "签收、答复到期提醒", 0, (CURRENT,), clause), Rung("overdue", "超期催办", 1, (*to, OFFICE_DIRECTOR), clause))


def _columns(answer: str) -> tuple[Cell, ...]:
    return (Cell("@number", label="编号"), Cell("@opened", label="日期"), Cell("title"), Cell("@unit", label="承办单位"), Cell("@holder", label="现在办理人"),
            Cell(answer), Cell("@due", label="答复期限"), Cell("@stage", label="现在环节"), Cell("@late", label="超期天数"))


PROMPT_SLIP = Procedure(
    kind="prompt_slip", rulebook="lucheng-2019", edition=1, title="督办提示单", rulebook_title="鹿城2019（办文办事效能通知）",
    source=LUCHENG, noun="督办提示单",
    fields=(*FIELDS, Field("measures", "整改措施和完成时间", "lines", required=True, at="receipt", longest=2000, clause=URGE)),
    rules=(),
    stages=(Stage("receipt", "待签收答复", UNIT_HEAD, URGE, box="签收"), Stage("filed", "已答复", None, URGE, clock="ended", closed=True),
            Stage("moot", "已办结免答", None, URGE, clock="ended", closed=True)),
    moves=(Move("answer", "签收并答复", "receipt", "filed", URGE, needs=Needs(fields=("measures",)), withdrawable=False),),
    cycle=Limit(2, "workday", URGE), ladder=_rungs((UNIT_HEAD,), URGE), stage_ladder=(), form_title="督办提示单",
    form=((Cell("@number", label="编号"), Cell("@opened", label="日期")), (Cell("title", 3),), (Cell("content", 3),), (Cell("measures", 3),), (Cell("#receipt", 3),)),
    grade_field="", series="督办提示", ledger_title="督办提示单登记", ledger=_columns("measures"), internal=True, dependent=True, ends_with_parent="moot",
)

SUPERVISION_NOTICE = Procedure(
    kind="supervision_notice", rulebook="lucheng-2019", edition=1, title="督办通知", rulebook_title="鹿城2019（办文办事效能通知）",
    source=LUCHENG, noun="督办通知",
    fields=(*FIELDS, Field("findings", "督考情况反馈", "lines", required=True, at="inspection", longest=2000, clause=ANSWERED)),
    rules=(),
    stages=(Stage("receipt", "待签收", INSPECTORS, INFORM, how="all", limit=Limit(1, "workday", INFORM), box="签收"),
            Stage("inspection", "督考反馈", INSPECTORS, ANSWERED, how="lead", box="反馈"),
            Stage("filed", "已反馈", None, ANSWERED, clock="ended", closed=True)),
    moves=(Move("receive", "签收", "receipt", "inspection", INFORM, withdrawable=False),
           Move("answer", "答复本单位意见", "inspection", "inspection", ANSWERED, needs=Needs(note=True), contributes=True, withdrawable=False),
           Move("report_back", "反馈督考情况", "inspection", "filed", ANSWERED, needs=Needs(fields=("findings",)), ready=(ALL_ANSWERED,),
                withdrawable=False)),
    cycle=Limit(5, "workday", ANSWERED), ladder=_rungs((INSPECTORS[0],), ANSWERED), stage_ladder=(), form_title="督办通知",
    form=((Cell("@number", label="编号"), Cell("@opened", label="日期")), (Cell("title", 3),), (Cell("content", 3),),
          (Cell("#receipt", 3),), (Cell("findings", 3),), (Cell("#inspection", 3),)),
    grade_field="", series="督办通知", ledger_title="督办通知登记", ledger=_columns("findings"), internal=True, dependent=True,
)
