"""A hundred moves and their mails under blows; `make check` runs a thousand (design.md §6)."""

import pytest

from tests.campaigns import killing


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_whatever_is_killed_nothing_is_lost_and_nothing_arrives_twice(engine):
    found, blows, seconds = killing.run(engine, moves=100, seed=11)
    assert found.clean and found.moves >= 100, killing.tell(found, blows, seconds)
    assert found.received and found.dead and set(blows) == set(killing.BLOWS), killing.tell(found, blows, seconds)
