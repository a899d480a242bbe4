"""No page shows a matter that its reader may not see (design.md §8): every matter carries a canary, none may sing.

Hypothesis invents who drafts what, how far it goes, who signs for whom and who then reads; each canary is a
word that stands in the title, the text, the opinions, the form and the attachments' names of one matter only.
"""

import io
import re
import zipfile
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from officeapp import clock, db, engine, grants, people, visibility
from officeapp.attachments import Attachment, accept, shelve
from officeapp.decisions import Refused
from officeapp.directory import Unfit
from officeapp.matters import Matter
from officeapp.procedures import book
from tests import conftest, databases
from tests.desks import doors
from tests.people import PEOPLE
from tests.procedures.test_outgoing_document_zone_trial import OWN

CANARY = re.compile(r"金丝雀(\d{6})")
PDF = b"%PDF-1.7\n%%EOF\n"
RULEBOOKS = sorted(p.rulebook for p in book.PROCEDURES if p.kind == "outgoing_document")
# What a route's arguments may be besides a matter's own; a new argument fails with what to add.
GIVEN = {
    "kind": [kind.replace("_", "-") for kind in book.kinds()], "key": ["drafting", "unit_review", "archived"],
    "record": ["deeds", "acts", "logins", "seals"], "table": ["all", "units", "people", "posts"],
    "person_id": [1, 2], "post_id": [1, 2], "unit_id": [1, 2], "note_id": [1],
}
# Pages that show more, or other things, when asked so.
ASKED = ("/search?q=金丝雀", "/search?q=临综法", "/audit?matter={id}", "/audit?q=金丝雀", "/admin/messages?state=sent",
         "/admin/messages?state=waiting", "/admin/messages?state=today", "/admin/messages?matter={id}",
         "/boards/outgoing-document/changes?since=0.2026010100", "/boards/outgoing-document?q=金丝雀",
         "/matters/new/extension-request?from={id}", "/matters/new/supervision-order?parent={id}",
         "/boards/overdue?kind=outgoing-document", "/ledgers/outgoing-document?q=金丝雀", "/handovers?person=1")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """The tests' bureau behind its site; matters gather from example to example."""
    folder = tmp_path_factory.mktemp("canaries")
    url = databases.fresh_sqlite(folder)
    bureau = conftest.seeded()
    enter = doors(url, folder)
    with db.transaction() as session:
        for n, kind in enumerate(("security_admin", "audit_admin")):
            person = people.Person(account=kind, name=people.POST_KINDS[kind], unit_id=bureau.units["archive"])
            post = people.Post(kind=kind, unit_id=bureau.units["archive"], title=kind, position=n)
            session.add_all([person, post])
            session.flush()
            session.add(people.Holding(person_id=person.id, post_id=post.id))
            setattr(bureau, kind, person.id)
        extra = {kind: people.actor(session, getattr(bureau, kind)) for kind in ("security_admin", "audit_admin")}
    actors = {name: getattr(bureau, name) for name in PEOPLE} | extra
    browsers = {name: enter(actor) for name, actor in actors.items()}
    any_browser = next(iter(browsers.values()))
    return SimpleNamespace(actors=actors, browsers=browsers, app=any_browser.application, folder=folder)


def told(house, drafter, rulebook, steps):
    """A matter with its canary, as far as the steps carry it; each step is one that somebody is offered."""
    actor = house.actors[drafter]
    with db.transaction() as session:
        word = f"金丝雀{session.scalar(select(func.max(Matter.id))) or 0:06}"
        values = {"title": f"关于{word}的通知", "recipients": f"{word}甲", "necessity": f"须书面部署{word}",
                  **(OWN if rulebook == "zone-trial" else {})}
        matter = engine.open_matter(session, "outgoing_document", actor, values, body=f"一、{word}\n正文{word}。",
                                    now=clock.now(), rulebook=rulebook)
        accepted = accept(io.BytesIO(PDF), f"{word}.pdf")
        shelve(accepted, house.folder)
        session.add(Attachment(matter_id=matter.id, kind="attachment", sha256=accepted.sha256, name=f"{word}.pdf",
                               mime=accepted.mime, size=accepted.size, uploader_id=actor.id, at=clock.now()))
    for step in steps:
        _one_step(house, matter.id, step, word)
    return matter.id


