"""发文，出口加工区《办文办会办事规程（试行）》：主要领导签发一切公文，签发后复核、送法律顾问审查。

FW-30 … FW-38. The paper of this rulebook walks with its drafter from desk to
desk; here each hop is a move. The regulation gives no whole cycle, so the bureau's
TL1–TL3 stand; its text breaks off after 用印, so 分发 and 归档 rest on the list of
steps in 一（一）. 签发人 (FW-36) is the recorded signature, not a field to fill again.
"""

from dataclasses import replace

from officeapp.procedures import official_document
from officeapp.procedures.clauses import Clause, Force, Guard
from officeapp.procedures.common import (
    CHIEF,
    DEPUTY,
    DISPATCH_CLERK,
    DRAFTER,
    OFFICE,
    REGISTRY_CLERK,
    SEAL_KEEPER,
    UNIT_HEAD,
    has,
    no,
    returns,
    straight_backs,
    withdrawals,
)
from officeapp.procedures.grammar import Cell, Field, Gate, Holder, Limit, Medium, Move, Needs, Procedure, Stage
from officeapp.procedures.official_document import (
    CYCLE_LADDER,
    FIELDS,
    NORMATIVE,
    NOT_REVIEWED,
    PROOF_MATCHES,
    RULES,
    STAGE_LADDER,
    TO_ORDER,
    UNCHANGED,
    UPWARD_GENRE,
)
from officeapp.procedures.outgoing_document_variant import (
    CLERKS,
    CYCLE,
    NECESSARY,
    UNSUITABLE,
    amended,
    recited,
    voids_from,
)

ZONE = "《办文办会办事规程（试行）》"
OFFICE_HEAD = Holder("bureau", "办公室负责人", "office_director")
COUNSEL = Holder("bureau", "法律顾问", "legal_reviewer")
OFFICE_CLERK = Holder("bureau", "办公室办文人员", "office_reviewer")

ORDER = Clause(ZONE, "一（一）", "都要按拟稿、核稿、审阅、签发、复核、合法性审查、登记、印制、用印、分发、归档等程序办理。", Force.REQUIRED, "FW")
DRAFTING = Clause(ZONE, "一（一）1", "由拟稿人负责填写发文稿纸，写明文件标题、拟稿部门、拟稿人、联系电话、拟稿时间、校对人。", Force.REQUIRED, "FW-30")
UNIT_CHECK = Clause(ZONE, "一（一）2", "由拟稿部门负责人对稿件内容、表述进行把关，确认无误后送办公室核稿。", Force.REQUIRED, "FW-31")
OFFICE_CHECK = Clause(ZONE, "一（一）2", "核实发文单位、行文形式、公文内容及格式等是否规范。", Force.REQUIRED, "FW-31")
VETTING = Clause(ZONE, "一（一）3", "办公室负责人核稿签字后的稿件，由拟稿人报分管领导审阅、签字。", Force.REQUIRED, "FW-31")
TO_CHIEF = Clause(ZONE, "一（一）4", "分管领导审核通过的公文，呈送主要领导签发。", Force.REQUIRED, "FW-32")
UNSIGNED = Clause(ZONE, "一（一）4", "未经主要领导签发的文件一律不得印发、用印。", Force.FORBIDDEN, "FW-32")
NO_CHANGE = Clause(ZONE, "一（一）4", "凡经主要领导签发的公文，不得随意删改；如需修改，须经原签发的领导复审同意后才能更改。", Force.FORBIDDEN, "FW-33")
RECHECK = Clause(ZONE, "一（一）5", "在发文登记前，由办公室办文人员对审批、签发手续是否完备，附件材料是否齐全等进行复核。", Force.REQUIRED, "FW-34")
LEGALITY = Clause(ZONE, "一（一）6", "由办公室办文人员联系法律顾问进行合法性审查，律师出具审查意见后，审查文件同公文一并报送。", Force.REQUIRED, "FW-35")
LEGALITY_TIME = Clause("国办发〔2018〕115号", "三（八）", "合法性审核时间一般不少于5个工作日，最长不超过15个工作日。", Force.NORMALLY, "Q4")
REGISTRATION = Clause(ZONE, "一（一）7", "由专人负责填写发文字号、记录签发人、按经领导审定的印发范围和存档要求确定公文印发份数。", Force.REQUIRED, "FW-36")
PRINTING = Clause(ZONE, "一（一）8", "公文印制应当准确、及时、规范、安全、保密。", Force.REQUIRED, "FW-37")
SEALING = Clause(ZONE, "一（一）9", "文件装订后交办公室按文种、发文单位加盖印章；印章管理人员按印章管理制度办理用印手续。", Force.REQUIRED, "FW-38")

