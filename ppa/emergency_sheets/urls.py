"""Routes under a person: her emergency sheet, its versions, who holds them, whether a SAMU would find her."""

from django.urls import path

from ppa.emergency_sheets import views

app_name = "emergency_sheets"

urlpatterns = [
    path("", views.sheet, name="page"),
    path("rediger/", views.write, name="write"),
    path("signer/", views.sign, name="sign"),
    path("versions/<uuid:sheet_version_id>/", views.version, name="version"),
    path("versions/<uuid:sheet_version_id>/pdf/", views.paper, name="paper"),
    path("detenteurs/nouveau/", views.note_new_holder, name="holder"),
    path("detenteurs/<uuid:holder_id>/remplacer/", views.renew, name="renew"),
    path("detenteurs/<uuid:holder_id>/reprendre/", views.recover, name="recover"),
    path("retrouver/", views.lookup, name="lookup"),
    path("retirer/", views.withdraw, name="withdraw"),
]
