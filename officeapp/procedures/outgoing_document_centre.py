"""发文，后勤服务中心《办公室日常工作规范》：科室拟稿、打样、印制、发送，办公室核稿、编号、复核、存档。

FW-51, FW-52. One line gives the whole chain: no stage for the head of the unit and
no legality review, so a 规范性文件 cannot run here and its field is left out. 主管领导
「会签或签发」: he may sign a 普通件 himself (TL1), everything else he countersigns
for the 主任. The regulation gives no limits, so the bureau's TL1–TL3 stand.
"""

from dataclasses import replace

from officeapp.procedures import official_document
from officeapp.procedures.clauses import Clause, Facts, Force, Guard
from officeapp.procedures.common import (
    DISPATCH_CLERK,
    DRAFTER,
    OFFICE,
    OFFICE_REVIEWER,
    returns,
    straight_backs,
    withdrawals,
)
from officeapp.procedures.grammar import Cell, Gate, Holder, Medium, Move, Needs, Procedure, Rule, Stage
from officeapp.procedures.official_document import (
    CYCLE_LADDER,
    FIELDS,
    ORDINARY,
    ORDINARY_GRADE,
    PROOF_MATCHES,
    RULES,
    STAGE_LADDER,
    TO_ORDER,
    UNCHANGED,
)
from officeapp.procedures.outgoing_document_variant import (
    CLERKS,
    CYCLE,
    NECESSARY,
    REVISED_AGAIN,
    UNSUITABLE,
    amended,
    recited,
    voids_from,
    without,
)

CENTRE = "《办公室日常工作规范》"
SUPERVISOR = Holder("deputy", "主管领导")
DIRECTOR = Holder("bureau", "主任", "chief")
OFFICE_NUMBERING = Holder("bureau", "办公室（编号）", "registry_clerk")

DRAFTING = Clause(CENTRE, "一（一）1（1）", "相关科室（拟稿）→办公室（核稿）", Force.REQUIRED, "FW-51")
OFFICE_CHECK = Clause(CENTRE, "一（一）1（1）", "办公室（核稿）→主管领导（会签或签发）", Force.REQUIRED, "FW-51")
EITHER_SIGN = Clause(CENTRE, "一（一）1（1）", "主管领导（会签或签发）→主任（签发）", Force.OPTIONAL, "FW-51")
SIGNING = Clause(CENTRE, "一（一）1（1）", "主任（签发）→办公室（编号等）", Force.REQUIRED, "FW-51")
NUMBERING = Clause(CENTRE, "一（一）1（1）", "办公室（编号等）→相关科室（打印样稿）", Force.REQUIRED, "FW-51")
FOUR_SERIES = Clause(CENTRE, "一（一）1（2）", "中心发文有4种，发文机关代字分别设为“发、字、函、会纪”。", Force.REQUIRED, "FW-52")
SAMPLE = Clause(CENTRE, "一（一）1（1）", "相关科室（打印样稿）→办公室（复核样稿）", Force.REQUIRED, "FW-51")
SAMPLE_CHECK = Clause(CENTRE, "一（一）1（1）", "办公室（复核样稿）→相关科室（印制）", Force.REQUIRED, "FW-51")
PRINTING = Clause(CENTRE, "一（一）1（1）", "相关科室（印制）→相关科室（发送）", Force.REQUIRED, "FW-51")
SENDING = Clause(CENTRE, "一（一）1（1）", "相关科室（发送）→办公室（存档）", Force.REQUIRED, "FW-51")

SERIES_ENDINGS = ("发", "字", "函", "会纪")


def _other_series(facts: Facts) -> bool:
    word = facts.values.get("series") or ""
    return bool(word) and not str(word).endswith(SERIES_ENDINGS)


ONE_OF_FOUR = Rule(
    "one_of_four_series", Guard("代字不在四种之内", _other_series),
    "本单位发文只用“发、字、函、会纪”四种代字。请改选其中一种代字再编号。", FOUR_SERIES)
SIGNED_TEXT = replace(UNCHANGED, clause=REVISED_AGAIN)
SIGNED_PROOF = replace(
    PROOF_MATCHES, clause=REVISED_AGAIN,
    sentence="样稿与签发的定稿不一致。请打开“清样与定稿对照”，由科室改正样稿；确需改动定稿的，退回签发人批准。")

OWN_CLAUSES = {official_document.DRAFTING: DRAFTING, official_document.ARCHIVE: SENDING, official_document.NECESSITY: NECESSARY}
CENTRE_FIELDS = amended(without(recited(FIELDS, OWN_CLAUSES), "normative", "sealed_on"), {
    "grade": {"hint": "普通件可由主管领导签发；平急件、加急件由主管领导会签、主任签发"},
    "series": {"hint": "四种：发、字、函、会纪", "clause": FOUR_SERIES},
    "channel": {"at": "sending", "clause": SENDING},
    "distribution": {"at": "sending", "clause": SENDING},
})