LIABLE = Guard("承担法律责任或专业性强的公函", has("liable").test)
REVIEW_DUE = Guard(
    "上行文、规范性文件或须承担法律责任的公函，且未审查",
    lambda facts: (UPWARD_GENRE(facts) or NORMATIVE(facts) or LIABLE(facts)) and NOT_REVIEWED(facts))
NO_REVIEW_DUE = no(REVIEW_DUE, "不需要再作合法性审查")
SIGNED_TEXT = replace(
    UNCHANGED, clause=UNSIGNED,
    sentence="文稿未经主要领导签发，或与签发的定稿不一致，一律不得登记、印发、用印。请退回主要领导签发。")
SIGNED_PROOF = replace(PROOF_MATCHES, clause=NO_CHANGE)

OWN_CLAUSES = {official_document.DRAFTING: DRAFTING, official_document.ARCHIVE: ORDER, official_document.NECESSITY: NECESSARY}
ZONE_FIELDS = amended(recited(FIELDS, OWN_CLAUSES), {
    "grade": {"hint": "发文等级只定办理时限；本规程的公文都由主要领导签发"},
    "phone": {"required": True, "clause": DRAFTING},
    "copies": {"at": "registration", "hint": "按审定的印发范围和存档要求确定", "clause": REGISTRATION},
    "series": {"at": "registration", "clause": REGISTRATION},
    "sealed_on": {"at": "sealing", "clause": SEALING},
    "channel": {"at": "distribution", "clause": ORDER},
    "distribution": {"at": "registration", "label": "印发范围", "hint": "经领导审定的印发范围：发给谁、各几份", "clause": REGISTRATION},
}) + (
    Field("drafted_on", "拟稿时间", "date", required=True, clause=DRAFTING),
    Field("proofreader", "校对人", "text", required=True, longest=40, clause=DRAFTING),
    Field("liable", "须承担法律责任或专业性强的公函", "yesno", default=False, hint="签发复核后送法律顾问审查", clause=LEGALITY),
)

SHEET = {"medium": Medium.EITHER, "recorder": CLERKS}
STAGES = (
    Stage("drafting", "拟稿", DRAFTER, DRAFTING, may_edit=True, text_due=True),
    Stage("unit_review", "部门核稿", UNIT_HEAD, UNIT_CHECK, may_edit=True, box="核稿（部门）",
          medium=Medium.EITHER, recorder=(DRAFTER, *CLERKS)),
    Stage("office_review", "办公室核稿", OFFICE_HEAD, OFFICE_CHECK, may_edit=True, box="核稿（办公室）", **SHEET),
    Stage("vetting", "分管审阅", DEPUTY, VETTING, box="审阅", gate=Gate(
        (CHIEF, *OFFICE), ("office_review", "signing"),
        "分管领导审阅的应是办公室负责人核稿签字后的稿件。请先送办公室核稿。", VETTING), **SHEET),
    Stage("signing", "签发", CHIEF, TO_CHIEF, medium=Medium.EITHER, recorder=CLERKS, box="签发", gate=Gate(
        (DEPUTY, *OFFICE), ("vetting", "rechecking", "registration", "distribution"),
        "公文须经办公室核稿、分管领导审核通过后，才能呈送主要领导签发。请先送部门负责人核稿。", TO_CHIEF)),
    Stage("rechecking", "复核", OFFICE_CLERK, RECHECK, box="复核"),
    Stage("legality_review", "合法性审查", COUNSEL, LEGALITY, limit=Limit(15, "workday", LEGALITY_TIME),
          clock="pauses", medium=Medium.EITHER, recorder=(OFFICE_CLERK,), box="合法性审查"),
    Stage("registration", "登记", REGISTRY_CLERK, REGISTRATION),
    Stage("printing", "印制", DRAFTER, PRINTING),
    Stage("sealing", "用印", SEAL_KEEPER, SEALING, box="用印"),
    Stage("distribution", "分发", DISPATCH_CLERK, ORDER),
    Stage("archiving", "归档", DISPATCH_CLERK, ORDER, clock="ended"),
    Stage("archived", "已归档", None, ORDER, clock="ended", closed=True),
    Stage("voided", "作废", None, UNSUITABLE, clock="ended", closed=True),
)

