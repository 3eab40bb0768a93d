"""Routes of guests; the invitation itself is among the pages of a person."""

from django.urls import path

from accounts.guests import views

app_name = "guests"

urlpatterns = [
    path("invitation/", views.read, name="read"),
    path("invitation/fin/", views.leave, name="leave"),
    path("invitation/<uuid:link>/", views.open_link, name="open"),
    path("personnes/<uuid:person_id>/cercle/inviter/", views.invite, name="invite"),
]
