"""Addresses of this room's pages."""

from django.urls import path

from dispatch.views import act, bulk, case, console, consultations, desk, files, inbox, jobs, loop, people

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("petitions/<int:pk>/", case.petition, name="petition"),
    path("petitions/<int:pk>/note/", case.petition_note, name="petition_note"),
    path("petitions/<int:pk>/reveal/", case.petition_reveal, name="petition_reveal"),
    path("petitions/<int:pk>/units/", act.unit_search, name="unit_search"),
    path("petitions/<int:pk>/do/<slug:move>/", act.petition_act, name="petition_act"),
    path("petitions/dispatch/", bulk.bulk_dispatch, name="bulk_dispatch"),
    path("petitions/due/", act.due_preview, name="due_preview"),
    path("consultations/", consultations.consultations, name="consultations"),
    path("people/", people.people, name="people"),
    path("people/<int:pk>/absence/", people.absence_new, name="absence_new"),
    path("people/absences/<int:pk>/end/", people.absence_end, name="absence_end"),
    path("people/<int:pk>/hand-over/", people.people_hand_over, name="people_hand_over"),
    path("orders/", console.unit_console, name="unit_console"),
    path("orders/sign/", console.sign_many, name="sign_many"),
    path("orders/<int:pk>/do/<slug:move>/", act.order_act, name="order_act"),
    path("limits/", loop.limits_page, name="limits"),
    path("notices/", inbox.notices, name="notices"),
    path("notices/read/", inbox.notices_read, name="notices_read"),
    path("notices/<int:pk>/", inbox.notice_open, name="notice_open"),
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/<int:pk>/", jobs.job_page, name="job"),
    path("jobs/<int:pk>/cancel/", jobs.job_cancel, name="job_cancel"),
    path("jobs/<int:pk>/retry/", jobs.job_retry, name="job_retry"),
    path("jobs/<int:pk>/result.<slug:form>", jobs.job_result, name="job_result"),
    path("attachments/<int:pk>/", files.attachment, name="attachment"),
]
