"""What every outgoing document has, whichever chain it runs through: fields, rules, form."""

from officeapp.procedures.clauses import Clause, Facts, Force, Guard
from officeapp.procedures.common import DEPUTY, OFFICE_DIRECTOR, UNIT_HEAD, both, has
from officeapp.procedures.grammar import Cell, Field, Holder, Limit, Rule, Rung
from officeapp.procedures.supervised import to_order

LUCHENG = "温鹿综法发〔2019〕20号"
REGULATION = "《党政机关公文处理工作条例》"
SECRETARIAT = "局机关办文办事工作程序和规范"

KINDS = Clause(LUCHENG, "一（一）", "公文分为普通件、平急件、加急件三种类型。", Force.REQUIRED, "FW")
ORDINARY = Clause(LUCHENG, "一（一）1", "普通件由分管领导签发，发文周期一般控制在5天以内。", Force.NORMALLY, "TL1")
EXPEDITED = Clause(LUCHENG, "一（一）2", "平急件主要为上行文等，由主要领导签发，发文周期一般控制在3天以内。", Force.NORMALLY, "TL2")
URGENT = Clause(LUCHENG, "一（一）3", "加急件由主要领导签发，发文周期一般控制在1天以内。", Force.NORMALLY, "TL3")
UPWARD = Clause(LUCHENG, "一（一）2", "发给区政府、市综合行政执法局的请示、报告属上行文，不得作为普通件。", Force.FORBIDDEN, "FW-2")
COLLECTIVE = Clause(LUCHENG, "一（一）1", "只有不经过局党组集体讨论的纪要、函件才可作为普通件。", Force.FORBIDDEN, "FW-1")
DRAFTING = Clause(LUCHENG, "一（二）2①", "由相关科室草拟初稿，填写发文稿纸并明确发文等级。", Force.REQUIRED, "FW-10")
NECESSITY = Clause(SECRETARIAT, "发文控制", "法律法规已有规定的一律不再发文；能用电话、便函等解决的，原则上不正式发文。", Force.REQUIRED, "FW-61")
DRAFT_TIME = Clause(SECRETARIAT, "发文控制", "一般公文24小时内拟好，重要公文3天之内拟好。", Force.NORMALLY, "TL11")
ELECTRONIC = Clause(SECRETARIAT, "发文控制", "能通过内网发送电子件的，不再发纸质件。", Force.NORMALLY, "FW-63")
ISSUING = Clause(LUCHENG, "一（二）2⑥", "用印、制发，及时上传；涉密文件另行纸质传阅。", Force.REQUIRED, "FW-19")
NUMBER = Clause(LUCHENG, "一（二）2④", "经主要领导签发后，由办公室文书编号登记，防止发文混乱。", Force.REQUIRED, "FW-16")
ARCHIVE = Clause(LUCHENG, "一（二）2⑦", "办公室内勤对已发公文进行整理归档。", Force.REQUIRED, "FW-20")
LADDER = Clause(LUCHENG, "一（一）", "发文周期一般控制在规定天数以内；临期、超期逐级提醒。", Force.NORMALLY, "TL1–TL3")

GENRES = tuple((g, g) for g in ("通知", "请示", "报告", "函", "纪要", "通报", "意见", "批复", "决定", "通告", "公告"))
UPWARD_GENRES = ("请示", "报告")
GRADES = (("ordinary", "普通件"), ("expedited", "平急件"), ("urgent", "加急件"))
URGENCIES = (("", "不标"), ("加急", "加急"), ("特急", "特急"))
CHANNELS = (("intranet", "政务内网电子发送"), ("paper", "纸质分发"), ("group", "局工作QQ群（仅公开件）"))
DISCLOSURES = (("active", "主动公开"), ("request", "依申请公开"), ("none", "不予公开"))
SCOPES = (("public", "公开"), ("internal", "内部（工作秘密）"))
PERIODS = (("Y", "永久"), ("D30", "30年"), ("D10", "10年"))

