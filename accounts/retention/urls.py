"""Routes of the page of conservation."""

from django.urls import path

from accounts.retention import views

app_name = "retention"

urlpatterns = [
    path("", views.index, name="index"),
    path("durees/<slug:trigger>/", views.period, name="period"),
    path("demander/", views.ask, name="ask"),
    path("demander/journal/", views.ask_log, name="ask_log"),
    path("confirmer/", views.confirm, name="confirm"),
    path("annuler/", views.cancel, name="cancel"),
    path("suspendre/", views.hold, name="hold"),
    path("reprendre/", views.lift, name="lift"),
]
