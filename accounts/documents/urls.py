"""Routes of files."""

from django.urls import path

from accounts.documents import views

app_name = "documents"
urlpatterns = [path("<uuid:document_id>/", views.download, name="download")]
