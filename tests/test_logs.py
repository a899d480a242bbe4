"""Logs hold what helps to mend a fault and nothing of what people are, write or type (网络安全法第二十三条, DB-6)."""

import io
import json
import logging
import re
import socket
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import quote

import pytest
from redis import Redis
from rq import Queue
from sqlalchemy import select, update
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from jobs import deliver
from officeapp import db, logs, outbox, people
from officeapp.matters import Matter
from officeapp.outbox import Message
from officeapp.people import Person, Unit
from tests.conftest import MONDAY
from tests.desks import ORDINARY, PASSWORD, doors, opened
from tests.services import end, free_port, start_job_process, wait_for

CANARY = "金丝雀"  # in every title, note, search, address, file and wrong password below
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
TOKEN = "canary-" * 6


@pytest.fixture
def heard():
    """What this process logs meanwhile, as it would leave: one JSON object a line."""
    lines, handler = [], logging.Handler()
    handler.emit = lambda record: lines.append(json.loads(logs.formatter("json").format(record)))
    root, ours = logging.root, [logging.getLogger(name) for name in logs.OURS]
    root.addHandler(handler)
    for logger in ours:
        logger.setLevel("DEBUG")
    yield lines
    root.removeHandler(handler)
    for logger in ours:
        logger.setLevel("NOTSET")


