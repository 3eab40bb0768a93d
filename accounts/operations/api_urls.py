"""JSON routes and their description."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from accounts.operations.rest import QueuesView

app_name = "api"

urlpatterns = [
    path("queues/", QueuesView.as_view(), name="queues"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api:schema"), name="docs"),
]
