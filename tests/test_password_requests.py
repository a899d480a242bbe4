"""No administrator alone comes in at another's desk (domain.md 7.2, GB/T 22239 三员分立)."""

import re

import pytest
from sqlalchemy import select, update

from officeapp import admin_events, clock, db, directory, entrance, password_requests, people
from officeapp.directory import Unfit
from officeapp.outbox import Message
from officeapp.password_requests import PasswordRequest
from officeapp.people import Person
from tests import conftest
from tests.desks import PASSWORD, doors
from tests.people import administrator

KEY = "k" * 32


@pytest.fixture
def bureau(database):
    office = conftest.seeded()
    office.granter, office.auditor = (administrator(office, kind) for kind in ("security_admin", "audit_admin"))
    return office


@pytest.fixture
def enter(database, bureau, tmp_path):
    return doors(database, tmp_path)


def ask(by, whose, now):
    with db.transaction() as session:
        return password_requests.ask(session, session.get_one(Person, whose.id), key=KEY, by=by, now=now)


def confirm(by, *whose, now, key=KEY):
    return password_requests.confirm([each.id for each in whose], key=key, by=by, now=now)


def is_let_in(account, password):
    with db.reading() as session:
        return entrance.proves(entrance.candidate(session, account), account, password, None)


def waits(whose):
    with db.reading() as session:
        return session.get(PasswordRequest, whose.id) is not None


def test_nobody_waits_while_a_given_password_is_hashed(bureau, now, monkeypatch):
    front = ask(bureau.admin, bureau.chief, now)
    monkeypatch.setattr(people, "_hasher", BesideAnother(people._hasher))
    ([given], faults) = confirm(bureau.granter, bureau.chief, now=now)
    assert faults == [] and is_let_in("chief", front + given.half)
    assert people._hasher.beside == 1


class BesideAnother:
    """Hashes as the real one does, while somebody else writes."""

    def __init__(self, real):
        self.real, self.beside = real, 0

    def hash(self, password):
        with db.transaction() as session:  # waits in vain where hashing keeps the house from writing
            session.execute(update(Person).values(position=0))
        self.beside += 1
        return self.real.hash(password)

    def verify(self, *asked):
        return self.real.verify(*asked)


def test_who_asks_anew_while_it_is_confirmed_makes_both_halves_worthless(bureau, now, monkeypatch):
    """The first half that the person was told is then another."""
    ask(bureau.admin, bureau.chief, now)
    real, fronts = people._hasher.hash, []

    class Meanwhile(BesideAnother):
        def hash(self, password):
            fronts.append(ask(bureau.admin, bureau.chief, now))
            return real(password)

    monkeypatch.setattr(people, "_hasher", Meanwhile(people._hasher))
    assert confirm(bureau.granter, bureau.chief, now=now) == ([], []) and waits(bureau.chief)
    monkeypatch.undo()
    ([given], _) = confirm(bureau.granter, bureau.chief, now=now)
    assert is_let_in("chief", fronts[0] + given.half)


def test_the_system_administrator_alone_resets_nothing(enter, bureau):
    keeper, chief = enter(bureau.admin), enter(bureau.chief)
    keeper.post(f"/people/persons/{bureau.chief.id}/password")
    page = keeper.get(f"/people/persons/{bureau.chief.id}").text
    [front] = re.findall(r'口令前段是 <b class="half">(\w{8})</b> ，只显示这一次', page)
    assert keeper.post("/people/password-requests/confirmations", data={"person": bureau.chief.id}).status_code == 403
    assert chief.get("/").status_code == 200, "the chief's sitting goes on"
    assert is_let_in("chief", PASSWORD) and not is_let_in("chief", front) and waits(bureau.chief)


