"""The strip of stages shows the whole way ahead, also where a desk only adds its part (DB-5, LX-4)."""

from officeapp import clock, db
from officeapp.web.dossier import open_dossier
from officeapp.web.matter_actions import actions_of
from officeapp.web.stage_strip import strip_of
from tests.desks import doors
from tests.procedures.supervising import SLIP, Course, received


def strip(matter_id, actor):
    with db.reading() as session:
        case = open_dossier(session, matter_id, actor, clock.now()).case
    return [(mark.title, mark.state) for mark in strip_of(case)]


def test_DB_8_an_order_being_handled_shows_the_way_to_the_archive(bureau, now):
    course = received(bureau, now)
    shown = strip(course.id, bureau.drafter)
    assert ("办理", "now") in shown and shown[-1] == ("归档", "todo") and ("主要领导审定", "todo") in shown


def test_LX_4_a_slip_being_handled_shows_the_way_to_the_archive(bureau, now):
    course = Course("liaison_slip", bureau.drafter, now, **SLIP, to_unit=bureau.units["south"])
    course.go(bureau.drafter, "submit"), course.go(bureau.head, "send")
    assert strip(course.id, bureau.captain)[-1] == ("归档", "todo")


def test_stopping_somebody_elses_work_is_offered_but_never_first(bureau, database, tmp_path, now):
    course, enter = received(bureau, now), doors(database, tmp_path)
    with db.reading() as session:
        actions = actions_of(open_dossier(session, course.id, bureau.director, clock.now()))
    assert actions.primary is None and "suspend" in [button.key for button in actions.others]
    page = enter(bureau.director).get(f"/matters/{course.id}").text
    assert 'class="btn btn-outline-secondary" type="submit" name="move" value="suspend"' in page
