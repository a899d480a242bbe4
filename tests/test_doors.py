"""Every route has a door, and every door answers each role as its name says (design.md §7, §8)."""

import re

import pytest
from sqlalchemy import select

from officeapp import db, door_command, people, visibility
from officeapp.attachments import Attachment
from officeapp.delegations import Delegation
from officeapp.matters import Matter
from officeapp.outbox import Message
from officeapp.people import POST_KINDS, Person, Post, Unit
from tests import demo_site
from tests.demo_site import ACCOUNTS

ADMINS = {"system", "security", "audit"}
CLOSED_DOOR = "这个页面只供"
UNKNOWN_MATTER = "没有这件事项，或者您不在它的知悉范围内"
# Who may pass each door, said a second time; a door for posts says them in its own name.
PASS = {"监控程序（凭 METRICS_TOKEN）": set(),
        "任何人": {None, *ACCOUNTS}, "所有登录人员": set(ACCOUNTS), "演示模式下所有登录人员": set(ACCOUNTS),
        "业务人员（三员除外）": set(ACCOUNTS) - ADMINS, "可以查看该事项的人": set(ACCOUNTS) - ADMINS}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    yield demo_site.build(tmp_path_factory.mktemp("doors"))
    demo_site.tear_down()


@pytest.fixture(scope="module")
def folk(app):
    with db.reading() as session:
        ids = {role: session.scalar(select(Person.id).where(Person.account == name)) for role, name in ACCOUNTS.items()}
        return {role: people.actor(session, n) for role, n in ids.items()}


@pytest.fixture(scope="module")
def browsers(app):
    return {role: demo_site.enter(app, role) for role in (None, *ACCOUNTS)}


def routes(app, method):
    """(rule, door) of every route that answers this method."""
    return [(rule, app.view_functions[rule.endpoint].door) for rule in app.url_map.iter_rules()
            if method in rule.methods and rule.endpoint != "static"]


def example(rule, matter_id):
    """A path of this route that leads to something that exists."""
    with db.reading() as session:
        given = {
            "kind": "outgoing-document", "key": "drafting", "matter_id": matter_id,
            "attachment_id": _first(session, Attachment), "message_id": _first(session, Message),
            "person_id": _first(session, Person), "post_id": _first(session, Post),
            "unit_id": _first(session, Unit), "series_id": 1, "version": 1, "record": "deeds", "sitting_id": 1,
            "table": "people", "delegation_id": _first(session, Delegation), "note_id": 1, "filter_id": 1,
        }
    missing = rule.arguments - set(given)
    assert not missing, f"{rule.rule} has {missing}: give tests/test_doors.py an example of it."
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(given[found[1]]), rule.rule)


def _first(session, table):
    return session.scalar(select(table.id).order_by(table.id).limit(1)) or 1


def passes(door, role, folk):
    if door.title in PASS:
        return role in PASS[door.title]
    kinds = {kind for kind, title in POST_KINDS.items() if title in door.title.split("、")}
    assert kinds, f"{door.title}: name in PASS who may pass this door."
    return role is not None and folk[role].has(*kinds)


def sees(matter_id, actor):
    with db.reading() as session:
        return visibility.may_see(session, actor, matter_id)


def check(answer, rule, door, role, may, known):
    where = f"{rule.rule} for {role or 'a stranger'}: {answer.status_code}"
    assert answer.status_code < 500 or answer.status_code == 503, where  # 503: not ready, no Redis here
    said = answer.get_data().decode(errors="replace")  # a workbook is no text
    if may and known:
        assert CLOSED_DOOR not in said and UNKNOWN_MATTER not in said, where
    elif door.token:
        assert answer.status_code == 401 and "officeapp_" not in said, where
    elif role is None:
        assert answer.status_code in (302, 303) and answer.location.startswith("/login?next="), where
    elif not may:
        assert answer.status_code == 403 and f"{CLOSED_DOOR}{door.title}使用" in said, where
    else:
        assert answer.status_code == 404 and UNKNOWN_MATTER in said, where


@pytest.mark.parametrize("role", [None, *ACCOUNTS])
def test_every_page_answers_each_role_as_its_door_says(app, browsers, folk, role):
    with db.reading() as session:
        own = session.scalar(select(Matter.id).where(Matter.closed.is_(False)).limit(1))
        matters = session.scalars(select(Matter.id)).all()
    hidden = next((n for n in matters if role and not sees(n, folk[role])), own)
    for rule, door in routes(app, "GET"):
        may = passes(door, role, folk)
        for matter_id in {own, hidden} if door.matter else {own}:
            known = not door.matter or (role is not None and sees(matter_id, folk[role]))
            check(browsers[role].get(example(rule, matter_id)), rule, door, role, may, known)


@pytest.mark.parametrize("role", [None, *ACCOUNTS])
def test_no_change_gets_past_a_closed_door(app, browsers, folk, role):
    with db.reading() as session:
        matters = session.scalars(select(Matter.id)).all()
    hidden = next((n for n in matters if role and not sees(n, folk[role])), None)
    for rule, door in routes(app, "POST"):
        may = passes(door, role, folk)
        if not may or (door.matter and hidden):
            path = example(rule, hidden or matters[0])
            check(browsers[role].post(path), rule, door, role, may, known=not door.matter)


