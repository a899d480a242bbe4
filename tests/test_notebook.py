"""领导笔记: the leader's alone, exportable by him, unreachable for everybody else (LD-5)."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from tests.desks import doors

NOTE = {"noted_on": "2026-11-02", "title": "调研南门夜市", "body": "金丝雀词：夜市摊位三十七个。"}


@pytest.fixture
def enter(bureau, database, tmp_path):
    return doors(database, tmp_path)


def test_LD_5_a_leader_notes_changes_and_exports_his_own(bureau, enter):
    client = enter(bureau.deputy)
    assert client.post("/notebook", data=NOTE).status_code == 303
    assert client.post("/notebook/1", data=NOTE | {"body": "金丝雀词：四十个。"}).status_code == 303
    assert "金丝雀词：四十个。" in client.get("/notebook").text
    assert "金丝雀词：四十个。" in words_of(client.get("/notebook/export"))


@pytest.mark.parametrize("who", ["chief", "other_deputy", "director", "inspector", "drafter", "admin"])
def test_LD_5_nobody_else_reaches_a_note_by_any_page(bureau, enter, who):
    enter(bureau.deputy).post("/notebook", data=NOTE)
    client = enter(getattr(bureau, who))
    for path in ("/notebook", "/notebook/1", "/notebook/export", "/search?q=三十七", "/search?q=夜市", "/started",
                 "/done", "/ledgers/supervision-order", "/boards/overdue", "/"):
        assert "金丝雀词" not in words_of(client.get(path, follow_redirects=True)), path
    assert client.post("/notebook/1", data=NOTE).status_code in (403, 404)


def words_of(answer):
    if answer.data[:2] != b"PK":
        return answer.text
    return ZipFile(BytesIO(answer.data)).read("xl/worksheets/sheet1.xml").decode()


def test_a_note_that_lacks_something_keeps_what_was_typed(bureau, enter):
    answer = enter(bureau.deputy).post("/notebook", data=NOTE | {"title": " "})
    assert answer.status_code == 422 and "请填写事由" in answer.text and "夜市摊位三十七个" in answer.text


def test_a_secret_mark_is_refused(bureau, enter):
    answer = enter(bureau.deputy).post("/notebook", data=NOTE | {"body": "机密★5年\n会议内容"})
    assert answer.status_code == 422 and "严禁处理涉密信息" in answer.text
