"""Settings of the test suite: fast hashing, keys of the run only, templates that refuse unknown variables."""

import tempfile
from pathlib import Path

from pathway.settings.base import *  # noqa: F403 (a settings module is its base plus what differs)
from accounts.kernel.keys import ensure_key_file

ENVIRONMENT = "test"
SECRET_KEY = "only-for-tests"  # noqa: S105 (no secret: the test settings never serve anybody)
_run_dir = Path(tempfile.mkdtemp(prefix="ppa-tests-"))
MASTER_KEY_FILE = _run_dir / "master.key"
ensure_key_file(MASTER_KEY_FILE)
AUDIT_DIRECTORY = _run_dir / "audit"
RESERVE_DIR = _run_dir / "reserve"
MEDIA_ROOT = _run_dir / "files"
STATIC_ROOT = _run_dir / "static"
STATIC_ROOT.mkdir()
DATABASE_TELLS_TIME = False  # tests move the time of this process
KEY_RING_SECONDS = 3600.0  # no query of its own in the middle of a test that counts them
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
AXES_ENABLED = False
FHIR_REQUESTS_PER_MINUTE = SEARCHES_PER_MINUTE = TOKEN_REQUESTS_PER_MINUTE = EXPORTS_PER_HOUR = UPLOADS_PER_MINUTE = (
    1_000_000  # a test of the limits sets its own
)
SHOW_GALLERY = True
