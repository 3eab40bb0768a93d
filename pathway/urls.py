"""Every route, one namespace a feature."""

from django.conf import settings
from django.urls import include, path

from pathway import gallery, health

urlpatterns = [
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("", include("pathway.desks.urls")),
    path("", include("accounts.authentication.urls")),
    path("", include("accounts.systems.urls")),
    path("", include("accounts.guests.urls")),
    path("comptes/", include("accounts.staff.urls")),
    path("", include("accounts.trails.urls")),
    path("journal/", include("fhir_bridge.rest.trail_urls")),
    path("systeme/", include("accounts.operations.urls")),
    path("api/", include("accounts.operations.api_urls")),
    path("personnes/", include("pathway.desks.person_urls")),
    path("personnes/<uuid:person_id>/confiance/", include("ppa.trusted_persons.urls")),
    path("", include("accounts.vigilance.urls")),
    path("", include("ppa.acceptances.urls")),
    path("", include("ppa.after_death.urls")),
    path("urgence/", include("accounts.break_glass.urls")),
    path("documents/", include("accounts.documents.urls")),
    path("personnes/<uuid:person_id>/directives/", include("ppa.directives.urls")),
    path("personnes/<uuid:person_id>/contradictions/", include("ppa.contradictions.urls")),
    path("personnes/<uuid:person_id>/decisions/", include("ppa.collegial_decisions.urls")),
    path("personnes/<uuid:person_id>/evaluations/", include("ppa.assessments.urls")),
    path("personnes/<uuid:person_id>/conduites/", include("ppa.crises.urls")),
    path("personnes/<uuid:person_id>/fiche-urgence/", include("ppa.emergency_sheets.urls")),
    path("fiche/", include("ppa.emergency_sheets.code_urls")),
    path("personnes/<uuid:person_id>/annonces/", include("ppa.announcements.urls")),
    path("personnes/<uuid:person_id>/plan/", include("ppa.plans.urls")),
    path("actions-confiees/", include("ppa.entrusted_actions.urls")),
    path("avis/", include("pathway.opinions.urls")),
    path("dossiers/", include("pathway.cases.urls")),
    path("demandes/", include("pathway.referrals.urls")),
    path("visites/", include("pathway.visits.urls")),
    path("sejours/", include("pathway.stays.urls")),
    path("sejours/<uuid:stay_id>/directives-et-confiance/", include("pathway.admission_talks.urls")),
    path("structures/", include("pathway.structures.urls")),
    path("places/", include("pathway.capacity.urls")),
    path("droits/", include("accounts.rights.urls")),
    path("conservation/", include("accounts.retention.urls")),
    path("statistiques/", include("pathway.indicators.urls")),
    path("alertes/", include("pathway.rapid_response.urls")),
    path("fhir", include("fhir_bridge.rest.root")),
    path("fhir/", include("fhir_bridge.rest.urls")),
]

if settings.SHOW_GALLERY:
    urlpatterns.append(path("galerie/", gallery.gallery, name="gallery"))

handler400 = "accounts.kernel.http.bad_request"
handler403 = "accounts.kernel.http.forbidden"
handler404 = "accounts.kernel.http.not_found"
handler500 = "accounts.kernel.http.server_error"