@pytest.mark.parametrize("forged", [{}, {"csrf_token": "x"}, {"csrf_token": "another's"}], ids=str)
def test_every_change_asks_for_its_token(app, browsers, forged):
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        forged = {name: tokens_of(browsers["clerk"])[-1] if text == "another's" else text
                  for name, text in forged.items()}
        for rule, _ in routes(app, "POST"):
            answer = browsers["director"].post(example(rule, 1), data=forged)
            assert answer.status_code == 400 and "没有提交" in answer.text, rule.rule
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def tokens_of(browser):
    return re.findall(r'name="csrf_token" value="([^"]+)"', browser.get("/account").text)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_page_whose_reader_is_logged_out_is_led_to_the_login_when_it_asks_by_htmx(app, browsers, method):
    for rule, door in routes(app, method):
        if not door.public:
            answer = browsers[None].open(example(rule, 1), method=method, headers={"HX-Request": "true"})
            assert answer.status_code == 401 and not answer.data, rule.rule
            assert answer.headers["HX-Redirect"].startswith("/login"), rule.rule


def test_the_doors_know_no_other_method(app):
    """A door is asked by its view whatever the method: PUT, PATCH and DELETE lead nowhere."""
    known = {method for rule in app.url_map.iter_rules() for method in rule.methods}
    assert known == {"GET", "HEAD", "OPTIONS", "POST"}


def test_the_table_of_doors_is_fresh(app):
    with app.app_context():
        fresh = door_command.table(app)
    assert door_command.PAGE.read_text("utf-8") == fresh, "Run: flask doors --write"


def test_a_route_without_a_door_does_not_start(app):
    bare = app.__class__("bare")
    bare.add_url_rule("/open", "open", lambda: "open")
    with pytest.raises(RuntimeError, match="without a door: open"):
        demo_site.create_app.__globals__["wiring"].access.guard(bare)


def test_what_does_not_exist_and_what_is_hidden_look_the_same(app, browsers, folk):
    with db.reading() as session:
        hidden = next(n for n in session.scalars(select(Matter.id)) if not sees(n, folk["lawyer"]))
    pages = [browsers["lawyer"].get(f"/matters/{n}") for n in (hidden, 999_999)]
    assert [page.status_code for page in pages] == [404, 404] and pages[0].text == pages[1].text


# Whose door stands before what, said a second time; the longest beginning counts.
DOORS = {
    "/": "所有登录人员", "/login": "任何人", "/healthz": "任何人", "/readyz": "任何人",
    "/metrics": "监控程序（凭 METRICS_TOKEN）",
    "/matters/<int:matter_id>": "可以查看该事项的人", "/matters/new": "业务人员（三员除外）",
    "/boards": "业务人员（三员除外）", "/to-read": "业务人员（三员除外）", "/ledgers": "业务人员（三员除外）",
    "/gatherings": "业务人员（三员除外）",
    "/notebook": "局长、党委书记、副局长", "/briefing": "局长、党委书记、副局长",
    "/search": "业务人员（三员除外）", "/started": "业务人员（三员除外）",
    "/done": "业务人员（三员除外）", "/phrases": "业务人员（三员除外）", "/saved-filters": "业务人员（三员除外）",
    "/calendar/previews": "办公室主任、系统管理员", "/calendar/versions": "办公室主任、系统管理员",
    "/admin/messages": "办公室主任、系统管理员", "/mailbox": "演示模式下所有登录人员", "/options": "办公室主任",
    "/people/imports": "系统管理员", "/people/first-passwords": "系统管理员",
    "/people/exports": "系统管理员、安全管理员", "/people/proposals": "系统管理员、安全管理员",
    "/people/proposals/decisions": "安全管理员",
    "/people/persons/<int:person_id>/password": "系统管理员、安全管理员",
    "/people/password-requests": "系统管理员、安全管理员、审计管理员",
    "/people/password-requests/": "安全管理员、审计管理员",
    "/people/units": "系统管理员", "/people/persons": "系统管理员", "/people/posts/": "安全管理员",
    "/audit": "审计管理员",
    "/people/login-rules": "安全管理员", "/account": "所有登录人员", "/presence": "所有登录人员",
    "/people/second-factors": "安全管理员",
    "/account/delegations": "业务人员（三员除外）", "/handovers": "办公室主任",
}


def test_every_door_is_the_one_agreed(app):
    """Three administrators apart (design.md §8): who keeps people grants no posts, and reads no document."""
    wrong = [f"{rule.rule}: {door.title}" for method in ("GET", "POST") for rule, door in routes(app, method)
             if door.title != DOORS[max((start for start in DOORS if rule.rule.startswith(start)), key=len)]]
    assert not wrong, f"Agree on the door and say it in DOORS: {wrong}"
