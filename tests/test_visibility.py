"""Who may see which matter (design.md §8): part taken, unit, portfolio, duty; administrators nothing."""

import pytest
from sqlalchemy import select

from officeapp import db, people, visibility
from officeapp.matters import Matter
from tests import conftest
from tests.people import PEOPLE
from tests.procedures.walking import Walk

DUTY = {"chief", "secretary", "director", "reviewer", "clerk", "dispatcher", "inspector"}


@pytest.fixture
def office(either_database):
    return conftest.seeded()


def seers(office, walk):
    """The names of those who may see it, by the question and by the list alike."""
    with db.reading() as session:
        asked = {name for name in PEOPLE if visibility.may_see(session, getattr(office, name), walk.id)}
        listed = {name for name in PEOPLE if walk.id in session.scalars(
            select(Matter.id).where(visibility.visible_to(getattr(office, name))))}
    assert asked == listed
    return asked


def test_a_draft_is_seen_by_its_unit_its_deputy_and_those_whose_duty_it_is(office, now):
    walk = Walk("lucheng-2019", office.drafter, now)
    assert seers(office, walk) == DUTY | {"drafter", "colleague", "head", "deputy"}


def test_another_unit_and_another_deputy_see_nothing_of_it(office, now):
    walk = Walk("lucheng-2019", office.officer, now)
    assert seers(office, walk) == DUTY | {"officer", "captain", "other_deputy"}


def test_who_once_held_it_keeps_seeing_it(office, now):
    walk = Walk("lucheng-2019", office.officer, now, normative=True)
    walk.go(office.officer, "submit")
    assert "lawyer" not in seers(office, walk)
    walk.go(office.captain, "unit_to_legality")
    assert "lawyer" in seers(office, walk)
    walk.go(office.lawyer, "legality_review_return_to_drafting", "依据不足。")
    assert "lawyer" in seers(office, walk)


def test_who_signed_on_paper_keeps_seeing_it(office, now):
    walk = Walk("lucheng-2019", office.officer, now, grade="expedited")
    walk.go(office.officer, "submit")
    walk.sign_on_paper(office.officer, "unit_pass", office.captain)
    walk.sign_on_paper(office.officer, "vet_pass", office.other_deputy)
    assert seers(office, walk) == DUTY | {"officer", "captain", "other_deputy"}


@pytest.mark.parametrize("kind", people.ADMIN_KINDS)
def test_an_administrator_reads_no_document_whatever_other_post_he_holds(office, now, kind):
    walk = Walk("lucheng-2019", office.drafter, now)
    seat = people.Seat(0, kind, office.chief.unit_id, people.POST_KINDS[kind])
    both = people.Actor(office.chief.id, "甲", "both", office.chief.unit_id, "局领导", (*office.chief.posts, seat))
    with db.reading() as session:
        assert visibility.may_see(session, office.chief, walk.id)
        assert not visibility.may_see(session, both, walk.id)
