"""Creating an account and granting it are two people's acts; the three administrators stay apart (domain.md 7.2)."""

import pytest
from sqlalchemy import select

from officeapp import admin_events, db, directory, people, proposals
from officeapp.directory import Unfit
from officeapp.people import Holding, Person, Post, Unit
from officeapp.proposals import CHARGE, Proposal, Stale
from tests import conftest
from tests.desks import doors, opened
from tests.people import administrator


@pytest.fixture
def granter(bureau):
    return administrator(bureau, "security_admin")


def proposed(bureau, now, role, kind, unit="appearance", title="", by=None):
    """What an import by the system administrator asks for; the proposal's id."""
    with db.transaction() as session:
        person = session.get_one(Person, getattr(bureau, role).id)
        proposals.propose(session, person, kind, session.get_one(Unit, bureau.units[unit]), title,
                          by=by or bureau.admin, now=now)
        return session.scalar(select(Proposal.id).order_by(Proposal.id.desc()).limit(1))


def granted(ids, by, now):
    with db.transaction() as session:
        return proposals.grant(session, ids, by=by, now=now)


def seats_of(role):
    with db.reading() as session:
        return {(s.kind, s.title) for s in people.actor(session, role.id).posts}


def test_what_an_import_proposes_holds_only_once_another_administrator_grants_it(either_database, now):
    bureau = conftest.seeded()
    granter = administrator(bureau, "security_admin")
    first = proposed(bureau, now, "colleague", "seal_keeper", "office")
    second = proposed(bureau, now, "colleague", "unit_head", title="副科长")
    assert seats_of(bureau.colleague) == {("staff", "工作人员")}
    assert granted([first, second], granter, now) == 2
    assert seats_of(bureau.colleague) == {("staff", "工作人员"), ("seal_keeper", "印章管理"), ("unit_head", "副科长")}
    with db.reading() as session:
        holders = {s.post.id: [p.name for p in s.people] for s in directory.seats(session)
                   if s.post.kind == "seal_keeper"}
        lines = [(line.actor, line.what, line.note) for line in admin_events.history(session)]
        assert proposals.count_waiting(session) == 0 and admin_events.broken(admin_events.history(session)) is None
    assert list(holders.values()) == [["冯印章", "赵琳"]], "the post that is there is joined, not made twice"
    assert lines[0] == ("系统员", "grant_proposed", "办公室印章管理")
    assert ("安全管理员", "post_granted", "担任人：冯印章、赵琳") in lines


def test_a_portfolio_comes_with_the_post_that_carries_it_and_takes_the_unit_from_the_other_deputy(bureau, granter, now):
    charge = proposed(bureau, now, "colleague", CHARGE, "south")
    with pytest.raises(Unfit, match="赵琳还不是副局长"):
        granted([charge], granter, now)
    post = proposed(bureau, now, "colleague", "deputy", "leaders")
    assert granted([charge, post], granter, now) == 2
    with db.reading() as session:
        new, old = (people.actor(session, a.id) for a in (bureau.colleague, bureau.other_deputy))
    assert new.portfolio == (bureau.units["south"],) and bureau.units["south"] not in old.portfolio
    assert len(old.portfolio) == 2, "each deputy has a post of the own"


def test_all_or_nothing_and_what_another_has_decided_is_not_decided_again(bureau, granter, now):
    good, bad = proposed(bureau, now, "colleague", "seal_keeper", "office"), proposed(bureau, now, "head", "chief")
    with pytest.raises(Unfit, match="王建国（市容管理科局长）：局长现由周正担任"):
        granted([good, bad], granter, now)
    assert seats_of(bureau.colleague) == {("staff", "工作人员")}
    with db.transaction() as session:
        assert proposals.decline(session, [bad], by=granter, now=now) == 1
    with pytest.raises(Stale, match="别人刚刚办理过"):
        granted([good, bad], granter, now)
    with db.reading() as session:
        assert admin_events.history(session)[-1].what == "grant_declined"


