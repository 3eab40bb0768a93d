"""Routes about systems: the pages of those who connect them, and what systems themselves call."""

from django.urls import path

from accounts.systems import oauth, views

app_name = "systems"

urlpatterns = [
    path("systeme/raccordes/", views.index, name="index"),
    path("systeme/raccordes/nouveau/", views.register, name="register"),
    path("systeme/raccordes/<uuid:client_id>/", views.client, name="client"),
    path("systeme/raccordes/<uuid:client_id>/portees/", views.scopes, name="scopes"),
    path("systeme/raccordes/<uuid:client_id>/cles/", views.rotate, name="rotate"),
    path("systeme/raccordes/<uuid:client_id>/ouvrir/", views.open_, name="open"),
    path("systeme/raccordes/<uuid:client_id>/elargir/", views.widen, name="widen"),
    path("systeme/raccordes/<uuid:client_id>/ecarter/", views.refuse, name="refuse"),
    path("systeme/raccordes/<uuid:client_id>/fermer/", views.close, name="close"),
    path("oauth/token", oauth.token, name="token"),
    path("oauth/keys", oauth.keys, name="keys"),
    path("oauth/introspect", oauth.introspect, name="introspect"),
    path(".well-known/smart-configuration", oauth.smart_configuration, name="smart_configuration"),
    path("fhir/.well-known/smart-configuration", oauth.smart_configuration, name="smart_configuration_of_fhir"),
]
