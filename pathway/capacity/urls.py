"""Routes of places."""

from django.urls import path

from pathway.capacity import views

app_name = "capacity"

urlpatterns = [
    path("", views.mine, name="mine"),
    path("<uuid:offer_id>/", views.declare, name="declare"),
]
