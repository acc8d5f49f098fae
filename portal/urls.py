"""Addresses of the citizens' pages. None carries the key of a petition: which one it is, the session says."""

from django.urls import path

from portal.views import entry, information, matter

urlpatterns = [
    path("portal/", information.home, name="portal_home"),
    path("portal/reach/", information.reach, name="portal_reach"),
    path("portal/procedure/", information.procedure, name="portal_procedure"),
    path("portal/privacy/", information.privacy, name="portal_privacy"),
    path("portal/track/", entry.track, name="portal_track"),
    path("portal/leave/", entry.sign_off, name="portal_leave"),
    path("portal/left/", entry.left, name="portal_left"),
    path("portal/print-size/", entry.print_size, name="portal_print_size"),
    path("portal/matter/", matter.matter, name="portal_matter"),
    path("portal/matter/rate/", matter.rate, name="portal_rate"),
    path("portal/thanks/", entry.rated, name="portal_rated"),
]