def test_the_security_administrator_confirms_sees_the_other_half_and_cannot_begin(enter, bureau):
    keeper, granter, chief = enter(bureau.admin), enter(bureau.granter), enter(bureau.chief)
    granter.post(f"/people/persons/{bureau.chief.id}/password")
    assert not waits(bureau.chief)
    keeper.post(f"/people/persons/{bureau.chief.id}/password")
    front = re.search(r'口令前段是 <b class="half">(\w{8})</b> ', keeper.get("/people").text)[1]
    assert "待确认口令" in granter.get("/people/password-requests").text
    answer = granter.post("/people/password-requests/confirmations", data={"person": bureau.chief.id})
    back = re.search(r"<code>(\w{8})</code>", answer.text)[1]
    assert front not in answer.text and back not in granter.get("/people/password-requests").text
    assert chief.get("/").status_code == 302, "every sitting of the chief has ended"
    assert not any(is_let_in("chief", word) for word in (PASSWORD, front, back)) and is_let_in("chief", front + back)
    fresh = chief.application.test_client()
    fresh.post("/login", data={"account": "chief", "password": front + back})
    assert fresh.get("/").location == "/account"


def test_whoever_got_a_new_password_is_told_and_the_record_names_both(bureau, now):
    ask(bureau.admin, bureau.chief, now)
    confirm(bureau.granter, bureau.chief, now=now)
    with db.reading() as session:
        [notice] = session.scalars(select(Message).where(Message.person_id == bureau.chief.id))
        lines = [(line.actor, line.what, line.whom, line.note) for line in admin_events.history(session)]
    assert notice.subject == "【账号】口令已重新发放"
    assert notice.body.startswith("您的口令由系统员提请、安全管理员确认重新发放。")
    assert lines == [("系统员", "password_asked", "周正", ""), ("安全管理员", "passwords_given", "周正", "系统员提请")]


# Who asks, whose password, who confirms it; the last: whether that is right.
TRUTHS = [
    ("admin", "chief", "granter", True), ("admin", "chief", "auditor", False), ("admin", "chief", "admin", False),
    ("admin", "granter", "auditor", True), ("admin", "granter", "granter", False), ("admin", "granter", "admin", False),
    ("admin", "auditor", "granter", True), ("admin", "auditor", "auditor", False),
    ("granter", "admin", "auditor", True), ("granter", "admin", "granter", False), ("granter", "admin", "admin", False),
]


@pytest.mark.parametrize(("asker", "whose", "confirmer", "right"), TRUTHS)
def test_one_asks_and_another_confirms_never_for_himself(bureau, now, asker, whose, confirmer, right):
    """Of the three, either of the other two may confirm; of the staff the security administrator alone."""
    whose = getattr(bureau, whose)
    front = ask(getattr(bureau, asker), whose, now)
    given, faults = confirm(getattr(bureau, confirmer), whose, now=now)
    assert bool(given) is right and bool(faults) is not right and waits(whose) is not right
    assert not given or is_let_in(whose.account, front + given[0].half)


@pytest.mark.parametrize(("asker", "whose", "sentence"), [
    ("granter", "chief", "只能提请重置系统管理员的口令"), ("granter", "auditor", "只能提请重置系统管理员的口令"),
    ("auditor", "chief", "只能提请"), ("admin", "admin", "自己的口令请在“个人设置”里修改"),
    ("granter", "granter", "自己的口令"),
])
def test_who_may_not_even_ask(bureau, now, asker, whose, sentence):
    with pytest.raises(Unfit, match=sentence):
        ask(getattr(bureau, asker), getattr(bureau, whose), now)


def test_a_new_request_makes_the_earlier_half_worthless_and_a_refused_one_changes_nothing(bureau, now):
    with db.transaction() as session:
        session.get_one(Person, bureau.head.id).password_hash = people.hash_password(PASSWORD)
    old, new = ask(bureau.admin, bureau.head, now), ask(bureau.admin, bureau.head, now)
    with db.transaction() as session:
        assert password_requests.decline(session, [bureau.head.id], by=bureau.granter, now=now) == 1
    assert confirm(bureau.granter, bureau.head, now=now) == ([], []) and is_let_in("head", PASSWORD)
    last = ask(bureau.admin, bureau.head, now)
    [given], _ = confirm(bureau.granter, bureau.head, now=now)
    assert [is_let_in("head", half + given.half) for half in (old, new, last)] == [False, False, True]


