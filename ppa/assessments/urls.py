"""Routes under a person: her assessments."""

from django.urls import path

from ppa.assessments import views

app_name = "assessments"
urlpatterns = [
    path("", views.index, name="index"),
    path("noter/<slug:scale_code>/", views.new, name="new"),
    path("<uuid:assessment_id>/", views.assessment, name="page"),
    path("<uuid:assessment_id>/retirer/", views.cancel, name="cancel"),
]
