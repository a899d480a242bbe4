"""No page shows what its reader may not see (design.md §8): every matter carries canaries, none may sing.

Hypothesis invents what is drafted by whom, how far it goes, what comes of it, who stands in for whom and who then
reads every page there is. tests/canaries.py says which word stands where.
"""

import re

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from officeapp import db
from officeapp.attachments import Attachment
from officeapp.directory import Unfit
from officeapp.matters import Matter
from officeapp.procedures import book
from officeapp.web.safety import limiter
from tests import canaries
from tests.canaries import LEADERS, sung

# What a route's arguments may be besides a matter's own; a new argument fails with what to add.
GIVEN = {
    "kind": [kind.replace("_", "-") for kind in book.kinds()], "key": ["drafting", "receipt"],
    "record": ["deeds", "acts", "logins", "seals"], "table": ["all", "units", "people", "posts"],
    "person_id": [1, 2], "post_id": [1, 2], "unit_id": [1, 2], "filter_id": [1], "note_id": range(1, len(LEADERS) + 1),
}
# Pages that show more, or other things, when asked so.
ASKED = ("/search?q=金丝雀", "/search?q=雀", "/search?q=〔", "/audit?q=金丝雀", "/admin/messages?state=sent",
         "/admin/messages?state=waiting", "/admin/messages?state=today", "/boards/overdue?kind=outgoing-document",
         "/ledgers/supervision-order/export?format=csv", "/ledgers/public-matter?q=金丝雀")
ASKED_OF_EACH = ("/audit?matter={id}", "/admin/messages?matter={id}", "/matters/new/extension-request?from={id}",
                 "/matters/new/progress-report?from={id}", "/matters/{id}/form?text=1")
ASKED_OF_KIND = ("/boards/{kind}/changes?since=0.2026010100", "/boards/{kind}?q=金丝雀")
PIECEMEAL = ("/matters/", "/boards/")  # what htmx may ask for in part


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    limiter.enabled = False  # an export too many would be refused, and nothing be found in it
    yield canaries.house(tmp_path_factory.mktemp("canaries"))
    limiter.enabled = True


def paths(app, ids):
    """Every page of the house, those of a matter for each of these."""
    with db.reading() as session:
        file_of = {n: session.scalar(select(Attachment.id).where(Attachment.matter_id == n)) or 0 for n in ids}
    yield from ASKED
    yield from (path.format(id=n) for path in ASKED_OF_EACH for n in ids)
    yield from (path.format(kind=kind) for path in ASKED_OF_KIND for kind in GIVEN["kind"])
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.endpoint != "static" and not rule.rule.startswith("/login"):
            for n in ids if "matter_id" in rule.arguments else ids[:1]:
                yield from filled(rule, GIVEN | {"matter_id": [n], "attachment_id": [file_of[n]]})


def filled(rule, given):
    missing = rule.arguments - set(given)
    assert not missing, f"{rule.rule} has {missing}: give tests/test_canaries.py examples of it in GIVEN."
    found = [rule.rule]
    for name in rule.arguments:
        found = [re.sub(rf"<(?:\w+:)?{name}>", str(each), path) for path in found for each in given[name]]
    return found


def leaks(house, reader, ids):
    """What this reader finds and may not: a word of a hidden matter or a way to it, in a list a citizen's telephone."""
    may, browser = canaries.may_hear(house, reader), house.browsers[reader]
    for path in paths(house.app, ids):
        heard = may.anywhere | (may.at_home if path.startswith("/matters/") else set())
        for headers in ({}, {"HX-Request": "true"}) if path.startswith(PIECEMEAL) else ({},):
            answer = browser.get(path, headers=headers)
            if found := sung(answer) - heard:
                yield f"{path} shows {reader} {sorted(found)}"
            if lost := canaries.led_to(answer) - may.seen:
                yield f"{path} leads {reader} to {sorted(lost)}"


GATHERED = [(p.kind, p.rulebook) for p in book.gathered()]
SHELF = [(p.kind, p.rulebook) for kind in book.own_kinds() for p in book.editions(kind)] + GATHERED
# Those who see nearly all are asked seldom: there is little that they might not see.
READERS = st.sampled_from(["drafter", "officer", "colleague", "lawyer", "deputy", "other_deputy", "captain", "head",
                           "keeper", "admin", "security_admin", "audit_admin", "director", "inspector", "assessor",
                           "discipline", "clerk", "collector"])
