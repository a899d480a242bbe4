"""发文，局机关《办文、办事、办会工作程序和规范》：秘书科校核、登记、再核，局长最后签发，谁呈报谁印制。

FW-40 … FW-50, FW-61 … FW-63. Readings taken where the text leaves a choice:
- 「起草单位代拟文稿一律先送分管领导，再送局秘书科」 says 一律, so it stands before the
  milder 2.审核; every draft passes the deputy between its head and 秘书科.
- The summary and the numbered steps differ; the numbered steps (盖章、分发、归档) stand.
- No step names the number. 秘书科 gives it after signing with the standard and 份数 of
  6.印制, as the 条例 wants (第二十五条（二）).
- 市政府法制办 and 政务信息专管员 are names of posts that the bureau's own people fill.
- 「一般不得直接送局主要领导」 opens no move past 秘书科: the 条例 wants the office's review
  before every signature (第二十条), so the exception has no procedure here.
- 「一般公文24小时，重要公文3天」 are the drafting limits; 特殊情况 (加急件) has none of its own.
  The whole cycle is not given, so the bureau's TL1–TL3 stand.
- 主题词 is left out: GB/T 9704-2012 abolished it.
"""

from dataclasses import replace

from officeapp.procedures import official_document
from officeapp.procedures.clauses import By, Clause, Force, Guard
from officeapp.procedures.common import (
    CHIEF,
    DEPUTY,
    DRAFTER,
    OFFICE,
    PARTY_SECRETARY,
    SEAL_KEEPER,
    UNIT_HEAD,
    both,
    no,
    returns,
    straight_backs,
    withdrawals,
)
from officeapp.procedures.grammar import Cell, Field, Gate, Holder, Limit, Medium, Move, Needs, Procedure, Rule, Stage
from officeapp.procedures.official_document import (
    CYCLE_LADDER,
    FIELDS,
    NORMATIVE,
    NOT_REVIEWED,
    PAPER_CHANNEL,
    PROOF_MATCHES,
    RULES,
    STAGE_LADDER,
    TO_ORDER,
    UNCHANGED,
)
from officeapp.procedures.outgoing_document_variant import (
    CLERKS,
    CYCLE,
    REGISTERED,
    REVISED_AGAIN,
    UNSUITABLE,
    amended,
    recited,
    voids_from,
)

BUREAU = "《机关办文、办事、办会工作程序和规范》"
SECRETARIAT = Holder("bureau", "秘书科", "office_reviewer")
SECRETARIAT_CLERK = Holder("bureau", "秘书科专职管理人员", "registry_clerk")
ARCHIVIST = Holder("bureau", "秘书科（存档）", "dispatch_clerk")
PUBLISHER = Holder("bureau", "政务信息专管员", "dispatch_clerk")
LEGAL = Holder("bureau", "政策法规科（与法制机构沟通）", "legal_reviewer")
UNIT_HEAD_HERE = replace(UNIT_HEAD, title="主办科室（单位）负责人")
BUREAU_CHIEF = replace(CHIEF, title="局长")

