"""Routes about persons: their page here, the rest with the identities, under one namespace."""

from django.urls import path

from accounts.people.urls import urlpatterns as identities
from pathway.desks import views

app_name = "people"

urlpatterns = [
    *identities,
    path("<uuid:person_id>/", views.person, name="page"),
    path("<uuid:person_id>/synthese/", views.synthesis, name="synthesis"),
]
