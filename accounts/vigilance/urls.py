"""Routes of identity vigilance."""

from django.urls import path

from accounts.vigilance import views

app_name = "vigilance"

urlpatterns = [
    path("personnes/<uuid:person_id>/comparer/", views.choose, name="choose"),
    path("personnes/<uuid:person_id>/comparer/<uuid:other_id>/", views.compare, name="compare"),
    path("personnes/<uuid:person_id>/comparer/<uuid:other_id>/reunir/", views.merge, name="merge"),
    path("identites/fusions/", views.merges, name="merges"),
    path("identites/fusions/<uuid:merge_id>/", views.merged, name="merged"),
    path("identites/fusions/<uuid:merge_id>/relu/", views.note_read, name="note_read"),
]
