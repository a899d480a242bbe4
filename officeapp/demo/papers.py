"""Invented documents for the demonstration bureau: titles, texts, opinions."""

import random
from typing import Any

ORGAN = "临江区综合行政执法局"
PLACES = ("人民路", "江滨大道", "解放街", "文化广场", "火车站周边", "南门商圈", "滨江公园", "学院路", "东方市场")
THEMES = (
    "户外广告设施安全检查",
    "占道经营联合整治",
    "门前三包责任落实",
    "渣土运输专项治理",
    "夜间油烟噪声整治",
    "非机动车停放秩序整治",
    "文明养犬宣传月活动",
    "犬类免疫登记",
    "违法建设巡查处置",
    "校园周边环境整治",
    "城市家具维护",
    "道路临时占用管理",
    "建筑垃圾消纳管理",
    "台风防御应急准备",
    "冬季防火巡查",
    "市容环境卫生责任区划分",
)
PATTERNS = {
    "通知": (
        "{organ}关于开展{place}{theme}的通知",
        "{organ}关于做好{season}{theme}工作的通知",
        "{organ}关于印发{theme}工作方案的通知",
    ),
    "函": ("{organ}关于商请协助开展{theme}的函", "{organ}关于征求{theme}意见的函"),
    "通报": ("{organ}关于{season}{theme}情况的通报", "{organ}关于{quarter}督查情况的通报"),
    "纪要": ("{theme}协调会议纪要",),
    "请示": ("{organ}关于追加{theme}经费的请示", "{organ}关于购置{theme}执法装备的请示"),
    "报告": ("{organ}关于2026年{theme}工作情况的报告", "{organ}关于{season}{theme}进展情况的报告"),
    "意见": ("{organ}关于加强{theme}的意见",),
}
RECIPIENTS = {
    "通知": "各科室、中队和局属各单位",
    "函": "临江区住房和城乡建设局",
    "通报": "各科室、中队和局属各单位",
    "纪要": "",
    "请示": "临江区人民政府",
    "报告": "市综合行政执法局",
    "意见": "各科室、中队和局属各单位",
}
GRADES = {"请示": ("expedited", "urgent"), "报告": ("expedited",)}
NECESSITY = (
    "须以正式文件部署，明确责任单位和时限。",
    "对方要求书面来函，作为办理依据。",
    "涉及经费安排，须书面报批。",
    "须留存备查，电话告知不足以落实责任。",
)
OPINIONS = ("同意。", "同意送审。", "拟同意，请领导审定。", "内容属实，同意报送。", "已核，格式规范。")
RETURN_REASONS = (
    "责任单位没有写明完成时限，请补充。",
    "第二部分与去年方案重复，请精简。",
    "附件说明与附件不一致，请核对。",
    "主送机关名称应使用规范化简称。",
)
# The smallest page a reader opens; its words stand in the reviewer's opinion.
OPINION_PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""
VOID_REASONS = ("已由市局统一发文，本件不再印发。", "与前件重复，予以作废。")


def paper(rng: random.Random) -> tuple[dict[str, Any], str]:
    """One document: the drafter's fields and the text."""
    genre = rng.choices(list(PATTERNS), weights=(40, 14, 10, 6, 12, 12, 6))[0]
    theme, place = rng.choice(THEMES), rng.choice(PLACES)
    title = rng.choice(PATTERNS[genre]).format(
        organ=ORGAN,
        theme=theme,
        place=place,
        season=rng.choice(("春季", "汛期", "第三季度", "冬季", "节日期间")),
        quarter=rng.choice(("第二季度", "第三季度", "第四季度")),
    )
    grade = rng.choice(GRADES.get(genre, ("ordinary",) * 6 + ("expedited", "urgent")))
    values = {
        "title": title,
        "genre": genre,
        "grade": grade,
        "urgency": "加急" if grade == "urgent" else "",
        "recipients": RECIPIENTS[genre],
        "copies_to": "临江区财政局" if genre == "请示" else "",
        "necessity": rng.choice(NECESSITY),
        "normative": genre == "意见",
        "scope": "public",
        "disclosure": "request",
        "phone": f"0577-8800{rng.randint(1000, 9999)}",
    }
    return values, _text(rng, genre, theme, place)


def _text(rng: random.Random, genre: str, theme: str, place: str) -> str:
    to = RECIPIENTS[genre]
    close = {"请示": "妥否，请批示。", "报告": "特此报告。", "函": "请予支持，并请函复。"}.get(
        genre, "请结合实际抓好落实。"
    )
    return "\n".join(
        filter(
            None,
            (
                f"{to}：" if to else "",
                f"为进一步做好{theme}工作，结合{place}一带实际，现将有关事项{'报告' if genre in ('请示', '报告') else '明确'}如下。",
                "一、基本情况",
                f"今年以来，共出动执法人员{rng.randint(120, 900)}人次，检查点位{rng.randint(40, 400)}处，发现问题{rng.randint(10, 90)}处，已整改{rng.randint(5, 60)}处。",
                "二、主要措施",
                "（一）明确责任",
                "1.各责任单位应当落实专人，建立台账，按时反馈。",
                "2.牵头单位应当加强协调，不得推诿。",
                "（二）加强巡查",
                f"对{place}等重点区域每日巡查不少于两次，发现问题当场处置。",
                "三、工作要求",
                "各单位应当严格按照时限完成，并将情况书面反馈办公室。",
                close,
            ),
        )
    )
