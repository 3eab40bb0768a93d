"""Routes of the actions given to other structures."""

from django.urls import path

from ppa.entrusted_actions import views

app_name = "entrusted_actions"

urlpatterns = [
    path("", views.waiting, name="waiting"),
    path("confier/<uuid:person_id>/<uuid:action_id>/", views.give, name="give"),
    path("<uuid:entrusted_id>/", views.entrusted, name="page"),
    path("<uuid:entrusted_id>/reprendre/", views.withdraw, name="withdraw"),
]
