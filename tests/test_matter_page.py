"""The pages of one matter as each role sees them: FW-2, FW-3, FW-13 … FW-17, TL1, design.md §7."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import event, select
from werkzeug.datastructures import MultiDict

from officeapp import clock, db, engine, matters
from officeapp.matters import Matter, Task
from officeapp.people import Person
from officeapp.web.matter_forms import form_of, values_of
from tests.desks import BODY, FORM, ORDINARY, archived, doors, moved, opened, signed, stored

NEW = "/matters/new/outgoing-document"


@pytest.fixture
def enter(bureau, database, tmp_path):
    return doors(database, tmp_path)


def words(answer) -> str:
    """The page's visible words, tags and white space taken out."""
    text = re.sub(r"<(script|style)[\s\S]*?</\1>", "", answer.text)
    return re.sub(r"\s+", "", unescape(re.sub(r"<[^>]+>", "", text)))


def part(answer, id_: str) -> str:
    """The section with this id, as visible words."""
    found = re.search(rf'<(section|table|ol)[^>]*id="{id_}"[\s\S]*?</\1>', answer.text)
    return re.sub(r"\s+", "", unescape(re.sub(r"<[^>]+>", "", found[0]))) if found else ""


def fields_wrong(answer) -> list[str]:
    return re.findall(r'id="f-(\w+)-error"', answer.text)


def test_a_drafter_saves_a_draft_and_stands_on_its_page(bureau, enter):
    client = enter(bureau.drafter)
    assert "起草并送科室核稿" in client.get(NEW).text
    answer = client.post(NEW, data={**ORDINARY, "body": BODY, "then": "save"})
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert page.status_code == 200 and ORDINARY["title"] in page.text and "送科室核稿" in part(page, "moves")


def test_drafting_and_sending_is_one_step(bureau, enter):
    answer = enter(bureau.drafter).post(NEW, data={**ORDINARY, "body": BODY, "then": "send"})
    assert stored(int(answer.location.split("/")[-1])).stage == "unit_review"


def test_sending_without_a_text_is_refused_and_leaves_no_matter_behind(bureau, enter):
    answer = enter(bureau.drafter).post(NEW, data={**ORDINARY, "body": "", "then": "send"})
    assert answer.status_code == 422 and "正文还是空的" in answer.text and ORDINARY["title"] in answer.text
    with db.reading() as session:
        assert session.scalar(select(Matter)) is None


def test_fw_2_a_report_as_ordinary_is_refused_with_its_clause_and_keeps_what_was_typed(bureau, enter):
    typed = {**FORM, "genre": "报告", "grade": "ordinary", "copies_to": "区财政局", "body": BODY, "normative": "1"}
    answer = enter(bureau.drafter).post(NEW, data=typed)
    assert answer.status_code == 422 and "不能作为普通件" in answer.text
    assert "温鹿综法发〔2019〕20号 一（一）2" in answer.text
    assert 'value="区财政局"' in answer.text and "全区有主次干道52条" in answer.text
    assert re.search(r'value="报告" selected', answer.text) and re.search(r'name="normative"[^>]*checked', answer.text)


def test_each_wrong_field_says_so_beside_itself(bureau, enter):
    answer = enter(bureau.drafter).post(NEW, data={**FORM, "title": " ", "necessity": ""})
    assert answer.status_code == 422 and fields_wrong(answer) == ["title", "necessity"]
    assert '<a href="#f-title">标题</a>' in answer.text and 'aria-describedby="f-title-error' in answer.text


def test_an_unknown_kind_is_not_found(bureau, enter):
    assert enter(bureau.drafter).get("/matters/new/love-letter").status_code == 404


def test_values_are_typed_and_what_does_not_fit_stays_as_it_was_typed(bureau):
    rules = stored(opened(bureau.drafter)).rules
    asked = [rules.field(key) for key in ("copies", "normative", "sealed_on", "distribution")]
    given = {"copies": " 6 ", "sealed_on": "2026-11-02", "distribution": " 各科室 \r\n\r\n 存档 "}
    assert values_of(form_of(asked, typed=_multi(given))) == {
        "copies": 6, "normative": False, "sealed_on": "2026-11-02", "distribution": "各科室\n存档"}
    assert values_of(form_of(asked, typed=_multi({"copies": "六"})))["copies"] == "六"
    assert values_of(form_of(asked))["copies"] == 6  # the declared default


def _multi(data: dict) -> MultiDict:
    return MultiDict(data)