def test_a_request_is_one_line_with_its_route_and_no_address_as_typed(database, bureau, tmp_path, heard):
    client = doors(database, tmp_path)(bureau.drafter)
    heard.clear()
    answer = client.get(f"/search?q={CANARY}")
    [line] = [line for line in heard if line["event"] == "request"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/search", 200)
    assert line["person"] == bureau.drafter.id and line["queries"] > 0 and line["ms"] > 0
    assert line["request"] == answer.headers["X-Request-ID"] and CANARY not in str(heard)
    assert client.get(f"/{CANARY}").status_code == 404 and heard[-1]["route"] == "-"


def test_a_poll_that_found_nothing_fills_no_log_and_one_that_found_something_does(database, bureau, tmp_path, heard):
    client = doors(database, tmp_path)(bureau.drafter)
    since = re.search(r'data-stamp="([^"]+)"', client.get("/boards/outgoing-document").text)[1]
    heard.clear()
    assert client.get(f"/boards/outgoing-document/changes?since={since}").status_code == 204
    assert client.get("/boards/outgoing-document/changes?since=0-0").status_code == 200
    told = [(line["level"], line["status"]) for line in heard if line["event"] == "request"]
    assert told == [("debug", 204), ("info", 200)]


@pytest.mark.parametrize(("sent", "kept"), [("a1b2-c3d4-e5f6", True), (CANARY, False), ("short", False),
                                            ("x" * 65, False), ("a b c d e f g", False)])
def test_a_proxys_number_is_kept_and_anything_else_replaced(database, bureau, tmp_path, sent, kept):
    client = doors(database, tmp_path)(bureau.drafter)
    number = client.get("/login", headers={"X-Request-ID": sent.encode().decode("latin-1")}).headers["X-Request-ID"]
    assert (number == sent) is kept and re.fullmatch(r"[0-9A-Za-z-]{8,64}", number)


@pytest.mark.parametrize("piece", [False, True])
def test_a_fault_shows_the_number_under_which_the_log_tells_it(database, bureau, tmp_path, heard, piece):
    client = doors(database, tmp_path)(bureau.drafter)
    db.configure(f"sqlite:///{tmp_path}/nowhere/gone.db")
    answer = client.get(f"/matters/{7}", headers={"HX-Request": "true"} if piece else {})
    number = answer.headers["X-Request-ID"]
    assert answer.status_code == 500 and "问题编号" in answer.text and number in answer.text
    assert "Traceback" not in answer.text and "sqlite" not in answer.text.lower()
    [fault] = [line for line in heard if line["event"] == "fault"]
    assert fault["request"] == number and fault["route"] == "/matters/<int:matter_id>"
    assert "SQLITE_CANTOPEN" in fault["exception"] and "/officeapp/" in fault["exception"]


def test_a_fault_of_the_database_repeats_no_value(either_database, heard):
    try:
        with db.transaction() as session:
            unit = Unit(name=CANARY, short="", kind="section", position=0)
            session.add(unit)
            session.flush()
            session.add_all(Person(account=CANARY, name=CANARY, unit_id=unit.id, position=n) for n in range(2))
    except Exception as fault:
        logging.getLogger("officeapp.test").exception("fault")
        words = str(fault)
    assert "parameters hidden" in words
    assert "IntegrityError" in heard[-1]["exception"] and CANARY not in str(heard)


def test_an_exception_is_told_by_frames_and_kind_with_its_causes(heard):
    try:
        try:
            int(CANARY)
        except ValueError as first:
            raise KeyError(CANARY) from first
    except KeyError:
        logging.getLogger("jobs.test").exception("%s of %s failed: %d", "job", [1, 2], 3)
    line = heard[-1]
    assert line["event"] == "… of [1, 2] failed: 3" and CANARY not in str(heard)
    told = line["exception"]
    assert 0 < told.index("ValueError") < told.index("— then —") < told.index("KeyError") and "int(CANARY)" in told


def test_a_strangers_line_ends_where_it_begins_to_quote(heard):
    gunicorn = logging.getLogger("gunicorn.error")
    gunicorn.warning(f"Invalid request from ip=10.0.0.7: Invalid HTTP request line: {CANARY}")
    gunicorn.error("Error handling request %s", f"/search?q={CANARY}")
    logging.getLogger("rq.worker").error("Worker %s: job %s raised\n%s", "w", "j", CANARY, extra={"arguments": CANARY})
    assert [line["event"] for line in heard] == [
        "Invalid request from ip=10.0.0.7", "Error handling request …", "Worker …: job … raised\n…"]
    assert "arguments" not in heard[-1]


class Browser:
    """A person at the real web server: a cookie jar, the page's token, forms and files."""

    def __init__(self, port):
        self.base, self.jar, self.token = f"http://127.0.0.1:{port}", CookieJar(), ""
        self.http = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def ask(self, path, **form):
        given = (None, {})
        if form:
            boundary, body = encode_multipart({"csrf_token": self.token, **form})
            given = (body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})
        try:
            answer = self.http.open(urllib.request.Request(self.base + quote(path, "/?=&"), *given), timeout=20)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        text = answer.read().decode()
        self.token = (re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', text) or [self.token])[0]
        return answer.status, text


@pytest.fixture
def house(database, bureau, redis_url, smtp_server, tmp_path):
    """The real web server and worker at LOG_LEVEL=DEBUG; `.stop()` gives all they wrote."""
    port = free_port()
    environ = {"DATABASE_URL": database, "REDIS_URL": redis_url, "SMTP_URL": smtp_server.url, "PORT": str(port),
               "DATA_DIR": str(tmp_path / "var"), "LOG_LEVEL": "DEBUG", "LOG_FORMAT": "json", "WEB_PROCESSES": "1",
               "METRICS_TOKEN": TOKEN, "DEMO_NOW": MONDAY.isoformat(), "SECRET_KEY": TOKEN[::-1]}
    running = [start_job_process("jobs.worker", environ), start_job_process("jobs.timetable", environ),
               start_job_process("gunicorn", environ, "app:create_app()")]

    def stop():
        said = "".join(end(process) for process in reversed(running))
        running.clear()
        return said

    browser = Browser(port)
    browser.stop, browser.port = stop, port
    wait_for(lambda: _answers(browser), 60)
    yield browser
    stop()


def _answers(browser):
    try:
        return browser.ask("/healthz")[0] == 200
    except OSError:
        return False


def test_nothing_people_are_write_or_type_is_in_what_web_and_worker_log(house, bureau, smtp_server, redis_url):
    smtp_server.refused.add("head@bureau.test")
    with db.transaction() as session:
        session.execute(update(Person).values(password_hash=people.hash_password(PASSWORD)))
    titled = ORDINARY | {"title": f"{CANARY}的通知"}
    matter_id = opened(bureau.drafter, titled, body=f"{CANARY}：\n请遵照执行。", now=MONDAY)
    _sign_in(house)
    _work(house, matter_id)
    with db.transaction() as session:
        outbox.owe(session, session.get_one(Person, bureau.head.id), outbox.MAIL, key="told", subject=CANARY,
                   body=CANARY, link="/", matter_id=matter_id, now=MONDAY)
    Queue(deliver.QUEUE, connection=Redis.from_url(redis_url)).enqueue("jobs.deliver.relay")
    wait_for(_a_mail_was_refused)
    number = _break(house, matter_id)
    _send_garbage(house.port)
    said = house.stop()
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert [line for line in said.splitlines() if not line.startswith("{")] == []
    assert {"request", "fault", "job", "mail"} <= {line["event"] for line in lines}
    assert [line for line in lines if line["event"] == "fault" and line["request"] == number]
    cookies = [cookie.value for cookie in house.jar]
    secret = [CANARY, quote(CANARY), PASSWORD, TOKEN, TOKEN[::-1], "bureau.test", house.token, *cookies]
    with db.reading() as session:
        secret += [*session.scalars(select(Person.name)), *session.scalars(select(Matter.title))]
    assert len(secret) > 20 and not [word for word in secret if word in said or json.dumps(word)[1:-1] in said]


def _sign_in(house):
    house.ask("/login")
    assert house.ask("/login", account=CANARY, password=f"{CANARY}口令")[0] == 422
    assert house.ask("/login", account="drafter", password=PASSWORD, next=f"/search?q={CANARY}")[0] == 200


def _work(house, matter_id):
    assert house.ask(f"/search?q={CANARY}")[0] == 200
    assert house.ask(f"/people?unit={CANARY}")[0] == 200 and house.ask(f"/{CANARY}")[0] == 404
    assert house.ask(f"/matters/{matter_id}")[0] == 200
    for content in (PDF, CANARY.encode()):
        file = FileStorage(io.BytesIO(content), f"{CANARY}.pdf")
        assert house.ask(f"/matters/{matter_id}/attachments", kind="attachment", file=file)[0] in (200, 422)
    version = re.search(r'name="version" value="(\d+)"', house.ask(f"/matters/{matter_id}")[1])[1]
    status, text = house.ask(f"/matters/{matter_id}/moves", move="submit", version=version, note=f"{CANARY}，请审核。")
    assert status == 200, text


def _a_mail_was_refused():
    with db.reading() as session:
        return session.scalar(select(Message.id).where(Message.state == "dead"))


def _break(house, matter_id):
    """The table of events is away while somebody opens a matter; the number on the page."""
    with db.engine().begin() as connection:
        connection.exec_driver_sql("ALTER TABLE event RENAME TO event_away")
    status, text = house.ask("/matters/new/outgoing-document", **ORDINARY | {"title": CANARY, "body": CANARY})
    with db.engine().begin() as connection:
        connection.exec_driver_sql("ALTER TABLE event_away RENAME TO event")
    assert status == 500, text
    return re.search(r"问题编号：<code>([0-9a-f]+)", text)[1]


def _send_garbage(port):
    for garbage in (f"GET /{CANARY} HTTP/9.9\r\n\r\n", f"{CANARY} / HTTP/1.1\r\n\r\n",
                    f"GET / HTTP/1.1\r\n{CANARY}: x\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
            wire.sendall(garbage.encode())
            assert b" 400 " in wire.recv(1000)
