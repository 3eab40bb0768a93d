"""The address of the trail as a FHIR file."""

from django.urls import path

from fhir_bridge.rest.trail_file import organisation_events

app_name = "trail_files"

urlpatterns = [path("structure/fhir/", organisation_events, name="organisation")]