DRAFTING = Clause(BUREAU, "一（二）1", "公文主办科室（单位）根据工作需要或领导要求，确定公文种类，完成公文初稿。", Force.REQUIRED, "FW-41")
DRAFT_TIME = Clause(BUREAU, "一（四）", "一般公文的拟稿，24小时内完成；重要公文的拟稿，3天之内完成，特殊情况按要求时限内完成。", Force.NORMALLY, "TL11")
NECESSITY = Clause(BUREAU, "一（四）", "已有明确规定的，一律不再发文；通过简报、便函、传真或电话、面商可以解决的，原则上不正式发文。", Force.REQUIRED, "FW-61")
ELECTRONIC = Clause(BUREAU, "一（四）", "能够通过城建网或政府内网传输的公文实行电子公文网上传输，不再印发纸质文件。", Force.NORMALLY, "FW-63")
UNIT_CHECK = Clause(BUREAU, "一（二）2", "公文初稿由主办科室（单位）负责人审核同意后，报秘书科校核。", Force.REQUIRED, "FW-42")
DEPUTY_FIRST = Clause(BUREAU, "一（二）", "起草单位代拟文稿一律先送分管领导，再送局秘书科校订，一般不得直接送局主要领导同志阅批。", Force.REQUIRED, "FW-40")
CHECK = Clause(BUREAU, "一（二）2", "体例格式和文字表述由秘书科负责进一步规范；发送范围、等级由经办单位提出，秘书科校核。", Force.REQUIRED, "FW-42")
AMEND = Clause(BUREAU, "一（二）2", "不符合办文程序，内容有不妥之处的，应及时向拟稿单位、科室提出修改或处理意见。", Force.REQUIRED, "FW-43")
REVISION = Clause(BUREAU, "一（二）3", "由公文主办科室根据秘书科意见进行修改完善。", Force.REQUIRED, "FW-44")
FILING = Clause(BUREAU, "一（二）3", "由专职管理人员登记填写发文审批单。", Force.REQUIRED, "FW-44")
APPROVAL = Clause(BUREAU, "一（二）3", "依次呈报领导审核。", Force.REQUIRED, "FW-44")
RECHECK = Clause(BUREAU, "一（二）4", "根据领导意见需要做较大修改的，先作修改完善，再将文稿、电子文本以及领导批示的文稿一并报秘书科再进行校核。", Force.REQUIRED, "FW-45")
LEGALITY = Clause(BUREAU, "一（二）4", "凡属规范性文件，必须事先与市政府法制办沟通。", Force.FORBIDDEN, "FW-46")
LEGALITY_TIME = Clause("国办发〔2018〕115号", "三（八）", "合法性审核时间一般不少于5个工作日，最长不超过15个工作日。", Force.NORMALLY, "Q4")
SIGNING = Clause(BUREAU, "一（二）5", "由秘书科报送有关领导复核后，最后由局长签发。", Force.REQUIRED, "FW-47")
STANDARD = Clause(BUREAU, "一（二）6", "印制文件要严格按照秘书科提供的印制标准、份数进行。", Force.REQUIRED, "FW-48")
WHO_PRINTS = Clause(BUREAU, "一（二）6", "公文的印制由秘书科负责监督，实行“谁呈报，谁印制”的原则。", Force.REQUIRED, "FW-48")
PROOF = Clause(BUREAU, "一（二）6", "印制清样后要交秘书科审核，审核合格的由呈报科室付印。", Force.REQUIRED, "FW-48")
CONSENT = Clause(BUREAU, "一（二）7", "以局名义发送的公文，一律加盖局印章，并经局长、党委书记同意签发。", Force.FORBIDDEN, "FW-49")
SEALING = Clause(BUREAU, "一（二）7", "印章管理人员要对印制的公文与文稿检查校对无异后方可用印。", Force.FORBIDDEN, "FW-49")
DISTRIBUTION = Clause(BUREAU, "一（二）8", "电子文件由局政务信息专管员负责制作、发布；纸介文件由公文主办部门按规定渠道和发放范围分发报送。", Force.REQUIRED, "FW-50")
ARCHIVE = Clause(BUREAU, "一（二）9", "存档内容为领导批示原件、文件签发单、纸介公文2份、word格式电子文本，一律交秘书科负责存档。", Force.FORBIDDEN, "GD-2")

SIGNED_TEXT = replace(UNCHANGED, clause=SEALING)
SIGNED_PROOF = replace(PROOF_MATCHES, clause=SEALING)
ELECTRONIC_FIRST = replace(PAPER_CHANNEL, clause=ELECTRONIC)
KEPT = ("kept_originals", "kept_sheet", "kept_copies", "kept_text")
ARCHIVE_SET = Rule(
    "archive_set", Guard("存档材料不全", lambda f: not all(f.values.get(key) for key in KEPT)),
    "存档材料要齐全：领导批示原件、文件签发单、纸介公文2份、word格式电子文本。请收齐并逐项勾选后再归档。", ARCHIVE)

PAPER_OR_NET = (("intranet", "城建网、政府内网电子传输"), ("paper", "纸介文件分发"))
OWN_CLAUSES = {official_document.DRAFTING: DRAFTING, official_document.ARCHIVE: ARCHIVE}
BUREAU_FIELDS = amended(recited(FIELDS, OWN_CLAUSES), {
    "genre": {"clause": DRAFTING},
    "grade": {"hint": "发文等级只定办理时限；本规范的公文最后由局长签发", "clause": CHECK},
    "necessity": {"clause": NECESSITY},
    "series": {"clause": REGISTERED},
    "copies": {"hint": "由秘书科确定；存档纸介公文2份在内", "clause": STANDARD},
    "sealed_on": {"at": "sealing", "clause": SEALING},
    "channel": {"at": "sealing", "choices": PAPER_OR_NET, "clause": ELECTRONIC},
    "distribution": {"at": "distribution", "clause": DISTRIBUTION},
}) + (
    Field("print_standard", "印制标准", "text", required=True, default="A4纸双面，左侧装订", at="numbering",
          hint="版式、纸张、装订", clause=STANDARD),
    Field("kept_originals", "领导批示原件已收存", "yesno", default=False, at="archiving", clause=ARCHIVE),
    Field("kept_sheet", "文件签发单已收存", "yesno", default=False, at="archiving", clause=ARCHIVE),
    Field("kept_copies", "纸介公文2份已收存", "yesno", default=False, at="archiving", clause=ARCHIVE),
    Field("kept_text", "word格式电子文本已收存", "yesno", default=False, at="archiving", clause=ARCHIVE),
)

