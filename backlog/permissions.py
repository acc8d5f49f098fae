"""The permission table of this room (domain-facts §4.2 "backlog file, work notes"), for views, API and templates."""

from accounts.roles import Role, Scope, register_table

_OFFICES = {
    Role.CITY_OFFICER: Scope.CITY,
    Role.DISTRICT_OFFICER: Scope.AREA,
    Role.CONFERENCE_OFFICER: Scope.CITY,
}
_UNIT = {Role.UNIT_ADMIN: Scope.UNIT, Role.UNIT_HANDLER: Scope.OWN}
_LEAD = {Role.LEAD_OFFICIAL: Scope.NAMED}
# The head of a unit may be named as lead official too (§3.3, townships), and then only there.
_COMMAND = {**_LEAD, Role.UNIT_ADMIN: Scope.NAMED}
_READERS = {**_OFFICES, **_UNIT, **_LEAD, Role.INSPECTOR: Scope.CITY}
# Boards hold figures without identities (§4.2 "statistics"): whole city for who leads or watches, else one's own.
_BOARDS = {
    Role.CITY_OFFICER: Scope.CITY,
    Role.CONFERENCE_OFFICER: Scope.CITY,
    Role.INSPECTOR: Scope.CITY,
    Role.LEAD_OFFICIAL: Scope.CITY,
    Role.DISTRICT_OFFICER: Scope.CITY,
}

PERMISSIONS = register_table(
    "backlog",
    {
        "backlog.view": _READERS,
        # By hand, with reasons (§3.1); the office takes up or not.
        "backlog.nominate": {**_OFFICES, Role.UNIT_ADMIN: Scope.UNIT},
        "backlog.accept": _OFFICES,
        "backlog.entry_rules": {Role.CITY_OFFICER: Scope.CITY, Role.CONFERENCE_OFFICER: Scope.CITY},
        "backlog.write": {**_OFFICES, **_UNIT, **_LEAD},
        "backlog.plan": {**_OFFICES, Role.UNIT_ADMIN: Scope.UNIT, **_LEAD},
        # Who leads which case is the joint conference's and the offices' to name (§3.3).
        "backlog.command": _OFFICES,
        # The lead official's own: duties and instructions.
        "backlog.lead": {**_COMMAND, **_OFFICES},
        "backlog.apply": {Role.UNIT_ADMIN: Scope.UNIT, **_OFFICES},
        "backlog.sign": _COMMAND,
        "backlog.check": {Role.DISTRICT_OFFICER: Scope.AREA, Role.CITY_OFFICER: Scope.CITY},
        "backlog.certify": {Role.CITY_OFFICER: Scope.CITY, Role.CONFERENCE_OFFICER: Scope.CITY},
        "backlog.view_tasks": _READERS,
        "backlog.assign_task": {**_OFFICES, **_COMMAND},
        "backlog.report_task": {**_OFFICES, **_UNIT, **_LEAD},
        "backlog.confirm_task": {**_OFFICES, **_COMMAND},
        # Within a unit its leader says who does it.
        "backlog.pass_task": {**_OFFICES, **_LEAD, Role.UNIT_ADMIN: Scope.UNIT},
        "backlog.view_forces": _READERS,
        "backlog.edit_forces": _OFFICES,
        "backlog.wall": _BOARDS,
        "backlog.wall_screens": _OFFICES,
        "backlog.targets": {Role.CITY_OFFICER: Scope.CITY, Role.CONFERENCE_OFFICER: Scope.CITY},
        "backlog.view_meetings": {**_OFFICES, **_LEAD, Role.UNIT_ADMIN: Scope.UNIT, Role.INSPECTOR: Scope.CITY},
        "backlog.run_meeting": _OFFICES,
        # How the hardness of a case is counted, for the whole city.
        "backlog.score": {Role.CITY_OFFICER: Scope.CITY, Role.CONFERENCE_OFFICER: Scope.CITY},
        "backlog.view_visits": {**_OFFICES, **_LEAD, Role.UNIT_ADMIN: Scope.UNIT, Role.INSPECTOR: Scope.CITY},
        "backlog.supervise_jointly": _OFFICES,
        "backlog.view_receptions": {**_OFFICES, **_LEAD, Role.INSPECTOR: Scope.CITY},
        # The names of those who booked or came, as with petitions.reveal; never the inspector.
        "backlog.view_visitors": {Role.CITY_OFFICER: Scope.CITY, Role.DISTRICT_OFFICER: Scope.AREA, **_LEAD},
        "backlog.run_reception": {Role.CITY_OFFICER: Scope.CITY, Role.DISTRICT_OFFICER: Scope.AREA, **_LEAD},
        "backlog.export": {**_OFFICES, Role.INSPECTOR: Scope.CITY},
    },
)
