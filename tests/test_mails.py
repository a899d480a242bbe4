"""Every mail as its reader gets it, letter by letter in tests/mails/: number, what, due, link, nothing else (DB-6).

A new mail has no file yet: the test writes it and fails; read it as the clerk who gets it will, then keep it.
"""

import re
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from officeapp import db, deadlines, digests, engine, matters, notices, options, prompts, seals, supervision
from officeapp.outbox import Message
from officeapp.settings import ROOT
from tests import desks, people
from tests.procedures.supervising import ORDER, REPORT, add_inspectors, received, reported
from tests.procedures.test_liaison_slip import sent
from tests.summaries import collector, morning

FOLDER = Path(__file__).parent / "mails"
BUREAU, ADDRESS = "临江区综合行政执法局", "http://oa.test"
URGENT = desks.FORM | {"grade": "urgent"}
# file → (part of the message's key, account of its reader); the file's name begins with its template's.
OF_A_DOCUMENT = {
    "task": ("task:1:unit_review:", "head"), "returned": ("returned:1:drafting:", "drafter"),
    "withdrawn": ("withdrawn:1:unit_review:", "head"), "due_changed": ("due_changed:", "drafter"),
}
OF_AN_ORDER = {
    "reminder-督办单临期": ("before_3:", "drafter"), "reminder-督办单到期": ("on_the_day:1:cycle:", "officer"),
    "reminder-督办单超期-承办人": ("overdue:1:", "drafter"), "reminder-督办单超期-负责人": ("overdue:1:", "head"),
    "document-督办提示单-承办单位负责人": ("prompt_slip:1:", "head"),
    "document-督办提示单-分管领导": ("prompt_slip:1:", "deputy"),
    "document-督办通知": ("notice:1:", "inspector"), "no_recipient": ("no_recipient:notice:1:", "director"),
    "urged": ("urged:1:", "drafter"), "digest": ("digest:2026-11-17:", "drafter"),
}
OF_A_MONTH = {"reminder-进展报告": ("before_5:2:", "drafter")}
OF_A_SLIP = {
    "reminder-联系单待接收": ("stage_overdue:1:receipt:", "captain"),
    "reminder-联系单待接收-发出单位": ("stage_overdue:1:", "head"),
    "document-拒绝接收": ("prompt_slip:2:", "captain"),
}
OF_THE_HOUSE = {
    "prompted": ("prompted:", "head"), "not_prompted": ("not_prompted:", "collector"),
    "sealed": ("sealed:", "audit_admin"),
}
OF_A_GAP = {"not_gathered": ("not_gathered:", "director")}
ALL = OF_A_DOCUMENT | OF_AN_ORDER | OF_A_MONTH | OF_A_SLIP | OF_THE_HOUSE | OF_A_GAP


def test_no_mail_goes_out_that_nobody_has_read_here():
    templates = {path.stem for path in (ROOT / "templates" / "emails").glob("*.txt")} - {"letter"}
    assert templates == {name.partition("-")[0] for name in ALL}
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(ALL)


def test_every_template_is_one_that_the_program_sends():
    said = "".join(path.read_text("utf-8") for path in (ROOT / "officeapp").glob("*notices.py"))
    assert not [path.stem for path in (ROOT / "templates" / "emails").glob("*.txt")
                if f'"{path.stem}' not in said and path.stem != "letter"]


def test_mails_of_an_urgent_document(bureau, now):
    with db.transaction() as session:
        options.choose(session, "important_grades_online", True)
    one = desks.opened(bureau.drafter, URGENT, now=now)
    for key, who in (("submit", bureau.drafter), ("unit_review_withdraw", bureau.drafter), ("submit", bureau.drafter),
                     ("unit_review_return_to_drafting", bureau.head)):
        desks.moved(one, key, who, note="请补依据。", now=now)
    with db.transaction() as session:
        version = matters.find(session, one).version
        engine.edit(session, one, bureau.drafter, URGENT | {"grade": "expedited"}, None, version=version, now=now)
        engine.edit(session, one, bureau.drafter, URGENT, None, version=version + 1, now=now)
    read_as_kept(OF_A_DOCUMENT)


