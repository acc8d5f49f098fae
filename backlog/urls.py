"""Addresses of the backlog room. Each part keeps its own list."""

from django.urls import URLPattern, path

from backlog.views import cases, officials, tasking

# ---- the file, its list, its steps (views/cases.py) ----
_CASES: list[URLPattern] = [
    path("backlog/", cases.backlog, name="backlog"),
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
_WALL: list[URLPattern] = []

# ---- progress table (views/table.py) ----
_TABLE: list[URLPattern] = []

# ---- task forces, workgroups, rules (views/forces.py) ----
_FORCES: list[URLPattern] = []

# ---- weekly dispatch (views/meetings.py) ----
_MEETINGS: list[URLPattern] = []

# ---- joint supervision (views/visits.py) ----
_VISITS: list[URLPattern] = []

# ---- receptions (views/receptions.py) ----
_RECEPTIONS: list[URLPattern] = []

urlpatterns = [*_CASES, *_TASKS, *_WALL, *_TABLE, *_FORCES, *_MEETINGS, *_VISITS, *_RECEPTIONS]
