"""Places that keep our checkpoints: a file of ours, and those outside that the operator names in `AUDIT_WITNESSES`.

A place is told by its address: `file:///mnt/other/audit.jsonl`, `syslog+tcp://host:601`,
`syslog+tls://host:6514`, `mailto:referent@hopital.fr`. Each takes whole lines, in order.
"""

import os
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.mail import send_mail

from accounts.audit.chain import instant
from accounts.audit.records import Checkpoint
from accounts.audit.rules import line, short_code
from accounts.audit.signing import published_keys

SYSLOG_PRIORITY = 13 * 8 + 5
"""Facility « log audit », severity « notice ». Source: RFC 5424 §6.2.1."""
OWN_FILE = "file of ours"
TIMEOUT_SECONDS = 10
MAIL_EVERY = timedelta(hours=24)
DEFAULT_PORTS = {"syslog+tcp": 601, "syslog+tls": 6514}
"""Source: RFC 6587, RFC 5425."""

Deliver = Callable[[Sequence[Checkpoint]], None]


@dataclass(frozen=True, slots=True)
class Witness:
    """One place. `path` is set when its file can be read back; `every` is the least time between two messages."""

    name: str
    deliver: Deliver
    is_outside: bool
    path: Path | None = None
    every: timedelta = timedelta(0)


class UnknownWitness(ValueError):
    """An address of `AUDIT_WITNESSES` is of no kind that we know."""


def witnesses() -> list[Witness]:
    """Return our own file, then each place outside; raises `UnknownWitness`."""
    here = Witness(OWN_FILE, _appended_to(own_file()), is_outside=False, path=own_file())
    return [here, *(_witness(address.strip()) for address in settings.AUDIT_WITNESSES if address.strip())]


def own_file() -> Path:
    """Return the file of ours; its name tells whose keys signed it, so that a new installation begins a new one."""
    return Path(settings.AUDIT_DIRECTORY) / f"checkpoints-{next(iter(published_keys().values()))[:12]}.jsonl"


def _witness(address: str) -> Witness:
    place = urlsplit(address)
    if place.scheme == "file" and place.path:
        path = Path(place.path)
        return Witness(address, _appended_to(path), is_outside=True, path=path)
    if place.scheme in DEFAULT_PORTS and place.hostname:
        return Witness(address, _told_to_syslog(place), is_outside=True)
    if place.scheme == "mailto" and "@" in place.path:
        return Witness(address, _mailed_to(place.path), is_outside=True, every=MAIL_EVERY)
    raise UnknownWitness(f"AUDIT_WITNESSES: {place.scheme or 'an address without scheme'} is not known.")


def _appended_to(path: Path) -> Deliver:
    def deliver(checkpoints: Sequence[Checkpoint]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            os.write(handle, b"".join(line(one) + b"\n" for one in checkpoints))
            os.fsync(handle)
        finally:
            os.close(handle)

    return deliver


def _told_to_syslog(place: SplitResult) -> Deliver:
    def deliver(checkpoints: Sequence[Checkpoint]) -> None:
        address = (str(place.hostname), place.port or DEFAULT_PORTS[place.scheme])
        messages = b"".join(_framed(one) for one in checkpoints)
        with socket.create_connection(address, timeout=TIMEOUT_SECONDS) as plain:
            if place.scheme != "syslog+tls":
                plain.sendall(messages)
                return
            with _trusted().wrap_socket(plain, server_hostname=place.hostname) as connection:
                connection.sendall(messages)
                with suppress(ssl.SSLError, TimeoutError):  # not every collector answers the end with its own
                    connection.unwrap()

    return deliver


def _trusted() -> ssl.SSLContext:
    """Return what the certificate of a collector must hold to: a public authority, or the operator's own."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.OUTBOUND_CA_FILE:
        context.load_verify_locations(settings.OUTBOUND_CA_FILE)
    return context


def _framed(checkpoint: Checkpoint) -> bytes:
    """Return one RFC 5424 message with its length before it. Source: RFC 5425 §4.3, RFC 6587 §3.4.1."""
    head = (
        f"<{SYSLOG_PRIORITY}>1 {instant(checkpoint.at)} {socket.gethostname() or '-'} coordination-ppa - checkpoint - "
    )
    message = head.encode() + line(checkpoint)
    return str(len(message)).encode() + b" " + message


def _mailed_to(address: str) -> Deliver:
    def deliver(checkpoints: Sequence[Checkpoint]) -> None:
        latest = {one.chain: one for one in checkpoints}
        newest = checkpoints[-1]
        lines = "\n".join(line(one).decode() for one in latest.values())
        send_mail(
            f"Journal des accès : point de contrôle {short_code(newest)}",
            "Gardez ce message : il permet de vérifier, plus tard, que le journal des accès n’a pas été modifié.\n"
            "Il ne contient aucune donnée de santé.\n\n"
            f"Code à comparer avec la page « Système » : {short_code(newest)}\n\n{lines}\n",
            None,
            [address],
        )

    return deliver