FORWARD = (
    Move("submit", "送部门核稿", "drafting", "unit_review", DRAFTING),
    Move("unit_pass", "内容无误，送办公室核稿", "unit_review", "office_review", UNIT_CHECK, default_note="内容无误，请核稿。"),
    Move("office_pass", "核稿签字，报分管领导审阅", "office_review", "vetting", OFFICE_CHECK, default_note="格式规范，请审阅。"),
    Move("vet_pass", "审核通过，呈送主要领导签发", "vetting", "signing", TO_CHIEF, default_note="同意，请签发。"),
    Move("sign", "签发", "signing", "rechecking", TO_CHIEF, signs=True, default_note="同意印发。"),
    Move("recheck_pass", "复核无误，送登记", "rechecking", "registration", RECHECK, when=NO_REVIEW_DUE, ready=(SIGNED_TEXT,)),
    Move("recheck_to_legality", "复核无误，送合法性审查", "rechecking", "legality_review", LEGALITY, when=REVIEW_DUE, ready=(SIGNED_TEXT,)),
    Move("legality_pass", "出具审查意见，送登记", "legality_review", "registration", LEGALITY,
         needs=Needs(note=True, attachment="legal_opinion")),
    Move("register", "登记编号，送印制", "registration", "printing", REGISTRATION, numbers=True, withdrawable=False,
         needs=Needs(fields=("series", "copies", "distribution")), ready=(SIGNED_TEXT,)),
    Move("print", "印制装订，交办公室用印", "printing", "sealing", PRINTING, ready=(SIGNED_TEXT, SIGNED_PROOF)),
    Move("seal", "用印，送分发", "sealing", "distribution", SEALING, withdrawable=False,
         needs=Needs(fields=("sealed_on",)), ready=(SIGNED_TEXT, SIGNED_PROOF)),
    Move("distribute", "分发", "distribution", "archiving", ORDER, withdrawable=False, needs=Needs(fields=("channel",))),
    Move("archive", "归档", "archiving", "archived", ORDER, withdrawable=False,
         needs=Needs(fields=("period", "archive_pages", "archive_note"))),
)
RETURNS = returns(STAGES, {
    "unit_review": ("drafting",),
    "office_review": ("drafting", "unit_review"),
    "vetting": ("drafting", "unit_review", "office_review"),
    "signing": ("vetting", "office_review", "drafting"),
}, OFFICE_CHECK) + returns(STAGES, {
    "rechecking": ("signing", "office_review", "drafting"),
    "legality_review": ("rechecking", "drafting"),
    "registration": ("rechecking", "signing"),
    "printing": ("registration", "rechecking"),
    "sealing": ("printing", "rechecking"),
    "distribution": ("sealing", "signing"),
}, NO_CHANGE)
BACK = straight_backs(("drafting", "unit_review", "office_review", "vetting", "rechecking"), OFFICE_CHECK)
WITHDRAWN = withdrawals(("unit_review", "office_review", "vetting", "signing", "rechecking", "legality_review",
                         "registration", "sealing"), ORDER)
VOIDS = voids_from(
    {"drafting": (DRAFTER,), "unit_review": (UNIT_HEAD,)},
    ("office_review", "vetting", "signing", "rechecking", "legality_review", "registration", "printing", "sealing", "distribution"))

FORM = (
    (Cell("title", 3),),
    (Cell("genre"), Cell("grade")),
    (Cell("urgency"), Cell("scope")),
    (Cell("recipients", 3),),
    (Cell("copies_to", 3),),
    (Cell("@drafter", label="拟稿部门、拟稿人"), Cell("phone")),
    (Cell("drafted_on"), Cell("proofreader")),
    (Cell("#unit_review"), Cell("#office_review")),
    (Cell("#vetting", 3),),
    (Cell("#signing", 3),),
    (Cell("#rechecking"), Cell("#legality_review")),
    (Cell("annexes", 3),),
    (Cell("distribution", 3),),
    (Cell("@number", label="发文字号"), Cell("copies")),
    (Cell("#sealing"), Cell("sealed_on")),
)

ZONE_TRIAL = Procedure(
    kind="outgoing_document", rulebook="zone-trial", edition=1, title="发文",
    rulebook_title="出口加工区规程（试行）", source=ZONE, noun="发文",
    fields=ZONE_FIELDS, rules=RULES, stages=STAGES,
    moves=FORWARD + RETURNS + BACK + WITHDRAWN + VOIDS,
    cycle=CYCLE, ladder=CYCLE_LADDER, stage_ladder=STAGE_LADDER,
    form_title="发文稿纸", form=FORM, offshoots=(TO_ORDER,),
)
