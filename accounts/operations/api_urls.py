"""JSON routes and their description."""

from csp.decorators import csp_replace
from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from accounts.operations.rest import QueuesView

app_name = "api"
WHAT_SWAGGER_NEEDS = {
    "style-src": ["'self'", "'unsafe-inline'"],
    "require-trusted-types-for": None,
    "trusted-types": None,
}
docs = csp_replace(WHAT_SWAGGER_NEEDS)(SpectacularSwaggerSplitView.as_view(url_name="api:schema"))

urlpatterns = [
    path("queues/", QueuesView.as_view(), name="queues"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
]