SHEET = {"medium": Medium.EITHER, "recorder": (DRAFTER, *CLERKS)}
BY_OFFICE = {"medium": Medium.EITHER, "recorder": CLERKS}
ONLY_SECRETARIAT = "发文由秘书科再核后报送有关领导复核，最后由局长签发，不得直接送局主要领导。请先送秘书科校核。"
STAGES = (
    Stage("drafting", "起草", DRAFTER, DRAFTING, may_edit=True, text_due=True, limit=By("grade", {
        "ordinary": Limit(24, "hour", DRAFT_TIME), "expedited": Limit(3, "day", DRAFT_TIME)})),
    Stage("unit_review", "科室审核", UNIT_HEAD_HERE, UNIT_CHECK, may_edit=True, box="科室审核", **SHEET),
    Stage("vetting", "送分管领导", DEPUTY, DEPUTY_FIRST, box="分管领导", **SHEET),
    Stage("office_review", "秘书科校核", SECRETARIAT, CHECK, may_edit=True, box="校核", **BY_OFFICE),
    Stage("revision", "修改完善", DRAFTER, REVISION, may_edit=True),
    Stage("filing", "登记填单", SECRETARIAT_CLERK, FILING),
    Stage("approval", "报批", (DEPUTY, PARTY_SECRETARY), APPROVAL, how="in_turn", box="领导审核"),
    Stage("rechecking", "再核", SECRETARIAT, RECHECK, may_edit=True, box="再核"),
    Stage("legality_review", "合法性审查", LEGAL, LEGALITY, limit=Limit(15, "workday", LEGALITY_TIME),
          clock="pauses", box="合法性审查"),
    Stage("leaders_check", "领导复核", DEPUTY, SIGNING, box="领导复核",
          gate=Gate((CHIEF, *OFFICE), ("rechecking", "signing", "numbering"), ONLY_SECRETARIAT, SIGNING), **BY_OFFICE),
    Stage("signing", "局长签发", BUREAU_CHIEF, SIGNING, box="签发",
          gate=Gate((DEPUTY, *OFFICE), ("leaders_check", "numbering", "proof_check"), ONLY_SECRETARIAT, SIGNING), **BY_OFFICE),
    Stage("numbering", "编号定份数", SECRETARIAT_CLERK, STANDARD),
    Stage("proof_printing", "印制清样", DRAFTER, WHO_PRINTS),
    Stage("proof_check", "清样审核", SECRETARIAT, PROOF, box="清样审核"),
    Stage("printing", "付印", DRAFTER, WHO_PRINTS),
    Stage("seal_consent", "同意用印", (BUREAU_CHIEF, PARTY_SECRETARY), CONSENT, how="all", box="同意用印"),
    Stage("sealing", "盖章", SEAL_KEEPER, SEALING, box="盖章"),
    Stage("distribution", "分发", By("channel", {"paper": DRAFTER}, otherwise=PUBLISHER), DISTRIBUTION),
    Stage("archiving", "归档", ARCHIVIST, ARCHIVE, clock="ended"),
    Stage("archived", "已归档", None, ARCHIVE, clock="ended", closed=True),
    Stage("voided", "作废", None, UNSUITABLE, clock="ended", closed=True),
)