def test_the_holder_gets_one_primary_button_the_ways_back_and_the_box_that_waits(bureau, enter):
    matter_id = opened(bureau.drafter)
    moved(matter_id, "submit", bureau.drafter)
    page = enter(bureau.head).get(f"/matters/{matter_id}")
    assert page.text.count("btn btn-primary") == 1 and "通过，送办公室审核" in part(page, "moves")
    assert "退回起草" in part(page, "moves") and "待您填写" in part(page, "paper-form")
    assert "依据：温鹿综法发〔2019〕20号" in part(page, "moves")


def test_who_may_not_act_reads_who_holds_it_and_gets_no_button(bureau, enter):
    matter_id = opened(bureau.drafter)
    moved(matter_id, "submit", bureau.drafter)
    page = enter(bureau.colleague).get(f"/matters/{matter_id}")
    assert "现在由市容管理科·王建国办理" in part(page, "moves") and 'name="move"' not in page.text


def test_an_outsider_finds_no_matter(bureau, enter):
    matter_id = opened(bureau.drafter)
    for path in ("", "/edit", "/versions", "/deadlines", "/form", "/proofs"):
        assert enter(bureau.officer).get(f"/matters/{matter_id}{path}").status_code == 404


def test_the_buttons_are_those_the_engine_accepts(bureau, enter):
    matter_id = opened(bureau.drafter)
    moved(matter_id, "submit", bureau.drafter)
    moved(matter_id, "unit_pass_ordinary", bureau.head)
    for actor in (bureau.reviewer, bureau.director, bureau.head, bureau.drafter, bureau.clerk):
        page = enter(actor).get(f"/matters/{matter_id}").text
        shown = set(re.findall(rf'name="move" value="(\w+)"|/matters/{matter_id}/moves/(\w+)"', page))
        with db.reading() as session:
            offered = engine.moves_open_to(session, matters.find(session, matter_id), actor)
        assert {a or b for a, b in shown} == {o.move.key for o in offered}


def test_fw_3_a_paper_signature_stands_in_its_box_as_recorded(bureau, enter):
    matter_id = opened(bureau.drafter, FORM)
    moved(matter_id, "submit", bureau.drafter)
    page = enter(bureau.head).get(f"/matters/{matter_id}")
    assert "按纸质签发流程办理" in part(page, "moves") and "待您在纸质稿纸上签字" in part(page, "paper-form")
    moved(matter_id, "unit_pass", bureau.drafter, signer=bureau.head, note="同意送审。")
    page = enter(bureau.drafter).get(f"/matters/{matter_id}")
    assert "同意送审。王建国市容管理科" in part(page, "paper-form") and "纸质·林晓代录" in part(page, "paper-form")
    assert "签字，林晓代录，依据：电话同意" in part(page, "history")
    assert "代录签字：同意，送办公室审核" in part(page, "moves")


def test_fw_13_a_return_empties_the_box_says_why_and_offers_the_straight_way_back(bureau, enter):
    matter_id = opened(bureau.drafter)
    moved(matter_id, "submit", bureau.drafter)
    moved(matter_id, "unit_pass_ordinary", bureau.head, note="同意送审。")
    moved(matter_id, "office_review_return_to_drafting", bureau.reviewer, note="主送机关不规范。")
    page = enter(bureau.drafter).get(f"/matters/{matter_id}")
    assert "办公室审核吴审核退回：主送机关不规范。" in part(page, "moves")
    assert "修改后直送办公室审核" in part(page, "moves")
    assert "同意送审。" in part(page, "paper-form")  # the unit's signature stands, it need not be given again
    moved(matter_id, "submit", bureau.drafter)
    assert "同意送审。" not in part(enter(bureau.head).get(f"/matters/{matter_id}"), "paper-form")


def test_the_strip_leaves_out_what_the_grade_never_visits(bureau, enter):
    client = enter(bureau.drafter)
    pages = [client.get(f"/matters/{opened(bureau.drafter, form)}") for form in (ORDINARY, FORM)]
    ordinary, expedited = (part(page, "stage-strip") for page in pages)
    assert "分管审阅" not in ordinary and "分管审阅" in expedited and "合法性审查" not in ordinary + expedited
    normative = part(client.get(f"/matters/{opened(bureau.drafter, ORDINARY | {'normative': True})}"), "stage-strip")
    assert normative.index("科室核稿") < normative.index("合法性审查") < normative.index("办公室审核")


def test_the_first_look_of_a_holder_is_written_down_and_nobody_elses(bureau, enter):
    matter_id = opened(bureau.drafter)
    moved(matter_id, "submit", bureau.drafter)
    assert "王建国未读" in part(enter(bureau.drafter).get(f"/matters/{matter_id}"), "history")
    enter(bureau.director).get(f"/matters/{matter_id}")
    assert "王建国已读" in part(enter(bureau.head).get(f"/matters/{matter_id}"), "history")
    with db.reading() as session:
        assert session.scalar(select(Task).where(Task.state == "open")).seen_at is not None


