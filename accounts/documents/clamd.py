"""Asking the daemon of ClamAV about a file, when `CLAMD_URL` names one: `tcp://host:port` or `unix:///path`.

Source: clamd(8), INSTREAM and PING; a command begins with `z` and ends with a zero byte, its answer too. The
libraries that do this are no longer kept up.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

SECONDS_FOR_A_FILE: Final = 10.0
SECONDS_FOR_A_WORD: Final = 2.0
CHUNK_BYTES: Final = 64 * 1024
LONGEST_ANSWER: Final = 4096
DEFAULT_PORT: Final = 3310


class NoAnswer(Exception):
    """No daemon answers in time."""


class NotJudged(Exception):
    """The daemon answers, but neither that the file is clean nor that it is not: too large for it, or in a trouble of its own."""


def is_named() -> bool:
    """Tell whether there is a daemon to ask."""
    return bool(settings.CLAMD_URL)


def answers() -> bool:
    """Tell whether the daemon that is named is there."""
    try:
        return _exchange(iter([b"zPING\0"]), seconds=SECONDS_FOR_A_WORD) == b"PONG"
    except NoAnswer:
        return False


def is_infected(content: bytes) -> bool:
    """Tell whether the daemon recognises something dangerous; raises `NoAnswer` or `NotJudged`."""
    said = _exchange(_stream(content), seconds=SECONDS_FOR_A_FILE)
    if said.startswith(b"stream: ") and said.endswith(b" FOUND"):
        return True
    if said == b"stream: OK":
        return False
    raise NotJudged


def _stream(content: bytes) -> Iterator[bytes]:
    yield b"zINSTREAM\0"
    for start in range(0, len(content), CHUNK_BYTES):
        chunk = content[start : start + CHUNK_BYTES]
        yield len(chunk).to_bytes(4, "big") + chunk
    yield bytes(4)


def _exchange(parts: Iterator[bytes], *, seconds: float) -> bytes:
    until = time.monotonic() + seconds
    try:
        with _connected(seconds) as daemon:
            with suppress(BrokenPipeError, ConnectionResetError):  # it hangs up on what is too large, after it said so
                for part in parts:
                    daemon.settimeout(_left(until))
                    daemon.sendall(part)
            return _answer(daemon, until)
    except (OSError, ValueError) as error:  # it is away, or its port is no number
        raise NoAnswer(type(error).__name__) from error


def _connected(seconds: float) -> socket.socket:
    place = urlsplit(settings.CLAMD_URL)
    if place.scheme == "tcp" and place.hostname:
        return socket.create_connection((place.hostname, place.port or DEFAULT_PORT), timeout=seconds)
    if place.scheme != "unix" or not place.path:
        raise NoAnswer("CLAMD_URL is of no kind that we know")
    daemon = socket.socket(socket.AF_UNIX)
    try:
        daemon.settimeout(seconds)
        daemon.connect(place.path)
    except OSError:
        daemon.close()
        raise
    return daemon


def _answer(daemon: socket.socket, until: float) -> bytes:
    said = b""
    while b"\0" not in said and len(said) <= LONGEST_ANSWER:
        daemon.settimeout(_left(until))
        piece = daemon.recv(LONGEST_ANSWER)
        if not piece:
            break
        said += piece
    whole, ended, _ = said.partition(b"\0")
    return whole if ended else b""


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
