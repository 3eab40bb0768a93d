"""Routes of requests."""

from django.urls import path

from pathway.referrals import views

app_name = "referrals"
urlpatterns = [
    path("", views.outgoing_list, name="outgoing"),
    path("recues/", views.incoming_list, name="incoming"),
    path("nouvelle/<uuid:person_id>/", views.new, name="new"),
    path("<uuid:request_id>/", views.request_page, name="request"),
    path("<uuid:request_id>/modifier/", views.edit, name="edit"),
    path("<uuid:request_id>/structures/", views.choose, name="choose"),
    path("<uuid:request_id>/envoi/", views.send, name="send"),
    path("<uuid:request_id>/autres-structures/", views.send_more, name="send_more"),
    path("<uuid:request_id>/retrait/", views.revoke, name="revoke"),
    path("lignes/<uuid:line_id>/", views.line_page, name="line"),
    path("lignes/<uuid:line_id>/reponse/<slug:step>/", views.answer, name="answer"),
    path("lignes/<uuid:line_id>/suite/<slug:step>/", views.follow, name="follow"),
]
