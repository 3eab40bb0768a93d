"""Routes of systems: their tokens, and what tells them how to sign in."""

from django.urls import path

from accounts.systems import views

urlpatterns = [
    path("oauth/token", views.token, name="oauth_token"),
    path(".well-known/smart-configuration", views.smart_configuration, name="smart_configuration"),
    path("fhir/.well-known/smart-configuration", views.smart_configuration, name="fhir_smart_configuration"),
]
