"""The permission table of this room (domain-facts §4.2), used by views, API and templates alike."""

from accounts.roles import Role, Scope, register_table

_OFFICES = {
    Role.DISPATCHER: Scope.CITY,
    Role.CITY_OFFICER: Scope.CITY,
    Role.DISTRICT_OFFICER: Scope.AREA,
}
_UNIT = {Role.UNIT_ADMIN: Scope.UNIT, Role.UNIT_HANDLER: Scope.OWN}

_DECIDERS = {
    Role.CITY_OFFICER: Scope.CITY,
    Role.DISTRICT_OFFICER: Scope.AREA,
    Role.LEAD_OFFICIAL: Scope.NAMED,
}
_SUPERVISORS = {**_DECIDERS, Role.CONFERENCE_OFFICER: Scope.CITY, Role.INSPECTOR: Scope.CITY}

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
        # Supervision and the three suggestions (domain-facts §4.2): W is to issue, D to decide, R to answer.
        "dispatch.remind": {**_OFFICES, Role.INSPECTOR: Scope.CITY},
        "dispatch.answer_reminder": _UNIT,
        "dispatch.view_findings": _SUPERVISORS,
        "dispatch.view_supervision": {**_SUPERVISORS, Role.DISPATCHER: Scope.CITY, **_UNIT},
        "dispatch.supervise": {**_DECIDERS, Role.INSPECTOR: Scope.CITY},
        "dispatch.supervise_decide": _DECIDERS,
        # Listing, summons and circular: joint conference and city office (Regulation on Petition Work, art. 39).
        "dispatch.supervise_high": {Role.CITY_OFFICER: Scope.CITY, Role.CONFERENCE_OFFICER: Scope.CITY},
        # A petition office that is late itself answers like any unit.
        "dispatch.answer_supervision": {Role.UNIT_ADMIN: Scope.UNIT, **dict.fromkeys(_OFFICES, Scope.OWN)},
        "dispatch.view_suggestions": {
            Role.CITY_OFFICER: Scope.CITY,
            Role.DISTRICT_OFFICER: Scope.AREA,
            Role.CONFERENCE_OFFICER: Scope.CITY,
            Role.INSPECTOR: Scope.CITY,
            Role.LEAD_OFFICIAL: Scope.UNIT,
            Role.UNIT_ADMIN: Scope.UNIT,
            Role.UNIT_HANDLER: Scope.OWN,
        },
        "dispatch.suggest": {
            Role.CITY_OFFICER: Scope.CITY,
            Role.DISTRICT_OFFICER: Scope.AREA,
            Role.INSPECTOR: Scope.CITY,
        },
        "dispatch.answer_suggestion": {
            Role.UNIT_ADMIN: Scope.UNIT,
            Role.LEAD_OFFICIAL: Scope.OWN,
            **dict.fromkeys(_OFFICES, Scope.OWN),
        },
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
        # Rules bind everybody in the house, so everybody may read them. A rule of law takes two: prepare and approve.
        "dispatch.rules": dict.fromkeys(Role, Scope.CITY),
        "dispatch.prepare_rules": {Role.CITY_OFFICER: Scope.CITY, Role.SYSTEM_ADMIN: Scope.CITY},
        "dispatch.approve_rules": {Role.CITY_OFFICER: Scope.CITY},
        # Each office its own: the city office, too, files no district's.
        "dispatch.reports": {
            Role.CITY_OFFICER: Scope.CITY,
            Role.CONFERENCE_OFFICER: Scope.CITY,
            Role.INSPECTOR: Scope.CITY,
            Role.DISTRICT_OFFICER: Scope.UNIT,
        },
        "dispatch.file_report": {Role.CITY_OFFICER: Scope.UNIT, Role.DISTRICT_OFFICER: Scope.UNIT},
        "dispatch.calendar": {Role.CITY_OFFICER: Scope.CITY, Role.SYSTEM_ADMIN: Scope.CITY},
        "dispatch.catalogue": {Role.DISPATCHER: Scope.CITY, Role.CITY_OFFICER: Scope.CITY},
    },
)
