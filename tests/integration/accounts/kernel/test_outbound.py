"""Calling other servers: only those that are registered, only as agreed."""

import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest

from accounts.kernel import outbound
from accounts.kernel.outbound import OutboundFailed, OutboundRefused, client_for, destination_of, may_be_called
from tests.support.tls import Answer, Authority, Listener, https_server

REGISTERED = "partenaire.example.fr"

# 36 ways to name a local or foreign server; {port} is one of ours that counts who calls.
FORMS = (
    "http://partenaire.example.fr/keys",
    "https://127.0.0.1:{port}/",
    "https://localhost:{port}/",
    "https://2130706433:{port}/",
    "https://0x7f000001:{port}/",
    "https://0x7f.0.0.1:{port}/",
    "https://0177.0.0.1:{port}/",
    "https://017700000001:{port}/",
    "https://127.1:{port}/",
    "https://127.0.1:{port}/",
    "https://0:{port}/",
    "https://0.0.0.0:{port}/",
    "https://[::1]:{port}/",
    "https://[::]:{port}/",
    "https://[::ffff:127.0.0.1]:{port}/",
    "https://[::ffff:7f00:1]:{port}/",
    "https://[0:0:0:0:0:ffff:127.0.0.1]:{port}/",
    "https://[64:ff9b::7f00:1]:{port}/",
    "https://[2002:7f00:1::]:{port}/",
    "https://[fe80::1%25lo]:{port}/",
    "https://169.254.169.254/latest/meta-data/",
    "https://partenaire.example.fr@127.0.0.1:{port}/",
    "https://partenaire.example.fr:443@127.0.0.1:{port}/",
    "https://user:secret@partenaire.example.fr/",
    "https://partenaire.example.fr.:443/",
    "https://partenaire.example.fr.127.0.0.1.nip.io:{port}/",
    "https://partenaire.example.fr.evil.example/",
    "https://evil-partenaire.example.fr/",
    "https://partenaire.example.fr:{port}/",
    "https://127.0.0.1:{port}\\@partenaire.example.fr/",
    "https://127.0.0.1:{port}#@partenaire.example.fr/",
    "https://127.0.0.1:{port}?@partenaire.example.fr/",
    "https://①②⑦.⓪.⓪.①:{port}/",
    "https://localhost%00.partenaire.example.fr:{port}/",
    "file:///etc/passwd",
    "//127.0.0.1:{port}/",
)


@pytest.fixture
def authority(tmp_path: Path, settings: Any) -> Authority:
    made = Authority(tmp_path)
    settings.OUTBOUND_CA_FILE = str(made.file)
    return made


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as made:
        yield made


def ok(_: BaseHTTPRequestHandler) -> Answer:
    return 200, {}, b"{}"


def unknown(*_: Any, **__: Any) -> Any:
    raise socket.gaierror(socket.EAI_NONAME, "unknown")


def test_there_are_thirty_six_forms() -> None:
    assert len(set(FORMS)) == 36


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_an_address_reaches_a_server_that_is_not_registered(
    form: str, listener: Listener, settings: Any
) -> None:
    settings.OUTBOUND_HOSTS = [REGISTERED]
    with pytest.raises(OutboundRefused):
        client_for(form.format(port=listener.port))
    assert listener.accepted() == 0


