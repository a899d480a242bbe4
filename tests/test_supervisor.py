"""The supervisor, really started: up in seconds, mends what falls, leaves no process."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import psutil
import pytest
from redis import Redis, RedisError

from officeapp.settings import ROOT
from tests.services import start_job_process


def until(look, seconds=30):
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, "not seen in time"
        time.sleep(0.05)
    return seen


class Installation:
    """One data folder, its port, and the processes started for it."""

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def start(self, **env):
        ours = {"DATA_DIR": str(self.folder), "PORT": str(self.port), "DEMO": "1", **env}
        output = (self.folder / "output").open("w")
        command = [sys.executable, "app.py"]
        return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **ours}, stdout=output, stderr=output)

    def said(self):
        return (self.folder / "output").read_text()

    def healthy(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def processes(self):
        return [process for process in psutil.process_iter() if self._owns(process)]

    def redis(self):
        """The pid of the embedded server, None while it does not answer."""
        try:
            with Redis(unix_socket_path=str(self.folder / "redis.sock")) as client:
                return client.info("server")["process_id"]
        except RedisError:
            return None

    def _owns(self, process):
        try:
            # The server writes its title over its environment; the title names its socket.
            named = str(self.folder) in " ".join(process.cmdline())
            ours = named or process.environ().get("DATA_DIR") == str(self.folder)
            return ours and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A data folder with the demonstration in it: telling it takes longer than all the rest."""
    folder = tmp_path_factory.mktemp("told")
    command = [sys.executable, "-m", "flask", "--app", "app", "prepare"]
    environ = {**os.environ, "DATA_DIR": str(folder), "DEMO": "1"}
    subprocess.run(command, cwd=ROOT, env=environ, check=True, timeout=300, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture
def installation(tmp_path, told):
    shutil.copytree(told, tmp_path, dirs_exist_ok=True)
    place = Installation(tmp_path)
    yield place
    for process in place.processes():
        process.kill()


@pytest.fixture
def running(installation):
    process = installation.start()
    until(lambda: "已启动" in installation.said() or process.poll() is not None, 60)
    assert installation.healthy(), installation.said()
    return process


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_ends_well_and_leaves_no_process(installation, running, asked):
    until(lambda: len(installation.processes()) >= 7)  # it answers with its first web process
    assert installation.redis() in [process.pid for process in installation.processes()]
    running.send_signal(asked)
    assert running.wait(30) == 0
    assert installation.processes() == []


def test_all_processes_share_one_clock_and_one_zone(installation, running):
    started = [child.environ() for child in psutil.Process(running.pid).children() if "python" in child.name()]
    assert len(started) == 3
    assert {env["TZ"] for env in started} == {"Asia/Shanghai"}
    assert len({env["DEMO_STARTED_AT"] for env in started}) == 1


def test_killed_outright_it_takes_its_children_along(installation, running):
    running.kill()
    running.wait()
    until(lambda: not installation.processes())


def test_a_killed_redis_comes_back(installation, running):
    redis = installation.redis()
    os.kill(redis, signal.SIGKILL)
    until(lambda: installation.redis() not in (None, redis))
    assert running.poll() is None and "Redis已退出" in installation.said()


def test_started_twice_the_second_says_so(installation, running):
    first = installation.said()
    second = installation.start(PORT="1")
    assert second.wait(30) == 1
    assert "已启动" in first and "本系统已在运行" in installation.said()
    assert installation.healthy()


def test_a_taken_port_is_named_with_a_way_out(installation):
    with socket.socket() as other:
        other.bind(("127.0.0.1", installation.port))
        other.listen()
        assert installation.start().wait(30) == 1
    assert f"端口 {installation.port} 已被占用" in installation.said()
    assert "make run" in installation.said() and installation.processes() == []


def test_a_wrong_setting_is_one_sentence_and_no_traceback(installation):
    assert installation.start(DEMO="0", SECRET_KEY="short").wait(30) == 2
    assert installation.said().startswith("缺少环境变量") and "Traceback" not in installation.said()


@pytest.mark.parametrize("command", [["flask", "--app", "app", "prepare"], ["gunicorn", "app:create_app()"],
                                     ["jobs.worker"], ["jobs.timetable"]], ids=lambda words: words[0])
def test_each_process_alone_ends_with_the_sentence_of_a_missing_variable(tmp_path, command):
    """Under systemd there is no supervisor that would say it first."""
    environ = {"DEMO": "0", "DATA_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/a.db"}
    said, _ = start_job_process(command[0], environ, *command[1:]).communicate(timeout=60)
    assert said.startswith("缺少环境变量 SMTP_URL") and "例如 SMTP_URL=" in said and said.count("\n") == 1, said
