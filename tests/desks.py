"""Browsers without scripts for tests: the whole site, and people of the bureau at their desks."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from app import create_app
from officeapp import clock, db, engine, matters, people
from officeapp.desks import Paper
from officeapp.matters import Matter
from officeapp.people import Actor, Person
from officeapp.settings import Settings

PASSWORD = "zhuomian2026"
FORM = {
    "title": "关于增加市容协管经费的请示", "genre": "请示", "grade": "expedited", "recipients": "临江区人民政府",
    "necessity": "须书面报批", "scope": "public", "disclosure": "request", "urgency": "",
}
ORDINARY = FORM | {"title": "关于开展户外广告整治的通知", "genre": "通知", "grade": "ordinary"}
BODY = "临江区人民政府：\n一、基本情况\n（一）任务量。全区有主次干道52条。\n妥否，请批示。"


def doors(database: str, folder: Path) -> Callable[[Actor], FlaskClient]:
    """enter(actor) → that person's logged-in client; CSRF is off, it has its own tests."""
    app = create_app(Settings.from_env({"DATABASE_URL": database, "DATA_DIR": str(folder)}))
    app.config["WTF_CSRF_ENABLED"] = False
    hashed = people.hash_password(PASSWORD)

    def enter(actor: Actor) -> FlaskClient:
        with db.transaction() as session:
            session.get_one(Person, actor.id).password_hash = hashed
        client = app.test_client()
        assert client.post("/login", data={"account": actor.account, "password": PASSWORD}).status_code == 303
        return client

    return enter


def opened(actor: Actor, form: dict[str, Any] = ORDINARY, body: str = BODY, now: datetime | None = None) -> int:
    """A new matter's id."""
    with db.transaction() as session:
        values = dict(form)
        return engine.open_matter(session, "outgoing_document", actor, values, body=body, now=now or clock.now()).id


def moved(matter_id: int, key: str, actor: Actor, signer: Actor | None = None, **more: Any) -> Matter:
    """One move through the engine; with a signer, recorded from paper on the actor's word."""
    now = more.pop("now", None) or clock.now()
    paper = Paper(signer.id, now.astimezone(clock.ZONE).date(), "电话同意") if signer else None
    with db.transaction() as session:
        version = matters.find(session, matter_id).version
        return engine.move(session, matter_id, key, actor, version=version, paper=paper, now=now, **more)


def signed(bureau: Any, form: dict[str, Any] = ORDINARY) -> int:
    """An ordinary document that the deputy has signed, waiting for its number."""
    matter_id = opened(bureau.drafter, form)
    for key, actor in (("submit", bureau.drafter), ("unit_pass_ordinary", bureau.head),
                       ("office_pass_ordinary", bureau.reviewer), ("sign", bureau.deputy)):
        moved(matter_id, key, actor, note="同意。")
    return matter_id


def archived(bureau: Any) -> int:
    """The same, numbered, proofread, issued and archived."""
    matter_id = signed(bureau)
    moved(matter_id, "number", bureau.clerk, values={"series": "临综法发", "copies": 6})
    moved(matter_id, "proofread", bureau.clerk)
    issue = {"sealed_on": clock.today().isoformat(), "channel": "intranet", "distribution": "各科室各1份"}
    moved(matter_id, "issue", bureau.dispatcher, values=issue)
    moved(matter_id, "archive", bureau.dispatcher, values={"period": "D30", "archive_pages": 3})
    return matter_id


def stored(matter_id: int) -> Matter:
    with db.reading() as session:
        return matters.find(session, matter_id)
