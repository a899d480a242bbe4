"""The form for a new matter sent twice makes one matter with one number; each opening of the form is its own."""

import re

import pytest
from sqlalchemy import func, select

from officeapp import db
from officeapp.matters import Matter
from tests.conftest import seeded
from tests.desks import doors
from tests.procedures.supervising import SLIP
from tests.test_move_twice import at_once

NEW = "/matters/new/liaison-slip"


@pytest.fixture
def enter(bureau, database, tmp_path):
    return doors(database, tmp_path)


def opened_form(client, bureau, **typed):
    key = re.search(r'name="form_key" value="([^"]{20,32})"', client.get(NEW).text)[1]
    return SLIP | {"to_unit": bureau.units["south"], "from_unit": bureau.units["appearance"], "form_key": key} | typed


def count():
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Matter))


def test_a_form_sent_three_times_at_once_makes_one_matter(either_database, tmp_path):
    bureau = seeded()
    enter = doors(either_database, tmp_path)
    clients = [enter(bureau.drafter) for _ in range(3)]
    form, places = opened_form(clients[0], bureau, then="submit"), []

    def send(client):
        answer = client.post(NEW, data=form)
        places.append(answer.location)
        return answer

    assert at_once(*[lambda client=client: send(client) for client in clients]) == [303] * 3
    assert len(set(places)) == 1 and count() == 1
    assert "没有重复建立，现在“发出负责人签字”环节" in "".join(client.get(places[0]).text for client in clients)


def test_another_opening_of_the_form_and_another_person_make_another_matter(bureau, enter):
    client = enter(bureau.drafter)
    forms = [opened_form(client, bureau) for _ in range(2)]
    places = {client.post(NEW, data=form).location for form in forms}
    assert len(places) == 2 and enter(bureau.colleague).post(NEW, data=forms[0]).location not in places
    assert count() == 3


def test_a_form_that_was_refused_is_mended_and_sent_with_the_same_key(bureau, enter):
    client = enter(bureau.drafter)
    form = opened_form(client, bureau, title="")
    refused = client.post(NEW, data=form)
    assert refused.status_code == 422 and form["form_key"] in refused.text and count() == 0
    places = [client.post(NEW, data=form | {"title": "请协助清理"}).location for _ in range(2)]
    assert places[0] == places[1] and count() == 1
