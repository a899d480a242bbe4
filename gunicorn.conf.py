"""How gunicorn serves the pages; read from the working folder by `python -m gunicorn "app:create_app()"`."""

import gc
import sys

from gunicorn import glogging

from officeapp import logs, processes
from officeapp.settings import Settings, SettingsError

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8  # of malloc.h

try:
    settings = Settings.from_env()
except SettingsError as fault:
    sys.exit(str(fault))


class Logger(glogging.Logger):
    """Its lines leave in our form: its own would repeat addresses and headers as they were sent."""

    def setup(self, cfg):
        super().setup(cfg)
        logs.configure(settings)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


bind = f"{settings.bind}:{settings.port}"
workers = settings.web_processes
preload_app = True  # the processes share what they load
worker_class, threads = "gthread", 4
# Its control socket lies in the home folder, where two installations of one user would share it.
control_socket_disable = True
loglevel, logger_class = "warning", Logger
graceful_timeout = 8


def _give_memory_back():
    """Each login hashes in 19 MB (argon2). glibc would learn to keep such blocks in every thread's heap for ever."""
    if processes.LIBC is not None and hasattr(processes.LIBC, "mallopt"):
        processes.LIBC.mallopt(M_MMAP_THRESHOLD, 1024 * 1024)
        processes.LIBC.mallopt(M_ARENA_MAX, 2)


def pre_fork(server, worker):
    """What is loaded stays, and is shared: the collector neither walks through it again nor copies it by doing so."""
    gc.collect()
    gc.freeze()


def post_worker_init(worker):
    _give_memory_back()
