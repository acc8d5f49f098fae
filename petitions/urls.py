"""Addresses of the worklist and of the registration."""

from django.urls import path

from petitions.views import worklist

urlpatterns = [
    path("petitions/", worklist.worklist, name="worklist"),
    path("petitions/views/save/", worklist.view_save, name="view_save"),
    path("petitions/views/<int:pk>/delete/", worklist.view_delete, name="view_delete"),
]
