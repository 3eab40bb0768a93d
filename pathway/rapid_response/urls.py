"""Routes of the rapid response."""

from django.urls import path

from pathway.rapid_response import views

app_name = "alerts"

urlpatterns = [
    path("", views.index, name="index"),
    path("appeler/<uuid:person_id>/", views.new, name="new"),
    path("<uuid:alert_id>/", views.alert, name="page"),
    path("<uuid:alert_id>/chronometre/", views.clock, name="clock"),
    path("<uuid:alert_id>/etape/", views.follow, name="follow"),
    path("<uuid:alert_id>/reprise/", views.resume, name="resume"),
    path("<uuid:alert_id>/reorienter/", views.deed_view("decline"), name="decline"),
    path("<uuid:alert_id>/terminer/", views.deed_view("close"), name="close"),
    path("<uuid:alert_id>/annuler/", views.deed_view("cancel"), name="cancel"),
    path("<uuid:alert_id>/relais/", views.deed_view("relay"), name="relay"),
    path("<uuid:alert_id>/pause/", views.deed_view("pause"), name="pause"),
]
