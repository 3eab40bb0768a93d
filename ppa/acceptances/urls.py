"""Routes of the acceptance: under a designation, and by a link."""

from django.urls import path

from ppa.acceptances import views

app_name = "acceptances"
_OF_ONE = "personnes/<uuid:person_id>/confiance/<uuid:designation_id>"
urlpatterns = [
    path("confiance/reponse/", views.answer, name="answer"),
    path("confiance/reponse/<uuid:link>/", views.open_link, name="open"),
    path(f"{_OF_ONE}/inviter/", views.invite, name="invite"),
    path(f"{_OF_ONE}/recu/", views.receipt, name="receipt"),
    path(f"{_OF_ONE}/guide/", views.guide, name="guide"),
    path(f"{_OF_ONE}/parcours/", views.trail, name="trail"),
]