def test_an_edit_is_saved_with_a_new_version_of_the_text(bureau, enter):
    matter_id = opened(bureau.drafter)
    client = enter(bureau.drafter)
    assert "全区有主次干道52条" in client.get(f"/matters/{matter_id}/edit").text
    typed = {**ORDINARY, "body": BODY.replace("52", "53"), "version": 1}
    assert client.post(f"/matters/{matter_id}/edit", data=typed).status_code == 303
    page = client.get(f"/matters/{matter_id}/versions")
    assert "1处改动" in words(page) and "<del>2</del><ins>3</ins>" in page.text


def test_a_late_edit_gets_409_with_what_was_typed_held_against_what_stands(bureau, enter):
    matter_id, client = opened(bureau.drafter), enter(bureau.drafter)
    client.post(f"/matters/{matter_id}/edit", data={**ORDINARY, "phone": "88120001", "body": BODY, "version": 1})
    typed = {**ORDINARY, "phone": "88120002", "body": BODY + "\n附注：联系人林晓。", "version": 1}
    answer = client.post(f"/matters/{matter_id}/edit", data=typed)
    assert answer.status_code == 409 and "刚才已办理" in answer.text
    assert "联系电话8812000288120001" in words(answer) and "附注：联系人林晓。" in answer.text
    assert 'name="version" value="2"' in answer.text  # saving again, with open eyes, is accepted
    assert client.post(f"/matters/{matter_id}/edit", data={**typed, "version": 2}).status_code == 303
    assert stored(matter_id).values["phone"] == "88120002"


def test_fw_15_after_signing_the_text_may_not_be_edited_by_anybody(bureau, enter):
    matter_id = signed(bureau)
    for actor in (bureau.drafter, bureau.reviewer, bureau.deputy, bureau.clerk):
        page = enter(actor).get(f"/matters/{matter_id}/edit")
        assert page.status_code == 422 and "即为最终定稿，不能改动" in page.text
        typed = {**ORDINARY, "body": "改了", "version": stored(matter_id).version}
        answer = enter(actor).post(f"/matters/{matter_id}/edit", data=typed)
        assert answer.status_code == 422 and "即为最终定稿" in answer.text and "改了" in answer.text
    assert "修改稿纸和正文" not in enter(bureau.clerk).get(f"/matters/{matter_id}").text


def test_fw_17_the_proofreader_enters_the_proof_and_sees_it_against_the_final_text(bureau, enter):
    matter_id = signed(bureau)
    moved(matter_id, "number", bureau.clerk, values={"series": "临综法发", "copies": 6})
    clerk = enter(bureau.clerk)
    version = stored(matter_id).version
    typed = {"body": BODY.replace("52", "25"), "version": version}
    assert clerk.post(f"/matters/{matter_id}/proofs", data=typed).status_code == 303
    page = clerk.get(f"/matters/{matter_id}/proofs")
    assert "清样与定稿对照" in page.text and "1处改动" in words(page)
    outside = enter(bureau.drafter).post(f"/matters/{matter_id}/proofs", data={"body": BODY, "version": version + 1})
    assert outside.status_code == 403 and "清样由现在的办理人" in outside.text


def test_tl1_the_deadline_page_names_rule_start_unit_and_every_day(bureau, enter, now):
    with db.transaction() as session:
        matter_id = engine.open_matter(session, "outgoing_document", bureau.drafter, ORDINARY, body=BODY, now=now).id
    page = words(enter(bureau.drafter).get(f"/matters/{matter_id}/deadlines"))
    assert "办理全程：5天" in page and "TL1" in page and "温鹿综法发〔2019〕20号一（一）1" in page
    assert "2026年11月9日（周一）24时前" in page  # 7 November is a Saturday: rolled to Monday
    assert "2026年11月3日（周二）1工作日" in page and "2026年11月7日（周六）5周六" in page
    assert "顺延" in page and "工作日历第1版" in page and "到期前1个工作日提醒" in page


def test_a_pause_is_shown_with_the_days_it_skips(bureau, enter):
    now = clock.now() - timedelta(days=3)  # the page reads the real clock: the review must still be in time
    with db.transaction() as session:
        form = ORDINARY | {"normative": True}
        matter_id = engine.open_matter(session, "outgoing_document", bureau.drafter, form, body=BODY, now=now).id
    moved(matter_id, "submit", bureau.drafter, now=now)
    moved(matter_id, "unit_to_legality", bureau.head, now=now)
    page = enter(bureau.drafter).get(f"/matters/{matter_id}/deadlines")
    assert "仍在暂停" in words(page) and "不计暂停计时" in words(page)
    assert "暂停计时" in words(enter(bureau.drafter).get(f"/matters/{matter_id}"))


