"""The bureau the tests work in: people with names, one of each post that 发文 needs."""

from datetime import datetime
from types import SimpleNamespace

from sqlalchemy import update
from sqlalchemy.orm import Session

from officeapp import db, password_requests, people
from officeapp.numbers import Series
from officeapp.people import Actor, Holding, Person, Portfolio, Post, Unit

UNITS = (
    ("leaders", "局领导", "leaders"), ("office", "办公室", "section"), ("appearance", "市容管理科", "section"),
    ("legal", "政策法规科", "section"), ("south", "南门中队", "squad"), ("command", "指挥中心", "section"),
    ("archive", "档案服务中心", "affiliate"),
)
# name → (姓名, unit, posts held)
PEOPLE = {
    "chief": ("周正", "leaders", ("chief",)),
    "secretary": ("郑书记", "leaders", ("party_secretary",)),
    "deputy": ("刘志强", "leaders", ("deputy",)),
    "other_deputy": ("孙副局", "leaders", ("deputy",)),
    "director": ("高明", "office", ("office_director", "unit_head")),
    "reviewer": ("吴审核", "office", ("office_reviewer",)),
    "clerk": ("陈文书", "office", ("registry_clerk",)),
    "dispatcher": ("何内勤", "office", ("dispatch_clerk",)),
    "keeper": ("冯印章", "office", ("seal_keeper",)),
    "head": ("王建国", "appearance", ("unit_head",)),
    "drafter": ("林晓", "appearance", ("staff",)),
    "colleague": ("赵琳", "appearance", ("staff",)),
    "lawyer": ("钱法规", "legal", ("legal_reviewer", "unit_head")),
    "captain": ("李强", "south", ("unit_head",)),
    "officer": ("何军", "south", ("staff",)),
    "inspector": ("高督查", "command", ("inspection_group", "unit_head")),
    "admin": ("系统员", "archive", ("system_admin",)),
}
PORTFOLIOS = {"deputy": ("appearance", "office", "legal"), "other_deputy": ("south", "command", "archive")}


def bureau(session: Session) -> SimpleNamespace:
    """Actors by role name (`.drafter`, `.chief` …), `.units` by key; committed by the caller."""
    units = {key: Unit(name=name, short=name, kind=kind, position=n) for n, (key, name, kind) in enumerate(UNITS)}
    session.add_all(units.values())
    session.flush()
    folk, posts = {}, {}
    for n, (key, (name, unit, kinds)) in enumerate(PEOPLE.items()):
        folk[key] = Person(account=key, name=name, unit_id=units[unit].id, position=n, email=f"{key}@bureau.test")
        session.add(folk[key])
        session.flush()
        for kind in kinds:
            posts[key, kind] = _seat(session, folk[key], kind, units[unit])
    for key, charge in PORTFOLIOS.items():
        post = posts[key, "deputy"]
        session.add_all(Portfolio(post_id=post.id, unit_id=units[unit].id) for unit in charge)
    session.add_all([Series(word="临综法发", position=0), Series(word="临综法函", position=1)])
    session.flush()
    actors = {key: people.actor(session, person.id) for key, person in folk.items()}
    return SimpleNamespace(**actors, units={key: unit.id for key, unit in units.items()})


def administrator(office: SimpleNamespace, kind: str) -> Actor:
    """A person of its own for one of the three posts that the tests' bureau leaves empty."""
    with db.transaction() as session:
        person = Person(account=kind, name=people.POST_KINDS[kind], unit_id=office.units["archive"])
        session.add(person)
        session.flush()
        _seat(session, person, kind, session.get_one(Unit, person.unit_id))
        return people.actor(session, person.id)


def reset_password(office: SimpleNamespace, whose: Actor, now: datetime) -> str:
    """A new password as two administrators give it: both halves."""
    granter = administrator(office, "security_admin")
    with db.transaction() as session:
        front = password_requests.ask(session, session.get_one(Person, whose.id), key="k", by=office.admin, now=now)
    [given], _ = password_requests.confirm([whose.id], key="k", by=granter, now=now)
    return front + given.half


def open_accounts(session: Session) -> None:
    """Everybody has been given a password that nobody knows: directories and providers may let them in."""
    session.execute(update(Person).values(password_hash=people.NOBODYS_HASH))


def _seat(session: Session, person: Person, kind: str, unit: Unit) -> Post:
    post = Post(kind=kind, unit_id=unit.id, title=people.POST_KINDS[kind], position=person.position)
    session.add(post)
    session.flush()
    session.add(Holding(person_id=person.id, post_id=post.id))
    session.flush()
    return post