DRAFT_FIELDS = (
    Field("title", "标题", "text", required=True, longest=200, hint="发文机关＋事由＋文种，如“临江区综合行政执法局关于……的通知”", clause=DRAFTING),
    Field("genre", "文种", "choice", required=True, choices=GENRES, default="通知", clause=DRAFTING),
    Field("grade", "发文等级", "choice", required=True, choices=GRADES, default="ordinary", hint="普通件由分管领导签发；平急件、加急件由主要领导签发", clause=KINDS),
    Field("urgency", "紧急程度", "choice", choices=URGENCIES, default="", hint="印在版头的紧急程度，与发文等级不是一回事"),
    Field("recipients", "主送", "text", longest=300, hint="机关全称或规范化简称，多个用顿号分开", clause=DRAFTING),
    Field("copies_to", "抄送", "text", longest=300, clause=DRAFTING),
    Field("annexes", "附件说明", "lines", longest=500, hint="每行一个附件名称，不加标点"),
    Field("scope", "知悉范围", "choice", choices=SCOPES, default="public", hint="本系统不得处理涉密文件"),
    Field("disclosure", "公开方式", "choice", choices=DISCLOSURES, default="request"),
    Field("normative", "规范性文件", "yesno", default=False, hint="须由政策法规科作合法性审查"),
    Field("collective", "经党组集体讨论", "yesno", default=False, clause=COLLECTIVE),
    Field("necessity", "行文必要性", "text", required=True, longest=200, hint="为什么必须正式发文，而不用电话、便函或面商", clause=NECESSITY),
    Field("phone", "联系电话", "text", longest=40),
)

NUMBER_FIELDS = (
    Field("series", "发文代字", "series", required=True, at="numbering", clause=NUMBER),
    Field("copies", "份数", "number", required=True, default=6, at="numbering", hint="分发份数加存档份数", clause=NUMBER),
)
DISPATCH_FIELDS = (
    Field("sealed_on", "用印日期", "date", required=True, at="dispatch", clause=ISSUING),
    Field("channel", "分发渠道", "choice", required=True, choices=CHANNELS, default="intranet", at="dispatch", clause=ISSUING),
    Field("distribution", "分发范围", "lines", required=True, at="dispatch", longest=500, hint="发给谁、各几份", clause=ISSUING),
)
ARCHIVE_FIELDS = (
    Field("period", "保管期限", "choice", required=True, choices=PERIODS, default="D30", at="archiving", clause=ARCHIVE),
    Field("archive_pages", "页数", "number", required=True, default=1, at="archiving", clause=ARCHIVE),
    Field("archive_note", "归档说明", "text", at="archiving", longest=200, hint="批示原件、签发单、纸质件、电子文本是否齐全"),
)
FIELDS = DRAFT_FIELDS + NUMBER_FIELDS + DISPATCH_FIELDS + ARCHIVE_FIELDS

ORDINARY_GRADE = Guard("普通件", has("grade", "ordinary").test)
IMPORTANT_GRADE = Guard("平急件、加急件", has("grade", "expedited", "urgent").test)
NORMATIVE = Guard("规范性文件", has("normative").test)
UPWARD_GENRE = Guard("上行文（请示、报告）", has("genre", *UPWARD_GENRES).test)
NOT_REVIEWED = Guard("尚未经合法性审查", lambda facts: "legality_review" not in facts.visited)


def _no_recipient(facts: Facts) -> bool:
    exempt = ("公告", "通告", "纪要", "决定")
    return facts.values.get("genre") not in exempt and not facts.values.get("recipients")


UPWARD_RULE = Rule(
    "upward_not_ordinary", both("请示、报告选了普通件", UPWARD_GENRE, ORDINARY_GRADE),
    "请示、报告是上行文，须由主要领导签发，不能作为普通件。请把“发文等级”改为平急件或加急件。", UPWARD,
)
COLLECTIVE_RULE = Rule(
    "collective_not_ordinary",
    both("经集体讨论的纪要、函选了普通件", has("collective"), has("genre", "纪要", "函"), ORDINARY_GRADE),
    "经局党组集体讨论的纪要、函件须由主要领导签发，不能作为普通件。请把“发文等级”改为平急件或加急件。", COLLECTIVE,
)
RECIPIENT_RULE = Rule(
    "needs_recipient", Guard("没有主送机关", _no_recipient),
    "这个文种要写明主送机关。请在发文稿纸的“主送”栏填写后再送审。",
    Clause(REGULATION, "第九条（八）", "主送机关：公文的主要受理机关。", Force.REQUIRED, "E01"), at="drafting",
)
OPEN_CHANNEL = Rule(
    "open_channel",
    Guard("内部件或不公开件发到QQ群", lambda f: f.values.get("channel") == "group" and (
        f.values.get("scope") == "internal" or f.values.get("disclosure") == "none")),
    "内部件、不予公开的公文不得上传局工作QQ群。请改用政务内网或纸质分发。",
    Clause(LUCHENG, "一（二）2⑥", "注意保密，不得让无关人员随意翻阅；涉密文件另行纸质传阅。", Force.FORBIDDEN, "FW-19"), brought="channel",
)
SEALED_IN_TIME = Rule(
    "sealed_in_time",
    Guard("用印日期早于签发或晚于今天",
          lambda f: bool(f.values.get("sealed_on")) and not f.signed_on <= str(f.values["sealed_on"]) <= (f.today or "9999")),
    "用印日期应在签发当日到今天之间：未经签发的文件一律不得用印。请改正“用印日期”。",
    Clause(LUCHENG, "一（二）2⑥", "对经主要领导签发后的文稿进行用印、制发。", Force.FORBIDDEN, "FW-32"), brought="sealed_on",
)
RULES = (UPWARD_RULE, COLLECTIVE_RULE, RECIPIENT_RULE, OPEN_CHANNEL, SEALED_IN_TIME)

