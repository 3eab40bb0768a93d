"""Routes of the coordination files."""

from django.urls import path

from pathway.cases import views

app_name = "cases"

urlpatterns = [
    path("", views.index, name="index"),
    path("signaler/<uuid:person_id>/", views.signal, name="signal"),
    path("parcours/<uuid:person_id>/", views.person_timeline, name="timeline"),
    path("<uuid:case_id>/", views.case, name="page"),
    path("<uuid:case_id>/inclure/", views.act_view("include"), name="include"),
    path("<uuid:case_id>/ne-pas-retenir/", views.act_view("decline"), name="decline"),
    path("<uuid:case_id>/referent/", views.act_view("assign"), name="assign"),
    path("<uuid:case_id>/suivi/", views.act_view("start"), name="start"),
    path("<uuid:case_id>/relais/", views.act_view("hand_over"), name="hand_over"),
    path("<uuid:case_id>/niveau/", views.act_view("level"), name="level"),
    path("<uuid:case_id>/prochaine-action/", views.act_view("next_action"), name="next_action"),
    path("<uuid:case_id>/cloture/", views.act_view("close"), name="close"),
]
