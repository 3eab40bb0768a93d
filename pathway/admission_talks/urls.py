"""Routes under a stay: what was asked on admission."""

from django.urls import path

from pathway.admission_talks import views

app_name = "admission_talks"
urlpatterns = [
    path("", views.index, name="index"),
    path("noter/", views.new, name="new"),
]