def test_the_system_administrator_grants_nothing_not_even_by_hand(database, bureau, granter, now, tmp_path):
    number = proposed(bureau, now, "colleague", "seal_keeper")
    enter = doors(database, tmp_path)
    keeper, browser = enter(bureau.admin), enter(granter)
    page = keeper.get("/people/proposals")
    assert "赵琳" in page.text and "授予所选" not in page.text
    sent = {"proposal": number, "decision": "grant"}
    assert keeper.post("/people/proposals/decisions", data=sent).status_code == 403
    assert keeper.post("/people/posts/new", data={"kind": "staff"}).status_code == 403
    assert seats_of(bureau.colleague) == {("staff", "工作人员")}
    assert 'count count--urgent">1<' in browser.get("/people").text
    assert browser.post("/people/proposals/decisions", data={"decision": "grant"}).status_code == 422
    answer = browser.post("/people/proposals/decisions", data=sent)
    assert answer.status_code == 303 and "没有待授予的岗位" in browser.get(answer.location).text
    assert browser.post("/people/proposals/decisions", data=sent).status_code == 409
    assert browser.post("/people/imports").status_code == 403, "who grants imports no accounts"


def test_what_may_not_be_granted_is_shown_with_its_reason_before_anybody_asks(database, bureau, granter, now, tmp_path):
    proposed(bureau, now, "head", "chief")
    proposed(bureau, now, "colleague", "seal_keeper")
    page = doors(database, tmp_path)(granter).get("/people/proposals").text
    assert "局长现由周正担任，只能有一人" in page and page.count("checked") == 1


def test_who_proposed_may_not_grant_it_himself_after_changing_his_post(bureau, granter, now):
    number = proposed(bureau, now, "colleague", "seal_keeper", by=granter)
    with pytest.raises(Unfit, match="您本人导入的，须由另一名安全管理员授予"):
        granted([number], granter, now)


def test_who_made_an_account_may_not_grant_it_a_post_in_another_capacity(bureau, granter, now):
    with db.transaction() as session:
        made = directory.keep_person(session, None, account="newman", name="杨帆", unit_id=bureau.units["office"],
                                     email="", phone="", active=True, by=granter, now=now)
    with pytest.raises(Unfit, match="杨帆的账号是您建的。建账号和授岗位须由两个人办理"), db.transaction() as session:
        directory.save_post(session, None, kind="registry_clerk", unit_id=bureau.units["office"], title="",
                            holders=[made.id], charge=[], by=granter, now=now)
    with db.transaction() as session:
        directory.save_post(session, None, kind="registry_clerk", unit_id=bureau.units["office"], title="",
                            holders=[made.id], charge=[], by=bureau.director, now=now)
    assert seats_of(made) == {("registry_clerk", "文书")}


@pytest.mark.parametrize(("role", "kind", "sentence"), [
    ("head", "audit_admin", "三员须由专人担任"), ("admin", "security_admin", "三员须由专人担任"),
    ("admin", "registry_clerk", "三员须由专人担任"), ("head", "chief", "局长现由周正担任，只能有一人"),
])
def test_one_person_is_at_most_one_administrator_and_then_nothing_else(bureau, granter, now, role, kind, sentence):
    with pytest.raises(Unfit, match=sentence):
        granted([proposed(bureau, now, role, kind)], granter, now)


def test_nobody_grants_himself_what_was_proposed_for_him(bureau, granter, now):
    with db.transaction() as session:
        proposals.propose(session, session.get_one(Person, granter.id), "audit_admin",
                          session.get_one(Unit, granter.unit_id), "", by=bureau.admin, now=now)
    with pytest.raises(Unfit, match="不能给自己授予岗位"), db.reading() as session:
        granted([proposals.waiting(session)[0].id], granter, now)


