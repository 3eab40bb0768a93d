"""Routes of stays."""

from django.urls import path

from pathway.stays import views

app_name = "stays"
urlpatterns = [
    path("", views.here, name="here"),
    path("<uuid:stay_id>/", views.stay_page, name="stay"),
    path("<uuid:stay_id>/permission/", views.start_of_leave, name="leave"),
    path("<uuid:stay_id>/retour/", views.end_of_leave, name="return"),
    path("<uuid:stay_id>/sortie/", views.leave_for_good, name="discharge"),
    path("demandes/<uuid:line_id>/place/", views.propose, name="propose"),
    path("demandes/<uuid:line_id>/arrivee/", views.admit, name="admit"),
    path("personnes/<uuid:person_id>/arrivee/", views.open_directly, name="open"),
    path("personnes/<uuid:person_id>/deces/", views.death, name="death"),
    path("personnes/<uuid:person_id>/deces/erreur/", views.death_by_mistake, name="death_by_mistake"),
]
