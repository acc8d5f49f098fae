"""The permission table of this room (domain-facts §4.2, rows "statistics" and "export")."""

from accounts.roles import Role, Scope, register_table

PERMISSIONS = register_table(
    "insights",
    {
        # Numbers without identities: the offices and those who look from above for the city, a unit its own.
        "insights.view": {
            Role.HOTLINE_AGENT: Scope.CITY,
            Role.DISPATCHER: Scope.CITY,
            Role.CITY_OFFICER: Scope.CITY,
            Role.DISTRICT_OFFICER: Scope.AREA,
            Role.CONFERENCE_OFFICER: Scope.CITY,
            Role.UNIT_ADMIN: Scope.UNIT,
            Role.UNIT_HANDLER: Scope.UNIT,
            Role.LEAD_OFFICIAL: Scope.CITY,
            Role.REVIEWER: Scope.CITY,
            Role.INSPECTOR: Scope.CITY,
        },
        # Each export is logged with its reason.
        "insights.export": {
            Role.CITY_OFFICER: Scope.CITY,
            Role.DISTRICT_OFFICER: Scope.AREA,
            Role.CONFERENCE_OFFICER: Scope.CITY,
            Role.UNIT_ADMIN: Scope.UNIT,
            Role.INSPECTOR: Scope.CITY,
        },
    },
)