def test_an_archived_matter_shows_number_dispatch_and_archive_entry(bureau, enter):
    page = enter(bureau.dispatcher).get(f"/matters/{archived(bureau)}")
    entries = part(page, "records")
    assert "发文字号临综法发〔2026〕1号" in entries and "分发渠道政务内网电子发送" in entries
    today = clock.today()
    assert f"用印日期{today.year}年{today.month}月{today.day}日" in entries and "保管期限30年" in entries
    assert "本件已办结（已归档）" in part(page, "moves") and "按期办结" in page.text


def test_a_voided_matter_says_so_at_the_end_of_its_strip(bureau, enter):
    matter_id = opened(bureau.drafter)
    moved(matter_id, "drafting_void", bureau.drafter, note="不再发文。")
    page = enter(bureau.drafter).get(f"/matters/{matter_id}")
    assert part(page, "stage-strip").endswith("作废（当前环节）") and "不再发文。" in part(page, "history")


def test_the_printed_form_is_the_form_alone(bureau, enter):
    matter_id = archived(bureau)
    client = enter(bureau.dispatcher)
    page = client.get(f"/matters/{matter_id}/form")
    assert "临江区综合行政执法局发文稿纸" in page.text and "<nav class=\"nav\"" not in page.text
    assert "主次干道52条" not in page.text and "主次干道52条" in client.get(f"/matters/{matter_id}/form?text=1").text


def test_own_phrases_come_first_and_can_be_removed(bureau, enter):
    matter_id, client = opened(bureau.drafter), enter(bureau.drafter)
    assert client.post("/phrases", data={"text": " 请 领导审示。 "}).status_code == 303
    assert client.post("/phrases", data={"text": "请 领导审示。"}).status_code == 422
    page = client.get(f"/matters/{matter_id}").text
    assert re.findall(r'data-phrase="([^"]+)"', page)[0] == "请 领导审示。"
    client.post("/phrases/removal", data={"text": "请 领导审示。"})
    with db.reading() as session:
        assert session.get(Person, bureau.drafter.id).phrases == ""


def test_opinions_of_approval_are_offered_where_an_opinion_is_signed_only(bureau, enter):
    matter_id = opened(bureau.drafter)
    offered = lambda page: re.findall(r'data-phrase="([^"]+)"', page)  # noqa: E731
    drafter, head = enter(bureau.drafter), enter(bureau.head)
    assert offered(drafter.get(f"/matters/{matter_id}").text) == ["已按意见修改，请审核。", "已补充材料。"]
    assert "同意。" not in offered(drafter.get(f"/matters/{matter_id}/moves/submit").text)
    moved(matter_id, "submit", bureau.drafter)
    for page in ("", "/moves/unit_pass_ordinary"):
        found = offered(head.get(f"/matters/{matter_id}{page}").text)
        assert "同意。" in found and "已补充材料。" not in found


def test_what_people_write_never_becomes_markup(bureau, enter):
    evil = '<img src=x onerror="alert(1)">'
    matter_id = opened(bureau.drafter, ORDINARY | {"title": evil, "copies_to": evil}, body=f"甲方{evil}")
    moved(matter_id, "submit", bureau.drafter, note=evil)
    for path in ("", "/versions", "/deadlines", "/form?text=1"):
        assert "<img" not in enter(bureau.drafter).get(f"/matters/{matter_id}{path}").text


def test_queries_do_not_grow_with_the_history(bureau, enter):
    matter_id, client = opened(bureau.drafter), enter(bureau.drafter)
    client.get(f"/matters/{matter_id}")
    before = _count(lambda: client.get(f"/matters/{matter_id}"))
    for n in range(6):
        with db.transaction() as session:
            version = matters.find(session, matter_id).version
            body = f"{BODY}\n第{n}稿"
            engine.edit(session, matter_id, bureau.drafter, ORDINARY, body, version=version, now=clock.now())
        moved(matter_id, "submit", bureau.drafter)
        moved(matter_id, "unit_review_return_to_drafting", bureau.head, note="再改。")
    client.get(f"/matters/{matter_id}")
    after = _count(lambda: client.get(f"/matters/{matter_id}"))
    assert after <= before + 1 and after <= 30, (before, after)


def _count(look) -> int:
    seen = []
    listen = lambda conn, cursor, statement, *rest: seen.append(statement)  # noqa: E731
    event.listen(db.engine(), "before_cursor_execute", listen)
    assert look().status_code == 200
    event.remove(db.engine(), "before_cursor_execute", listen)
    return len(seen)
