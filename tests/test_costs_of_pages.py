"""What a page costs: statements that do not grow, bytes that are packed, files that are fetched once."""

import gzip
import re

from tests.test_boards import statements
from tests.test_moves_web import BOARD, drop, enter, opened, stamp_of  # noqa: F401  (enter is a fixture)


def test_a_board_costs_at_most_twelve_statements(bureau, enter):  # noqa: F811
    for _ in range(30):
        opened(bureau.drafter)
    client = enter(bureau.clerk)
    client.get(BOARD)
    with statements() as asked:
        assert client.get(BOARD).status_code == 200
    assert len([sql for sql in asked if sql.startswith("SELECT")]) <= 12


def test_a_drop_costs_at_most_thirty_statements(bureau, enter):  # noqa: F811
    one, client = opened(bureau.drafter), enter(bureau.drafter)
    since = stamp_of(client)
    with statements() as asked:
        assert drop(client, one, "unit_review", "submit", since=since).status_code == 200
    assert len([sql for sql in asked if not sql.startswith(("BEGIN", "PRAGMA"))]) <= 30


def test_an_unchanged_poll_costs_at_most_three_statements(bureau, enter):  # noqa: F811
    opened(bureau.drafter)
    client = enter(bureau.clerk)
    since = stamp_of(client)
    with statements() as asked:
        assert client.get(f"{BOARD}/changes?since={since}", headers={"HX-Request": "true"}).status_code == 204
    assert len([sql for sql in asked if sql.startswith("SELECT")]) <= 3


def test_pages_are_sent_packed_and_files_with_a_fingerprint_are_kept(bureau, enter):  # noqa: F811
    client = enter(bureau.clerk)
    page = client.get(BOARD, headers={"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip" and "发文看板" in gzip.decompress(page.data).decode()
    href = re.search(r'href="(/static/app\.css\?v=[0-9a-f]+)"', gzip.decompress(page.data).decode())[1]
    assert "immutable" in client.get(href).headers["Cache-Control"]
    assert "immutable" not in client.get("/static/app.css").headers.get("Cache-Control", "")
