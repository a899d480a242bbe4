"""Attachments on the matter page: who may add, open and remove them, and what is signed with them (FW-15, C01)."""

import io
import logging
from urllib.parse import quote

import pytest

from officeapp import db, logs, matters
from officeapp.attachments import attachments_of
from tests.desks import FORM, doors, moved, opened, signed, stored
from tests.procedures.supervising import SLIP, Course

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def enter(bureau, database, tmp_path):
    return doors(database, tmp_path)


def upload(client, matter_id, name="经费测算表.pdf", content=PDF, kind="attachment", **more):
    data = {"kind": kind, "file": (io.BytesIO(content), name)}
    return client.post(f"/matters/{matter_id}/attachments", data=data, content_type="multipart/form-data", **more)


def files(matter_id):
    with db.reading() as session:
        return attachments_of(session, matter_id)


def told(matter_id):
    with db.reading() as session:
        return [(e.what, e.note) for e in matters.history(session, matter_id)]


def test_an_attachment_is_listed_told_and_part_of_what_will_be_signed(bureau, enter):
    matter_id, client = opened(bureau.drafter), enter(bureau.drafter)
    before = stored(matter_id)
    assert upload(client, matter_id).status_code == 303
    assert "经费测算表.pdf" in client.get(f"/matters/{matter_id}").text
    after = stored(matter_id)
    assert after.text_hash != before.text_hash and after.version == before.version + 1
    assert told(matter_id)[-1] == ("attached", "附件：经费测算表.pdf")


def test_it_is_sent_as_a_file_never_as_a_page(bureau, enter):
    matter_id, client = opened(bureau.drafter), enter(bureau.drafter)
    upload(client, matter_id)
    answer = client.get(f"/matters/{matter_id}/attachments/{files(matter_id)[0].id}")
    assert answer.data == PDF and answer.mimetype == "application/pdf"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment") and f"filename*=UTF-8''{quote('经费测算表.pdf')}" in disposition
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]


def test_only_those_who_may_see_the_matter_may_open_its_files(bureau, enter):
    matter_id = opened(bureau.drafter)
    upload(enter(bureau.drafter), matter_id)
    path = f"/matters/{matter_id}/attachments/{files(matter_id)[0].id}"
    assert enter(bureau.officer).get(path).status_code == 404
    assert enter(bureau.admin).get(path).status_code == 403
    assert enter(bureau.reviewer).get(path).status_code == 200
    own = opened(bureau.officer, FORM)  # one's own matter does not lead to another's file
    assert enter(bureau.officer).get(path.replace(f"/{matter_id}/", f"/{own}/", 1)).status_code == 404


def test_an_unsuitable_file_is_refused_with_a_sentence_and_kept_nowhere(bureau, enter, tmp_path):
    matter_id, client = opened(bureau.drafter), enter(bureau.drafter)
    answer = upload(client, matter_id, "程序.exe", b"MZ" + b"\0" * 100)
    assert answer.status_code == 422 and "附件只收 docx" in answer.text and "送科室核稿" in answer.text
    assert files(matter_id) == [] and not list(tmp_path.glob("attachments/*/*/*"))


def test_c01_a_marked_file_is_refused_and_its_name_is_not_logged(bureau, enter, caplog):
    matter_id, client = opened(bureau.drafter), enter(bureau.drafter)
    with caplog.at_level(logging.WARNING):
        answer = upload(client, matter_id, "机密★一年 名单.pdf")
    assert answer.status_code == 422 and "严禁处理涉密信息" in answer.text
    said = "".join(logs.formatter("text").format(record) for record in caplog.records)
    assert "rule=C01" in said and f"person={bureau.drafter.id}" in said and "名单" not in said
    assert files(matter_id) == []


def test_with_scripts_only_the_panel_answers_and_the_version_follows(bureau, enter):
    matter_id, client = opened(bureau.drafter), enter(bureau.drafter)
    answer = upload(client, matter_id, headers=HTMX)
    assert answer.status_code == 200 and "<html" not in answer.text and "经费测算表.pdf" in answer.text
    assert 'id="moves-version" name="version" value="2"' in answer.text
    refused = upload(client, matter_id, "空.pdf", b"", headers=HTMX)
    assert refused.status_code == 422 and "文件是空的" in refused.text and "<html" not in refused.text


