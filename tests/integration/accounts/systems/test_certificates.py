"""Tokens bound to the TLS certificate that a proxy of ours vouches for (RFC 8705)."""

import base64
import hashlib
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.factories import systems
from tests.support.tls import Authority

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]
HEADER = "X-Client-Certificate"


@pytest.fixture
def certificates(tmp_path):
    """Two certificates."""
    authority = Authority(tmp_path)
    files = [authority.server_file(name) for name in ("systeme-1", "systeme-2")]
    return [x509.load_pem_x509_certificates(file.read_bytes())[0] for file in files]


@pytest.fixture(autouse=True)
def _told_by_the_proxy(settings):
    settings.CLIENT_CERTIFICATE_HEADER = HEADER


def as_nginx(certificate):
    return quote(certificate.public_bytes(Encoding.PEM).decode())


def as_rfc_9440(certificate):
    return f":{base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()}:"


def token(client, client_id, **headers):
    form = systems.token_request(systems.signed(systems.claims(client_id)))
    return client.post(
        "/oauth/token", "&".join(f"{k}={quote(v)}" for k, v in form.items()), content_type=systems.FORM, headers=headers
    )


def call(client, bearer, **headers):
    return client.get("/fhir/Patient?_count=0", headers={"Authorization": f"Bearer {bearer}", **headers}).status_code


@pytest.mark.parametrize("written", [as_nginx, as_rfc_9440])
def test_a_bound_token_serves_with_its_certificate_only(client, certificates, written):
    mine, other = map(written, certificates)
    bearer = token(client, systems.fhir_client(), **{HEADER: mine}).json()["access_token"]
    assert call(client, bearer, **{HEADER: mine}) == 200
    for wrong in ({}, {HEADER: other}, {HEADER: "rubbish"}, {HEADER: ":rubbish:"}, {HEADER: "x" * 20_000}):
        assert call(client, bearer, **wrong) == 401


def test_a_token_tells_what_it_is_bound_to(client, certificates):
    bearer = token(client, systems.fhir_client(), **{HEADER: as_nginx(certificates[0])}).json()["access_token"]
    headers = {"Authorization": f"Bearer {bearer}", HEADER: as_nginx(certificates[0])}
    told = client.post("/oauth/introspect", f"token={bearer}", content_type=systems.FORM, headers=headers).json()
    mark = hashlib.sha256(certificates[0].public_bytes(Encoding.DER)).digest()
    assert told["cnf"] == {"x5t#S256": base64.urlsafe_b64encode(mark).decode().rstrip("=")}
    assert client.get("/.well-known/smart-configuration").json()["tls_client_certificate_bound_access_tokens"] is True


def test_a_system_that_needs_a_certificate_gets_nothing_without(client, certificates):
    client_id = systems.fhir_client(needs_certificate=True)
    assert token(client, client_id).status_code == 401
    assert token(client, client_id, **{HEADER: as_nginx(certificates[0])}).status_code == 200


def test_only_a_proxy_of_ours_tells_a_certificate(client, certificates, settings):
    settings.TRUSTED_PROXY_ADDRESSES = ["10.9.8.7"]
    client_id = systems.fhir_client(needs_certificate=True)
    assert token(client, client_id, **{HEADER: as_nginx(certificates[0])}).status_code == 401
    settings.TRUSTED_PROXY_ADDRESSES = ["127.0.0.1"]
    assert token(client, client_id, **{HEADER: as_nginx(certificates[0])}).status_code == 200


def test_without_the_setting_no_certificate_is_looked_at(client, certificates, settings):
    settings.CLIENT_CERTIFICATE_HEADER = ""
    bearer = token(client, systems.fhir_client(), **{HEADER: as_nginx(certificates[0])}).json()["access_token"]
    assert call(client, bearer) == 200
