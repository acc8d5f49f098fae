"""The permission table of this room (domain-facts §4.2)."""

from accounts.roles import Role, Scope, register_table

PERMISSIONS = register_table(
    "accounts",
    {
        # Users, dictionaries, calendar. System administrators see no case content.
        "accounts.manage": {Role.SYSTEM_ADMIN: Scope.CITY},
    },
)
