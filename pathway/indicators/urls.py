"""Routes of the published figures."""

from django.urls import path

from pathway.indicators import views

app_name = "indicators"

urlpatterns = [path("", views.index, name="index"), path("<str:month>.csv", views.export, name="export")]
