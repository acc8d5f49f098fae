"""Addresses of the backlog room. Each part keeps its own list."""

from django.urls import URLPattern, path

from backlog.views import cases, forces, milestones, table

# ---- the file, its list, its steps (views/cases.py) ----
_CASES: list[URLPattern] = [
    path("backlog/", cases.backlog, name="backlog"),
    path("backlog/<int:pk>/", cases.backlog_case, name="backlog_case"),
    path("backlog/<int:pk>/do/<slug:name>/", cases.case_act, name="backlog_act"),
]

# ---- tasks (views/tasking.py) ----
_TASKS: list[URLPattern] = []

# ---- the wall, its screens, targets, past weeks (views/wall.py) ----
_WALL: list[URLPattern] = []

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
_MEETINGS: list[URLPattern] = []

# ---- joint supervision (views/visits.py) ----
_VISITS: list[URLPattern] = []

# ---- receptions (views/receptions.py) ----
_RECEPTIONS: list[URLPattern] = []

urlpatterns = [*_CASES, *_TASKS, *_WALL, *_TABLE, *_FORCES, *_MEETINGS, *_VISITS, *_RECEPTIONS]
