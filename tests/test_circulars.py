"""督办通报: what a month's circular tells, who makes, signs and receives it (FZ-1, DB-12, TL15)."""

from datetime import date

import pytest
from sqlalchemy import select

from officeapp import circulars, clock, db, visibility
from officeapp.decisions import Refused
from officeapp.outbox import Message
from officeapp.procedures import book
from tests.desks import doors
from tests.procedures.supervising import Course, add_inspectors, ordered, received, reported
from tests.procedures.test_liaison_slip import accepted

RULES = book.current("circular")
NOVEMBER = date(2026, 11, 1)
WORDS = {"good": "政策法规科提前反馈。", "causes": "人手安排不当，限三日内补报。"}


def told(now, month=NOVEMBER):
    with db.reading() as session:
        return circulars.begun(session, RULES, month, now)


def handled(bureau, now):
    """A month: an order done in time, one late, one called off, one still a draft; a slip done, one on its way."""
    done = reported(bureau, now)
    done.go(bureau.chief, "close")
    done.go(bureau.director, "sign_off", result="完成。", conclusion="closed")
    done.go(bureau.dispatcher, "archive", archived_on="2026-11-02", period="D10")
    late = received(bureau, now, title="整治夜市占道")
    dropped = ordered(bureau, now)
    dropped.go(bureau.director, "receipt_void", note="不再办。")
    Course("supervision_order", bureau.clerk, now, **late.matter.values)
    accepted(bureau, now, due_on="2026-12-31")
    late.now = done.now
    late.until("2026-12-01")
    return late


def test_FZ_1_a_circular_tells_the_month_by_kind_by_unit_and_what_is_late(bureau, now):
    late = handled(bureau, now)
    form = told(late.now)
    assert form["title"] == "关于2026年11月督办单、联系单办理情况的通报"
    assert (form["since"], form["until"]) == ("2026-11-01", "2026-11-30")
    assert form["results"].splitlines() == [
        "一、总的情况（2026年11月1日至2026年11月30日；在办、超期截至2026年12月1日）",
        "督办单：新办2件，办结1件（按期1件，逾期0件）；在办1件，其中超期1件。",
        "联系单：新办1件，办结0件；在办1件，其中超期0件。",
        "二、各单位情况",
        "市容管理科：办结1件（按期1件，逾期0件）；在办1件，其中超期1件。",
        "南门中队：办结0件；在办1件，其中超期0件。",
        "三、超期未办结的",
        f"{late.matter.number}：市容管理科，超期7个工作日，现在“办理”环节。",
    ]


def test_DB_6_a_circular_goes_to_all_units_and_says_nothing_of_what_an_order_orders(bureau, now):
    late = handled(bureau, now)
    form = str(told(late.now))
    assert late.matter.title not in form and late.matter.values["content"] not in form


def test_FZ_1_a_month_in_which_nothing_happened_is_told_so(bureau, now):
    assert told(now, date(2026, 9, 1))["results"].splitlines()[-4:] == [
        "二、各单位情况", "没有。", "三、超期未办结的", "没有。"]


def test_FZ_1_a_month_not_yet_over_is_told_up_to_today(bureau, now):
    assert told(now)["until"] == "2026-11-02"


def test_DB_7_an_order_that_owes_a_month_s_report_is_named(bureau, now):
    course = reported(bureau, now)
    course.go(bureau.chief, "track")
    course.until("2026-12-04")
    assert told(course.now)["results"].endswith("：市容管理科，缺报进展，现在“跟踪落实”环节。")


def test_TL15_the_last_whole_month_comes_first(now):
    assert circulars.months(now)[:3] == [date(2026, 10, 1), date(2026, 11, 1), date(2026, 9, 1)]


def written(bureau, now, **values) -> Course:
    return Course("circular", bureau.clerk, now, **told(now) | WORDS | values)


def issued(bureau, now) -> Course:
    course = written(bureau, now)
    for who, key in ((bureau.clerk, "submit"), (bureau.director, "pass"), (bureau.chief, "issue")):
        course.go(who, key)
    return course


def sees(course, who) -> bool:
    with db.reading() as session:
        return visibility.may_see(session, who, course.id)


def test_FZ_1_it_is_signed_by_the_chief_and_then_every_unit_its_deputy_and_the_inspectors_hear_of_it(bureau, now):
    with db.transaction() as session:
        inspectors = add_inspectors(session, bureau)
    course = written(bureau, now)
    assert course.matter.number == "督办通报〔2026〕1号" and not sees(course, bureau.captain)
    course.go(bureau.clerk, "submit"), course.go(bureau.director, "pass")
    assert course.refusal(bureau.director, "issue").status == 403
    course.go(bureau.chief, "issue")
    with db.reading() as session:
        heard = select(Message.person_id, Message.body).where(Message.key.startswith(f"informed:{course.id}:"))
        said = dict(session.execute(heard).all())
    units = (bureau.head, bureau.captain, bureau.lawyer, bureau.deputy, bureau.other_deputy, bureau.inspector)
    assert {who.id for who in (*units, inspectors.assessor, inspectors.discipline)} <= said.keys()
    assert set(said.values()) == {"周正已办理“签发，印发各单位”，请知悉。"}
    assert sees(course, bureau.captain) and sees(course, bureau.officer)
    assert course.go(bureau.dispatcher, "file").stage == "filed"


def test_FZ_1_what_is_done_badly_and_well_is_written_before_it_goes_on(bureau, now):
    for missing in WORDS:
        with pytest.raises(Refused) as refused:
            written(bureau, now, **{missing: ""})
        assert missing in refused.value.fields
    with pytest.raises(Refused, match="起日不能晚于止日"):
        written(bureau, now, since="2026-11-02", until="2026-11-01")
    with pytest.raises(Refused, match="不能晚于今天"):
        written(bureau, now, until="2026-11-30")


@pytest.mark.parametrize("who", ["drafter", "captain", "deputy"])
def test_FZ_1_only_the_office_and_the_inspection_group_make_one(bureau, now, who):
    with pytest.raises(Refused, match="督办通报由办公室主任、") as refused:
        Course("circular", getattr(bureau, who), now, **told(now) | WORDS)
    assert refused.value.status == 403
    assert Course("circular", bureau.inspector, now, **told(now) | WORDS).id


def test_TL15_the_form_begins_with_the_month_that_is_chosen(bureau, database, tmp_path, now):
    client, this = doors(database, tmp_path)(bureau.clerk), clock.today().replace(day=1)
    page = client.get(f"/matters/new/circular?month={this:%Y-%m}").text
    assert f"关于{this.year}年{this.month}月督办单、联系单办理情况的通报" in page and "一、总的情况" in page
    chosen = f'<strong aria-current="page">{this.year}年{this.month}月</strong>'
    assert chosen in page and chosen not in client.get("/matters/new/circular?month=1999-13").text


def test_FZ_1_it_is_printed_with_number_signature_and_all_it_says(bureau, database, tmp_path, now):
    course = issued(bureau, now)
    page = doors(database, tmp_path)(bureau.captain).get(f"/matters/{course.id}/form").text
    for said in ("督办通报〔2026〕1号", "一、总的情况", WORDS["good"], WORDS["causes"], "南门中队", "周正"):
        assert said in page
