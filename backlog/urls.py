"""Addresses of the backlog room. Each part keeps its own list."""

from django.urls import URLPattern, path, re_path

from backlog.views import (
    cases,
    criteria,
    figures,
    forces,
    meeting_papers,
    meeting_room,
    meetings,
    milestones,
    nominating,
    officials,
    reception_steps,
    receptions,
    screens,
    table,
    tasking,
    visits,
    wall,
)

# ---- the file, its list, its steps (views/cases.py) ----
_CASES: list[URLPattern] = [
    path("backlog/", cases.backlog, name="backlog"),
    path("backlog/nominate/<int:pk>/", nominating.nominate, name="backlog_nominate"),
    path("backlog/criteria/", criteria.criteria, name="entry_rules"),
    path("backlog/criteria/find/", criteria.find, name="entry_find"),
    path("backlog/<int:pk>/", cases.backlog_case, name="backlog_case"),
    path("backlog/<int:pk>/do/<slug:name>/", cases.case_act, name="backlog_act"),
]

# ---- tasks and officials (views/tasking.py, views/officials.py) ----
_TASKS: list[URLPattern] = [
    path("backlog/tasks/", tasking.task_list, name="backlog_tasks"),
    path("backlog/tasks/<int:pk>/", tasking.task_detail, name="task"),
    path("backlog/tasks/<int:pk>/do/<slug:name>/", tasking.task_act, name="task_act"),
    path("backlog/officials/", officials.officials, name="backlog_officials"),
    path("backlog/officials/<int:pk>/", officials.official, name="backlog_official"),
    path("backlog/officials/taken/", officials.taken_over, name="backlog_taken_over"),
]

# ---- the wall, its screens, targets, past weeks (views/wall.py) ----
_WALL: list[URLPattern] = [
    path("wall/", wall.wall, name="wall"),
    path("wall/past/", wall.wall_past, name="wall_past"),
    path("wall/screen/<slug:token>/", wall.wall_screen, name="wall_screen"),
    path("wall/screens/", screens.wall_screens, name="wall_screens"),
    path("wall/screens/<int:pk>/revoke/", screens.screen_revoke, name="wall_screen_revoke"),
    path("wall/targets/", screens.targets, name="targets"),
    path("backlog/indicators/", figures.indicators, name="backlog_indicators"),
    path("backlog/indicators/export/", figures.indicators_export, name="backlog_indicators_export"),
]

# ---- progress table (views/table.py) ----
_TABLE: list[URLPattern] = [
    path("backlog/table/", table.progress_table, name="progress_table"),
    path("backlog/table/sheet/", table.progress_sheet, name="progress_sheet"),
    path("backlog/<int:pk>/milestones/plan/", milestones.plan, name="milestone_plan"),
    path("backlog/milestones/<int:pk>/", milestones.milestone, name="milestone"),
    path("backlog/milestones/<int:pk>/edit/", milestones.edit, name="milestone_edit"),
    path("backlog/milestones/<int:pk>/shift/", milestones.shift, name="milestone_shift"),
    path("backlog/milestones/<int:pk>/do/<slug:name>/", milestones.act, name="milestone_act"),
]

# ---- task forces, workgroups, rules (views/forces.py) ----
_FORCES: list[URLPattern] = [
    path("backlog/forces/", forces.forces, name="forces"),
    path("backlog/forces/new/", forces.force_new, name="force_new"),
    path("backlog/forces/<int:pk>/", forces.force, name="force"),
    path("backlog/forces/<int:pk>/do/<slug:name>/", forces.force_act, name="force_act"),
    path("backlog/forces/<int:pk>/rules/", forces.force_rules, name="force_rules"),
    path("backlog/workgroups/<int:pk>/", forces.workgroup, name="workgroup"),
    path("backlog/workgroups/<int:pk>/do/<slug:name>/", forces.workgroup_act, name="workgroup_act"),
    path("backlog/workgroups/<int:pk>/rules/", forces.workgroup_rules, name="workgroup_rules"),
    path("backlog/members/<int:pk>/end/", forces.member_end, name="member_end"),
]

