"""Addresses of the backlog room. Each part keeps its own list."""

from django.urls import URLPattern, path

from backlog.views import cases, figures, screens, wall

# ---- the file, its list, its steps (views/cases.py) ----
_CASES: list[URLPattern] = [
    path("backlog/", cases.backlog, name="backlog"),
    path("backlog/<int:pk>/", cases.backlog_case, name="backlog_case"),
    path("backlog/<int:pk>/do/<slug:name>/", cases.case_act, name="backlog_act"),
]

# ---- tasks (views/tasking.py) ----
_TASKS: list[URLPattern] = []

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
