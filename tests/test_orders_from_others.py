"""督办单 begun from matters of other kinds with one click, each showing the other (DB-1)."""

import pytest
from werkzeug.datastructures import MultiDict

from officeapp import db, matters, offshoots
from officeapp.decisions import Refused
from officeapp.engine import open_from
from tests.desks import archived, doors, opened, signed, stored
from tests.procedures.supervising import ORDER, SLIP, Course
from tests.procedures.test_leader_report import MEETING, REPORT
from tests.procedures.test_public_matter import BROUGHT

FORM = {key: value for key, value in ORDER.items() if key not in ("title", "content")}


@pytest.fixture
def enter(bureau, database, tmp_path):
    return doors(database, tmp_path)


def of_each_kind(bureau, now) -> dict[str, int]:
    """A matter of every kind that an order may come from."""
    south = bureau.units["south"]
    return {
        "发文": signed(bureau), "联系单": Course("liaison_slip", bureau.drafter, now, **SLIP, to_unit=south).id,
        "群众事务": Course("public_matter", bureau.officer, now, **BROUGHT, unit=south).id,
        "重要情况报告": Course("leader_report", bureau.deputy, now, **REPORT).id,
        "上级会议": Course("superior_meeting", bureau.deputy, now, **MEETING).id,
    }


def test_DB_1_the_office_begins_an_order_from_any_of_them_and_each_shows_the_other(bureau, enter, now):
    client, lead = enter(bureau.director), bureau.units["appearance"]  # what is between leaders no clerk sees
    for kind, matter_id in of_each_kind(bureau, now).items():
        page = client.get(f"/matters/{matter_id}").text
        assert f"/matters/new/supervision-order?from={matter_id}" in page and "转为督办单" in page, kind
        blank = client.get(f"/matters/new/supervision-order?from={matter_id}").text
        assert f"《{stored(matter_id).title}》" in blank, kind
        typed = MultiDict(FORM | {"title": f"督办{kind}", "content": "请抓紧。", "lead_unit": lead, "from": matter_id})
        answer = client.post("/matters/new/supervision-order", data=typed)
        assert answer.status_code == 303, kind
        order = int(answer.location.rsplit("/", 1)[1])
        assert stored(order).title == f"督办{kind}" and stored(order).number in client.get(f"/matters/{matter_id}").text
        assert f'来自：<a href="/matters/{matter_id}">' in client.get(f"/matters/{order}").text, kind


def test_DB_1_an_order_comes_from_a_document_once_it_is_signed_and_from_an_archived_one(bureau):
    def offered(matter_id):
        with db.reading() as session:
            found = offshoots.open_to(session, matters.find(session, matter_id), bureau.clerk, matters.find(
                session, matter_id).opened_at)
            return [each.kind for each in found]
    assert offered(opened(bureau.drafter)) == []
    assert offered(signed(bureau)) == offered(archived(bureau)) == ["supervision_order"]


def test_DB_2_nobody_but_the_office_begins_one(bureau, now):
    slip = Course("liaison_slip", bureau.drafter, now, **SLIP, to_unit=bureau.units["south"])
    with pytest.raises(Refused, match="由办公室主任、办公室核稿.*办理") as refused, db.transaction() as session:
        open_from(session, slip.id, "supervision_order", bureau.head, ORDER, now=now)
    assert (refused.value.status, refused.value.clause.rule) == (403, "DB-1")
