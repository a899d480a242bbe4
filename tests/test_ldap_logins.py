"""Login by the bureau's directory: a real LDAP server answers, our own register decides (domain.md 7.2)."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select, update

from app import create_app
from officeapp import clock, db, people
from officeapp.login_events import LoginEvent
from officeapp.people import Person
from tests.people import administrator
from tests.services import end, settings_of, wait_for

BASE = "ou=people,dc=bureau,dc=test"
SECRET, LOCAL = "Mulu-2026", "Bendi-2026"
LDIF = f"""dn: dc=test
objectClass: domain
dc: test

dn: dc=bureau,dc=test
objectClass: domain
dc: bureau

dn: {BASE}
objectClass: organizationalUnit
ou: people

"""
ENTRY = """dn: uid={0},{1}
objectClass: inetOrgPerson
uid: {0}
cn: {0}
sn: {0}
userPassword: {2}

"""
READER = {"LDAP_BASE": BASE, "LDAP_READER_DN": f"uid=reader,{BASE}", "LDAP_READER_PASSWORD": "Du-2026"}
TEMPLATE = {"LDAP_USER_DN": f"uid={{account}},{BASE}"}


def papers(folder: Path) -> None:
    """A self-signed certificate for localhost, which is its own authority."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = clock.machine_now()
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256()))
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


class Directory:
    """The running server: its port, and the binds it has seen as (entry, password, under TLS)."""

    def __init__(self, folder: Path, wrapped: bool = False) -> None:
        self.folder = folder
        papers(folder)
        everybody = {"drafter": SECRET, "head": SECRET, "stranger": SECRET, "admin": SECRET, "reader": "Du-2026"}
        (folder / "people.ldif").write_text(LDIF + "".join(ENTRY.format(a, BASE, p) for a, p in everybody.items()))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.ldap_server", str(folder), "wrapped" if wrapped else "plain"],
            cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        wait_for((folder / "port").exists)
        self.port = int((folder / "port").read_text())

    @property
    def binds(self) -> list[tuple[str, str, str]]:
        kept = self.folder / "binds"
        return [tuple(line.split("\t")) for line in kept.read_text().splitlines()] if kept.exists() else []

    def forget(self) -> None:
        (self.folder / "binds").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    found = Directory(tmp_path_factory.mktemp("ldap"))
    yield found
    end(found.process)


@pytest.fixture
def directory(running):
    running.forget()
    return running


@pytest.fixture
def site(database, bureau, tmp_path, directory):
    """site(**variables): the application with the directory; everybody's local password is LOCAL."""
    with db.transaction() as session:
        session.execute(update(Person).values(password_hash=people.hash_password(LOCAL)))

    def built(url=f"ldap://127.0.0.1:{directory.port}", **more):
        app = create_app(settings_of({"DATABASE_URL": database, "DATA_DIR": str(tmp_path), "LDAP_URL": url,
                                      **(more or TEMPLATE)}))
        app.config["WTF_CSRF_ENABLED"] = False
        return app

    return built


def enter(app, account, password):
    client = app.test_client()
    return client, client.post("/login", data={"account": account, "password": password})


@pytest.mark.parametrize("how", [TEMPLATE, READER], ids=["template", "search"])
def test_the_directorys_password_opens_and_ours_does_not(site, how):
    app = site(**how)
    client, answer = enter(app, "drafter", SECRET)
    assert answer.status_code == 303 and client.get("/people").status_code == 200
    for wrong in (LOCAL, SECRET + "x", ""):
        assert enter(app, "drafter", wrong)[1].status_code == 422, wrong
    assert enter(app, "head", SECRET)[1].status_code == 303
    with db.reading() as session:
        assert session.scalars(select(LoginEvent)).first().way == "ldap"


@pytest.mark.parametrize("how", [TEMPLATE, READER], ids=["template", "search"])
@pytest.mark.parametrize("account", ["stranger", "nobody", "*", "drafter)(uid=*", "drafter,ou=x", "uid=drafter"])
def test_who_is_not_in_our_register_stays_out_whatever_the_directory_says(site, how, account):
    assert enter(site(**how), account, SECRET)[1].status_code == 422


