"""Invented identities that must never leave the database: a leak into a log, a URL, an e-mail or a cache key fails the test."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote_plus

from django.core import mail
from django.core.cache import caches
from django.core.signals import request_started

from accounts.kernel.logs import JsonFormatter

_marked: set[str] = set()
SHORTEST = 6


def mark(text: str) -> str:
    """Remember a text as somebody's identity for the rest of the test, and return it unchanged.

    Shorter than six characters, it would be found by chance: `ValueError`.
    """
    if len(text) < SHORTEST:
        raise ValueError(f"A canary needs at least {SHORTEST} characters.")
    _marked.add(text)
    return text


def found_in(text: str) -> list[str]:
    """Return the marked identities that a text holds, whatever their case."""
    folded = text.casefold()
    return sorted(canary for canary in _marked if canary.casefold() in folded)


class _WrittenLines(logging.Handler):
    """Keeps what the production formatter writes."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(JsonFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def watch() -> Iterator[list[str]]:
    """Give the list of leaks, complete when the block ends: logs, addresses asked for, e-mails, cache keys."""
    leaks: list[str] = []
    addresses: list[str] = []
    handler = _WrittenLines()

    def remember(environ: dict[str, Any] | None = None, **_: Any) -> None:
        if environ:
            addresses.append(unquote_plus(f"{environ.get('PATH_INFO', '')}?{environ.get('QUERY_STRING', '')}"))

    root = logging.getLogger()
    root.addHandler(handler)
    request_started.connect(remember)
    try:
        yield leaks
        places = {
            "a log line": handler.lines,
            "an address": addresses,
            "an e-mail": _mails(),
            "a cache key": _cache_keys(),
        }
        leaks += [
            f"{place} holds « {name} »" for place, texts in places.items() for text in texts for name in found_in(text)
        ]
    finally:
        request_started.disconnect(remember)
        root.removeHandler(handler)
        _marked.clear()


def _mails() -> list[str]:
    return [str(message.message()) for message in getattr(mail, "outbox", [])]


def _cache_keys() -> list[str]:
    return [str(key) for key in getattr(caches["default"], "_cache", {})]
