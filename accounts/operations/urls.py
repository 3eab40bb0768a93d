"""Routes of the technical administrator's desk."""

from django.urls import path

from accounts.operations import views

app_name = "queues"

urlpatterns = [
    path("", views.index, name="index"),
    path("relancer/", views.retry, name="retry"),
    path("journal/verifier/", views.verify_audit, name="verify_audit"),
]