def test_whoever_has_business_under_way_becomes_no_administrator(bureau, granter, now):
    with db.transaction() as session:
        for holding in session.scalars(select(Holding).where(Holding.person_id == bureau.drafter.id)):
            session.delete(holding)
    opened(bureau.drafter)
    number = proposed(bureau, now, "drafter", "audit_admin", "archive")
    with pytest.raises(Unfit, match="林晓名下还有没有办结的事项，不能担任管理员"):
        granted([number], granter, now)


def test_there_is_one_chief(bureau, granter, now):
    with pytest.raises(Unfit, match="局长只能由一人担任"), db.transaction() as session:
        post = session.scalar(select(Post).where(Post.kind == "chief"))
        directory.save_post(session, post, kind="chief", unit_id=post.unit_id, title="局长", charge=[],
                            holders=[bureau.chief.id, bureau.head.id], by=granter, now=now)


def test_a_disabled_account_is_granted_nothing(bureau, granter, now):
    number = proposed(bureau, now, "colleague", "seal_keeper")
    with db.transaction() as session:
        session.get_one(Person, bureau.colleague.id).active = False
    with pytest.raises(Unfit, match="账号已停用，不能授予"):
        granted([number], granter, now)


def test_the_three_read_no_document(database, bureau, granter, now, tmp_path):
    matter_id = opened(bureau.drafter)
    auditor = administrator(bureau, "audit_admin")
    enter = doors(database, tmp_path)
    for admin in (bureau.admin, granter, auditor):
        browser = enter(admin)
        pages = (f"/matters/{matter_id}", f"/matters/{matter_id}/attachments", "/boards/outgoing-document",
                 "/search?q=户外广告", "/matters/new/outgoing-document")
        assert {browser.get(page).status_code for page in pages} <= {403, 404, 405}, admin.name


def moved_by_form(browser, bureau, person, unit):
    form = {"account": person.account, "name": person.name, "unit_id": bureau.units[unit], "active": "y"}
    return browser.post(f"/people/persons/{person.id}", data=form)


def unit_of(person):
    with db.reading() as session:
        return session.get_one(Person, person.id).unit_id


def test_whoever_can_log_in_moves_to_another_unit_only_when_another_administrator_grants_it(
        database, bureau, granter, tmp_path):
    """Who belongs to a unit reads what it handles: one administrator alone could let an accomplice in."""
    enter = doors(database, tmp_path)
    keeper, other, officer = enter(bureau.admin), enter(granter), enter(bureau.officer)
    hidden = opened(bureau.drafter)
    assert moved_by_form(keeper, bureau, bureau.officer, "appearance").status_code == 303
    assert "调到新单位的提请已送安全管理员" in keeper.get("/people").text
    assert unit_of(bureau.officer) == bureau.units["south"] and officer.get(f"/matters/{hidden}").status_code == 404
    assert moved_by_form(keeper, bureau, bureau.officer, "appearance").status_code == 303, "asked twice is asked once"
    moved_by_form(keeper, bureau, bureau.officer, "legal")
    moved_by_form(keeper, bureau, bureau.officer, "appearance")
    with db.reading() as session:
        [waits] = proposals.waiting(session)
    assert (waits.says, waits.unit_id) == ("调入", bureau.units["appearance"])
    granting = {"proposal": waits.id, "decision": "grant"}
    assert keeper.post("/people/proposals/decisions", data=granting).status_code == 403
    assert other.post("/people/proposals/decisions", data=granting).status_code == 303
    assert unit_of(bureau.officer) == bureau.units["appearance"]
    assert officer.get(f"/matters/{hidden}").status_code == 200


def test_whoever_has_no_password_yet_is_put_right_at_once(database, bureau, tmp_path):
    keeper = doors(database, tmp_path)(bureau.admin)
    moved_by_form(keeper, bureau, bureau.officer, "appearance")
    assert unit_of(bureau.officer) == bureau.units["appearance"]
