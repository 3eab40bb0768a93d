"""Routes of break-glass."""

from django.urls import path

from accounts.break_glass import views

app_name = "break_glass"
urlpatterns = [
    path("", views.search, name="search"),
    path("ouvrir/<str:finding>/", views.open_access, name="open"),
    path("acces/<uuid:access_id>/", views.show, name="show"),
    path("acces/<uuid:access_id>/terminer/", views.end, name="end"),
    path("revue/", views.queue, name="queue"),
    path("revue/<uuid:access_id>/", views.review, name="review"),
    path("prevenir/", views.notices, name="notices"),
    path("prevenir/<uuid:notice_id>/", views.tell, name="tell"),
    path("prevenir/<uuid:notice_id>/courrier/", views.letter, name="letter"),
]
