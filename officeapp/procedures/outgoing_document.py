"""发文，鹿城 2019（温鹿综法发〔2019〕20号）：普通件线上办理，平急件、加急件纸质签发。

The default rulebook: FW-1 … FW-20, TL1–TL3, TL11.
"""

from officeapp.procedures.clauses import By, Clause, Force
from officeapp.procedures.common import (
    CHIEF,
    DEPUTY,
    DISPATCH_CLERK,
    DRAFTER,
    LEGAL_REVIEWER,
    OFFICE,
    OFFICE_DIRECTOR,
    OFFICE_REVIEWER,
    REGISTRY_CLERK,
    UNIT_HEAD,
    been_at,
    both,
    no,
    returns,
    straight_backs,
    voids,
    withdrawals,
)
from officeapp.procedures.grammar import Gate, Limit, Medium, Move, Needs, Procedure, Stage
from officeapp.procedures.official_document import (
    ARCHIVE,
    CYCLE_LADDER,
    DRAFT_3D,
    DRAFT_24H,
    DRAFTING,
    EXPEDITED_LIMIT,
    FIELDS,
    FORM,
    IMPORTANT_GRADE,
    ISSUING,
    LUCHENG,
    NORMATIVE,
    NOT_REVIEWED,
    NUMBER,
    ORDINARY_GRADE,
    ORDINARY_LIMIT,
    PAPER_CHANNEL,
    PROOF_MATCHES,
    RULES,
    STAGE_LADDER,
    TO_ORDER,
    UNCHANGED,
    URGENT_LIMIT,
)

UNIT_SIGN = Clause(LUCHENG, "一（二）2①", "经科室负责人检查审核，在“核稿”栏签字。", Force.REQUIRED, "FW-11")
VETTING = Clause(LUCHENG, "一（二）2①", "报送分管领导审阅，同意后在“审阅”栏签字。", Force.REQUIRED, "FW-11")
LEGALITY = Clause(LUCHENG, "一（二）2①", "涉及规范性文件合法性审查的，由政策法规科审查并提供合法性审查材料。", Force.REQUIRED, "FW-12")
LEGALITY_TIME = Clause("国办发〔2018〕115号", "三（八）", "合法性审核时间一般不少于5个工作日，最长不超过15个工作日。", Force.NORMALLY, "Q4")
OFFICE_SIGN = Clause(LUCHENG, "一（二）2②", "办公室对行文方式、公文格式、文字内容作全面审查，在“核稿”栏签字。", Force.REQUIRED, "FW-13")
OFFICE_RETURN = Clause(LUCHENG, "一（二）2②", "不符合要求的，退回起草科室。", Force.REQUIRED, "FW-13")
OFFICE_ONLY = Clause(LUCHENG, "一（二）2③", "办公室审核通过后提交至主要领导签发，严禁起草科室直接递交。", Force.FORBIDDEN, "FW-14")
SIGNING = Clause(LUCHENG, "一（二）2③", "文稿一经签发后，即成为最终定稿。", Force.FORBIDDEN, "FW-15")
PROOF = Clause(LUCHENG, "一（二）2⑤", "以文件定稿为基准，认真仔细校对。", Force.REQUIRED, "FW-17")
NO_CHANGE = Clause(LUCHENG, "一（二）2⑥", "不得随意改动，确需改动的要报主要领导批准。", Force.FORBIDDEN, "FW-18")
ROUTE = Clause(LUCHENG, "一（二）1", "普通件根据OA系统流程办理。", Force.REQUIRED, "FW-3")
PAPER = Clause(LUCHENG, "一（二）2", "平急件、加急件根据纸质签发流程办理。", Force.REQUIRED, "FW-3")
SET_ASIDE = Clause("《党政机关公文处理工作条例》", "第二十一条", "不宜发文的，退回起草部门并说明理由。", Force.REQUIRED, "FW-43")

