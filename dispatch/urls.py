"""Addresses of this room's pages."""

from django.urls import path

from dispatch.views import act, bulk, case, channels, console, deliveries, desk, drill, files, inbox

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("petitions/<int:pk>/", case.petition, name="petition"),
    path("petitions/<int:pk>/note/", case.petition_note, name="petition_note"),
    path("petitions/<int:pk>/reveal/", case.petition_reveal, name="petition_reveal"),
    path("petitions/<int:pk>/units/", act.unit_search, name="unit_search"),
    path("petitions/<int:pk>/do/<slug:move>/", act.petition_act, name="petition_act"),
    path("petitions/dispatch/", bulk.bulk_dispatch, name="bulk_dispatch"),
    path("petitions/due/", act.due_preview, name="due_preview"),
    path("orders/", console.unit_console, name="unit_console"),
    path("orders/sign/", console.sign_many, name="sign_many"),
    path("orders/<int:pk>/do/<slug:move>/", act.order_act, name="order_act"),
    path("notices/", inbox.notices, name="notices"),
    path("notices/read/", inbox.notices_read, name="notices_read"),
    path("notices/<int:pk>/", inbox.notice_open, name="notice_open"),
    path("notices/<int:pk>/all/", inbox.notice_digest, name="notice_digest"),
    path("me/notices/", inbox.notice_preferences, name="notice_preferences"),
    path("deliveries/", deliveries.log, name="deliveries"),
    path("deliveries/resend/", deliveries.resend_many, name="resend_many"),
    path("deliveries/<int:pk>/resend/", deliveries.resend_one, name="resend_one"),
    path("channels/", channels.channel_list, name="channels"),
    path("channels/quiet/", channels.quiet_hours, name="quiet_hours"),
    path("channels/new/", channels.channel_edit, name="channel_new"),
    path("channels/<int:pk>/", channels.channel_edit, name="channel_edit"),
    path("channels/<int:pk>/test/", channels.channel_test, name="channel_test"),
    path("channels/<int:pk>/remove/", channels.channel_remove, name="channel_remove"),
    path("drill/", drill.overview, name="drill"),
    path("drill/run/", drill.run, name="drill_run"),
    path("drill/runs/<int:pk>/", drill.shown, name="drill_shown"),
    path("drill/runs/<int:pk>.<slug:form>", drill.download, name="drill_download"),
    path("drill/units/<int:pk>/", drill.unit_ladder, name="drill_unit"),
    path("drill/units/<int:pk>/send/", drill.send, name="drill_send"),
    path("attachments/<int:pk>/", files.attachment, name="attachment"),
]
