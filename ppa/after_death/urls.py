"""Routes: the relatives of one person after her death, and those whom a team has to call."""

from django.urls import path

from ppa.after_death import views

app_name = "after_death"
urlpatterns = [
    path("proches-a-rappeler/", views.calls, name="calls"),
    path("personnes/<uuid:person_id>/apres/", views.index, name="index"),
    path("personnes/<uuid:person_id>/apres/souhaits/", views.wish, name="wish"),
    path("personnes/<uuid:person_id>/apres/contacts/<uuid:contact_id>/", views.note, name="note"),
    path("personnes/<uuid:person_id>/apres/contacts/<uuid:contact_id>/report/", views.move, name="move"),
    path("personnes/<uuid:person_id>/apres/proches/<uuid:relative_id>/", views.plan, name="plan"),
    path("personnes/<uuid:person_id>/apres/proches/<uuid:relative_id>/arret/", views.stop, name="stop"),
]
