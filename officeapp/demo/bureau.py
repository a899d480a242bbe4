"""The invented 临江区综合行政执法局: units, outside organs, people, posts, portfolios, series."""

import random

from sqlalchemy.orm import Session

from officeapp import people
from officeapp.demo_accounts import PASSWORD
from officeapp.numbers import Series
from officeapp.people import Holding, Person, Portfolio, Post, Unit

# (key, name, short, kind, relation)
UNITS = (
    ("leaders", "局领导", "局领导", "leaders", ""),
    ("office", "办公室", "办公室", "section", ""),
    ("general", "综合科", "综合科", "section", ""),
    ("legal", "政策法规科", "法规科", "section", ""),
    ("appearance", "市容管理科", "市容科", "section", ""),
    ("emergency", "应急管理科", "应急科", "section", ""),
    ("assessment", "监督考核科", "考核科", "section", ""),
    ("discipline", "机关纪委", "机关纪委", "section", ""),
    ("command", "指挥中心", "指挥中心", "section", ""),
    ("south", "南门中队", "南门中队", "squad", ""),
    ("river", "江滨中队", "江滨中队", "squad", ""),
    ("dogs", "养犬管理办公室", "养犬办", "affiliate", ""),
    ("info", "信息中心", "信息中心", "affiliate", ""),
    ("government", "临江区人民政府", "区政府", "outside", "superior"),
    ("city", "市综合行政执法局", "市局", "outside", "superior"),
    ("finance", "临江区财政局", "区财政局", "outside", "peer"),
    ("housing", "临江区住房和城乡建设局", "区住建局", "outside", "peer"),
    ("street", "南门街道办事处", "南门街道", "outside", "peer"),
)

# (account, 姓名, unit, posts)
NAMED = (
    ("zhouzheng", "周正", "leaders", ("chief",)),
    ("zhengyi", "郑毅", "leaders", ("party_secretary",)),
    ("liuzhiqiang", "刘志强", "leaders", ("deputy",)),
    ("sunhui", "孙慧", "leaders", ("deputy",)),
    ("maliang", "马良", "leaders", ("deputy",)),
    ("gaoming", "高明", "office", ("office_director", "unit_head")),
    ("wumin", "吴敏", "office", ("office_reviewer",)),
    ("chenwen", "陈文", "office", ("registry_clerk",)),
    ("hejing", "何静", "office", ("dispatch_clerk",)),
    ("fengyin", "冯茵", "office", ("seal_keeper",)),
    ("xuzong", "许宗", "general", ("unit_head", "summary_collector")),
    ("qianli", "钱立", "legal", ("unit_head", "legal_reviewer")),
    ("zhouming", "周鸣", "legal", ("legal_reviewer",)),
    ("wangjianguo", "王建国", "appearance", ("unit_head",)),
    ("linxiao", "林晓", "appearance", ("staff",)),
    ("zhaolin", "赵琳", "emergency", ("unit_head",)),
    ("dengkao", "邓考", "assessment", ("unit_head", "assessment_section")),
    ("jiji", "纪季", "discipline", ("unit_head", "discipline_committee")),
    ("gaoyuan", "高原", "command", ("unit_head", "inspection_group")),
    ("wangyong", "王勇", "south", ("unit_head",)),
    ("hejun", "何军", "south", ("staff",)),
    ("liqiang", "李强", "river", ("unit_head",)),
    ("sunyue", "孙悦", "dogs", ("unit_head",)),
    ("luxin", "陆昕", "info", ("unit_head",)),
    ("xitong", "童宁", "info", ("system_admin",)),
    ("anquan", "安谧", "info", ("security_admin",)),
    ("shenji", "沈稽", "info", ("audit_admin",)),
)
PORTFOLIOS = {
    "liuzhiqiang": ("appearance", "south", "river", "office"),
    "sunhui": ("legal", "general", "dogs", "info"),
    "maliang": ("emergency", "assessment", "discipline", "command"),
}
SERIES = (("临综法发", "综合性公文"), ("临综法函", "函"), ("临综法会纪", "会议纪要"), ("临综法报", "请示、报告"))
STAFFED = ("general", "legal", "appearance", "emergency", "assessment", "command", "south", "river", "dogs")
HEADS = {
    "section": "科长",
    "squad": "中队长",
    "affiliate": "主任",
    "办公室": "办公室负责人",
    "机关纪委": "书记",
    "指挥中心": "主任",
}
SURNAMES = "张李王赵陈杨黄徐朱胡林郭罗梁宋唐韩曹许邓"
GIVEN = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "磊",
    "洋",
    "艳",
    "勇",
    "杰",
    "娟",
    "涛",
    "超",
    "霞",
    "平",
    "刚",
    "桂英",
    "晓东",
    "文博",
    "思远",
    "雨桐",
    "子涵",
    "海燕",
)


def found(session: Session, rng: random.Random, size: int = 60) -> None:
    """Write the whole bureau; `size` people in all."""
    units = _units(session)
    password = people.hash_password(PASSWORD)
    posts: dict[str, Post] = {}
    for n, (account, name, unit, kinds) in enumerate(NAMED):
        person = _person(session, account, name, units[unit], n, password)
        for kind in kinds:
            posts[f"{account}.{kind}"] = _seat(session, person, kind, units[unit])
    for n, (account, name, unit) in enumerate(_staff(rng, size - len(NAMED))):
        person = _person(session, account, name, units[unit], 100 + n, password)
        _seat(session, person, "staff", units[unit])
    for account, charge in PORTFOLIOS.items():
        post = posts[f"{account}.deputy"]
        session.add_all(Portfolio(post_id=post.id, unit_id=units[unit].id) for unit in charge)
    session.add_all(Series(word=word, note=note, position=n) for n, (word, note) in enumerate(SERIES))
    session.flush()


def _units(session: Session) -> dict[str, Unit]:
    units = {}
    for n, (key, name, short, kind, relation) in enumerate(UNITS):
        units[key] = Unit(name=name, short=short, kind=kind, relation=relation, position=n)
    session.add_all(units.values())
    session.flush()
    return units


def _staff(rng: random.Random, count: int) -> list[tuple[str, str, str]]:
    taken = {name for _, name, _, _ in NAMED}
    staff = []
    while len(staff) < count:
        name = rng.choice(SURNAMES) + rng.choice(GIVEN)
        if name not in taken:
            taken.add(name)
            staff.append((f"gy{len(staff) + 1:03d}", name, STAFFED[len(staff) % len(STAFFED)]))
    return staff


def _person(session: Session, account: str, name: str, unit: Unit, position: int, password: str) -> Person:
    person = Person(
        account=account,
        name=name,
        unit_id=unit.id,
        position=position,
        password_hash=password,
        email=f"{account}@linjiang.example",
        phone=f"8800{1000 + position}",
    )
    session.add(person)
    session.flush()
    return person


def _seat(session: Session, person: Person, kind: str, unit: Unit) -> Post:
    post = Post(kind=kind, unit_id=unit.id, title=people.POST_KINDS[kind], position=person.position)
    if kind == "unit_head":
        post.title = HEADS.get(unit.name, HEADS[unit.kind])
    session.add(post)
    session.flush()
    session.add(Holding(person_id=person.id, post_id=post.id))
    return post
