"""Routes under a person: what may happen to her, and the drugs prescribed ahead."""

from django.urls import path

from ppa.crises import views

app_name = "crises"

urlpatterns = [
    path("", views.index, name="index"),
    path("nouvelle/", views.new, name="new"),
    path("<uuid:crisis_id>/", views.crisis, name="page"),
    path("<uuid:crisis_id>/modifier/", views.reword, name="reword"),
    path("<uuid:crisis_id>/retirer/", views.withdraw, name="withdraw"),
    path("<uuid:crisis_id>/prescrire/", views.prescribe, name="prescribe"),
    path("<uuid:crisis_id>/prescriptions/<uuid:prescription_id>/", views.change, name="change"),
    path("<uuid:crisis_id>/prescriptions/<uuid:prescription_id>/arreter/", views.stop, name="stop"),
    path("<uuid:crisis_id>/prescriptions/<uuid:prescription_id>/domicile/", views.check, name="check"),
]
