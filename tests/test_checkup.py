"""`flask check`: a deployment is examined before people rely on it; each fault comes with what to do."""

import threading
from datetime import timedelta
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler

import pytest
from oidc_provider_mock import run_server_in_thread
from sqlalchemy import delete, text

from app import create_app
from officeapp import calendars, checkup, clock, db, schedule, schema
from officeapp.administrators import Named, appoint
from officeapp.people import Holding, Post
from tests.databases import away
from tests.services import end, free_port, settings_of
from tests.test_ldap_logins import TEMPLATE, Directory

NAMED = {"system_admin": Named("zhangmin", "张敏"), "security_admin": Named("wufan", "吴凡"),
         "audit_admin": Named("xujing", "许静")}


@pytest.fixture
def environ(either_database, redis_url, smtp_server, tmp_path):
    """A deployment in earnest with nothing amiss."""
    with db.engine().begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:it)"), {"it": schema.revisions()[0]})
    with db.transaction() as session:
        calendars.ensure_seeded(session)
        appoint(session, "信息中心", NAMED, clock.now())
    for name in ("reminders", "backup"):
        schedule.mark(name, clock.now())
    tmp_path.chmod(0o750)
    return {"DEMO": "0", "DATABASE_URL": either_database, "REDIS_URL": redis_url, "SMTP_URL": smtp_server.url,
            "MAIL_FROM": "oa@example.gov.cn", "SECRET_KEY": "0123456789abcdef" * 2, "DATA_DIR": str(tmp_path),
            "BASE_URL": "https://oa.example.gov.cn", "TRUSTED_PROXIES": "1"}


def told(environ, **changed):
    """about → (state, sentence), and the exit status."""
    app = create_app(settings_of(environ | changed))
    answer = app.test_cli_runner().invoke(args=["check"])
    assert answer.exit_code in (0, 1), answer.output
    lines = [line.replace("  ", "：", 1).split("：", 2) for line in answer.output.splitlines()]
    return {about: (state, said) for state, about, said in lines}, answer.exit_code


def test_a_sound_deployment_is_told_so_and_nobody_gets_a_mail(environ, smtp_server):
    found, status = told(environ)
    amiss = {about: said for about, (state, said) in found.items() if state != checkup.FINE}
    assert set(amiss) <= {"工作日历"} and status == 0, amiss  # whose next year depends on the day
    assert {"网址", "数据库", "表结构", "时钟", "三员", "Redis", "邮件", "备份"} <= set(found)
    assert smtp_server.received == []


@pytest.mark.parametrize("either_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("changed", "about", "state", "mend"), [
    ({"BASE_URL": "http://oa.example.gov.cn"}, "网址", "注意", "https"),
    ({"TRUSTED_PROXIES": "0"}, "网址", "有误", "TRUSTED_PROXIES"),
    ({"SECRET_KEY": "k" * 40}, "SECRET_KEY", "有误", "openssl rand"),
    ({"SMTP_URL": f"smtp://127.0.0.1:{free_port()}"}, "邮件", "有误", "SMTP_URL"),
    ({"SMTP_URL": "local"}, "邮件", "注意", "不会送到任何人"),
    ({"REDIS_URL": "unix:///nowhere/redis.sock"}, "Redis", "有误", "REDIS_URL"),
    ({"DATABASE_URL": "sqlite:////nowhere/gone.db"}, "数据库", "有误", "DATABASE_URL"),
])
def test_a_wrong_setting_is_named_with_its_mend(environ, changed, about, state, mend):
    found, status = told(environ, **changed)
    assert found[about][0] == state and mend in found[about][1] and status == (state == "有误")


@pytest.mark.parametrize("either_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("how", "about", "state", "mend"), [
    (lambda: _stamp("0002"), "表结构", "有误", "prepare"),
    (lambda: _stamp("9999"), "表结构", "注意", "升级"),
    (lambda: schedule.mark("reminders", clock.now() - schedule.STALE), "提醒", "注意", "定时表"),
    (lambda: schedule.mark("backup", clock.now() - timedelta(days=3)), "备份", "注意", "每天"),
    (lambda: _dismiss("audit_admin"), "三员", "有误", "没有审计管理员"),
])
def test_what_the_database_lacks_is_named_with_its_mend(environ, how, about, state, mend):
    how()
    found, status = told(environ)
    assert found[about][0] == state and mend in found[about][1] and status == (state == "有误")


