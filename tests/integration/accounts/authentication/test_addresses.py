"""Whose address a request has: what our own proxy saw, never what a client says of itself."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.kernel.http import ClientAddressMiddleware


@pytest.mark.parametrize(
    ("proxies", "told", "address"),
    [
        (0, "192.0.2.9", "127.0.0.1"),
        (1, "192.0.2.9", "192.0.2.9"),
        (1, "203.0.113.66, 192.0.2.9", "192.0.2.9"),
        (2, "203.0.113.66, 192.0.2.9, 198.51.100.4", "192.0.2.9"),
        (2, "192.0.2.9", "127.0.0.1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "192.0.2.9, <script>", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_the_address_is_the_one_our_proxy_saw(settings, proxies, told, address):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": told})
    ClientAddressMiddleware(lambda _: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == address
