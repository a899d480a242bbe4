"""What a monitor and a balancer are told: true figures for whoever has the token, names of faults for everybody."""

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text, update

from app import create_app
from officeapp import backup_commands, clock, db, outbox, schedule, schema, vitals
from officeapp.matters import Matter
from officeapp.outbox import Message
from officeapp.people import Person
from tests import conftest
from tests.databases import away
from tests.desks import ORDINARY, opened
from tests.services import settings_of
from tests.test_boards import statements

TOKEN = "monitor-" * 4
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def bureau(either_database):
    return conftest.seeded()


@pytest.fixture
def site(either_database, bureau, redis_url, tmp_path):
    """The application of this bureau, its database stamped with the newest migration."""
    _stamp(schema.revisions()[0])
    schedule.mark("reminders", clock.now())
    return _site(either_database, tmp_path, REDIS_URL=redis_url, METRICS_TOKEN=TOKEN)


def _site(url, folder, **more):
    return create_app(settings_of({"DATABASE_URL": url, "DATA_DIR": str(folder), **more})).test_client()


def _stamp(revision):
    with db.engine().begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("DELETE FROM alembic_version"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:it)"), {"it": revision})


def figures(client):
    """name{labels} → value, of one scrape."""
    answer = client.get("/metrics", headers=BEARER)
    assert answer.status_code == 200 and answer.content_type.startswith("text/plain; version=0.0.4")
    samples = [s for family in text_string_to_metric_families(answer.text) for s in family.samples]
    return {s.name + "".join(f"[{v}]" for v in s.labels.values()): s.value for s in samples}


