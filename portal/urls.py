"""Addresses of the citizens' pages. None of theirs carries the key of a petition: the session says which one."""

from django.urls import path

from portal.views import documents, entry, information, matter, officer, receptions, steps

urlpatterns = [
    path("portal/", information.home, name="portal_home"),
    path("portal/reach/", information.reach, name="portal_reach"),
    path("portal/procedure/", information.procedure, name="portal_procedure"),
    path("portal/privacy/", information.privacy, name="portal_privacy"),
    path("portal/track/", entry.track, name="portal_track"),
    path("portal/l/<str:token>/", entry.link, name="portal_link"),
    path("portal/leave/", entry.sign_off, name="portal_leave"),
    path("portal/left/", entry.left, name="portal_left"),
    path("portal/print-size/", entry.print_size, name="portal_print_size"),
    path("portal/matter/", matter.matter, name="portal_matter"),
    path("portal/matter/rate/", matter.rate, name="portal_rate"),
    path("portal/matter/letters/", documents.documents, name="portal_documents"),
    path("portal/matter/letters/<slug:ref>/", documents.document, name="portal_document"),
    path("portal/matter/letters/<slug:ref>/pdf/", documents.document_file, name="portal_document_file"),
    path("portal/matter/do/<slug:key>/", steps.step, name="portal_step"),
    path("portal/hearings/", information.hearings, name="portal_hearings"),
    path("portal/notices/", information.notices, name="portal_notices"),
    path("portal/receptions/", receptions.days, name="portal_receptions"),
    path("portal/receptions/<int:pk>/", receptions.book, name="portal_book"),
    path("portal/receptions/mine/", receptions.booking, name="portal_booking"),
    path("portal/receptions/mine/cancel/", receptions.cancel, name="portal_booking_cancel"),
    path("portal/receptions/mine/close/", receptions.close, name="portal_booking_close"),
    path("portal/thanks/", entry.rated, name="portal_rated"),
    # The officer's side.
    path("petitions/<int:pk>/citizen/", officer.citizen_access, name="citizen_access"),
]