REVIEW_DUE = both("规范性文件且未沟通审查", NORMATIVE, NOT_REVIEWED)
FORWARD = (
    Move("submit", "送科室负责人审核", "drafting", "unit_review", DRAFTING),
    Move("unit_pass", "审核同意，送分管领导", "unit_review", "vetting", DEPUTY_FIRST, default_note="审核同意。"),
    Move("vet_pass", "同意，送秘书科校核", "vetting", "office_review", DEPUTY_FIRST, default_note="同意，请秘书科校核。"),
    Move("office_pass", "提出校核意见，送科室修改完善", "office_review", "revision", CHECK, default_note="请按校核意见修改完善。"),
    Move("revise", "修改完善，送登记填单", "revision", "filing", REVISION),
    Move("file", "登记填写审批单，呈报领导", "filing", "approval", FILING),
    Move("approve", "审核同意", "approval", "rechecking", APPROVAL, default_note="同意。"),
    Move("recheck_pass", "再核通过，报领导复核", "rechecking", "leaders_check", SIGNING,
         when=no(REVIEW_DUE, "不需要再作合法性审查"), default_note="已按领导意见修改，请复核。"),
    Move("recheck_to_legality", "送法制机构沟通审查", "rechecking", "legality_review", LEGALITY, when=REVIEW_DUE),
    Move("legality_pass", "出具沟通审查意见，送秘书科再核", "legality_review", "rechecking", LEGALITY,
         needs=Needs(note=True, attachment="legal_opinion")),
    Move("check_pass", "复核同意，报局长签发", "leaders_check", "signing", SIGNING, default_note="复核同意，请局长签发。"),
    Move("sign", "签发", "signing", "numbering", SIGNING, signs=True, default_note="同意印发。"),
    Move("number", "编号，交科室印制清样", "numbering", "proof_printing", REGISTERED, numbers=True, withdrawable=False,
         needs=Needs(fields=("series", "copies", "print_standard")), ready=(SIGNED_TEXT,)),
    Move("proof_print", "清样印好，送秘书科审核", "proof_printing", "proof_check", PROOF, ready=(SIGNED_TEXT,)),
    Move("proof_pass", "清样合格，交科室付印", "proof_check", "printing", PROOF, ready=(SIGNED_TEXT, SIGNED_PROOF)),
    Move("print", "付印完毕，报请同意用印", "printing", "seal_consent", CONSENT, ready=(SIGNED_TEXT,)),
    Move("consent", "同意用印", "seal_consent", "sealing", CONSENT, withdrawable=False, default_note="同意用印。"),
    Move("seal", "核对无异，盖章", "sealing", "distribution", SEALING, withdrawable=False,
         needs=Needs(fields=("sealed_on", "channel")), ready=(SIGNED_TEXT, SIGNED_PROOF, ELECTRONIC_FIRST)),
    Move("distribute", "分发报送", "distribution", "archiving", DISTRIBUTION, withdrawable=False,
         needs=Needs(fields=("distribution",))),
    Move("archive", "归档", "archiving", "archived", ARCHIVE, withdrawable=False,
         needs=Needs(fields=("period", "archive_pages", *KEPT, "archive_note")), ready=(ARCHIVE_SET,)),
)
RETURNS = returns(STAGES, {
    "unit_review": ("drafting",),
    "vetting": ("drafting", "unit_review"),
    "office_review": ("drafting", "unit_review"),
    "filing": ("revision", "office_review"),
}, AMEND) + returns(STAGES, {
    "approval": ("office_review", "revision"),
    "rechecking": ("revision", "drafting"),
    "legality_review": ("revision",),
    "leaders_check": ("rechecking", "revision"),
    "signing": ("leaders_check", "rechecking", "revision", "drafting"),
}, RECHECK) + returns(STAGES, {
    "numbering": ("signing", "leaders_check", "rechecking"),
    "proof_printing": ("numbering",),
    "proof_check": ("proof_printing", "signing", "rechecking"),
    "printing": ("proof_check",),
    "seal_consent": ("proof_check", "rechecking"),
    "sealing": ("printing", "proof_check", "rechecking"),
    "distribution": ("sealing", "rechecking"),
}, REVISED_AGAIN)
BACK = straight_backs(("drafting", "unit_review", "office_review", "revision", "rechecking", "leaders_check"), RECHECK)
WITHDRAWN = withdrawals(("unit_review", "vetting", "office_review", "revision", "filing", "approval", "rechecking",
                         "legality_review", "leaders_check", "signing", "numbering", "proof_check", "printing",
                         "seal_consent"), AMEND)
VOIDS = voids_from({"drafting": (DRAFTER,), "unit_review": (UNIT_HEAD,), "office_review": (SECRETARIAT,)}, (
    "vetting", "revision", "filing", "approval", "rechecking", "legality_review", "leaders_check", "signing",
    "numbering", "proof_printing", "proof_check", "printing", "seal_consent", "sealing", "distribution"))

FORM = (
    (Cell("title", 3),),
    (Cell("genre"), Cell("grade")),
    (Cell("urgency"), Cell("scope")),
    (Cell("recipients", 3),),
    (Cell("copies_to", 3),),
    (Cell("@drafter", label="主办科室、拟稿人"), Cell("#unit_review")),
    (Cell("#vetting"), Cell("#office_review")),
    (Cell("#approval", 3),),
    (Cell("#rechecking"), Cell("#legality_review")),
    (Cell("#leaders_check", 3),),
    (Cell("#signing", 3),),
    (Cell("annexes", 3),),
    (Cell("necessity", 3),),
    (Cell("@number", label="发文字号"), Cell("copies")),
    (Cell("print_standard"), Cell("#proof_check")),
    (Cell("#seal_consent"), Cell("#sealing")),
)

SECRETARIAT_FULL = Procedure(
    kind="outgoing_document", rulebook="secretariat", edition=1, title="发文",
    rulebook_title="局机关程序和规范（秘书科）", source=BUREAU, noun="发文",
    fields=BUREAU_FIELDS, rules=RULES, stages=STAGES,
    moves=FORWARD + RETURNS + BACK + WITHDRAWN + VOIDS,
    cycle=CYCLE, ladder=CYCLE_LADDER, stage_ladder=STAGE_LADDER,
    form_title="发文审批单", form=FORM, offshoots=(TO_ORDER,),
)