def test_what_was_sealed_under_another_key_is_asked_for_again(bureau, now):
    ask(bureau.admin, bureau.head, now)
    given, [fault] = confirm(bureau.granter, bureau.head, now=now, key="another" * 6)
    assert not given and "已经失效，请退回" in fault and waits(bureau.head)


def test_an_account_that_one_administrator_made_opens_to_nobody_whoever_vouches(bureau, now):
    """Without this the system administrator would make himself a clerk whom the directory lets in."""
    with db.transaction() as session:
        made = directory.keep_person(session, None, account="ghost", name="无名", unit_id=bureau.units["office"],
                                     email="", phone="", active=True, by=bureau.admin, now=now)
        assert entrance.recognised(session, "ghost", administrators=True) is None
        assert entrance.candidate(session, "ghost").id is None
    ask(bureau.admin, made, now)
    confirm(bureau.granter, made, now=now)
    with db.reading() as session:
        assert entrance.recognised(session, "ghost", administrators=True).id == made.id


def person_saved(bureau, whose, now, **changed):
    with db.transaction() as session:
        found = session.get_one(Person, whose.id)
        kept = {name: getattr(found, name) for name in ("account", "name", "unit_id", "email", "phone", "active")}
        directory.keep_person(session, found, **kept | changed, by=bureau.admin, now=now)


def test_an_account_in_use_keeps_its_name_because_a_directory_knows_people_by_it(bureau, now):
    person_saved(bureau, bureau.officer, now, account="typo-mended")
    with db.transaction() as session:
        session.get_one(Person, bureau.chief.id).password_hash = people.hash_password(PASSWORD)
    with pytest.raises(Unfit, match="已经启用，不能改名"):
        person_saved(bureau, bureau.chief, now, account="accomplice")


def test_who_comes_back_comes_in_only_when_two_have_given_a_password(bureau, now):
    with db.transaction() as session:
        session.get_one(Person, bureau.officer.id).password_hash = people.hash_password(PASSWORD)
    person_saved(bureau, bureau.officer, now, active=False)
    person_saved(bureau, bureau.officer, now, active=True)
    assert not is_let_in("officer", PASSWORD)


def test_a_persons_page_offers_what_may_be_done_and_says_why_not(enter, bureau, now):
    keeper = enter(bureau.admin)

    def page(whose):
        return keeper.get(f"/people/persons/{whose.id}").text

    assert "提请重置口令</button>" in page(bureau.drafter) and "停止登录</button>" in page(bureau.drafter)
    assert "提请重置口令</button>" in page(bureau.granter) and "停止登录</button>" not in page(bureau.granter)
    own = page(bureau.admin)
    assert "自己的口令请在“个人设置”里修改" in own
    assert "提请重置口令</button>" not in own and "停止登录</button>" not in own
    with db.transaction() as session:
        session.get_one(Person, bureau.officer.id).active = False
    gone = page(bureau.officer)
    assert "的账号已停用，不能登录" in gone and "提请重置口令</button>" not in gone and "停止登录</button>" not in gone


def test_new_accounts_are_ticked_together_and_forgotten_passwords_one_by_one(enter, bureau, now):
    granter, _ = enter(bureau.granter), enter(bureau.chief)
    with db.transaction() as session:
        for each in (bureau.drafter, bureau.colleague):
            session.get_one(Person, each.id).password_hash = ""
    for whose in (bureau.drafter, bureau.colleague, bureau.chief):
        ask(bureau.admin, whose, now)
    page = granter.get("/people/password-requests").text
    assert "全选开通账号的2人" in page and page.index("周正") < page.index("林晓"), "who forgot his stands first"
    alone = re.findall(r'name="person" value="(\d+)" id="p\d+" data-alone', page)
    assert alone == [str(bureau.chief.id)], "each of these is asked before he is ticked"
    kept = granter.post("/people/password-requests/confirmations",
                        data={"person": [bureau.chief.id, *range(10_000, 10_500)]})
    assert kept.status_code == 422 and f'id="p{bureau.chief.id}" data-alone checked' in kept.text


