"""Routes under a person: decisions taken together."""

from django.urls import path

from ppa.collegial_decisions import views

app_name = "collegial_decisions"
urlpatterns = [
    path("", views.index, name="index"),
    path("ouvrir/<slug:kind>/", views.new, name="new"),
    path("<uuid:decision_id>/", views.decision, name="page"),
    path("<uuid:decision_id>/pdf/", views.paper, name="paper"),
    path("<uuid:decision_id>/recherche/", views.search, name="search"),
    path("<uuid:decision_id>/avis/", views.opinion, name="opinion"),
    path("<uuid:decision_id>/information/", views.tell, name="tell"),
    path("<uuid:decision_id>/decision/", views.take, name="take"),
    path("<uuid:decision_id>/fin/", views.end, name="end"),
    path("<uuid:decision_id>/abandon/", views.cancel, name="cancel"),
]
