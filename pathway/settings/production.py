"""Production: every secret comes from a file, and an unsafe start is refused with what to do."""

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from pathway.settings.base import *  # noqa: F403 (a settings module is its base plus what differs)
from pathway.settings.base import (
    ALLOWED_HOSTS,
    CLAMD_URL,
    DATABASES,
    FILE_CUSTODY,
    MASTER_KEY_FILE,
    MASTER_KEY_PROVIDER,
    TRANSIT_CUSTODY,
    VAULT_ADDR,
    VAULT_ROLE_ID,
    VAULT_SECRET_ID_FILE,
    VAULT_TOKEN_FILE,
    env,
)
from accounts.kernel.keys import is_private, is_sample, read_secret

ENVIRONMENT = "production"
DEBUG = False
SHOW_GALLERY = False

SECRET_KEY = read_secret(env.str("SECRET_KEY_FILE", default=""))


def refuse_unsafe_start() -> None:
    """Raise `ImproperlyConfigured`, naming the variable to set, when a start would be unsafe."""
    if env.bool("DEBUG", default=False):
        raise ImproperlyConfigured("DEBUG must not be set in production.")
    if "*" in ALLOWED_HOSTS or not env.list("ALLOWED_HOSTS", default=[]):
        raise ImproperlyConfigured("ALLOWED_HOSTS must list the host names, without '*'.")
    if is_sample(SECRET_KEY):
        raise ImproperlyConfigured("A sample key is in use: make new keys before a real start.")
    if MASTER_KEY_PROVIDER == FILE_CUSTODY:
        refuse_unsafe_master_key()
    if MASTER_KEY_PROVIDER == TRANSIT_CUSTODY:
        refuse_unsafe_vault()
    if any(not address.startswith("https://") for address in prosante_origins()):  # noqa: F405
        raise ImproperlyConfigured("PSC_ISSUER and PSC_AUTHORIZATION_ENDPOINT must be https addresses.")
    if CLAMD_URL and urlsplit(CLAMD_URL).scheme not in {"tcp", "unix"}:
        raise ImproperlyConfigured("CLAMD_URL must be tcp://host:port or unix:///path.")
    if "postgresql" not in DATABASES["default"]["ENGINE"]:
        raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database in production.")


def refuse_unsafe_master_key() -> None:
    """Raise `ImproperlyConfigured` unless the file of the master key is there, real, and readable by its owner only."""
    if not MASTER_KEY_FILE.is_file():
        raise ImproperlyConfigured("MASTER_KEY_FILE must name the file of the master key (32 bytes, base64).")
    if not is_private(MASTER_KEY_FILE):
        raise ImproperlyConfigured("The file of the master key must be readable by its owner only: chmod 0400.")
    if is_sample(MASTER_KEY_FILE.read_text()):
        raise ImproperlyConfigured("A sample key is in use: make new keys before a real start.")


def refuse_unsafe_vault() -> None:
    """Raise `ImproperlyConfigured` unless Vault is at an https address and signs us in by one private file."""
    if not VAULT_ADDR.startswith("https://"):
        raise ImproperlyConfigured("VAULT_ADDR must be an https address.")
    if bool(VAULT_TOKEN_FILE) == bool(VAULT_ROLE_ID and VAULT_SECRET_ID_FILE):
        raise ImproperlyConfigured("Set either VAULT_TOKEN_FILE, or VAULT_ROLE_ID and VAULT_SECRET_ID_FILE.")
    name, path = next(
        (name, Path(path))
        for name, path in (("VAULT_TOKEN_FILE", VAULT_TOKEN_FILE), ("VAULT_SECRET_ID_FILE", VAULT_SECRET_ID_FILE))
        if path
    )
    if not path.is_file() or not is_private(path):
        raise ImproperlyConfigured(f"{name} must name a file that only its owner may read: chmod 0400.")


refuse_unsafe_start()

SECURE_SSL_REDIRECT = True
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
if env.str("BROKER_URL", default="").startswith("redis"):
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": env.str("BROKER_URL"),
            "OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 0.3},
        }
    }
