"""What a step relied on stays: a scan or opinion goes only by its uploader, before the next step (FW-3, FW-12)."""

import io

import pytest

from officeapp import clock, db
from officeapp.attachments import attachments_of
from tests.desks import FORM, doors, moved, opened

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def enter(bureau, database, tmp_path):
    return doors(database, tmp_path)


@pytest.fixture
def matter_id(bureau):
    """At the drafting unit's head: the drafter and the clerk may record what is signed on paper."""
    found = opened(bureau.drafter, FORM)
    moved(found, "submit", bureau.drafter)
    return found


def upload(client, matter_id, kind):
    data = {"kind": kind, "file": (io.BytesIO(PDF), "签批页.pdf")}
    answer = client.post(f"/matters/{matter_id}/attachments", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return files(matter_id)[-1].id


def remove(client, matter_id, file_id):
    return client.post(f"/matters/{matter_id}/attachments/{file_id}/removal")


def files(matter_id):
    with db.reading() as session:
        return attachments_of(session, matter_id)


def offered(client, matter_id, file_id):
    return f"/attachments/{file_id}/removal" in client.get(f"/matters/{matter_id}").text


def test_its_uploader_may_take_a_wrong_scan_away_while_nothing_was_decided(bureau, enter, matter_id):
    clerk = enter(bureau.clerk)
    scan = upload(clerk, matter_id, "scan")
    assert offered(clerk, matter_id, scan) and remove(clerk, matter_id, scan).status_code == 303
    assert files(matter_id) == []


@pytest.mark.parametrize("kind", ["scan", "legal_opinion"])
def test_nobody_else_may_take_it_away(bureau, enter, matter_id, kind):
    scan = upload(enter(bureau.clerk), matter_id, kind)
    for other in (enter(bureau.drafter), enter(bureau.head)):
        answer = remove(other, matter_id, scan)
        assert answer.status_code == 403 and "只能由上传的人移除" in answer.text
        assert not offered(other, matter_id, scan)
    assert [file.id for file in files(matter_id)] == [scan]


@pytest.mark.parametrize("kind", ["scan", "legal_opinion"])
def test_after_the_next_step_not_even_its_uploader_may(bureau, enter, matter_id, kind):
    drafter = enter(bureau.drafter)
    scan = upload(drafter, matter_id, kind)
    moved(matter_id, "unit_review_return_to_drafting", bureau.drafter, bureau.head, note="请补依据。")
    answer = remove(drafter, matter_id, scan)  # holds it again and uploaded it, but the return rests on it
    assert answer.status_code == 422 and "已作为办理依据留存" in answer.text
    assert not offered(drafter, matter_id, scan) and [file.id for file in files(matter_id)] == [scan]


def test_fw_3_the_scan_a_signature_names_stays_even_for_who_holds_the_next_stage(bureau, enter, matter_id):
    drafter = enter(bureau.drafter)
    data = {"version": 2, "move": "unit_review_return_to_drafting", "medium": "paper", "signer": bureau.head.id,
            "on": clock.today().isoformat(), "note": "请补依据。", "scan": (io.BytesIO(PDF), "退回意见.pdf")}
    answer = drafter.post(f"/matters/{matter_id}/moves", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    [scan] = files(matter_id)
    answer = remove(drafter, matter_id, scan.id)
    assert answer.status_code == 422 and "已作为办理依据留存" in answer.text and len(files(matter_id)) == 1


def test_an_attachment_of_the_text_still_follows_the_text(bureau, enter):
    matter_id, drafter = opened(bureau.drafter, FORM), enter(bureau.drafter)
    annex = upload(drafter, matter_id, "attachment")
    moved(matter_id, "submit", bureau.drafter)
    moved(matter_id, "unit_review_return_to_drafting", bureau.drafter, bureau.head, note="请换附件。")
    assert offered(drafter, matter_id, annex) and remove(drafter, matter_id, annex).status_code == 303
