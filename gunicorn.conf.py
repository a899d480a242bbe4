"""How gunicorn serves the pages; read from the working folder by `python -m gunicorn "app:create_app()"`."""

import gc
import sys

from gunicorn import glogging

from officeapp import logs
from officeapp.settings import Settings, SettingsError

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
worker_class, threads = "gthread", 4
# Its control socket lies in the home folder, where two installations of one user would share it.
control_socket_disable = True
loglevel, logger_class = "warning", Logger
graceful_timeout = 8


def post_worker_init(worker):
    """What is loaded stays: without this the collector walks through it again for every few pages."""
    gc.collect()
    gc.freeze()
