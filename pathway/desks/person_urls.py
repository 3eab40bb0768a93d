"""Routes about persons: their page here, the rest with the identities."""

from django.urls import path

from accounts.people import views as people
from pathway.desks import views

app_name = "people"

urlpatterns = [
    path("recherche/", people.search, name="search"),
    path("nouvelle/", people.register, name="register"),
    path("identites/", people.identity_alerts, name="identity_alerts"),
    path("<uuid:person_id>/", views.person, name="page"),
    path("<uuid:person_id>/coordonnees/", people.contact, name="contact"),
    path("<uuid:person_id>/proches/nouveau/", people.relative, name="relative"),
    path("<uuid:person_id>/cercle/", people.circle, name="circle"),
    path("<uuid:person_id>/cercle/accord/", people.consent, name="consent"),
    path("<uuid:person_id>/cercle/accord/retirer/", people.withdraw, name="withdraw"),
    path("<uuid:person_id>/cercle/refus/", people.opposition, name="opposition"),
]
