"""Routes under a person: what her documents say both ways."""

from django.urls import path

from ppa.contradictions import views

app_name = "contradictions"
urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:key>/lever/", views.settle, name="settle"),
    path("<uuid:settlement_id>/revoir/", views.reopen, name="reopen"),
]
