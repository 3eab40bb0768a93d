"""Routes under a person: her announcements and the proposal of a plan."""

from django.urls import path

from ppa.announcements import views

app_name = "announcements"

urlpatterns = [
    path("nouvelle/", views.new, name="new"),
    path("proposition/<uuid:proposal_id>/", views.proposal, name="proposal"),
    path("<uuid:announcement_id>/", views.announcement, name="page"),
    path("<uuid:announcement_id>/proposer/", views.propose, name="propose"),
]
