"""The WSGI entry: refuses to serve when a door has no policy."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pathway.settings.dev")
application = get_wsgi_application()

from accounts.access.doors import refuse_unguarded_doors  # noqa: E402 (the registry exists once Django is set up)

refuse_unguarded_doors()
