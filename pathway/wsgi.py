"""The WSGI entry: refuses to serve when a door has no policy, or as a database role that no wall holds."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pathway.settings.dev")
os.environ.setdefault("STATEMENT_SECONDS", "5")
application = get_wsgi_application()

from accounts.access.doors import refuse_unguarded_doors  # noqa: E402 (the registry exists once Django is set up)
from accounts.kernel.keyring import open_keys  # noqa: E402 (as above)
from accounts.kernel.wall import refuse_role_above_walls  # noqa: E402 (as above)

refuse_unguarded_doors()
if settings.ENVIRONMENT == "production":
    refuse_role_above_walls()
    open_keys()
gc.collect()
gc.freeze()  # what a process starts with lives as long as it: looking through it again would hold up a request now and then