def test_nothing_chosen_is_said_in_words(bureau, enter):
    matter_id = opened(bureau.drafter)
    answer = enter(bureau.drafter).post(f"/matters/{matter_id}/attachments", data={"kind": "attachment"})
    assert answer.status_code == 422 and "请先选择要上传的文件" in answer.text


def test_who_does_not_hold_the_text_may_not_add_to_it(bureau, enter):
    matter_id = opened(bureau.drafter)
    answer = upload(enter(bureau.colleague), matter_id)
    assert answer.status_code == 403 and "您不能增减附件" in answer.text
    assert 'type="file"' not in enter(bureau.colleague).get(f"/matters/{matter_id}").text
    assert upload(enter(bureau.colleague), matter_id, kind="scan").status_code == 403


def test_an_attachment_taken_away_is_hidden_told_and_no_longer_signed(bureau, enter):
    matter_id, client = opened(bureau.drafter), enter(bureau.drafter)
    before = stored(matter_id).text_hash
    upload(client, matter_id)
    path = f"/matters/{matter_id}/attachments/{files(matter_id)[0].id}"
    assert enter(bureau.colleague).post(f"{path}/removal").status_code == 403
    assert client.post(f"{path}/removal").status_code == 303
    assert files(matter_id) == [] and client.get(path).status_code == 404
    assert stored(matter_id).text_hash == before and told(matter_id)[-1][0] == "detached"


def test_fw_15_after_signing_no_attachment_comes_or_goes_but_scans_do(bureau, enter):
    matter_id = opened(bureau.drafter)
    upload(enter(bureau.drafter), matter_id)
    for key, actor in (("submit", bureau.drafter), ("unit_pass_ordinary", bureau.head),
                       ("office_pass_ordinary", bureau.reviewer), ("sign", bureau.deputy)):
        moved(matter_id, key, actor)
    clerk, frozen = enter(bureau.clerk), stored(matter_id).frozen_hash
    for answer in (upload(clerk, matter_id, "另一件.pdf"),
                   clerk.post(f"/matters/{matter_id}/attachments/{files(matter_id)[0].id}/removal")):
        assert answer.status_code == 422 and "附件与正文一并定稿" in answer.text
        assert "温鹿综法发〔2019〕20号" in answer.text
    assert upload(clerk, matter_id, "签批单.pdf", kind="scan").status_code == 303
    now = stored(matter_id)
    assert now.text_hash == frozen == now.frozen_hash and [f.kind for f in files(matter_id)] == ["attachment", "scan"]
    moved(matter_id, "number", bureau.clerk, values={"series": "临综法发", "copies": 6})


def test_a_recorder_may_add_the_scan_of_a_paper_signature(bureau, enter):
    matter_id = opened(bureau.drafter, FORM)
    moved(matter_id, "submit", bureau.drafter)
    assert upload(enter(bureau.clerk), matter_id, "签批单.pdf", kind="scan").status_code == 303


def test_FW_12_a_legal_opinion_is_offered_and_taken_only_where_a_step_asks_for_one(bureau, enter, now):
    document, client = opened(bureau.drafter), enter(bureau.drafter)
    slip = Course("liaison_slip", bureau.drafter, now, **SLIP, to_unit=bureau.units["south"]).id
    offered = [">合法性审查意见</option>" in client.get(f"/matters/{n}").text for n in (document, slip)]
    assert offered == [True, False]
    refused = upload(client, slip, kind="legal_opinion")
    assert refused.status_code == 422 and "联系单没有合法性审查意见这一类附件" in refused.text and not files(slip)
    assert upload(client, slip).status_code == 303 and len(files(slip)) == 1


def test_an_unknown_kind_is_refused(bureau, enter):
    assert upload(enter(bureau.drafter), opened(bureau.drafter), kind="virus").status_code == 400


def test_no_attachment_is_left_when_the_matter_has_been_signed_meanwhile(bureau, enter):
    matter_id = signed(bureau)
    assert upload(enter(bureau.drafter), matter_id).status_code == 422 and files(matter_id) == []
