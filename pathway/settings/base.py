"""What every environment shares. Each variable read here is in the README's table."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = BASE_DIR / "var"

DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "axes",
    "guardian",
    "accounts",
    "ppa",
    "pathway",
    "fhir_bridge",
]

MIDDLEWARE = [
    "accounts.kernel.http.WallMiddleware",
    "accounts.kernel.http.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.kernel.http.BrowserRulesMiddleware",
    "csp.middleware.CSPMiddleware",
    "accounts.authentication.crowd.SignInCrowdMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.authentication.middleware.ActorMiddleware",
    "accounts.authentication.middleware.ReadOnlyMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "pathway.urls"
WSGI_APPLICATION = "pathway.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.authentication.context.desk",
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "accounts.kernel.written_days",
                "accounts.people.phones",
                "accounts.kernel.icons",
            ],
        },
    }
]
COTTON_DIR = "components"

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000;",
}
STATEMENT_SECONDS: int = env.int("STATEMENT_SECONDS", default=0)
"""After how long a statement is stopped; 0: never, as for a command at the console. The server and the worker set their own."""
POSTGRESQL_OPTIONS = {
    "server_side_binding": True,
    "prepare_threshold": 1,
    "options": "-c jit=off -c synchronous_commit=on -c lock_timeout=3s -c idle_in_transaction_session_timeout=15s"
    f" -c statement_timeout={STATEMENT_SECONDS}s",
}


def database(url: str) -> dict[str, Any]:
    """Return Django's settings of one database, with the options its engine needs."""
    settings: dict[str, Any] = dict(environ.Env.db_url_config(url))
    sqlite = "sqlite" in settings["ENGINE"]
    settings["OPTIONS"] = {**settings.get("OPTIONS", {}), **(SQLITE_OPTIONS if sqlite else POSTGRESQL_OPTIONS)}
    settings["CONN_MAX_AGE"] = None
    settings["CONN_HEALTH_CHECKS"] = not sqlite
    return settings


DATABASES = {"default": database(env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False

TRUSTED_PROXIES: int = env.int("TRUSTED_PROXIES", default=0)
TRUSTED_PROXY_ADDRESSES: list[str] = env.list("TRUSTED_PROXY_ADDRESSES", default=["127.0.0.1", "::1"])
CLIENT_CERTIFICATE_HEADER: str = env.str("CLIENT_CERTIFICATE_HEADER", default="")
PALLIA_10_THRESHOLD: int = env.int("PALLIA_10_THRESHOLD", default=4)
FHIR_REQUESTS_PER_MINUTE: int = env.int("FHIR_REQUESTS_PER_MINUTE", default=600)
SEARCHES_PER_MINUTE: int = env.int("SEARCHES_PER_MINUTE", default=60)
EXPORTS_PER_HOUR: int = env.int("EXPORTS_PER_HOUR", default=5)
UPLOADS_PER_MINUTE: int = env.int("UPLOADS_PER_MINUTE", default=5)
TOKEN_REQUESTS_PER_MINUTE: int = env.int("TOKEN_REQUESTS_PER_MINUTE", default=30)
OUTBOUND_HOSTS: list[str] = env.list("OUTBOUND_HOSTS", default=[])
OUTBOUND_INTERNAL_HOSTS: list[str] = env.list("OUTBOUND_INTERNAL_HOSTS", default=[])
OUTBOUND_CA_FILE: str = env.str("OUTBOUND_CA_FILE", default="")
BROKER_URL: str = env.str("BROKER_URL", default="")
MASTER_KEY_FILE = Path(env.str("MASTER_KEY_FILE", default=str(VAR_DIR / "keys" / "master.key")))
FILE_CUSTODY = "accounts.kernel.custody.FileCustody"
TRANSIT_CUSTODY = "accounts.kernel.vault.TransitCustody"
MASTER_KEY_PROVIDER: str = env.str("MASTER_KEY_PROVIDER", default=FILE_CUSTODY)
KEY_RING_SECONDS = 5.0
DATABASE_TELLS_TIME = True  # of the audit: hosts may disagree, their one database does not (PostgreSQL)
VAULT_ADDR: str = env.str("VAULT_ADDR", default="").rstrip("/")
VAULT_NAMESPACE: str = env.str("VAULT_NAMESPACE", default="")
VAULT_TRANSIT_MOUNT: str = env.str("VAULT_TRANSIT_MOUNT", default="transit").strip("/")
VAULT_TRANSIT_KEY: str = env.str("VAULT_TRANSIT_KEY", default="coordination-ppa")
VAULT_TOKEN_FILE: str = env.str("VAULT_TOKEN_FILE", default="")
VAULT_ROLE_ID: str = env.str("VAULT_ROLE_ID", default="")
VAULT_SECRET_ID_FILE: str = env.str("VAULT_SECRET_ID_FILE", default="")
OUTBOUND_INTERNAL_HOSTS += [urlsplit(VAULT_ADDR).netloc] if VAULT_ADDR else []
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL: str = env.str("EMAIL_FROM", default="coordination@localhost")
EMAIL_TIMEOUT = 10
RESERVE_DIR = Path(env.str("RESERVE_DIR", default=str(VAR_DIR / "reserve")))
BACKUP_RECIPIENTS: list[str] = env.list("BACKUP_RECIPIENTS", default=[])
BACKUP_IDENTITY_FILE = Path(env.str("BACKUP_IDENTITY_FILE", default=str(VAR_DIR / "keys" / "backup.key")))
DRILL_DIRECTORY = Path(env.str("DRILL_DIRECTORY", default=str(VAR_DIR / "drills")))
POSTGRESQL_PROGRAMS: str = env.str("POSTGRESQL_PROGRAMS", default="")
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "files")))
CLAMD_URL: str = env.str("CLAMD_URL", default="")
AUDIT_DIRECTORY = Path(env.str("AUDIT_DIRECTORY", default=str(VAR_DIR / "audit")))
AUDIT_WITNESSES: list[str] = env.list("AUDIT_WITNESSES", default=[])
AUDIT_RETENTION: int = env.int("AUDIT_RETENTION", default=36)
PUBLIC_URL: str = env.str("PUBLIC_URL", default=f"http://127.0.0.1:{env.int('PORT', default=8000)}")

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["accounts.authentication.hashers.Argon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.authentication.passwords.OwnWordsValidator"},
]
LOGIN_URL = "/connexion/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/connexion/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 10 * 3600
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=20 * 60)
SESSION_ENGINE = "accounts.authentication.session_store"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "accounts.kernel.http.csrf_failure"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_HANDLER = "accounts.authentication.lockout.DoublingHandler"
AXES_COOLOFF_TIME = 24  # hours for which failures are remembered; how long a lock lasts is the handler's
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True  # sign-ins are in the audit
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_TEMPLATE = "errors/429.html"
AXES_SENSITIVE_PARAMETERS: list[str] = ["username", "ip_address", "login", "code"]
GUARDIAN_MONKEY_PATCH_USER = False
ANONYMOUS_USER_NAME = None
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]  # its rows are read by the gate, never through a backend

