"""Routes under a person: her advance directives."""

from django.urls import path

from ppa.directives import views

app_name = "directives"
urlpatterns = [
    path("", views.index, name="index"),
    path("nouvelles/", views.new, name="new"),
    path("formulaire/<slug:model>/", views.form_to_print, name="form"),
    path("<uuid:directive_id>/papier/", views.paper, name="paper"),
    path("<uuid:directive_id>/", views.directive, name="page"),
    path("<uuid:directive_id>/confirmer/", views.confirm, name="confirm"),
    path("<uuid:directive_id>/revoquer/", views.revoke, name="revoke"),
    path("<uuid:directive_id>/depot/", views.deposit, name="deposit"),
    path("<uuid:directive_id>/lecteurs/", views.readers, name="readers"),
    path("<uuid:directive_id>/retirer/", views.withdraw, name="withdraw"),
]