@pytest.mark.parametrize("form", FORMS)
def test_no_client_leaves_its_own_server(
    form: str, listener: Listener, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is no whole address, such as `//host`, is read as a path of its own server, which does not exist here."""
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    settings.OUTBOUND_HOSTS = [REGISTERED, f"localhost:{listener.port}"]
    refusals = (OutboundRefused, OutboundFailed, httpx.InvalidURL)
    with client_for(f"https://{REGISTERED}") as client, pytest.raises(refusals):
        client.get(form.format(port=listener.port))
    assert listener.accepted() == 0


def test_a_registered_name_at_a_private_address_is_not_called(listener: Listener, settings: Any) -> None:
    settings.OUTBOUND_HOSTS = [f"localhost:{listener.port}"]
    with client_for(f"https://localhost:{listener.port}") as client, pytest.raises(OutboundRefused):
        client.get("/")
    assert listener.accepted() == 0


def test_a_registered_internal_server_answers_under_its_own_name(authority: Authority, settings: Any) -> None:
    with https_server(authority, ok) as port:
        settings.OUTBOUND_INTERNAL_HOSTS = [f"localhost:{port}"]
        with client_for(f"https://localhost:{port}/any") as client:
            assert client.get("/keys").json() == {}


def test_a_server_without_a_valid_certificate_is_not_believed(authority: Authority, settings: Any) -> None:
    with https_server(authority, ok, name="autre.example.fr") as port:
        settings.OUTBOUND_INTERNAL_HOSTS = [f"localhost:{port}"]
        with client_for(f"https://localhost:{port}") as client, pytest.raises(OutboundFailed):
            client.get("/")
        settings.OUTBOUND_CA_FILE = ""
        with client_for(f"https://localhost:{port}") as client, pytest.raises(OutboundFailed):
            client.get("/")


def test_a_redirect_is_an_answer_and_not_followed(authority: Authority, listener: Listener, settings: Any) -> None:
    def away(_: BaseHTTPRequestHandler) -> Answer:
        return 302, {"Location": f"https://127.0.0.1:{listener.port}/"}, b""

    with https_server(authority, away) as port:
        settings.OUTBOUND_INTERNAL_HOSTS = [f"localhost:{port}"]
        with client_for(f"https://localhost:{port}") as client:
            assert client.get("/").status_code == 302
    assert listener.accepted() == 0


def test_a_name_is_looked_up_once_and_what_was_looked_at_is_called(
    settings: Any, monkeypatch: pytest.MonkeyPatch, listener: Listener
) -> None:
    """A rebinding name server tells an open address first, a local one after."""
    told = iter(["93.184.215.14", "127.0.0.1"])
    lookups: list[str] = []
    literally = socket.getaddrinfo

    def rebinding(host: str, port: int, *rest: Any, **more: Any) -> list[Any]:
        if host != REGISTERED:
            return list(literally(host, port, *rest, **more))
        lookups.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(told), port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    settings.OUTBOUND_HOSTS = [f"{REGISTERED}:{listener.port}"]
    with (
        client_for(f"https://{REGISTERED}:{listener.port}") as client,
        pytest.raises(UserWarning, match=r"93\.184\.215\.14"),
    ):
        client.get("/")
    assert lookups == [REGISTERED]
    assert listener.accepted() == 0


def test_one_local_address_among_open_ones_is_enough_to_refuse(
    settings: Any, monkeypatch: pytest.MonkeyPatch, listener: Listener
) -> None:
    answers = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 443)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    settings.OUTBOUND_HOSTS = [REGISTERED]
    with client_for(f"https://{REGISTERED}") as client, pytest.raises(OutboundRefused):
        client.get("/")
    assert listener.accepted() == 0


def test_no_proxy_of_the_environment_is_used(
    authority: Authority, listener: Listener, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{listener.port}")
    with https_server(authority, ok) as port:
        settings.OUTBOUND_INTERNAL_HOSTS = [f"localhost:{port}"]
        with client_for(f"https://localhost:{port}") as client:
            assert client.get("/").status_code == 200
    assert listener.accepted() == 0


@pytest.mark.parametrize(
    ("headers", "body"),
    [({}, b"x" * (5 * 1024 * 1024 + 1)), ({"Content-Encoding": "gzip"}, b"\x1f\x8b")],
    ids=["too long", "compressed"],
)
def test_an_answer_out_of_bounds_is_cut(
    headers: dict[str, str], body: bytes, authority: Authority, settings: Any
) -> None:
    with https_server(authority, lambda _: (200, headers, body)) as port:
        settings.OUTBOUND_INTERNAL_HOSTS = [f"localhost:{port}"]
        with client_for(f"https://localhost:{port}") as client, pytest.raises(OutboundFailed):
            client.get("/")


def test_a_slow_drip_ends_at_the_total_time(
    authority: Authority, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drip(call: BaseHTTPRequestHandler) -> Answer:
        call.send_response(200)
        for number in range(50):
            call.send_header(f"X-{number}", "x")
            call.flush_headers()
            time.sleep(0.1)
        return 200, {}, b""

    monkeypatch.setattr(outbound, "TOTAL_SECONDS", 0.5)
    with https_server(authority, drip) as port:
        settings.OUTBOUND_INTERNAL_HOSTS = [f"localhost:{port}"]
        start = time.monotonic()
        with client_for(f"https://localhost:{port}") as client, pytest.raises(OutboundFailed):
            client.get("/")
    assert time.monotonic() - start < 3


def test_a_silent_server_ends_at_the_total_time(
    authority: Authority, listener: Listener, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "TOTAL_SECONDS", 0.3)
    settings.OUTBOUND_INTERNAL_HOSTS = [f"localhost:{listener.port}"]
    with client_for(f"https://localhost:{listener.port}") as client, pytest.raises(OutboundFailed):
        client.get("/")


def test_a_name_that_is_not_found_is_a_failure(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    settings.OUTBOUND_HOSTS = [REGISTERED]
    with client_for(f"https://{REGISTERED}") as client, pytest.raises(OutboundFailed):
        client.get("/")


def test_credentials_leave_with_their_own_client_only(authority: Authority, settings: Any) -> None:
    seen: list[str] = []

    def note(call: BaseHTTPRequestHandler) -> Answer:
        seen.append(call.headers.get("Authorization", ""))
        return 200, {}, b"{}"

    with https_server(authority, note) as port:
        settings.OUTBOUND_INTERNAL_HOSTS = [f"localhost:{port}"]
        for auth in (("nous", "secret"), None):
            with client_for(f"https://localhost:{port}", auth=auth) as client:
                client.get("/")
    assert [one.partition(" ")[0] for one in seen] == ["Basic", ""]


def test_a_registered_server_is_told_by_host_and_port(settings: Any) -> None:
    settings.OUTBOUND_HOSTS = ["Partenaire.example.FR", " autre.example.fr:8443 "]
    assert destination_of("https://PARTENAIRE.example.fr/x?y#z").port == 443
    assert destination_of("https://autre.example.fr:8443").host == "autre.example.fr"
    with pytest.raises(OutboundRefused):
        destination_of("https://autre.example.fr")


@pytest.mark.parametrize(
    ("address", "outside", "inside"),
    [
        ("93.184.215.14", True, True),
        ("2a01:e0a::1", True, True),
        ("10.1.2.3", False, True),
        ("127.0.0.1", False, True),
        ("fd00::1", False, True),
        ("::1", False, True),
        ("169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("0.0.0.0", False, False),  # noqa: S104 (an address to refuse)
        ("255.255.255.255", False, False),
        ("224.0.0.1", False, False),
        ("ff02::1", False, False),
        ("::ffff:127.0.0.1", False, False),
        ("::127.0.0.1", False, False),
        ("64:ff9b::7f00:1", False, False),
        ("2002:7f00:1::", False, False),
        ("2001:0:7f00:1::", False, False),
    ],
)
def test_which_addresses_may_be_called(address: str, outside: bool, inside: bool) -> None:
    assert may_be_called(ip_address(address), internal=False) is outside
    assert may_be_called(ip_address(address), internal=True) is inside
