"""Routes of accounts and functions."""

from django.urls import path

from accounts.staff import views

app_name = "staff"

urlpatterns = [
    path("", views.index, name="index"),
    path("nouveau/", views.begin, name="begin"),
    path("revue/", views.review, name="review"),
    path("voir-comme/", views.see_as, name="see_as"),
    path("<uuid:staff_id>/", views.member, name="member"),
    path("<uuid:staff_id>/fonction/", views.grant, name="grant"),
    path("<uuid:staff_id>/fonction/finir/", views.finish, name="finish"),
    path("<uuid:staff_id>/ouverture/", views.opening, name="opening"),
    path("<uuid:staff_id>/sessions/", views.sessions, name="sessions"),
    path("<uuid:staff_id>/reinitialisation/", views.reset, name="reset"),
    path("<uuid:staff_id>/reinitialisation/confirmer/", views.confirm, name="confirm"),
]
