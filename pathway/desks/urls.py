"""Routes of the desk, and of a list that it shortens."""

from django.urls import path

from pathway.desks import views

urlpatterns = [
    path("", views.home, name="home"),
    path("plans-a-relire/", views.plans_to_review, name="plans_to_review"),
]
