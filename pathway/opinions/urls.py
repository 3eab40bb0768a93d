"""Routes of the opinions asked of named professionals."""

from django.urls import path

from pathway.opinions import views

app_name = "opinions"

urlpatterns = [
    path("", views.awaited, name="awaited"),
    path("demander/<uuid:person_id>/", views.ask, name="ask"),
    path("<uuid:opinion_id>/", views.opinion, name="page"),
    path("<uuid:opinion_id>/retirer/", views.withdraw, name="withdraw"),
]
