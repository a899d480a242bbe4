"""What every matter under supervision shares: the notice of 2019 on 办事, its roles, its ladder (DB, LX)."""

from officeapp.procedures.clauses import Clause, Force, Guard
from officeapp.procedures.common import (
    DEPUTY,
    DISPATCH_CLERK,
    OFFICE_DIRECTOR,
    OFFICE_REVIEWER,
    REGISTRY_CLERK,
    UNIT_HEAD,
)
from officeapp.procedures.days import happened, since_opened
from officeapp.procedures.grammar import Field, Holder, Offshoot, Rung

LUCHENG = "温鹿综法发〔2019〕20号"
CIVIL_CODE = "《中华人民共和国民法典》"

SCOPE = Clause(LUCHENG, "二（二）1", "党组（局长办公）会议决定事项、局长批示件以及局领导交办的工作任务。", Force.REQUIRED, "DB-1")
RESPONSIBLE = Clause(LUCHENG, "二", "做到事事有科室承办，件件有专人负责。", Force.REQUIRED, "GEN-1")
SIGNED_FOR = Clause(LUCHENG, "二（二）3②", "将《工作督办单》及相关文件分别传送至相关分管领导、科室（局属单位），明确落实办理的具体要求和时限。", Force.REQUIRED, "DB-4")
COMMON_EFFORT = Clause(LUCHENG, "二（二）3③", "牵头科室要主动与会办科室积极配合，不得相互推诿、扯皮，共同做好办理工作。", Force.NORMALLY, "DB-5")
FEEDBACK = Clause(LUCHENG, "二（二）3④", "严格按照交办时限要求反馈办理落实情况。", Force.REQUIRED, "DB-7")
MONTHLY = Clause(LUCHENG, "二（二）3④", "已报送办理报告但需要继续跟踪落实的，须每月书面报告进展情况，至办结为止。", Force.FORBIDDEN, "DB-7")
REVIEW = Clause(LUCHENG, "二（二）3④", "办理报告经科室负责人初审、分管领导审阅报送至办公室，由办公室核稿后呈送主要领导。", Force.REQUIRED, "DB-8")
REDO = Clause(LUCHENG, "二（二）3⑤", "发现未按领导要求办理的或弄虚作假、情况不实，办理质量不高的，一律退回重新办理。", Force.FORBIDDEN, "DB-9")
URGE = Clause(LUCHENG, "二（二）3⑤", "未按要求抓好落实或反馈情况的，可通过电话督催、上门了解情况等形式进行督办。", Force.OPTIONAL, "DB-10")
INFORM = Clause(LUCHENG, "二（二）3⑤", "将情况反馈至指挥中心督考组、监督考核科和机关纪委。", Force.REQUIRED, "DB-10")
LEDGER = Clause(LUCHENG, "二（二）3⑥", "督办单办理结束后，办公室对落实情况建立台账，并整理归档。", Force.REQUIRED, "DB-11")

INSPECTION_GROUP = Holder("bureau", "指挥中心督考组", "inspection_group", optional=True)
ASSESSMENT_SECTION = Holder("bureau", "监督考核科", "assessment_section", optional=True)
DISCIPLINE_COMMITTEE = Holder("bureau", "机关纪委", "discipline_committee", optional=True)
INSPECTORS = (INSPECTION_GROUP, ASSESSMENT_SECTION, DISCIPLINE_COMMITTEE)

CURRENT = Holder("current", "当前办理人")

PERIODS = (("Y", "永久"), ("D30", "30年"), ("D10", "10年"))
ARCHIVED = (
    Field("archived_on", "归档日期", "date", required=True, at="archiving", clause=LEDGER),
    Field("period", "保管期限", "choice", required=True, choices=PERIODS, default="D10", at="archiving", clause=LEDGER),
)
ARCHIVED_IN_ORDER = (since_opened("archived_on", "归档日期", LEDGER), happened("archived_on", "归档日期", LEDGER))

OFFICE = (OFFICE_DIRECTOR, OFFICE_REVIEWER, REGISTRY_CLERK, DISPATCH_CLERK)  # who registers and assigns orders (DB-2)


def to_order(when: Guard | None = None) -> Offshoot:
    """「转为督办单」 from a matter of another kind, also from one that is done: each shows the other (DB-1)."""
    return Offshoot("supervision_order", "转为督办单", SCOPE, who=OFFICE, when=when, after_closing=True,
                    suggests=(("title", "@title"), ("content", "@name")))


# 提前提醒 → 到期 → 超期催办 → 办公室督办（提示单） → 督办通知；the bureau's thresholds are this table.
LADDER = (
    Rung("before_3", "到期前3个工作日提醒", -3, (CURRENT,), FEEDBACK),
    Rung("on_the_day", "到期当日提醒", 0, (CURRENT,), FEEDBACK),
    Rung("overdue", "超期催办：承办人、负责人", 1, (CURRENT, UNIT_HEAD), URGE),
    Rung("prompt_slip", "办公室督办：督办提示单", 3, (UNIT_HEAD, DEPUTY, OFFICE_DIRECTOR), URGE, opens="prompt_slip"),
    Rung("notice", "督办通知：督考组、监督考核科、机关纪委", 6, INSPECTORS, INFORM, opens="supervision_notice"),
)
STAGE_LADDER = (
    Rung("stage_on_the_day", "环节到期当日提醒", 0, (CURRENT,), SIGNED_FOR),
    Rung("stage_overdue", "环节超期催办", 1, (CURRENT,), URGE),
    Rung("stage_office", "环节超期督办", 2, (UNIT_HEAD, OFFICE_DIRECTOR), URGE),
)
