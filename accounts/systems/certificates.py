"""The TLS certificate that a system presented to the proxy, by its mark. Source: RFC 8705 §3.1, RFC 9440."""

import base64
import binascii
import hashlib
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.http import HttpRequest

LONGEST = 16 * 1024


def presented_certificate(request: HttpRequest) -> str:
    """Return the SHA-256 (base64url, `x5t#S256`) of the client's certificate; empty without one that can be read.

    The header is believed because `ClientAddressMiddleware` takes it away from whatever does
    not come from a proxy of ours. The proxy writes it as PEM in an URL (nginx) or as RFC 9440 says.
    """
    name = settings.CLIENT_CERTIFICATE_HEADER
    told = request.headers.get(name, "").strip() if name else ""
    if not told or len(told) > LONGEST:
        return ""
    try:
        der = _der_of(told)
    except (ValueError, binascii.Error):
        return ""
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")


def _der_of(told: str) -> bytes:
    if told.startswith(":"):
        certificate = x509.load_der_x509_certificate(base64.b64decode(told.strip(":"), validate=True))
    else:
        certificate = x509.load_pem_x509_certificate(unquote(told).encode())
    return certificate.public_bytes(Encoding.DER)
