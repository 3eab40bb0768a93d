"""Routes of the directory."""

from django.urls import path

from pathway.structures import views

app_name = "structures"

urlpatterns = [
    path("", views.index, name="index"),
    path("import/", views.import_file, name="import"),
    path("<uuid:offer_id>/", views.offer, name="offer"),
    path("<uuid:offer_id>/modifier/", views.update, name="update"),
]