PSC_ISSUER: str = env.str("PSC_ISSUER", default="").rstrip("/")
PSC_AUTHORIZATION_ENDPOINT: str = env.str("PSC_AUTHORIZATION_ENDPOINT", default="")
PSC_CLIENT_ID: str = env.str("PSC_CLIENT_ID", default="")
PSC_CLIENT_SECRET: str = Path(env.str("PSC_CLIENT_SECRET_FILE")).read_text().strip() if PSC_ISSUER else ""
PSC_ACR: str = env.str("PSC_ACR", default="eidas1")
PSC_HOSTS = [urlsplit(PSC_ISSUER).netloc] if PSC_ISSUER else []
OUTBOUND_HOSTS += PSC_HOSTS
SOCIALACCOUNT_ADAPTER = "accounts.authentication.prosante_flow.SocialAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False

ACCOUNT_ADAPTER = "accounts.authentication.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "", "reauthenticate": ""}  # axes counts what fails
ACCOUNT_LOGOUT_REDIRECT_URL = "/connexion/"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_FORMS = {
    "login": "accounts.authentication.forms.SignInForm",
    "reauthenticate": "accounts.authentication.forms.ConfirmPasswordForm",
    "change_password": "accounts.authentication.forms.NewPasswordForm",
}
MFA_FORMS = {
    "authenticate": "accounts.authentication.forms.SecondFactorForm",
    "reauthenticate": "accounts.authentication.forms.ConfirmCodeForm",
    "activate_totp": "accounts.authentication.forms.EnrolForm",
    "authenticate_webauthn": "accounts.authentication.forms.SecondKeyForm",
    "reauthenticate_webauthn": "accounts.authentication.forms.ConfirmKeyForm",
    "add_webauthn": "accounts.authentication.forms.NewKeyForm",
}
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ADAPTER = "accounts.authentication.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Coordination PPA"
MFA_TOTP_TOLERANCE = 1

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français")]
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "pathway" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}


def prosante_origins() -> list[str]:
    """Return the origins to which signing in and out at Pro Santé Connect lead a form."""
    addresses = [urlsplit(address) for address in (PSC_AUTHORIZATION_ENDPOINT, PSC_ISSUER) if address]
    return sorted({f"{address.scheme}://{address.netloc}" for address in addresses})


X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = (
    "same-origin"  # "no-referrer" makes browsers send "Origin: null", which every form check refuses
)
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
NONE, SELF = "'none'", "'self'"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *prosante_origins()],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["default"],
    },
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["accounts.access.rest.DenyAll"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.rest.SessionActor"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Coordination PPA — points d’accès JSON",
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "accounts.kernel.logs.json_formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.db.backends": {"level": "WARNING"},
        "axes": {"level": "ERROR"},
    },
}
