"""Routes under a person: her trusted person."""

from django.urls import path

from ppa.trusted_persons import views

app_name = "trusted_persons"
urlpatterns = [
    path("", views.index, name="index"),
    path("proposer/", views.propose, name="propose"),
    path("designer/", views.designate, name="designate"),
    path("<uuid:designation_id>/", views.designation, name="page"),
    path("<uuid:designation_id>/papier/", views.paper, name="paper"),
    path("<uuid:designation_id>/revocation/", views.revocation_paper, name="revocation_paper"),
    path("<uuid:designation_id>/signatures/", views.sign, name="sign"),
    path("<uuid:designation_id>/fin/", views.end, name="end"),
    path("<uuid:designation_id>/pas-maintenant/", views.answer, name="answer"),
    path("<uuid:designation_id>/reprendre/", views.propose_again, name="propose_again"),
    path("<uuid:designation_id>/duree/", views.duration, name="duration"),
    path("<uuid:designation_id>/erreur/", views.withdraw, name="withdraw"),
    path("<uuid:designation_id>/retablir/", views.resume, name="resume"),
]
