"""The permission table of this room (domain-facts §4.2), used by views, API and templates alike."""

from accounts.roles import Role, Scope, register_table

_OFFICES = {
    Role.DISPATCHER: Scope.CITY,
    Role.CITY_OFFICER: Scope.CITY,
    Role.DISTRICT_OFFICER: Scope.AREA,
}
_UNIT = {Role.UNIT_ADMIN: Scope.UNIT, Role.UNIT_HANDLER: Scope.OWN}

PERMISSIONS = register_table(
    "dispatch",
    {
        "dispatch.dispatch": _OFFICES,
        "dispatch.recall": _OFFICES,
        "dispatch.view": {
            **_OFFICES,
            Role.CONFERENCE_OFFICER: Scope.CITY,
            Role.INSPECTOR: Scope.CITY,
            Role.HOTLINE_AGENT: Scope.OWN,
            **_UNIT,
        },
        "dispatch.sign": _UNIT,
        "dispatch.assign": {Role.UNIT_ADMIN: Scope.UNIT},
        "dispatch.contact": _UNIT,
        "dispatch.feed_back": _UNIT,
        "dispatch.check": _OFFICES,
        "dispatch.call_back": {**_OFFICES, Role.HOTLINE_AGENT: Scope.OWN},
        "dispatch.cancel": _OFFICES,
        "dispatch.ask_return": _UNIT,
        # The conference decides disputes over competence only (R22 art. 24); the action says which those are.
        "dispatch.decide_return": {**_OFFICES, Role.CONFERENCE_OFFICER: Scope.CITY},
        "dispatch.delegate": {Role.UNIT_ADMIN: Scope.UNIT},
        # The unit's own check of the sub-orders it gave.
        "dispatch.check_below": {Role.UNIT_ADMIN: Scope.UNIT},
        "dispatch.consult": {**_OFFICES, Role.CONFERENCE_OFFICER: Scope.CITY, Role.UNIT_ADMIN: Scope.UNIT},
        "dispatch.opine": _UNIT,
        "dispatch.rule": {**_OFFICES, Role.CONFERENCE_OFFICER: Scope.CITY},
        # Who hears when a deadline slips, and over what: drills, channels, the log of deliveries.
        "dispatch.drill": {
            Role.CITY_OFFICER: Scope.CITY,
            Role.INSPECTOR: Scope.CITY,
            Role.DISTRICT_OFFICER: Scope.AREA,
        },
        "dispatch.drill_send": {Role.CITY_OFFICER: Scope.CITY, Role.DISTRICT_OFFICER: Scope.AREA},
        "dispatch.channels": {
            Role.CITY_OFFICER: Scope.CITY,
            Role.DISTRICT_OFFICER: Scope.UNIT,
            Role.UNIT_ADMIN: Scope.UNIT,
        },
        "dispatch.deliveries": {
            Role.CITY_OFFICER: Scope.CITY,
            Role.DISPATCHER: Scope.UNIT,
            Role.DISTRICT_OFFICER: Scope.UNIT,
            Role.UNIT_ADMIN: Scope.UNIT,
        },
        "dispatch.quiet_hours": {Role.CITY_OFFICER: Scope.CITY},
        # The limits of 事不过二 and the rules of talks and callbacks; no case content stands on their page.
        "dispatch.limits": {Role.CITY_OFFICER: Scope.CITY, Role.SYSTEM_ADMIN: Scope.CITY},
        "dispatch.ask_pause": _UNIT,
        "dispatch.decide_pause": _OFFICES,
        "dispatch.ask_extension": _UNIT,
        # A promise is the hub's to extend; a legal period the head of the handling unit's (Regulation, art. 34).
        "dispatch.extend": _OFFICES,
        "dispatch.extend_legal": {Role.UNIT_ADMIN: Scope.UNIT},
        # One's own jobs need no permission; this is about other people's.
        "dispatch.all_jobs": {Role.CITY_OFFICER: Scope.CITY},
        "dispatch.catalogue": {Role.DISPATCHER: Scope.CITY, Role.CITY_OFFICER: Scope.CITY},
    },
)
