"""Routes of the technical administrator's desk."""

from django.urls import path

from accounts.operations import views

app_name = "queues"

urlpatterns = [
    path("", views.index, name="index"),
    path("relancer/", views.retry, name="retry"),
    path("journal/cles.json", views.audit_keys, name="audit_keys"),
    path("journal/verifier/", views.verify_audit, name="verify_audit"),
]
