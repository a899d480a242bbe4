"""Two web servers and two workers on one PostgreSQL and one Redis; `make check` has a thousand moves of it."""

from tests.campaigns import crowd


def test_sixteen_people_at_twenty_cards_lose_no_move_and_hear_409_when_too_late():
    told, found, site = crowd.run("postgresql", moves=80, seed=3)
    figures = crowd.tell(told, found, site)
    assert found.clean and found.moves == told.answers.count(303) >= 80, figures
    assert told.answers.count(409) and set(told.answers) == {303, 409}, figures
