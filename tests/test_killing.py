"""Forty moves and their mails under blows; `make check` runs a thousand (design.md §6)."""

import pytest

from tests.campaigns import killing


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_whatever_is_killed_nothing_is_lost_and_nothing_arrives_twice(engine):
    found, campaign = killing.run(engine, moves=40, seed=11, moves_a_blow=2, writers=("engine", "web"))
    figures = killing.tell(found, campaign)
    assert found.clean and found.moves >= 40, figures
    assert found.received and found.dead and set(campaign.blows) == set(campaign.possible), figures
