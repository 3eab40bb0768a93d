"""The embedded installation: SQLite, a worker without broker, keys made on first start."""

from pathway.settings.base import *  # noqa: F403 (a settings module is its base plus what differs)
from pathway.settings.base import VAR_DIR, env
from accounts.kernel.keys import ensure_key_file, read_or_make_secret

ENVIRONMENT = "dev"
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = read_or_make_secret(env.str("SECRET_KEY_FILE", default=str(VAR_DIR / "keys" / "secret.key")))
ensure_key_file(MASTER_KEY_FILE)  # noqa: F405
SHOW_GALLERY = True
