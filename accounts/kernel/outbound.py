"""The only way to another server: `https` to one registered host and port, at an address that was looked at first.

`client_for(origin)` gives an `httpx.Client` of that origin alone. It follows no redirect, reads no proxy from the
environment, and whatever it sends ends within 20 seconds and 5 MiB. Source: security reference §5.7.
"""

import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

import httpcore
import httpx
from django.conf import settings

CONNECT_SECONDS: Final = 3.0
READ_SECONDS: Final = 10.0
TOTAL_SECONDS: Final = 20.0
MOST_BYTES: Final = 5 * 1024 * 1024
HTTPS_PORT: Final = 443
GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
INTERNAL: Final = tuple(
    ip_network(one)
    for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "fc00::/7", "::1/128")
)

_resolver = ThreadPoolExecutor(max_workers=4, thread_name_prefix="resolver")
"""The system's name resolution has no time limit of its own."""


class OutboundRefused(Exception):
    """An address that this service does not call; nothing was connected."""


class OutboundFailed(Exception):
    """A registered server that did not answer as agreed: late, cut, too long, without a valid certificate."""


@dataclass(frozen=True, slots=True)
class Destination:
    """One server that the operator registered. `internal`: its address may be a private one."""

    host: str
    port: int = HTTPS_PORT
    internal: bool = False

    @classmethod
    def read(cls, text: str, *, internal: bool = False) -> "Destination":
        """Read `host` or `host:port`, as settings write it."""
        host, _, port = text.strip().lower().partition(":")
        return cls(host, int(port or HTTPS_PORT), internal)


def registered() -> dict[tuple[str, int], Destination]:
    """Return the operator's registry, by exact host and port."""
    known = [Destination.read(one) for one in settings.OUTBOUND_HOSTS]
    known += [Destination.read(one, internal=True) for one in settings.OUTBOUND_INTERNAL_HOSTS]
    return {(one.host, one.port): one for one in known}


def destination_of(url: str) -> Destination:
    """Return the registered destination of an address; raises `OutboundRefused`. Nothing is looked up or connected."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        raise OutboundRefused("not an address") from error
    if parsed.scheme != "https":
        raise OutboundRefused("not https")
    if parsed.userinfo:
        raise OutboundRefused("holds credentials")
    found = registered().get((parsed.raw_host.decode("ascii"), parsed.port or HTTPS_PORT))
    if found is None:
        raise OutboundRefused("not registered")
    return found


def client_for(url: str, *, headers: Mapping[str, str] | None = None, auth: Any = None) -> httpx.Client:
    """Return a client of the server that an address is on, to use as a context; raises `OutboundRefused`.

    Relative addresses start at that server's root. Credentials given here go to it alone:
    any other address raises `OutboundRefused`, a server that fails `OutboundFailed`.
    """
    destination = destination_of(url)
    return httpx.Client(
        base_url=f"https://{destination.host}:{destination.port}",
        transport=_Transport(destination),
        headers={"Accept-Encoding": "identity", **(headers or {})},
        auth=auth,
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,
    )


class _Transport(httpx.BaseTransport):
    """Carries requests to one destination, each on a connection of its own."""

    def __init__(self, destination: Destination) -> None:
        self._destination = destination
        context = httpx.create_ssl_context(trust_env=False)
        context.minimum_version = context.minimum_version.TLSv1_2
        if settings.OUTBOUND_CA_FILE:
            context.load_verify_locations(settings.OUTBOUND_CA_FILE)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context, network_backend=_Network(destination), max_keepalive_connections=0
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; its answer is read within the limits."""
        if destination_of(str(request.url)) != self._destination:
            raise OutboundRefused("not the server of this client")
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=self._destination.port,
            target=request.url.raw_path,
        )
        try:
            answer = self._pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=url,
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise OutboundFailed(type(error).__name__) from error
        return httpx.Response(answer.status, headers=answer.headers, stream=_Limited(answer), request=request)

    def close(self) -> None:
        """End every connection."""
        self._pool.close()


class _Limited(httpx.SyncByteStream):
    """An answer's body, cut where it grows too long; compressed ones are refused, whatever they hide."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        if any(name.lower() == b"content-encoding" and value != b"identity" for name, value in self._answer.headers):
            raise OutboundFailed("compressed")
        size = 0
        try:
            for part in self._answer.iter_stream():
                size += len(part)
                if size > MOST_BYTES:
                    raise OutboundFailed("too long")
                yield part
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise OutboundFailed(type(error).__name__) from error

    def close(self) -> None:
        self._answer.close()


class _Network(httpcore.NetworkBackend):
    """Opens connections to one destination: its name is looked up once, and what was looked at is what is called."""

    def __init__(self, destination: Destination) -> None:
        self._destination = destination
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers."""
        deadline = time.monotonic() + TOTAL_SECONDS
        addresses = self._addresses(host, port)
        for address in addresses[:-1]:
            try:
                return self._open(address, port, deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._open(addresses[-1], port, deadline)

    def _open(self, address: str, port: int, deadline: float) -> httpcore.NetworkStream:
        return _Timed(self._sockets.connect_tcp(address, port, timeout=CONNECT_SECONDS), deadline)

    def _addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of the destination; raises `OutboundRefused` when one of them is not to be called."""
        try:
            found = _resolver.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM).result(CONNECT_SECONDS)
        except (OSError, TimeoutError) as error:
            raise OutboundFailed("name not found") from error
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        if not all(may_be_called(ip_address(one), internal=self._destination.internal) for one in addresses):
            raise OutboundRefused("address not allowed")
        return addresses


class _Timed(httpcore.NetworkStream):
    """A connection that ends at its deadline, however slowly the other side drips."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(timeout))

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, self._left(timeout)), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()

    def _left(self, timeout: float | None) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return min(left, READ_SECONDS if timeout is None else timeout)


def may_be_called(address: IPv4Address | IPv6Address, *, internal: bool) -> bool:
    """Tell whether an address is one of the open Internet, or for an internal destination one of a private network.

    Link-local addresses, where clouds keep their credentials, are never called; neither are
    IPv6 addresses that stand for an IPv4 one.
    """
    if internal and any(address in network for network in INTERNAL):
        return True
    if isinstance(address, IPv6Address) and (
        address not in GLOBAL_UNICAST or address.sixtofour is not None or address.teredo is not None
    ):
        return False
    return address.is_global and not address.is_multicast
