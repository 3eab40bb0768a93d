"""Routes of visits."""

from django.urls import path

from pathway.visits import views

app_name = "visits"
urlpatterns = [path("personnes/<uuid:person_id>/", views.record, name="record")]
