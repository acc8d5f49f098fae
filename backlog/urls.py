"""Addresses of the backlog room. Each part keeps its own list."""

from django.urls import URLPattern, path

from backlog.views import cases, criteria, nominating

# ---- the file, its list, its steps (views/cases.py) ----
_CASES: list[URLPattern] = [
    path("backlog/", cases.backlog, name="backlog"),
    path("backlog/nominate/<int:pk>/", nominating.nominate, name="backlog_nominate"),
    path("backlog/criteria/", criteria.criteria, name="entry_rules"),
    path("backlog/criteria/find/", criteria.find, name="entry_find"),
    path("backlog/<int:pk>/", cases.backlog_case, name="backlog_case"),
    path("backlog/<int:pk>/do/<slug:name>/", cases.case_act, name="backlog_act"),
]

# ---- tasks (views/tasking.py) ----
_TASKS: list[URLPattern] = []

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
