"""Every route, one namespace a feature."""

from django.urls import include, path

from pathway import health

urlpatterns = [
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("", include("accounts.authentication.urls")),
    path("personnes/<uuid:person_id>/confiance/", include("ppa.trusted_persons.urls")),
    path("documents/", include("accounts.documents.urls")),
    path("personnes/<uuid:person_id>/directives/", include("ppa.directives.urls")),
    path("personnes/<uuid:person_id>/annonces/", include("ppa.announcements.urls")),
    path("personnes/<uuid:person_id>/plan/", include("ppa.plans.urls")),
    path("dossiers/", include("pathway.cases.urls")),
    path("fhir", include("fhir_bridge.rest.root")),
    path("fhir/", include("fhir_bridge.rest.urls")),
]

handler400 = "accounts.kernel.http.bad_request"
handler403 = "accounts.kernel.http.forbidden"
handler404 = "accounts.kernel.http.not_found"
handler500 = "accounts.kernel.http.server_error"
