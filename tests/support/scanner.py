"""A daemon on loopback, or at a path, that speaks INSTREAM and PING as clamd does; it ends with its block. Source: clamd(8)."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

EICAR: Final = b"".join([b"X5O!P%@AP[4\\PZX54(P^)7CC)7}", b"$EICAR-STANDARD", b"-ANTIVIRUS-TEST-FILE!", b"$H+H*"])
"""The string that every scanner recognises, in parts: whole, it would set this file aside. Source: eicar.org."""
KNOWN: Final = b"EICAR-STANDARD" + b"-ANTIVIRUS-TEST-FILE"


@dataclass
class Scanner:
    """What the daemon was sent. `says` replaces its answers; `most_bytes` is where it hangs up; `waits`: it never answers.

    `silent_about`: it never answers for a file of that very content.
    """

    url: str = ""
    says: bytes | None = None
    most_bytes: int = 100 * 1024 * 1024
    waits: bool = False
    silent_about: bytes = b""
    files: list[bytes] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def talk(self, stream: Any) -> bytes:
        """Read one command and return the answer."""
        command = bytearray()
        while not command.endswith(b"\0"):
            byte = stream.read(1)
            if not byte:
                return b""
            command += byte
        if command == b"zPING\0":
            return self._said(b"PONG")
        if command != b"zINSTREAM\0":
            self.faults.append(bytes(command).decode("latin-1"))
            return b"UNKNOWN COMMAND\0"
        return self._scanned(stream)

    def _scanned(self, stream: Any) -> bytes:
        content = bytearray()
        while True:
            head = stream.read(4)
            if len(head) < 4:
                self.faults.append("cut short")
                return b""
            (size,) = struct.unpack(">I", head)
            if not size:
                break
            if len(content) + size > self.most_bytes:
                return b"INSTREAM size limit exceeded. ERROR\0"
            content += stream.read(size)
        if content == self.silent_about:
            self.ended.wait(30)
            return b""
        self.files.append(bytes(content))
        return self._said(b"stream: Eicar-Test-Signature FOUND" if KNOWN in content else b"stream: OK")

    def _said(self, answer: bytes) -> bytes:
        if self.waits:
            self.ended.wait(30)
            return b""
        return answer + b"\0" if self.says is None else self.says


@contextmanager
def running(*, path: Path | None = None, **fields: Any) -> Iterator[Scanner]:
    """Answer on a free port of loopback, or at a path, until the block ends."""
    scanner = Scanner(**fields)

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(scanner.talk(self.rfile))

    server = (
        socketserver.ThreadingUnixStreamServer(str(path), Talk)
        if path
        else socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)
    )
    scanner.url = f"unix://{path}" if path else f"tcp://127.0.0.1:{server.socket.getsockname()[1]}"
    with server:
        listener = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        listener.start()
        try:
            yield scanner
        finally:
            scanner.ended.set()
            server.shutdown()
            listener.join(10)
