"""What a page costs: statements that do not grow, bytes that are packed, files that are fetched once."""

import gzip
import re

from tests.test_boards import statements
from tests.test_moves_web import BOARD, drop, enter, opened, stamp_of, state  # noqa: F401  (enter is a fixture)


def test_a_board_costs_at_most_twelve_statements(bureau, enter):  # noqa: F811
    for _ in range(30):
        opened(bureau.drafter)
    client = enter(bureau.clerk)
    client.get(BOARD)
    with statements() as asked:
        assert client.get(BOARD).status_code == 200
    assert len([sql for sql in asked if sql.startswith("SELECT")]) <= 12


def test_a_drop_costs_at_most_twenty_one_statements(bureau, enter):  # noqa: F811
    one, client = opened(bureau.drafter), enter(bureau.drafter)
    since, version = stamp_of(client), state(one).version
    with statements() as asked:
        answer = drop(client, one, "unit_review", "submit", since=since, version=version)
    assert answer.status_code == 200
    assert len([sql for sql in asked if not sql.startswith(("BEGIN", "PRAGMA"))]) <= 21


def test_an_unchanged_poll_costs_at_most_two_statements(bureau, enter):  # noqa: F811
    opened(bureau.drafter)
    client = enter(bureau.clerk)
    since = stamp_of(client)
    with statements() as asked:
        assert client.get(f"{BOARD}/changes?since={since}", headers={"HX-Request": "true"}).status_code == 204
    assert len([sql for sql in asked if sql.startswith("SELECT")]) <= 2


def test_pages_are_sent_packed_and_files_with_a_fingerprint_are_kept(bureau, enter):  # noqa: F811
    client = enter(bureau.clerk)
    page = client.get(BOARD, headers={"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip" and "发文看板" in gzip.decompress(page.data).decode()
    href = re.search(r'href="(/static/app\.css\?v=[0-9a-f]+)"', gzip.decompress(page.data).decode())[1]
    assert "immutable" in client.get(href).headers["Cache-Control"]
    assert "immutable" not in client.get("/static/app.css").headers.get("Cache-Control", "")


# Statements at most, whatever lies in the lists: measured for the clerk, who sees every matter.
STATEMENTS = {BOARD: 12, "/": 9, "/to-read": 9, "/started": 8, "/done": 8, "/boards/overdue": 12,
              "/boards/overdue?by=ladder": 12,
              "/boards/overdue/matters?figure=late": 11, "/notices": 8,
              "/search?q=通知": 8, "/people": 11, "/calendar": 8, "/procedures": 7}


def test_no_list_costs_more_statements_for_more_rows(bureau, enter):  # noqa: F811
    client = enter(bureau.clerk)
    opened(bureau.drafter)
    few = {path: selects_of(client, path) for path in STATEMENTS}
    for _ in range(25):
        opened(bureau.drafter)
    many = {path: selects_of(client, path) for path in STATEMENTS}
    assert many == few
    assert {path: n for path, n in many.items() if n > STATEMENTS[path]} == {}


def selects_of(client, path):
    """How many SELECTs a page costs that has been seen before."""
    assert client.get(path).status_code == 200, path
    with statements() as asked:
        client.get(path)
    return len([sql for sql in asked if sql.startswith("SELECT")])
