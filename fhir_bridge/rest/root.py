"""The address of the server itself, without a slash: where a transaction Bundle is posted."""

from django.urls import path

from fhir_bridge.rest.door import route
from fhir_bridge.rest.write import transaction

urlpatterns = [path("", route({"POST": transaction}))]
