"""The permission table of this room (domain-facts §4.2)."""

from accounts.roles import Role, Scope, register_table

PERMISSIONS = register_table(
    "accounts",
    {
        # Users, dictionaries, calendar. System administrators see no case content.
        "accounts.manage": {Role.SYSTEM_ADMIN: Scope.CITY},
        # Whose absences one enters beside one's own.
        "accounts.people": {
            Role.CITY_OFFICER: Scope.CITY,
            Role.DISTRICT_OFFICER: Scope.AREA,
            Role.DISPATCHER: Scope.UNIT,
            Role.UNIT_ADMIN: Scope.UNIT,
        },
    },
)
