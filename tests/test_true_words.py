"""Pages and prints say what is so: days of reports, who signed, what is closed, whose desk it is (DB-4, DB-7)."""

import pytest

from officeapp import briefing, db, ledgers, overdue, overdue_lists
from officeapp.overdue import Wanted
from officeapp.overdue_lists import Asked
from officeapp.procedures import book
from officeapp.web.dossier import open_dossier
from officeapp.web.matter_actions import actions_of
from officeapp.web.matter_history import history_of
from officeapp.web.matter_light import light_of
from officeapp.web.paper_form import paper_form
from officeapp.wording import stopped
from tests.desks import doors, moved, opened
from tests.procedures.supervising import ordered, received, reported
from tests.procedures.test_offshoots import asked, granted


@pytest.fixture
def site(bureau, database, tmp_path):
    return doors(database, tmp_path)


def seen(course, who, show, of=None):
    """What `show` makes of the matter's dossier, at the course's moment."""
    with db.reading() as session:
        return show(open_dossier(session, of or course.id, who, course.now))


def cells(course, who, of=None):
    form = seen(course, who, lambda dossier: paper_form(dossier, ""), of)
    return {cell.label: cell for row in form.rows for cell in row}


def tracked(bureau, now, until="2026-12-31"):
    course = reported(bureau, now)
    course.go(bureau.chief, "track")
    course.until(until)
    return course, course.children("progress_report")[0].id


def filed(course, bureau, report):
    course.go(bureau.drafter, "submit", of=report, progress="又完成2处。", next_step="月底前完成。")
    for who, key in ((bureau.head, "head_pass"), (bureau.deputy, "vet_pass"), (bureau.reviewer, "office_pass"),
                     (bureau.chief, "keep_tracking")):
        course.go(who, key, of=report)


def test_DB_7_a_late_report_stands_on_the_form_under_the_day_it_was_made(bureau, now):
    course, report = tracked(bureau, now)
    filed(course, bureau, report)
    told = cells(course, bureau.director)["工作进展"].value
    assert "2026年12月31日报告（应于2026年12月2日前报）：又完成2处。" in told


def test_DB_7_a_report_in_time_needs_no_other_day_on_the_form(bureau, now):
    course, report = tracked(bureau, now, until="2026-12-01")
    filed(course, bureau, report)
    assert "2026年12月1日报告：又完成2处。" in cells(course, bureau.director)["工作进展"].value


def test_DB_8_a_report_that_the_system_opened_bears_no_signature_before_it_is_sent(bureau, now):
    course, report = tracked(bureau, now, until="2026-12-01")
    empty = cells(course, bureau.drafter, report)["撰写"]
    assert not empty.opinions and empty.pending == "还没有报送"
    filed(course, bureau, report)
    [said] = cells(course, bureau.drafter, report)["撰写"].opinions
    assert (said.name, said.date, said.text) == ("林晓", "2026年12月1日", "")


def test_DB_7_a_limit_met_is_no_order_closed_and_a_month_owed_is_said(bureau, now):
    course, report = tracked(bureau, now, until="2026-12-01")
    assert seen(course, bureau.director, light_of) == ("well", "反馈按期")
    course.until("2026-12-31")
    assert seen(course, bureau.director, light_of) == ("late", "反馈按期，缺报进展（应于12月2日前报）")
    filed(course, bureau, report)
    assert seen(course, bureau.director, light_of) == ("late", "反馈按期，进展迟报1次")
    course.go(bureau.chief, "finish")
    assert "办结" not in seen(course, bureau.director, light_of).words
    course.go(bureau.director, "sign_off", result="完成。", conclusion="closed")
    course.go(bureau.dispatcher, "archive", archived_on="2026-12-31", period="D10")
    assert seen(course, bureau.director, light_of) == ("late", "按期办结，进展迟报1次")


def ledger(who, now, state="late"):
    asks = ledgers.Asked("supervision_order", state=state)
    with db.reading() as session:
        return [line.missing for line in ledgers.lines(session, who, asks, now)], ledgers.sums(session, who, asks, now)


def test_DB_7_an_order_whose_month_is_missing_is_late_in_the_ledger(bureau, now):
    course, report = tracked(bureau, now, until="2026-12-01")
    assert ledger(bureau.director, course.now)[0] == []
    course.until("2026-12-31")
    found, sums = ledger(bureau.director, course.now)
    assert found == [("2026-12-02",)] and sums.late == 1
    filed(course, bureau, report)
    assert ledger(bureau.director, course.now)[0] == [] and ledger(bureau.director, course.now, "open")[1].late == 0


def done(who, now):
    """(本月办结, 本周办结) of whoever supervises."""
    with db.reading() as session:
        month = overdue_lists.of(session, who, Wanted(), Asked("met"), now).total
        whole = overdue.whole(overdue.lanes(session, who, Wanted(), now))
        assert whole.met == month
        return month, briefing.of(session, who, now).finished.total


def test_done_means_closed_for_the_month_and_for_the_week(bureau, now):
    course = reported(bureau, now)
    course.go(bureau.chief, "close")
    course.go(bureau.director, "sign_off", result="完成。", conclusion="closed")
    assert done(bureau.chief, course.now) == (0, 0), "it lies in the archive's desk and is not closed"
    course.go(bureau.dispatcher, "archive", archived_on="2026-11-02", period="D10")
    assert done(bureau.chief, course.now) == (1, 1)


def test_what_was_excused_or_called_off_is_not_done(bureau, now):
    course, _ = tracked(bureau, now, until="2026-11-03")
    course.go(bureau.director, "tracking_void", note="决定不再办。")
    assert course.children("progress_report")[0].stage == "moot"
    assert done(bureau.chief, course.now) == (0, 0) and ledger(bureau.director, course.now, "closed")[0] == []


