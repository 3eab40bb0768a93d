"""Routes of systems: their tokens, and what tells them how to sign in."""

from django.urls import path

from accounts.systems import oauth

urlpatterns = [
    path("oauth/token", oauth.token, name="oauth_token"),
    path("oauth/keys", oauth.keys, name="oauth_keys"),
    path("oauth/introspect", oauth.introspect, name="oauth_introspect"),
    path(".well-known/smart-configuration", oauth.smart_configuration, name="smart_configuration"),
    path("fhir/.well-known/smart-configuration", oauth.smart_configuration, name="fhir_smart_configuration"),
]
