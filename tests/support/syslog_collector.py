"""A syslog collector over TLS on loopback, as RFC 5425 wants it; it ends with its block.

It takes messages with their length before each, however the stream is cut, and refuses any other framing.
"""

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from tests.support.tls import Authority

MESSAGE: Final = re.compile(
    rb"<(?P<priority>\d{1,3})>1 (?P<instant>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) (?P<host>[!-~]{1,255}) "
    rb"(?P<application>[!-~]{1,48}) (?P<process>[!-~]{1,128}) (?P<kind>[!-~]{1,32}) - (?P<text>.*)",
    re.DOTALL,
)
"""Source: RFC 5424 §6."""
PIECE: Final = 7


@dataclass
class Collector:
    """What a collector took: whole messages, in order; `ended_well` once the other side said that it closes."""

    port: int = 0
    messages: list[re.Match[bytes]] = field(default_factory=list)
    versions: list[str | None] = field(default_factory=list)
    ended_well: bool = False
    faults: list[str] = field(default_factory=list)

    def take(self, stream: ssl.SSLSocket) -> None:
        """Read one connection to its end."""
        self.versions.append(stream.version())
        rest = b""
        while piece := stream.recv(PIECE):
            rest = self._whole_ones(rest + piece)
        self.ended_well = True
        if rest:
            self.faults.append("cut in a message")
        stream.unwrap()

    def _whole_ones(self, rest: bytes) -> bytes:
        while framed := re.match(rb"([1-9]\d*) ", rest):
            end = framed.end() + int(framed[1])
            if len(rest) < end:
                break
            message = MESSAGE.fullmatch(rest[framed.end() : end])
            self.messages += [message] if message else []
            self.faults += [] if message else ["not RFC 5424"]
            rest = rest[end:]
        return rest


@contextmanager
def running(authority: Authority, *, name: str = "localhost", connections: int = 1) -> Iterator[Collector]:
    """Take a number of connections, under a certificate of a name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.server_file(name))
    collector = Collector()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        collector.port = int(server.getsockname()[1])

        def listen() -> None:
            for _ in range(connections):
                try:
                    plain, _ = server.accept()
                    plain.settimeout(5)
                    with plain, context.wrap_socket(plain, server_side=True) as stream:
                        collector.take(stream)
                except OSError as error:
                    collector.faults.append(type(error).__name__)

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        yield collector
        listener.join(10)
