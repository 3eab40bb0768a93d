"""The application over real HTTP inside one test: the test's own thread serves, so that both see one transaction."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve_while(visit: Callable[[str], None], *, ready: Callable[[str], None]) -> None:
    """Serve on loopback while `visit(base)` runs in a thread of its own; raise what it raises.

    `ready` learns the address before the first request.
    """
    failures: list[BaseException] = []
    with _one_connection(), make_server("127.0.0.1", 0, WSGIHandler(), handler_class=_Quiet) as server:
        server.timeout = 0.02
        base = f"http://127.0.0.1:{server.server_port}"
        ready(base)

        def run() -> None:
            try:
                visit(base)
            except BaseException as error:  # noqa: BLE001 (handed over to the test's own thread)
                failures.append(error)

        visitor = threading.Thread(target=run)
        visitor.start()
        while visitor.is_alive():
            server.handle_request()
        visitor.join()
    if failures:
        raise failures[0]


@contextmanager
def _one_connection() -> Iterator[None]:
    """Keep the end of a request from closing the connection that holds the test's transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)
