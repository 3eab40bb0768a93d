"""Routes of the code on a paper: what it opens, the public keys, the check that opens nothing."""

from django.urls import path

from ppa.emergency_sheets import views

app_name = "emergency_codes"

urlpatterns = [
    path("cles.json", views.code_keys, name="keys"),
    path("verifier/", views.check_code, name="check"),
    path("<uuid:sheet_version_id>/", views.scanned, name="scanned"),
]
