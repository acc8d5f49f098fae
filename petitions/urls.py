"""Addresses of the worklist, the search and the registration."""

from django.urls import path

from petitions.views import access_log, registration, search, worklist

urlpatterns = [
    path("access-log/", access_log.access_log, name="access_log"),
    path("access-log/export/", access_log.access_log_export, name="access_log_export"),
    path("search/", search.search_page, name="search"),
    path("petitions/", worklist.worklist, name="worklist"),
    path("petitions/views/save/", worklist.view_save, name="view_save"),
    path("petitions/views/<int:pk>/delete/", worklist.view_delete, name="view_delete"),
    path("petitions/new/", registration.petition_new, name="petition_new"),
    path("petitions/new/part/<slug:part>/", registration.registration_part, name="registration_part"),
    path("petitions/new/duplicates/", registration.duplicate_hint, name="duplicate_hint"),
    path("petitions/new/units/", registration.unit_options, name="unit_options"),
    path("petitions/<int:pk>/slip/", registration.petition_slip, name="petition_slip"),
    path("drafts/<str:key>/", registration.draft_save, name="draft_save"),
    path("drafts/<str:key>/discard/", registration.draft_discard, name="draft_discard"),
]