def test_the_ends_that_complete_nothing_are_known_by_their_names():
    assert book.dropped_ends() == {"voided", "moot", "excused"}


def test_what_was_called_off_is_said_so_wherever_it_stands(bureau, site, now):
    course, report = tracked(bureau, now, until="2026-11-03")
    course.go(bureau.director, "tracking_void", note="决定不再办。")
    browser = site(bureau.drafter)
    shown = [browser.get(path).text for path in ("/done", "/started", f"/matters/{course.id}")]
    assert [("已撤销" in page, "已办结" in page or "按期办结" in page) for page in shown[::2]] == [(True, False)] * 2
    assert "已免报" in shown[1] and "已免报" in browser.get(f"/matters/{report}").text
    assert seen(course, bureau.director, light_of) == ("none", "已撤销")


def test_DB_11_a_ledger_counts_what_was_called_off_apart_from_what_was_done(bureau, site, now):
    course = received(bureau, now)
    browser, ledger_of = site(bureau.director), "/ledgers/supervision-order"
    assert "已办结 0 件；退回 0 次" in browser.get(ledger_of).text
    course.go(bureau.director, "handling_void", note="决定不再办。")
    for path in (ledger_of, f"{ledger_of}/printed", f"{ledger_of}?state=dropped"):
        page = browser.get(path).text
        assert "合计 1 件：在办 0 件，其中超期 0 件；已办结 0 件；撤销 1 件；" in page and course.matter.number in page
    assert course.matter.number not in browser.get(f"{ledger_of}?state=closed").text


def test_a_document_called_off_is_not_said_to_be_finished(bureau, site, now):
    document = opened(bureau.drafter)
    moved(document, "drafting_void", bureau.drafter, note="重复。")
    browser = site(bureau.drafter)
    for path in ("/started", f"/matters/{document}"):
        page = browser.get(path).text
        assert "已作废" in page and "已办结" not in page, path


def test_nobody_did_what_was_excused(bureau, site, now):
    course, report = tracked(bureau, now, until="2026-11-03")
    course.go(bureau.director, "tracking_void", note="决定不再办。")
    page = site(bureau.drafter).get(f"/matters/{report}").text
    assert "（未办）" in page and "撰写</span><span class=\"visually-hidden\">（已办）" not in page


def test_DB_4_both_days_stand_on_the_form_and_in_the_history(bureau, now):
    course = received(bureau, now)
    assert cells(course, bureau.director)["时间要求"].value == "2026年11月20日"
    granted(course, bureau, asked(course, bureau.drafter))
    days = "原时限2026年11月20日，现时限2026年12月4日"
    assert cells(course, bureau.director)["时间要求"].value == days
    assert f"延期批准：{days}" in [hop.title for hop in seen(course, bureau.director, history_of)]
    granted(course, bureau, asked(course, bureau.drafter, new_due="2026-12-18"))
    assert cells(course, bureau.director)["时间要求"].value == "原时限2026年11月20日，现时限2026年12月18日"


def test_GEN_1_each_holder_stands_with_his_own_unit(bureau, now):
    course = ordered(bureau, now)
    assert "等3人" in course.matter.holder and " · " not in course.matter.holder and "（" in course.matter.holder
    course.go(bureau.captain, "receive", responsible=bureau.officer.id)
    both = course.matter.holder
    assert both == "王建国（市容管理科）、钱法规（政策法规科）"
    course.go(bureau.lawyer, "receive", responsible=bureau.lawyer.id)
    assert course.matter.holder == "市容管理科 · 王建国"


def test_what_the_system_opened_comes_from_the_system(bureau, site, now):
    tracked(bureau, now, until="2026-11-03")
    page = site(bureau.drafter).get("/").text
    assert 'title="系统">系统</td>' in page and 'title="市容管理科 · 林晓"' not in page


def test_DB_10_a_card_says_when_another_unit_has_it_in_hand(bureau, now):
    course = received(bureau, now)
    for person in (bureau.officer, bureau.lawyer):
        course.go(person, "contribute", contribution="已配合。")
    course.until("2026-11-24")
    assert card(bureau.inspector, course) == "督办〔2026〕1号 · 市容管理科 · 林晓"
    course.go(bureau.drafter, "report", report="完成。"), course.go(bureau.head, "head_pass")
    assert card(bureau.inspector, course) == "督办〔2026〕1号 · 现由局领导 · 刘志强办理"


def card(who, course):
    with db.reading() as session:
        lanes = overdue.lanes(session, who, Wanted(), course.now)
    return next(item.line for lane in lanes for cell in lane.cells for item in cell if item.id == course.id)


def test_FW_3_where_paper_is_one_of_two_ways_the_clerk_is_told_so(bureau, now):
    course = ordered(bureau, now)
    hint = seen(course, bureau.clerk, actions_of).hint
    assert "可以由" in hint and "在网上办理" in hint and "按纸质签发流程" not in hint


def test_the_light_names_the_desk_s_limit_beside_the_limit_of_the_course(bureau, now):
    course = ordered(bureau, now)
    assert seen(course, bureau.director, light_of).words.startswith("签收时限")
    for head, person in ((bureau.head, bureau.drafter), (bureau.captain, bureau.officer),
                         (bureau.lawyer, bureau.lawyer)):
        course.go(head, "receive", responsible=person.id)
    assert "时限" not in seen(course, bureau.director, light_of).words


@pytest.mark.parametrize(("note", "said"), [
    ("抓紧期限", "抓紧期限。"), ("请抓紧。", "请抓紧。"), (" 快办！ ", "快办！"), ("", "")])
def test_DB_10_a_note_of_urging_ends_with_a_stop(note, said):
    assert stopped(note) == said