# The notice wants paper for the two urgent grades; a bureau may allow them online.
MEDIUM = By("grade", {"ordinary": Medium.ONLINE}, otherwise=By(
    "", {True: Medium.EITHER}, otherwise=Medium.PAPER, option="important_grades_online"))
CLERKS = (REGISTRY_CLERK, DISPATCH_CLERK, OFFICE_REVIEWER)

FROM_OFFICE = ("office_review", "numbering", "proofreading", "dispatch")

STAGES = (
    Stage("drafting", "起草", DRAFTER, DRAFTING, limit=By("grade", {"ordinary": DRAFT_24H, "expedited": DRAFT_3D}),
          may_edit=True, text_due=True),
    Stage("unit_review", "科室核稿", UNIT_HEAD, UNIT_SIGN, medium=MEDIUM, recorder=(DRAFTER, *CLERKS),
          may_edit=True, box="核稿（科室）"),
    Stage("vetting", "分管审阅", DEPUTY, VETTING, medium=MEDIUM, recorder=(DRAFTER, *CLERKS), box="审阅"),
    Stage("legality_review", "合法性审查", LEGAL_REVIEWER, LEGALITY, limit=Limit(15, "workday", LEGALITY_TIME),
          clock="pauses", box="合法性审查", of_text=True),
    Stage("office_review", "办公室审核", OFFICE_REVIEWER, OFFICE_SIGN, medium=MEDIUM, recorder=CLERKS,
          may_edit=True, box="核稿（办公室）"),
    Stage("signing", "签发", By("grade", {"ordinary": DEPUTY}, otherwise=CHIEF), SIGNING, medium=MEDIUM,
          recorder=CLERKS, box="签发",
          gate=Gate(OFFICE, FROM_OFFICE, "签发件只能由办公室审核通过后报送，起草科室不得直接递交领导。请先送办公室审核。", OFFICE_ONLY)),
    Stage("numbering", "编号", REGISTRY_CLERK, NUMBER),
    Stage("proofreading", "校对", REGISTRY_CLERK, PROOF, box="校对"),
    Stage("dispatch", "印发", DISPATCH_CLERK, ISSUING, box="印发"),
    Stage("archiving", "归档", DISPATCH_CLERK, ARCHIVE, clock="ended"),
    Stage("archived", "已归档", None, ARCHIVE, clock="ended", closed=True),
    Stage("voided", "作废", None, SET_ASIDE, clock="ended", closed=True),
)

