"""`manage.py runworker`."""

import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from accounts.outbox.drain import drain, run_due_jobs

IDLE_SECONDS = 1.0
PIECES = 10


class Command(BaseCommand):
    """Runs due jobs and does due work until SIGTERM or Ctrl-C; a piece of work begun is finished."""

    help = "Runs the scheduled jobs and the outbox, without broker, until told to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        """Work while there is some, else look again within a second."""
        stopping = threading.Event()

        def stop(_number: int, _frame: FrameType | None) -> None:
            stopping.set()

        for wanted in (signal.SIGTERM, signal.SIGINT):
            signal.signal(wanted, stop)
        self.stdout.write("The worker runs.")
        while not stopping.is_set():
            close_old_connections()
            run_due_jobs()
            if not drain(limit=PIECES):
                stopping.wait(IDLE_SECONDS)
        self.stdout.write("The worker has stopped.")
