"""Routes about identities. `pathway.desks.person_urls` adds the page of a person and names the whole."""

from django.urls import path

from accounts.people import views

urlpatterns = [
    path("recherche/", views.search, name="search"),
    path("nouvelle/", views.register, name="register"),
    path("identites/", views.identity_alerts, name="identity_alerts"),
    path("<uuid:person_id>/coordonnees/", views.contact, name="contact"),
    path("<uuid:person_id>/proches/nouveau/", views.relative, name="relative"),
    path("<uuid:person_id>/proches/", views.relatives, name="relatives"),
    path("<uuid:person_id>/proches/<uuid:relative_id>/", views.change, name="change_relative"),
    path("<uuid:person_id>/cercle/", views.circle, name="circle"),
    path("<uuid:person_id>/cercle/accord/", views.consent, name="consent"),
    path("<uuid:person_id>/cercle/accord/retirer/", views.withdraw, name="withdraw"),
    path("<uuid:person_id>/cercle/refus/", views.opposition, name="opposition"),
    path("<uuid:person_id>/cercle/refus/lever/", views.lift, name="lift"),
    path("<uuid:person_id>/cercle/equipe/", views.same_team, name="same_team"),
    path("<uuid:person_id>/cercle/sortie/", views.leave, name="leave"),
    path("<uuid:person_id>/cercle/relation/", views.declare, name="declare"),
    path("<uuid:person_id>/cercle/relation/relire/", views.review, name="review"),
]
