"""The route of the desk."""

from django.urls import path

from pathway.desks import views

urlpatterns = [path("", views.home, name="home")]