def _one_step(house, matter_id, step, word):
    with db.reading() as session:
        matter = session.get(Matter, matter_id)
        offers = [(name, offer.move.key) for name, actor in house.actors.items()
                  for offer in engine.moves_open_to(session, matter, actor) if "void" not in offer.move.key]
        version = matter.version
    if not offers:
        return
    name, key = offers[step % len(offers)]
    values = {"series": "临综法发", "copies": 6, "sealed_on": clock.today().isoformat(), "channel": "intranet",
              "distribution": word, "period": "D30", "archive_pages": 3}
    try:
        with db.transaction() as session:
            engine.move(session, matter_id, key, house.actors[name], version=version, note=f"意见{word}",
                        values=values, now=clock.now())
    except Refused:
        pass  # it wanted something on paper or a proof: the next step tries another way


def paths(app, matter_id, attachment_id):
    """Every page of the house, of this matter where it belongs to one."""
    found = [path.format(id=matter_id) for path in ASKED]
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint == "static" or rule.rule.startswith("/login"):
            continue
        given = GIVEN | {"matter_id": [matter_id], "attachment_id": [attachment_id]}
        missing = rule.arguments - set(given)
        assert not missing, f"{rule.rule} has {missing}: give tests/test_canaries.py examples of it in GIVEN."
        filled = [rule.rule]
        for name in rule.arguments:
            filled = [re.sub(rf"<(?:\w+:)?{name}>", str(each), path) for path in filled for each in given[name]]
        found += filled
    return found


def sung(answer):
    """The canaries that an answer holds, in a workbook too."""
    data = answer.get_data()
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as sheets:
            data = b"".join(sheets.read(name) for name in sheets.namelist())
    headers = "".join(str(answer.headers.get(name, "")) for name in ("Content-Disposition", "Location"))
    return {int(n) for n in CANARY.findall(data.decode("utf-8", "replace") + unquote(headers))}


def seen_by(actor):
    with db.reading() as session:
        fresh = people.actor(session, actor.id)
        return {int(CANARY.search(title)[1]) for title in session.scalars(
            select(Matter.title).where(visibility.visible_to(fresh))) if CANARY.search(title)}


def leaks(house, reader, matter_id):
    may, browser = seen_by(house.actors[reader]), house.browsers[reader]
    with db.reading() as session:
        attachment_id = session.scalar(select(Attachment.id).where(Attachment.matter_id == matter_id))
    for path in paths(house.app, matter_id, attachment_id):
        for headers in ({}, {"HX-Request": "true"}):
            shown = sung(browser.get(path, headers=headers))
            if shown - may:
                yield f"{path} shows {reader} {sorted(shown - may)}"


STEPS = st.lists(st.integers(0, 1000), max_size=7)
DRAFTERS = st.sampled_from(["drafter", "colleague", "officer", "lawyer", "reviewer", "inspector", "captain", "head"])
# Those who see all are asked last: there is nothing that they might not see.
READERS = st.sampled_from(["drafter", "officer", "colleague", "lawyer", "deputy", "other_deputy", "captain", "head",
                           "keeper", "admin", "security_admin", "audit_admin", "director"])


@settings(max_examples=6, derandomize=True, phases=[p for p in Phase if p is not Phase.shrink],
          suppress_health_check=list(HealthCheck))
@given(drafter=DRAFTERS, rulebook=st.sampled_from(RULEBOOKS), steps=STEPS, reader=READERS,
       stand_in=st.none() | st.tuples(st.sampled_from(["head", "captain", "lawyer"]), st.just("officer")))
def test_no_page_shows_a_matter_that_its_reader_may_not_see(house, drafter, rulebook, steps, reader, stand_in):
    if stand_in:
        principal, delegate = (house.actors[name] for name in stand_in)
        try:
            with db.transaction() as session:
                grants.grant(session, principal.id, delegate.id, clock.today(), clock.today(), "出差",
                             by=principal, now=clock.now())
        except Unfit:
            pass  # he stands in already
    matter_id = told(house, drafter, rulebook, steps)
    assert list(leaks(house, reader, matter_id)) == []


def test_every_canary_sings_to_those_who_may_hear_it(house):
    """Else the test above would pass because nothing is ever found."""
    matter_id = told(house, "drafter", "lucheng-2019", [])
    with db.reading() as session:
        own = int(CANARY.search(session.get(Matter, matter_id).title)[1])
        file = session.scalar(select(Attachment.id).where(Attachment.matter_id == matter_id))
    browser = house.browsers["drafter"]
    for path in ("/boards/outgoing-document", f"/matters/{matter_id}", "/search?q=金丝雀", "/started",
                 f"/matters/{matter_id}/form", f"/matters/{matter_id}/attachments/{file}"):
        assert own in sung(browser.get(path)), path