def test_only_the_token_opens_the_metrics(site):
    for header in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"},
                   {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": "Bearer é"}):
        answer = site.get("/metrics", headers=header)
        assert answer.status_code == 401 and "officeapp_" not in answer.text
    assert site.get("/metrics", headers=BEARER).status_code == 200


def test_without_a_token_in_the_settings_there_are_no_metrics(either_database, tmp_path):
    client = _site(either_database, tmp_path)
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_the_figures_are_those_of_the_office(site, bureau):
    opened(bureau.drafter), _late(opened(bureau.drafter, ORDINARY | {"title": "金丝雀"}))
    now = clock.now()
    _owe(bureau, 1, now - timedelta(hours=2), state="dead")
    _owe(bureau, 2, now - timedelta(minutes=50), attempts=3, next_at=now + timedelta(minutes=4))
    _owe(bureau, 3, now - timedelta(minutes=30), next_at=now - timedelta(minutes=10))
    _owe(bureau, 4, now - timedelta(days=3), state="held")
    found = figures(site)
    kind = "[outgoing_document]"
    assert found["officeapp_open_matters" + kind] == 2 and found["officeapp_overdue_matters" + kind] == 1
    assert [found[f"officeapp_mails[{state}]"] for state in ("dead", "pending", "leased", "held")] == [1, 2, 0, 1]
    assert found["officeapp_mails_retried"] == 1
    assert 3000 <= found["officeapp_oldest_unsent_mail_seconds"] < 3060
    assert 600 <= found["officeapp_oldest_due_mail_seconds"] < 660
    assert found["officeapp_queue_jobs[waiting]"] == 4  # a bell for each mail
    assert found["officeapp_queue_jobs[failed]"] == found["officeapp_workers"] == 0
    assert found["officeapp_periodic_age_seconds[reminders]"] < 60 and found["officeapp_reminders_stalled"] == 0
    assert found["officeapp_database_bytes"] > 100_000 and found["officeapp_data_free_bytes"] > 0
    assert found["officeapp_info[0.1.0]"] == found["officeapp_redis_up"] == found["officeapp_database_up"] == 1
    assert "officeapp_backup_age_seconds" not in found
    assert "金丝雀" not in site.get("/metrics", headers=BEARER).text


def _late(matter_id):
    with db.transaction() as session:
        late = {"due_at": clock.now() - timedelta(days=1)}
        session.execute(update(Matter).where(Matter.id == matter_id).values(late))


def _owe(bureau, n, at, **columns):
    with db.transaction() as session:
        mail = outbox.owe(session, session.get_one(Person, bureau.head.id), outbox.MAIL, key=f"k{n}", subject="金丝雀",
                          body="金丝雀", link="/", matter_id=None, now=at)
        session.execute(update(Message).where(Message.id == mail).values(columns or {"state": "pending"}))


def test_a_stalled_sweep_is_one(site):
    schedule.mark("reminders", clock.now() - schedule.STALE)
    assert figures(site)["officeapp_reminders_stalled"] == 1


def test_a_noted_backup_has_an_age(site):
    runner = site.application.test_cli_runner()
    assert runner.invoke(backup_commands.take, []).exit_code == 2
    assert runner.invoke(backup_commands.take, ["--done"]).exit_code == 0
    assert figures(site)["officeapp_backup_age_seconds"] < 60


def test_a_scrape_asks_four_things_however_much_there_is(site, bureau):
    with statements() as few:
        figures(site)
    for n in range(10):
        _owe(bureau, n, clock.now(), state="sent")
        opened(bureau.drafter)
    with statements() as many:
        figures(site)
    assert len([*filter(_asks, few)]) == len([*filter(_asks, many)]) == 4


def _asks(statement):
    return statement.startswith("SELECT")


@pytest.mark.parametrize("either_database", ["sqlite"], indirect=True)
def test_the_counts_read_their_indexes_alone(bureau):
    """At a million matters no table may be walked: closed matters and sent mails are never visited."""
    with db.reading() as session:
        plans = [line.detail for query in (vitals.mails_owed(clock.now()), vitals.matters_open(clock.now()))
                 for line in session.execute(text(f"EXPLAIN QUERY PLAN {_literal(query)}"))]
    assert [plan.partition(" (")[0] for plan in plans if plan.startswith(("SCAN", "SEARCH"))] == [
        "SEARCH message USING INDEX ix_message_page", "SEARCH matter USING COVERING INDEX ix_matter_board"]


def _literal(query):
    return query.compile(db.engine(), compile_kwargs={"literal_binds": True, "render_postcompile": True})


def test_without_the_database_the_metrics_still_say_so(site, either_database, tmp_path):
    db.configure(f"sqlite:///{tmp_path}/nowhere/gone.db")
    found = figures(site)
    assert found["officeapp_database_up"] == 0 and found["officeapp_redis_up"] == 1
    assert "officeapp_open_matters[outgoing_document]" not in found


def test_without_redis_the_metrics_say_so_and_the_house_stays_open(site, either_database, tmp_path):
    client = _site(either_database, tmp_path, METRICS_TOKEN=TOKEN, REDIS_URL="unix:///nowhere/redis.sock")
    assert figures(client)["officeapp_redis_up"] == 0
    answer = client.get("/readyz")
    assert answer.status_code == 200 and answer.json == {"ready": True, "faults": [], "degraded": ["redis"]}


def test_ready_means_that_pages_can_be_served(site):
    assert site.get("/readyz").json == {"ready": True, "faults": [], "degraded": []}


def test_reminders_that_stand_still_do_not_close_the_house(site):
    schedule.mark("reminders", clock.now() - schedule.STALE)
    answer = site.get("/readyz")
    assert answer.status_code == 200 and answer.json["degraded"] == ["reminders"]


@pytest.mark.parametrize(("revision", "status", "faults", "degraded"), [
    ("0001", 503, ["migrations"], []), ("9999", 200, [], ["newer_database"])])
def test_an_older_database_is_not_served_and_a_newer_one_is(site, revision, status, faults, degraded):
    """Upgrading, the old program must go on beside the new tables; the new one must not begin on the old tables."""
    _stamp(revision)
    answer = site.get("/readyz")
    assert (answer.status_code, answer.json["faults"], answer.json["degraded"]) == (status, faults, degraded)


def test_an_empty_database_is_named(site, tmp_path):
    db.configure(f"sqlite:///{tmp_path}/empty.db")
    assert site.get("/readyz").json["faults"] == ["migrations"]


def test_a_store_that_takes_no_file_is_named(site, tmp_path):
    store = tmp_path / "attachments"
    store.rmdir() if store.exists() else None
    store.write_text("a file where the folder should be")
    answer = site.get("/readyz")
    assert answer.status_code == 503 and answer.json["faults"] == ["attachments"]
    store.unlink()
    assert site.get("/readyz").status_code == 200


@pytest.mark.parametrize("either_database", ["postgresql"], indirect=True)
def test_the_database_goes_and_comes_back_without_a_restart(site, either_database):
    with away(either_database):
        answer = site.get("/readyz")
        assert answer.status_code == 503 and answer.json == {"ready": False, "faults": ["database"], "degraded": []}
        assert site.get("/healthz").status_code == 200 and figures(site)["officeapp_database_up"] == 0
    assert site.get("/readyz").status_code == 200 and figures(site)["officeapp_database_up"] == 1


def test_to_be_alive_asks_nothing_of_anybody(site):
    with statements() as asked:
        assert site.get("/healthz").text == "ok\n"
    assert asked == []