SHEET = {"medium": Medium.EITHER, "recorder": CLERKS}
STAGES = (
    Stage("drafting", "拟稿", DRAFTER, DRAFTING, may_edit=True, text_due=True),
    Stage("office_review", "核稿", OFFICE_REVIEWER, OFFICE_CHECK, may_edit=True, box="核稿", **SHEET),
    Stage("countersigning", "会签或签发", SUPERVISOR, EITHER_SIGN, box="会签或签发", gate=Gate(
        (DIRECTOR, *OFFICE), ("office_review", "signing", "numbering", "sample_check"),
        "文稿须先由办公室核稿，再由办公室报主管领导会签或签发。请先送办公室核稿。", OFFICE_CHECK), **SHEET),
    Stage("signing", "主任签发", DIRECTOR, SIGNING, box="签发", gate=Gate(
        (SUPERVISOR, *OFFICE), ("countersigning", "numbering", "sample_check"),
        "文稿须经办公室核稿、主管领导会签后，才能报主任签发。请先送办公室核稿。", EITHER_SIGN), **SHEET),
    Stage("numbering", "编号", OFFICE_NUMBERING, NUMBERING),
    Stage("sample_printing", "打印样稿", DRAFTER, SAMPLE),
    Stage("sample_check", "复核样稿", OFFICE_REVIEWER, SAMPLE_CHECK, box="复核样稿"),
    Stage("printing", "印制", DRAFTER, PRINTING),
    Stage("sending", "发送", DRAFTER, SENDING),
    Stage("archiving", "存档", DISPATCH_CLERK, SENDING, clock="ended"),
    Stage("archived", "已归档", None, SENDING, clock="ended", closed=True),
    Stage("voided", "作废", None, UNSUITABLE, clock="ended", closed=True),
)

FORWARD = (
    Move("submit", "送办公室核稿", "drafting", "office_review", DRAFTING),
    Move("office_pass", "核稿通过，报主管领导会签或签发", "office_review", "countersigning", OFFICE_CHECK,
         default_note="格式规范，请会签或签发。"),
    Move("countersign", "会签，报主任签发", "countersigning", "signing", EITHER_SIGN, default_note="同意，请主任签发。"),
    Move("sign_ordinary", "签发", "countersigning", "numbering", ORDINARY, when=ORDINARY_GRADE, signs=True,
         default_note="同意印发。"),
    Move("sign", "签发", "signing", "numbering", SIGNING, signs=True, default_note="同意印发。"),
    Move("number", "编号登记，送科室打印样稿", "numbering", "sample_printing", NUMBERING, numbers=True, withdrawable=False,
         needs=Needs(fields=("series", "copies")), ready=(SIGNED_TEXT, ONE_OF_FOUR)),
    Move("print_sample", "样稿打印完毕，送办公室复核", "sample_printing", "sample_check", SAMPLE, ready=(SIGNED_TEXT,)),
    Move("sample_pass", "样稿复核无误，送科室印制", "sample_check", "printing", SAMPLE_CHECK, ready=(SIGNED_TEXT, SIGNED_PROOF)),
    Move("print", "印制完毕，送发送", "printing", "sending", PRINTING, ready=(SIGNED_TEXT,)),
    Move("send", "发送，交办公室存档", "sending", "archiving", SENDING, withdrawable=False,
         needs=Needs(fields=("channel", "distribution")), ready=(SIGNED_TEXT,)),
    Move("archive", "存档", "archiving", "archived", SENDING, withdrawable=False,
         needs=Needs(fields=("period", "archive_pages", "archive_note"))),
)
RETURNS = returns(STAGES, {
    "office_review": ("drafting",),
    "countersigning": ("office_review", "drafting"),
    "signing": ("countersigning", "office_review", "drafting"),
}, UNSUITABLE) + returns(STAGES, {
    "numbering": ("signing", "countersigning", "office_review"),
    "sample_check": ("sample_printing", "signing", "countersigning", "office_review"),
    "sample_printing": ("numbering", "office_review"),
    "printing": ("sample_check",),
    "sending": ("printing", "sample_check"),
}, REVISED_AGAIN)
BACK = straight_backs(("drafting", "office_review", "countersigning"), UNSUITABLE)
WITHDRAWN = withdrawals(("office_review", "countersigning", "signing", "numbering", "sample_check"), DRAFTING)
VOIDS = voids_from({"drafting": (DRAFTER,), "office_review": (OFFICE_REVIEWER,)},
                   ("countersigning", "signing", "numbering", "sample_printing", "sample_check", "printing", "sending"))

FORM = (
    (Cell("title", 3),),
    (Cell("genre"), Cell("grade")),
    (Cell("urgency"), Cell("scope")),
    (Cell("recipients", 3),),
    (Cell("copies_to", 3),),
    (Cell("@drafter", label="拟稿"), Cell("#office_review")),
    (Cell("#countersigning", 3),),
    (Cell("#signing", 3),),
    (Cell("annexes", 3),),
    (Cell("necessity", 3),),
    (Cell("@number", label="发文字号"), Cell("copies")),
    (Cell("#sample_check"), Cell("distribution")),
)

CENTRE_DAILY = Procedure(
    kind="outgoing_document", rulebook="centre", edition=1, title="发文",
    rulebook_title="服务中心日常工作规范", source=CENTRE, noun="发文",
    fields=CENTRE_FIELDS, rules=RULES, stages=STAGES,
    moves=FORWARD + RETURNS + BACK + WITHDRAWN + VOIDS,
    cycle=CYCLE, ladder=CYCLE_LADDER, stage_ladder=STAGE_LADDER,
    form_title="发文稿纸", form=FORM, offshoots=(TO_ORDER,),
)