def test_a_login_is_stopped_at_once_and_given_back_by_two(enter, bureau, now):
    keeper, drafter = enter(bureau.admin), enter(bureau.drafter)
    assert keeper.post(f"/people/persons/{bureau.drafter.id}/login-stop").status_code == 303
    assert drafter.get("/").status_code == 302 and not is_let_in("drafter", PASSWORD)
    granter = enter(bureau.granter)
    for administrator_id in (bureau.admin.id, bureau.granter.id):
        keeper.post(f"/people/persons/{administrator_id}/login-stop")
    assert is_let_in("admin", PASSWORD) and granter.get("/people").status_code == 200, "none shuts out the others"
    front = ask(bureau.admin, bureau.drafter, now)
    [given], _ = confirm(bureau.granter, bureau.drafter, now=now)
    assert is_let_in("drafter", front + given.half)


def test_a_person_is_told_where_an_administrator_sends_the_mail(enter, bureau):
    keeper = enter(bureau.admin)
    form = {"account": "chief", "name": "周正", "unit_id": bureau.units["leaders"], "email": "spy@elsewhere.example",
            "active": "y"}
    assert keeper.post(f"/people/persons/{bureau.chief.id}", data=form).status_code == 303
    with db.reading() as session:
        [notice] = session.scalars(select(Message).where(Message.person_id == bureau.chief.id))
    assert "由“chief@bureau.test”改为“spy@elsewhere.example”" in notice.body


def test_the_last_resort_is_a_command_at_the_machine_and_leaves_a_line(enter, bureau):
    app = enter(bureau.drafter).application
    with app.app_context():
        answer = app.test_cli_runner().invoke(args=["password", "admin"])
        unknown = app.test_cli_runner().invoke(args=["password", "nobody"])
    assert unknown.exit_code == 1 and "没有在用的账号" in unknown.output
    fresh = re.search(r"新口令：(\w{16})", answer.output)[1]
    assert is_let_in("admin", fresh)
    with db.reading() as session:
        line = admin_events.history(session)[-1]
    assert (line.actor, line.what, line.whom) == ("命令行", "password_reset", "系统员")


def test_an_account_is_renamed_at_the_machine_only(enter, bureau):
    app = enter(bureau.drafter).application
    with app.app_context():
        runner = app.test_cli_runner()
        assert runner.invoke(args=["rename-account", "drafter", "head"]).exit_code == 1
        assert runner.invoke(args=["rename-account", "drafter", "x y"]).exit_code == 1
        assert runner.invoke(args=["rename-account", "drafter", "linxiao"]).exit_code == 0
    assert is_let_in("linxiao", PASSWORD) and not is_let_in("drafter", PASSWORD)
    with db.reading() as session:
        assert admin_events.history(session)[-1].note == "drafter→linxiao"


def test_the_pages_show_each_what_concerns_him(enter, bureau):
    keeper, auditor = enter(bureau.admin), enter(bureau.auditor)
    for whose in (bureau.chief, bureau.granter):
        ask(bureau.admin, whose, clock.now())
    assert "周正" not in auditor.get("/people/password-requests").text
    assert 'count--urgent">1<' in auditor.get("/audit").text
    page = keeper.get("/people/password-requests").text
    assert "周正" in page and "由安全管理员确认" in page and "<input type=\"checkbox\"" not in page
    for data, status in (({}, 422), ({"person": "999999"}, 409), ({"person": str(bureau.chief.id)}, 422)):
        assert auditor.post("/people/password-requests/confirmations", data=data).status_code == status
    assert auditor.post("/people/password-requests/refusals", data={"person": bureau.chief.id}).status_code == 422
    assert waits(bureau.chief)


def test_the_security_administrators_menu_leads_to_his_rules_and_an_error_page_names_no_list_he_lacks(enter, bureau):
    granter, keeper, drafter = enter(bureau.granter), enter(bureau.admin), enter(bureau.drafter)
    for path in ("/people/login-rules", "/people/second-factors"):
        assert f'<a href="{path}">' in granter.get("/people").text and f'"{path}"' not in keeper.get("/people").text
    assert "回到首页" in granter.get("/matters/1").text and "回到我的待办" not in granter.get("/matters/1").text
    assert "回到我的待办" in drafter.get("/matters/999999").text
