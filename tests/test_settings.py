"""Settings: what is missing or wrong is said in one sentence that names the variable and the mend."""

from datetime import UTC, datetime, time, timedelta

import pytest

from officeapp import clock
from officeapp.settings import Settings, SettingsError

IN_EARNEST = {
    "DEMO": "0",
    "DATABASE_URL": "postgresql://office:pw@db/office",
    "SMTP_URL": "smtp://mail:25",
    "MAIL_FROM": "oa@example.gov.cn",
    "SECRET_KEY": "k" * 32,
    "BASE_URL": "https://oa.example.gov.cn/",
}


@pytest.fixture
def read(tmp_path):
    return lambda **env: Settings.from_env({"DATA_DIR": str(tmp_path), **env})


def test_demonstration_needs_nothing(read, tmp_path):
    settings = read()
    assert settings.demo and settings.port == 8000 and settings.redis_url is None
    assert settings.database_url == f"sqlite:///{tmp_path}/officeapp.sqlite3"
    assert settings.office_hours == ((time(8, 30), time(12)), (time(14), time(17, 30)))
    assert settings.redis_address == f"unix://{tmp_path}/redis.sock"


def test_demonstration_keeps_its_secret_key_for_its_owner_alone(read, tmp_path):
    assert read().secret_key == read().secret_key != ""
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_in_earnest_everything_given_is_taken(read):
    settings = read(**IN_EARNEST)
    assert not settings.demo
    assert settings.database_url == "postgresql+psycopg://office:pw@db/office"
    assert settings.base_url == "https://oa.example.gov.cn"


@pytest.mark.parametrize("name", [name for name in IN_EARNEST if name != "DEMO"])
def test_in_earnest_a_missing_variable_is_named_with_an_example(read, name):
    with pytest.raises(SettingsError, match=f"^缺少环境变量 {name}：.*例如 {name}=.+。$"):
        read(**{**IN_EARNEST, name: ""})


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("DEMO", "yes"),
        ("DEMO_NOW", "明天"),
        ("DATABASE_URL", "mysql://db/office"),
        ("DATABASE_URL", "postgresql://db"),
        ("REDIS_URL", "localhost"),
        ("SMTP_URL", "mail.example.gov.cn"),
        ("MAIL_FROM", "办公室"),
        ("SECRET_KEY", "k" * 31),
        ("OFFICE_HOURS", "08:30~12:00"),
        ("OFFICE_HOURS", "12:00-08:30"),
        ("OFFICE_HOURS", "08:30-14:30,14:00-17:30"),
        ("BIND", "anywhere"),
        ("PORT", "八千"),
        ("PORT", "65536"),
        ("TRUSTED_PROXIES", "all"),
        ("TRUSTED_PROXIES", "²"),
        ("DATA_DIR", "/dev/null/var"),
        ("BASE_URL", "oa.example.gov.cn"),
        ("WEB_PROCESSES", "0"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "info"),
        ("METRICS_TOKEN", "m" * 31),
        ("OIDC_ISSUER", "http://sso.example.gov.cn"),
        ("OIDC_ADMINISTRATORS", "yes"),
        ("LDAP_URL", "ldap://ldap.example.gov.cn"),
        ("LDAP_URL", "ldaps://"),
        ("LDAP_USER_DN", "uid=zhangmin,dc=example"),
        ("LDAP_FILTER", "(uid={account})({other})"),
        ("LDAP_CA_FILE", "/nowhere/ca.pem"),
    ],
)
def test_a_wrong_value_is_refused_by_name_with_an_example(read, name, wrong):
    with pytest.raises(SettingsError, match=f"^环境变量 {name} 有误.*例如 {name}=.+。$"):
        read(**{name: wrong})


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "SMTP_URL", "METRICS_TOKEN"])
def test_a_refusal_does_not_repeat_a_secret(read, name):
    with pytest.raises(SettingsError) as refusal:
        read(**{name: "hunter2"})
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(("given", "missing"), [
    ({"OIDC_ISSUER": "https://sso.example.gov.cn"}, "OIDC_CLIENT_ID"),
    ({"OIDC_ISSUER": "https://sso.example.gov.cn", "OIDC_CLIENT_ID": "officeapp"}, "OIDC_CLIENT_SECRET"),
    ({"LDAP_URL": "ldaps://ldap.example.gov.cn"}, "LDAP_BASE"),
    ({"LDAP_URL": "ldaps://ldap.example.gov.cn", "LDAP_BASE": "dc=example", "LDAP_READER_DN": "cn=reader"},
     "LDAP_READER_PASSWORD")])
def test_what_belongs_together_is_asked_for_together(read, given, missing):
    with pytest.raises(SettingsError, match=f"^缺少环境变量 {missing}：设置了 .*就必须设置.*例如 {missing}=.+。$"):
        read(**given)


def test_neither_single_sign_on_nor_a_directory_without_being_told(read):
    assert read().oidc is None and read().ldap is None


def test_in_earnest_the_clock_cannot_be_set(read):
    with pytest.raises(SettingsError, match="DEMO_NOW 只能在演示时使用"):
        read(**IN_EARNEST, DEMO_NOW="2026-02-13T09:00+08:00")


def test_demo_now_runs_on_from_the_common_start(read):
    settings = read(DEMO_NOW="2026-02-13T09:00+08:00", DEMO_STARTED_AT="2026-11-23T01:00+00:00")
    later = datetime(2026, 11, 23, 1, 5, tzinfo=UTC)
    assert later + settings.clock_offset(later) == datetime(2026, 2, 13, 1, 5, tzinfo=UTC)


def test_the_clock_shows_the_offset_and_the_bureaus_day():
    try:
        clock.set_offset(datetime(2026, 2, 12, 16, 30, tzinfo=UTC) - clock.machine_now())
        assert timedelta(0) <= clock.now() - datetime(2026, 2, 12, 16, 30, tzinfo=UTC) < timedelta(minutes=1)
        assert str(clock.today()) == "2026-02-13"
    finally:
        clock.set_offset(timedelta(0))


def test_a_long_data_folder_still_gives_a_socket_path_that_fits(read, tmp_path):
    deep = tmp_path / ("深" * 40)
    assert len(bytes(read(DATA_DIR=str(deep)).redis_socket)) < 104