def test_who_has_left_the_bureau_stays_out(site):
    with db.transaction() as session:
        session.execute(update(Person).where(Person.account == "drafter").values(active=False))
    assert enter(site(), "drafter", SECRET)[1].status_code == 422


def test_without_a_local_password_the_directorys_is_enough(site):
    app = site()
    with db.transaction() as session:
        session.execute(update(Person).where(Person.account == "drafter").values(
            password_hash=people.NOBODYS_HASH, must_change=True))
    client, answer = enter(app, "drafter", SECRET)
    assert answer.status_code == 303 and client.get("/people").status_code == 200, "no given password to change"


def test_administrators_keep_their_local_password_and_the_directory_never_sees_it(site, directory):
    app = site()
    assert enter(app, "admin", LOCAL)[1].status_code == 303
    assert enter(app, "admin", SECRET)[1].status_code == 422
    assert directory.binds and not any(LOCAL in bind or SECRET in bind for bind in directory.binds)


def test_the_work_is_the_same_whoever_asks(site, directory, bureau, monkeypatch):
    app, hashed = site(), []
    monkeypatch.setattr(people, "fits", lambda stored, password: hashed.append(stored[:30]) or False)
    administrator(bureau, "security_admin")
    for account in ("drafter", "nobody", "admin", "security_admin"):
        enter(app, account, "wrong")
    assert len(hashed) == len(directory.binds) == 4 and len(set(hashed)) == 1


def test_when_the_directory_is_away_it_is_said_and_administrators_still_come_in(site, tmp_path):
    gone = Directory(tmp_path)
    app = site(url=f"ldap://127.0.0.1:{gone.port}")
    assert enter(app, "drafter", SECRET)[1].status_code == 303
    gone.process.kill()
    gone.process.communicate()
    for account in ("drafter", "nobody"):
        answer = enter(app, account, SECRET)[1]
        assert answer.status_code == 503 and "统一目录暂时连不上" in answer.text
    assert enter(app, "admin", LOCAL)[1].status_code == 303
    assert enter(app, "drafter", LOCAL)[1].status_code == 503, "ours is no way in while the directory is away"


def test_a_reader_who_is_refused_is_a_fault_and_no_wrong_password(site):
    answer = enter(site(**READER | {"LDAP_READER_PASSWORD": "wrong"}), "drafter", SECRET)[1]
    assert answer.status_code == 503


def test_wrong_tries_lock_here_before_the_directory_is_asked_again(site, directory):
    app = site()
    for _ in range(5):
        enter(app, "drafter", "wrong")
    asked = len(directory.binds)
    assert enter(app, "drafter", SECRET)[1].status_code == 429 and len(directory.binds) == asked


def test_starttls_encrypts_before_the_password_and_a_strange_certificate_is_refused(site, directory):
    url, ca = f"ldap+starttls://localhost:{directory.port}", str(directory.folder / "cert.pem")
    assert enter(site(url=url, **TEMPLATE, LDAP_CA_FILE=ca), "drafter", SECRET)[1].status_code == 303
    assert {bind[2] for bind in directory.binds} == {"True"}
    directory.forget()
    assert enter(site(url=url, **TEMPLATE), "drafter", SECRET)[1].status_code == 503
    assert directory.binds == [], "nothing was said to a stranger"


def test_ldaps_too(site, tmp_path):
    (tmp_path / "ldaps").mkdir()
    wrapped = Directory(tmp_path / "ldaps", wrapped=True)
    url, ca = f"ldaps://localhost:{wrapped.port}", str(wrapped.folder / "cert.pem")
    try:
        assert enter(site(url=url, **TEMPLATE, LDAP_CA_FILE=ca), "drafter", SECRET)[1].status_code == 303
        assert enter(site(url=url, **TEMPLATE), "drafter", SECRET)[1].status_code == 503
    finally:
        end(wrapped.process)


def test_the_own_page_offers_no_local_password_to_change(site):
    client, _ = enter(site(), "drafter", SECRET)
    page = client.get("/account")
    assert "目录口令" in page.text and 'name="old"' not in page.text
    new = {"old": LOCAL, "new": "Lin-jiang2026", "again": "Lin-jiang2026"}
    assert client.post("/account", data=new).status_code == 403