# ---- weekly dispatch (views/meetings.py) ----
_MEETINGS: list[URLPattern] = [
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/new/", meetings.meeting_new, name="meeting_new"),
    path("meetings/cases/", meetings.meeting_cases, name="meeting_cases"),
    path("meetings/score/", meetings.meeting_score, name="meeting_score"),
    path("meetings/<int:pk>/", meetings.meeting, name="meeting"),
    path("meetings/<int:pk>/do/<slug:name>/", meetings.meeting_act, name="meeting_act"),
    path("meetings/<int:pk>/agenda/", meeting_room.meeting_agenda, name="meeting_agenda"),
    path("meetings/<int:pk>/sites/", meeting_room.meeting_sites, name="meeting_sites"),
    path("meetings/<int:pk>/minutes/", meeting_room.meeting_minutes, name="meeting_minutes"),
    path("meetings/<int:pk>/items/<int:item>/", meeting_room.meeting_item, name="meeting_item"),
    path("meetings/<int:pk>/items/<int:item>/note/", meeting_room.meeting_note, name="meeting_note"),
    path("meetings/<int:pk>/items/<int:item>/question/", meeting_room.meeting_question, name="meeting_question"),
    path("meetings/<int:pk>/tasks/<int:task>/back/", meeting_room.meeting_task_back, name="meeting_task_back"),
    re_path(
        r"^meetings/(?P<pk>\d{1,17})/(?P<kind>agenda|minutes)\.(?P<form>pdf|docx)$",
        meeting_papers.meeting_paper,
        name="meeting_paper",
    ),
]

# ---- joint supervision (views/visits.py) ----
_VISITS: list[URLPattern] = [
    path("visits/", visits.visits, name="visits"),
    path("visits/new/", visits.visit_new, name="visit_new"),
    path("visits/<int:pk>/", visits.visit, name="visit"),
    path("visits/<int:pk>/do/<slug:name>/", visits.visit_act, name="visit_act"),
    re_path(r"^visits/(?P<pk>\d{1,17})/feedback\.(?P<form>pdf|docx)$", visits.visit_paper_file, name="visit_paper"),
]

# ---- receptions (views/receptions.py) ----
_RECEPTIONS: list[URLPattern] = [
    path("receptions/", receptions.reception_days, name="reception_days"),
    path("receptions/new/", reception_steps.reception_new, name="reception_new"),
    path("receptions/records/", receptions.reception_records, name="reception_records"),
    path("receptions/units/", receptions.reception_units, name="reception_units"),
    path("receptions/<int:pk>/", receptions.reception_day, name="reception_day"),
    path("receptions/<int:pk>/change/", reception_steps.reception_change, name="reception_change"),
    path("receptions/<int:pk>/do/<slug:name>/", reception_steps.reception_act, name="reception_act"),
    path("receptions/<int:pk>/book/", reception_steps.reception_book, name="reception_book"),
    path("receptions/<int:pk>/receive/", reception_steps.reception_receive, name="reception_receive"),
    path("receptions/<int:pk>/visitors/", receptions.reception_visitors, name="reception_visitors"),
    path("receptions/<int:pk>/sheet/", receptions.reception_sheet, name="reception_sheet"),
    path("receptions/bookings/<int:pk>/do/<slug:name>/", reception_steps.booking_act, name="booking_act"),
    path("receptions/batches/<int:pk>/link/", reception_steps.batch_link, name="batch_link"),
    path("receptions/batches/<int:pk>/register/", reception_steps.batch_register, name="batch_register"),
]

urlpatterns = [*_CASES, *_TASKS, *_WALL, *_TABLE, *_FORCES, *_MEETINGS, *_VISITS, *_RECEPTIONS]