def _stamp(revision):
    with db.engine().begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})


def _dismiss(kind):
    with db.transaction() as session:
        post = session.query(Post).filter_by(kind=kind).one()
        session.execute(delete(Holding).where(Holding.post_id == post.id))


@pytest.mark.parametrize("either_database", ["sqlite"], indirect=True)
def test_a_store_that_takes_no_file_and_one_open_to_all_are_named(environ, tmp_path):
    tmp_path.chmod(0o755)
    assert told(environ)[0]["附件目录"][0] == "注意"
    (tmp_path / "attachments").rmdir()
    (tmp_path / "attachments").touch()
    found, status = told(environ)
    assert found["附件目录"][0] == "有误" and status == 1


@pytest.mark.parametrize("either_database", ["postgresql"], indirect=True)
def test_a_clock_that_differs_from_the_databases_is_named(environ):
    with db.engine().begin() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar()
        for statement in ("CREATE SCHEMA skew", f'ALTER DATABASE "{name}" SET search_path = skew, public, pg_catalog',
                          "CREATE FUNCTION skew.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
                          "$$ SELECT pg_catalog.clock_timestamp() + interval '90 seconds' $$"):
            connection.exec_driver_sql(statement)
    found, status = told(environ)
    state, said = found["时钟"]
    assert state == "有误" and "相差 90." in said and "chrony" in said and status == 1


@pytest.mark.parametrize("either_database", ["postgresql"], indirect=True)
def test_a_database_that_lets_nobody_in_is_said_once_without_its_password(environ, either_database):
    with away(either_database):
        found, status = told(environ)
    assert found["数据库"][0] == "有误" and "not currently accepting connections" in found["数据库"][1]
    assert "表结构" not in found and found["Redis"][0] == "正常" and status == 1


@pytest.mark.parametrize("either_database", ["sqlite"], indirect=True)
def test_the_directory_and_the_provider_are_asked_when_there_are_any(environ, tmp_path):
    (tmp_path / "ldap").mkdir()
    directory = Directory(tmp_path / "ldap")
    with run_server_in_thread() as provider:
        ldap = {"LDAP_URL": f"ldap://127.0.0.1:{directory.port}"} | TEMPLATE
        oidc = {"OIDC_ISSUER": f"http://localhost:{provider.server_port}", "OIDC_CLIENT_ID": "officeapp",
                "OIDC_CLIENT_SECRET": "kept"}
        found, _ = told(environ, **ldap, **oidc)
        assert found["目录"][0] == found["统一身份认证"][0] == "正常", found
    end(directory.process)
    gone = free_port()
    found, status = told(environ, **ldap | {"LDAP_URL": f"ldap://127.0.0.1:{gone}"},
                         **oidc | {"OIDC_ISSUER": f"http://127.0.0.1:{gone}"})
    assert found["目录"][0] == found["统一身份认证"][0] == "有误" and status == 1
    assert "LDAP_URL" in found["目录"][1] and "OIDC_ISSUER" in found["统一身份认证"][1]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *said):
        """Its lines would stand among the command's."""


@pytest.mark.parametrize("either_database", ["sqlite"], indirect=True)
def test_a_provider_that_calls_itself_otherwise_is_named(environ, tmp_path):
    (tmp_path / ".well-known").mkdir()
    (tmp_path / ".well-known/openid-configuration").write_text('{"issuer": "https://elsewhere.test"}')
    with HTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found, _ = told(environ, OIDC_ISSUER=f"http://127.0.0.1:{server.server_port}", OIDC_CLIENT_ID="officeapp",
                        OIDC_CLIENT_SECRET="kept")
        server.shutdown()
    assert found["统一身份认证"] == ("有误", "它自称 https://elsewhere.test：请把 OIDC_ISSUER 改成一样的网址。")