PAPER_CHANNEL = Rule(
    "paper_channel", Guard("选了纸质分发", has("channel", "paper").test),
    "能通过内网发送电子件的，原则上不再发纸质件。确需纸质分发的，请在“意见”里写明理由。", ELECTRONIC,
)
PROOF_MATCHES = Rule(
    "proof_matches",
    Guard("清样与定稿不一致", lambda f: bool(f.proof_hash) and f.proof_hash != f.frozen_hash),
    "清样与签发的定稿不一致。请打开“清样与定稿对照”改正清样；确需改动定稿的，退回签发人批准。",
    Clause(LUCHENG, "一（二）2⑤", "校对以文件定稿为基准。", Force.FORBIDDEN, "FW-17"),
)
UNCHANGED = Rule(
    "text_as_signed",
    Guard("文本与签发时不同", lambda f: not f.frozen_hash or f.text_hash != f.frozen_hash),
    "文稿与签发的定稿不一致，不得编号、用印、印发。请退回签发人重新批准。",
    Clause(LUCHENG, "一（二）2③", "文稿一经签发后，即成为最终定稿。", Force.FORBIDDEN, "FW-15"),
)

ORDINARY_LIMIT = Limit(5, "day", ORDINARY, roll=True)
EXPEDITED_LIMIT = Limit(3, "day", EXPEDITED)
URGENT_LIMIT = Limit(1, "day", URGENT, bypass_hours=True, mails_at_once=True)
DRAFT_24H = Limit(24, "hour", DRAFT_TIME)
DRAFT_3D = Limit(3, "day", DRAFT_TIME)

CURRENT = Holder("current", "当前办理人")
CYCLE_LADDER = (
    Rung("before_1", "到期前1个工作日提醒", -1, (CURRENT,), LADDER),
    Rung("on_the_day", "到期当日提醒", 0, (CURRENT,), LADDER),
    Rung("overdue_holder", "超期催办：办理人", 1, (CURRENT,), LADDER),
    Rung("overdue_head", "超期催办：科室负责人", 2, (CURRENT, UNIT_HEAD), LADDER),
    Rung("overdue_office", "超期催办：办公室", 3, (OFFICE_DIRECTOR, DEPUTY), LADDER),
)
STAGE_LADDER = (
    Rung("stage_on_the_day", "环节到期当日提醒", 0, (CURRENT,), LADDER),
    Rung("stage_overdue", "环节超期催办", 1, (CURRENT,), LADDER),
)

FORM = (
    (Cell("title", 3),),
    (Cell("genre"), Cell("grade")),
    (Cell("urgency"), Cell("scope")),
    (Cell("recipients", 3),),
    (Cell("copies_to", 3),),
    (Cell("@drafter", label="拟稿"), Cell("#unit_review")),
    (Cell("#vetting"), Cell("#legality_review")),
    (Cell("#office_review", 3),),
    (Cell("#signing", 3),),
    (Cell("annexes", 3),),
    (Cell("necessity", 3),),
    (Cell("@number", label="发文字号"), Cell("copies")),
    (Cell("#proofreading"), Cell("#dispatch")),
)

TO_ORDER = to_order(Guard("签发以后", lambda f: bool(f.frozen_hash) and f.stage != "voided"))