REVIEWED = no(both("规范性文件且未审查", NORMATIVE, NOT_REVIEWED), "不需要再作合法性审查")
VETTED = no(both("平急件、加急件且未经审阅", IMPORTANT_GRADE, no(been_at("vetting"), "未经审阅")), "已经分管领导审阅")
FORWARD = (
    Move("submit", "送科室核稿", "drafting", "unit_review", DRAFTING),
    Move("unit_pass", "通过，报分管领导审阅", "unit_review", "vetting", UNIT_SIGN, when=IMPORTANT_GRADE,
         default_note="同意送审。"),
    Move("unit_pass_ordinary", "通过，送办公室审核", "unit_review", "office_review", ROUTE,
         when=both("普通件，不需合法性审查", ORDINARY_GRADE, REVIEWED), default_note="同意送审。"),
    Move("unit_to_legality", "通过，送合法性审查", "unit_review", "legality_review", LEGALITY,
         when=both("普通件，规范性文件", ORDINARY_GRADE, NORMATIVE, NOT_REVIEWED), default_note="同意送审。"),
    Move("vet_pass", "同意，送办公室审核", "vetting", "office_review", VETTING, when=REVIEWED, default_note="同意。"),
    Move("vet_to_legality", "同意，送合法性审查", "vetting", "legality_review", LEGALITY,
         when=both("规范性文件且未审查", NORMATIVE, NOT_REVIEWED), default_note="同意。"),
    Move("legality_pass", "出具审查意见，送办公室审核", "legality_review", "office_review", LEGALITY,
         needs=Needs(note=True, attachment="legal_opinion")),
    Move("office_pass", "通过，报主要领导签发", "office_review", "signing", OFFICE_ONLY,
         when=both("平急件、加急件，审阅审查齐备", IMPORTANT_GRADE, VETTED, REVIEWED), default_note="格式规范，拟同意报签。"),
    Move("office_pass_ordinary", "通过，报分管领导签发", "office_review", "signing", ROUTE,
         when=both("普通件，审查齐备", ORDINARY_GRADE, REVIEWED), default_note="格式规范，拟同意报签。"),
    Move("office_to_legality", "送合法性审查", "office_review", "legality_review", LEGALITY,
         when=both("规范性文件且未审查", NORMATIVE, NOT_REVIEWED)),
    Move("office_to_vetting", "送分管领导审阅", "office_review", "vetting", VETTING,
         when=both("平急件、加急件且未经审阅", IMPORTANT_GRADE, no(been_at("vetting"), "未经审阅"))),
    Move("sign", "签发", "signing", "numbering", SIGNING, signs=True, default_note="同意印发。"),
    Move("number", "编号登记", "numbering", "proofreading", NUMBER, numbers=True, withdrawable=False,
         needs=Needs(fields=("series", "copies")), ready=(UNCHANGED,)),
    Move("proofread", "校对无误，送印发", "proofreading", "dispatch", PROOF, ready=(UNCHANGED, PROOF_MATCHES)),
    Move("issue", "用印并印发", "dispatch", "archiving", ISSUING, withdrawable=False,
         needs=Needs(fields=("sealed_on", "channel", "distribution")), ready=(UNCHANGED, PAPER_CHANNEL)),
    Move("archive", "归档", "archiving", "archived", ARCHIVE, withdrawable=False,
         needs=Needs(fields=("period", "archive_pages", "archive_note"))),
)
RETURNS = returns(STAGES, {
    "unit_review": ("drafting",),
    "vetting": ("drafting", "unit_review"),
    "legality_review": ("drafting", "unit_review", "vetting"),
    "office_review": ("drafting", "unit_review", "vetting"),
    "signing": ("office_review", "vetting", "unit_review", "drafting"),
}, OFFICE_RETURN) + returns(STAGES, {
    "numbering": ("signing", "office_review"),
    "proofreading": ("numbering", "signing", "office_review"),
    "dispatch": ("proofreading", "signing", "office_review"),
}, NO_CHANGE)
BACK = straight_backs(("drafting", "unit_review", "vetting", "office_review"), OFFICE_RETURN)
WITHDRAWN = withdrawals(("unit_review", "vetting", "legality_review", "office_review", "signing",
                         "numbering", "dispatch"), ROUTE)
VOIDS = voids({
    "drafting": (DRAFTER, OFFICE_DIRECTOR), "unit_review": (UNIT_HEAD, OFFICE_DIRECTOR),
    "vetting": (OFFICE_DIRECTOR,), "legality_review": (OFFICE_DIRECTOR,), "office_review": (OFFICE_REVIEWER, OFFICE_DIRECTOR),
    "signing": (OFFICE_DIRECTOR,), "numbering": (OFFICE_DIRECTOR,), "proofreading": (OFFICE_DIRECTOR,),
    "dispatch": (OFFICE_DIRECTOR,),
}, "voided", SET_ASIDE)

LUCHENG_2019 = Procedure(
    kind="outgoing_document", rulebook="lucheng-2019", edition=1, title="发文",
    rulebook_title="鹿城2019（办文办事效能通知）", source=LUCHENG, noun="发文",
    fields=FIELDS, rules=RULES, stages=STAGES,
    moves=FORWARD + RETURNS + BACK + WITHDRAWN + VOIDS,
    cycle=By("grade", {"ordinary": ORDINARY_LIMIT, "expedited": EXPEDITED_LIMIT, "urgent": URGENT_LIMIT}),
    ladder=CYCLE_LADDER, stage_ladder=STAGE_LADDER,
    form_title="发文稿纸", form=FORM, offshoots=(TO_ORDER,),
)
