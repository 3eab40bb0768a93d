"""The least a Django view can do: what every other figure of the same run is compared with."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path


def nothing(request: HttpRequest) -> HttpResponse:
    """Answer ten bytes."""
    return HttpResponse(b"0123456789")


urlpatterns = [path("health/ready", nothing)]

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="nothing is kept here",
)
application = get_wsgi_application()