def test_mails_of_an_order_that_climbs_the_ladder_say_nothing_of_what_it_orders(bureau, now):
    course = received(bureau, now)
    for day in range(3, 31):
        course.now = now.replace(day=day)
        deadlines.sweep(course.now)
        digests.gather(course.now, ADDRESS, course.now)
    with db.transaction() as session:
        supervision.urge(session, course.id, bureau.director, "请今天报。", now=course.now)
    read_as_kept(OF_AN_ORDER)
    for words in (*(ORDER[key] for key in ("title", "content", "instruction", "demands")), "请今天报。"):
        assert not [letter for letter in letters() if words in letter]


def test_mails_of_a_month_s_report_say_nothing_of_it(bureau, now):
    course = reported(bureau, now)
    course.go(bureau.chief, "track")
    deadlines.sweep(now.replace(day=25))
    read_as_kept(OF_A_MONTH)
    assert not [letter for letter in letters() if ORDER["title"] in letter or REPORT in letter]


def test_mails_of_a_slip_that_is_left_lying_and_of_one_that_is_refused(bureau, now):
    with db.transaction() as session:
        add_inspectors(session, bureau)
    sent(bureau, now)
    deadlines.sweep(now.replace(day=4))
    sent(bureau, now).go(bureau.captain, "refuse", note="不属本中队辖区。")
    read_as_kept(OF_A_SLIP)


def test_mails_of_the_house(bureau, now):
    auditor, later = people.administrator(bureau, "audit_admin"), now + timedelta(hours=1)
    desks.opened(bureau.drafter, now=now)
    with db.transaction() as session:
        session.get_one(people.Person, auditor.id).email = "audit_admin@bureau.test"
        notices.sealed(session, seals.affix(session, later), now=later)
        session.get_one(people.Person, bureau.lawyer.id).active = False  # nobody writes for 政策法规科
    collector(bureau)
    prompts.sweep(morning("2026-11-13"))
    read_as_kept(OF_THE_HOUSE)


def test_the_mail_when_nobody_gathers_what_the_units_send(bureau):
    prompts.sweep(morning("2026-11-13"))
    read_as_kept(OF_A_GAP)


def letters() -> list[str]:
    """Every mail that was owed, as it will stand in the mailbox, the earliest first."""
    with db.reading() as session:
        found = session.scalars(select(Message).where(Message.channel == "mail").order_by(Message.id))
        return [letter(message) for message in found]


def letter(message: Message) -> str:
    """Whom it is for, what it is about, what it says. A seal's hash is another in every run: it seals the moment."""
    subject = re.sub("[0-9a-f]{12}", "（校验值前十二位）", message.subject)
    text = re.sub("[0-9a-f]{64}", "（校验值）", notices.letter_text(message, ADDRESS, BUREAU))
    return f"收件人：{message.name} <{message.address}>\n主题：{subject}\n\n{text}\n"


def read_as_kept(wanted: dict[str, tuple[str, str]]) -> None:
    """Each of these mails says what its file says."""
    with db.reading() as session:
        query = select(Message).where(Message.channel == "mail").order_by(Message.id)
        found = session.scalars(query).all()
        told = {name: [letter(m) for m in found if m.key.startswith(key) and m.address.startswith(f"{account}@")]
                for name, (key, account) in wanted.items()}
    missing = {name for name in wanted if not told[name]}
    assert not missing, f"these were not sent: {missing} among {[message.key for message in found]}"
    new = [name for name in wanted if not (FOLDER / f"{name}.txt").exists()]
    for name in new:
        (FOLDER / f"{name}.txt").write_text(told[name][0], "utf-8")
    assert not new, f"read these new files of tests/mails and keep them: {new}"
    assert {name: said[0] for name, said in told.items()} == {
        name: (FOLDER / f"{name}.txt").read_text("utf-8") for name in wanted}
