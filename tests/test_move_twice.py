"""The same move sent twice is one move: the second sender of the same hears what was done, anybody else 409."""

import io
import threading

import pytest

from officeapp import clock, db, matters
from tests.conftest import seeded
from tests.desks import FORM, doors, moved, opened, signed, stored

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
BOARD = {"HX-Request": "true", "HX-Current-URL": "http://localhost/boards/outgoing-document"}


@pytest.fixture
def enter(bureau, database, tmp_path):
    return doors(database, tmp_path)


def send(client, matter_id, move="submit", version=1, headers=None, **more):
    data = {"version": version, "move": move} | more
    return client.post(f"/matters/{matter_id}/moves", data=data, headers=headers)


def moves_of(matter_id):
    with db.reading() as session:
        return [event.move for event in matters.history(session, matter_id) if event.what == "moved"]


def at_once(*sendings):
    codes, gate = [], threading.Barrier(len(sendings))

    def work(sending):
        gate.wait()
        codes.append(sending().status_code)

    threads = [threading.Thread(target=work, args=(sending,)) for sending in sendings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(codes)


def test_a_button_pressed_twice_moves_once_and_says_so_twice(bureau, enter):
    matter_id, client = opened(bureau.drafter), enter(bureau.drafter)
    for _ in range(2):
        answer = send(client, matter_id, note="请审核。")
        assert (answer.status_code, answer.location) == (303, f"/matters/{matter_id}")
        assert "已办理“送科室核稿”，现在“科室核稿”环节" in client.get(answer.location).text
    assert moves_of(matter_id) == ["submit"]


def test_a_card_dropped_twice_moves_once_and_the_board_follows(bureau, enter):
    matter_id, client = opened(bureau.drafter), enter(bureau.drafter)
    first, second = (send(client, matter_id, headers=BOARD) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert "已办理“送科室核稿”" in second.text and moves_of(matter_id) == ["submit"]


def test_a_form_with_entries_sent_twice_is_one_number(bureau, enter):
    matter_id, client = signed(bureau), enter(bureau.clerk)
    version, entries = stored(matter_id).version, {"asked": "1", "series": "临综法发", "copies": "6"}
    assert [send(client, matter_id, "number", version, **entries).status_code for _ in range(2)] == [303, 303]
    assert send(client, matter_id, "number", version, **entries | {"copies": "9"}).status_code == 409
    assert stored(matter_id).values["copies"] == 6


def test_a_paper_signature_with_its_scan_sent_twice_is_kept_once(bureau, enter):
    matter_id, client = opened(bureau.drafter, FORM), enter(bureau.clerk)
    moved(matter_id, "submit", bureau.drafter)

    def record(name="签批页.pdf", signer=bureau.head):
        paper = {"medium": "paper", "signer": signer.id, "on": clock.today().isoformat()}
        return send(client, matter_id, "unit_pass", 2, scan=(io.BytesIO(PDF), name), **paper).status_code

    assert [record(), record()] == [303, 303] and moves_of(matter_id) == ["submit", "unit_pass"]
    assert [record("另一页.pdf"), record(signer=bureau.deputy)] == [409, 409]


def test_another_opinion_or_another_person_is_not_the_same_move(bureau, enter):
    matter_id = opened(bureau.drafter)
    moved(matter_id, "submit", bureau.drafter, note="请审核。")
    answer = send(enter(bureau.drafter), matter_id, note="另一条意见。")
    assert answer.status_code == 409 and "另一条意见。" in answer.text
    assert send(enter(bureau.head), matter_id, note="请审核。").status_code == 409


def test_two_presses_at_the_same_moment_move_once(either_database, tmp_path):
    bureau = seeded()
    enter = doors(either_database, tmp_path)
    clients, matter_id = (enter(bureau.drafter), enter(bureau.drafter)), opened(bureau.drafter)
    assert at_once(*[lambda client=client: send(client, matter_id) for client in clients]) == [303, 303]
    assert moves_of(matter_id) == ["submit"] and stored(matter_id).version == 2


def test_of_two_people_on_one_card_the_second_gets_409(either_database, tmp_path):
    bureau = seeded()
    enter = doors(either_database, tmp_path)
    matter_id = opened(bureau.drafter)
    moved(matter_id, "submit", bureau.drafter)
    move = next(m.key for m in stored(matter_id).rules.moves_from("unit_review") if m.kind.value == "withdraw")
    drafter, head = enter(bureau.drafter), enter(bureau.head)
    codes = at_once(lambda: send(drafter, matter_id, move, 2, note="漏了附件。"),
                    lambda: send(head, matter_id, "unit_pass_ordinary", 2, note="同意。"))
    assert codes == [303, 409] and len(moves_of(matter_id)) == 2


def test_a_stale_move_from_the_board_of_another_kind_is_refused_without_a_card_there(bureau, enter):
    one = opened(bureau.drafter)
    elsewhere = BOARD | {"HX-Current-URL": "http://localhost/boards/supervision-order"}
    answer = send(enter(bureau.drafter), one, version=99, headers=elsewhere)
    assert answer.status_code == 409 and f"card-{one}" not in answer.text
