"""Routes of the rights of persons: those of one person, and the list of a privacy officer."""

from django.urls import path

from accounts.rights import views

app_name = "rights"

urlpatterns = [
    path("copies/", views.waiting, name="waiting"),
    path("copies/<uuid:export_id>/autoriser/", views.approve, name="approve"),
    path("<uuid:person_id>/", views.show, name="show"),
    path("<uuid:person_id>/copie/", views.ask, name="ask"),
    path("<uuid:person_id>/copie/<uuid:export_id>/", views.download, name="download"),
    path("<uuid:person_id>/copie/<uuid:export_id>/remise/", views.handed, name="handed"),
    path("<uuid:person_id>/effacement/", views.erasure, name="erasure"),
    path("<uuid:person_id>/rectifier/<slug:target_type>/<uuid:target_id>/", views.rectify, name="rectify"),
]
