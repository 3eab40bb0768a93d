"""The addresses of the FHIR server: `/fhir/…`."""

from django.urls import path

from fhir_bridge.rest import capabilities
from fhir_bridge.rest.audit_events import read_event, search_events, search_events_by_post
from fhir_bridge.rest.binary import read_binary
from fhir_bridge.rest.door import route
from fhir_bridge.rest.questionnaires import (
    read_questionnaire,
    search_questionnaires,
    search_questionnaires_by_post,
)
from fhir_bridge.rest.read import history, read, vread
from fhir_bridge.rest.search import search, search_by_post
from fhir_bridge.rest.write import create, transaction, update

app_name = "fhir"

urlpatterns = [
    path("", route({"POST": transaction}), name="root"),
    path("metadata", capabilities.metadata, name="metadata"),
    path("<str:rtype>", route({"GET": (search, search_events, search_questionnaires), "POST": create}), name="type"),
    path(
        "<str:rtype>/_search",
        route({"POST": (search_by_post, search_events_by_post, search_questionnaires_by_post)}),
        name="search",
    ),
    path(
        "<str:rtype>/<str:fid>",
        route({"GET": (read, read_binary, read_event, read_questionnaire), "PUT": update}),
        name="instance",
    ),
    path("<str:rtype>/<str:fid>/_history", route({"GET": history}), name="history"),
    path("<str:rtype>/<str:fid>/_history/<str:version>", route({"GET": vread}), name="version"),
    path("<path:rtype>", route({}), name="unknown"),
]