STAND_INS = st.tuples(st.sampled_from(["head", "captain", "lawyer", "deputy", "chief"]),
                      st.sampled_from(["officer", "colleague", "keeper"]))


@settings(max_examples=6, phases=[p for p in Phase if p is not Phase.shrink], suppress_health_check=list(HealthCheck))
@given(begun=st.sampled_from(SHELF), nth=st.integers(0, 20), steps=st.lists(st.integers(0, 40), max_size=9),
       reader=READERS, stand_in=st.none() | STAND_INS)
def test_no_page_shows_what_its_reader_may_not_see(house, begun, nth, steps, reader, stand_in):
    if stand_in:
        try:
            canaries.stand_in(house, *stand_in)
        except Unfit:
            pass  # he stands in already, or another does
    ids = [canaries.begin(house, *begun, nth)]
    for choice in steps:
        ids += canaries.step(house, ids[choice % len(ids)], choice)
    assert list(leaks(house, reader, ids)) == []


@pytest.mark.parametrize("reader", ["keeper", "other_deputy"])
def test_what_comes_of_a_tracked_order_is_shown_to_no_other(house, tracked, reader):
    assert list(leaks(house, reader, tracked)) == []


@pytest.fixture(scope="module")
def tracked(house):
    """An order with an extension asked for, both documents of the ladder and a month's report on its way."""
    order = canaries.begin(house, "supervision_order", "lucheng-2019", 0)
    canaries.go(house, order, "assign", "receive", "receive", "receive")
    canaries.beget(house, order)
    canaries.go(house, order, "report", "head_pass", "vet_pass", "office_pass", "track")
    with db.reading() as session:
        found = dict(session.execute(select(Matter.kind, Matter.id).where(Matter.parent_id == order)).all())
    canaries.go(house, found["progress_report"], "submit", "head_pass")
    assert set(found) == {"extension_request", "prompt_slip", "supervision_notice", "progress_report"}
    return [order, *found.values()]


@pytest.mark.parametrize("reader", ["inspector", "chief", "clerk"])
def test_a_citizens_telephone_amid_free_words_is_shown_to_none_who_only_sees_it(house, brought, reader):
    assert brought in canaries.may_hear(house, reader).seen
    assert list(leaks(house, reader, [brought])) == []


@pytest.fixture(scope="module")
def brought(house):
    """A citizen's matter with a telephone in whatever was written of it, up to the second answer."""
    matter_id = canaries.begin(house, "public_matter", "lucheng-2019", 0)
    canaries.go(house, matter_id, "assign", "accept", "report", "pass", "object", "appoint", "reviewed")
    return matter_id


def test_every_canary_sings_to_those_who_may_hear_it(house):
    """Else the test above would pass because nothing is ever found."""
    ids = {kind: canaries.begin(house, kind, book.current(kind).rulebook, 0) for kind in book.own_kinds()}
    with db.reading() as session:
        drafters = {kind: session.get_one(Matter, n).drafter_id for kind, n in ids.items()}
        file_of = dict(session.execute(select(Attachment.matter_id, Attachment.id)).all())
    for kind, n in ids.items():
        browser = next(house.browsers[name] for name, a in house.actors.items() if a.id == drafters[kind])
        pages = [f"/boards/{kind.replace('_', '-')}", f"/matters/{n}", "/search?q=金丝雀", "/started"]
        for path, bird in [*((page, "金丝雀") for page in pages), (f"/matters/{n}/form", "黄雀"),
                           (f"/matters/{n}/attachments/{file_of[n]}", "黄雀")]:
            assert f"{bird}{house.word(n)}" in sung(browser.get(path)), f"{kind}: {path}"
        assert n in canaries.led_to(browser.get("/started")), kind


@pytest.mark.parametrize("leader", LEADERS)
def test_a_leaders_note_sings_to_its_keeper(house, leader):
    own = f"夜莺{house.actors[leader].id:06}"
    for path in ("/notebook", f"/notebook/{1 + LEADERS.index(leader)}", "/notebook/export"):
        assert sung(house.browsers[leader].get(path)) == {own}, path
