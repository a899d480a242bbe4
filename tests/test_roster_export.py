"""What is exported goes in again as it is: the same columns, and nothing to change (a law, not an example)."""

import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from officeapp import admin_events, db
from officeapp.people import POST_KINDS, Holding, Person, Portfolio, Post, Unit
from officeapp.roster import export, reading
from officeapp.roster.cells import fault_of
from officeapp.roster.columns import PEOPLE, POSTS, TABLES, UNITS
from officeapp.roster.plan import plan
from officeapp.sheets import csv_bytes
from tests.desks import doors

ORDINARY = [kind for kind in POST_KINDS if not kind.endswith("_admin") and kind not in ("chief", "party_secretary")]
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)


def text(column, least=0):
    """Whatever the forms let into this column."""
    return WORDS.map(reading.clean).filter(lambda t: len(t) >= least and fault_of(column, t) is None)


@st.composite
def bureaus(draw):
    """Units in a tree, people in them, posts of several kinds, some of it disabled."""
    names = draw(st.lists(text(UNITS.column("unit"), 1), min_size=1, max_size=5, unique=True))
    units = [{"name": name, "short": draw(text(UNITS.column("short"))), "active": draw(st.integers(0, 5)) > 0,
              "parent": draw(st.integers(-1, n - 1)), "outside": bool(n) and draw(st.integers(0, 4)) == 0}
             for n, name in enumerate(names)]
    inside = [n for n, unit in enumerate(units) if not unit["outside"]]
    people = [{"account": f"p{n}", "name": draw(text(PEOPLE.column("name"), 1)), "unit": draw(st.sampled_from(inside)),
               "phone": draw(st.sampled_from(["", "88001001", "0577-88001001转8"])),
               "active": draw(st.integers(0, 5)) > 0}
              for n in range(draw(st.integers(0, 6)))]
    posts = [{"kind": draw(st.sampled_from(ORDINARY)), "unit": draw(st.sampled_from(inside)),
              "title": draw(text(POSTS.column("title"))), "holder": draw(st.integers(0, len(people) - 1))}
             for _ in range(draw(st.integers(0, 5)) if people else 0)]
    return units, people, posts


def founded(session, units, people, posts):
    """The whole of it, as the forms would have made it."""
    made = []
    for unit in units:
        parent = made[unit["parent"]].id if unit["parent"] >= 0 else None
        kind, relation = ("outside", "peer") if unit["outside"] else ("section", "")
        made.append(Unit(name=unit["name"], short=unit["short"], kind=kind, relation=relation, parent_id=parent,
                         active=unit["active"]))
        session.add(made[-1])
        session.flush()
    folk = [Person(account=p["account"], name=p["name"], unit_id=made[p["unit"]].id, phone=p["phone"],
                   active=p["active"]) for p in people]
    session.add_all(folk)
    session.flush()
    free = [unit for unit in made if unit.kind != "outside"]
    for each in posts:
        post = Post(kind=each["kind"], unit_id=made[each["unit"]].id, title=each["title"] or POST_KINDS[each["kind"]])
        session.add(post)
        session.flush()
        session.add(Holding(person_id=folk[each["holder"]].id, post_id=post.id))
        if post.kind == "deputy" and free:
            session.add(Portfolio(post_id=post.id, unit_id=free.pop().id))
    session.flush()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bureaus())
def test_an_export_comes_back_as_no_change_both_as_workbook_and_as_csv(database, bureau):
    with db.reading() as session:
        founded(session, *bureau)
        rows = export.directory_rows(session)
        file = io.BytesIO()
        export.write_directory(file, rows)
        files = [file] if any(rows) else []
        files += [io.BytesIO(b"".join(csv_bytes([c.title for c in table.columns], rows.of(table))))
                  for table in TABLES if rows.of(table)]
        for content in files:
            found = plan(session, reading.read(content))
            assert (found.faults, found.steps) == ((), ())
        session.rollback()


def test_the_tests_bureau_comes_out_whole(database, bureau, tmp_path):
    browser = doors(database, tmp_path)(bureau.admin)
    answer = browser.get("/people/exports/all")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        assert len([name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]) == 3
    roster = reading.read(io.BytesIO(answer.data))
    assert [len(roster.of(table)) for table in TABLES] == [7, 17, 20]
    units = {line["unit"]: line["deputy"] for line in roster.of(UNITS)}
    assert units["市容管理科"] == "deputy" and units["南门中队"] == "other_deputy" and units["局领导"] == ""
    posts = browser.get("/people/exports/posts").data.decode("utf-8-sig")
    assert "director,高明,办公室主任,办公室,\r\n" in posts
    with db.reading() as session:
        told = [(line.what, line.whom) for line in admin_events.history(session)]
    assert told == [("staff_exported", "单位、人员、岗位"), ("staff_exported", "岗位")]


@pytest.mark.parametrize("role", ["drafter", "director", "chief"])
def test_nobody_but_two_administrators_takes_the_list_of_everybody_away(database, bureau, tmp_path, role):
    browser = doors(database, tmp_path)(getattr(bureau, role))
    assert browser.get("/people/exports/people").status_code == 403


def test_an_exported_cell_is_never_run_as_a_formula(database, bureau):
    with db.transaction() as session:
        session.get_one(Person, bureau.head.id).name = "=cmd|'/c calc'!A1"  # as an earlier version let it in
    with db.reading() as session:
        rows = export.directory_rows(session).people
    assert b",'=cmd|" in b"".join(csv_bytes(["账号"], rows))
