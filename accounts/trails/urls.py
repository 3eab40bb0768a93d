"""Routes of the trail."""

from django.urls import path

from accounts.trails import views

app_name = "trails"

urlpatterns = [
    path("journal/mes-acces/", views.mine, name="mine"),
    path("journal/structure/", views.organisation, name="organisation"),
    path("journal/relecture/", views.unusual, name="unusual"),
    path("personnes/<uuid:person_id>/acces/", views.hand, name="hand"),
    path("personnes/<uuid:person_id>/acces/<uuid:handed_id>/", views.handed, name="handed"),
    path("personnes/<uuid:person_id>/acces/<uuid:handed_id>/pdf/", views.handed_pdf, name="handed_pdf"),
]
