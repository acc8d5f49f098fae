"""The permission table of this room (domain-facts §4.2): who of the staff tends the connections to other systems.

What a key may do is another table (gateway/scopes.py).
"""

from accounts.roles import Role, Scope, register_table

PERMISSIONS = register_table(
    "gateway",
    {
        # The entry of the rail: whoever has one of the pages below.
        "gateway.view": {
            Role.SYSTEM_ADMIN: Scope.CITY,
            Role.CITY_OFFICER: Scope.CITY,
            Role.DISPATCHER: Scope.CITY,
            Role.HOTLINE_AGENT: Scope.CITY,
            Role.DISTRICT_OFFICER: Scope.AREA,
            Role.INSPECTOR: Scope.CITY,
        },
        # Clients, keys, webhook endpoints and what was sent to them. Bodies carry no case content (design/api.md).
        "gateway.clients": {Role.SYSTEM_ADMIN: Scope.CITY},
        "gateway.webhooks": {Role.SYSTEM_ADMIN: Scope.CITY, Role.CITY_OFFICER: Scope.CITY},
        # Mappings of the channels, and how each channel does.
        "gateway.channels": {Role.SYSTEM_ADMIN: Scope.CITY, Role.CITY_OFFICER: Scope.CITY},
        # What a mapping could not place. It shows what citizens wrote: not for system administrators.
        "gateway.triage": {
            Role.CITY_OFFICER: Scope.CITY,
            Role.DISPATCHER: Scope.CITY,
            Role.HOTLINE_AGENT: Scope.CITY,
        },
        # A table of petitions from another system, taken in at once.
        "gateway.bulk": {
            Role.CITY_OFFICER: Scope.CITY,
            Role.DISPATCHER: Scope.CITY,
            Role.DISTRICT_OFFICER: Scope.AREA,
        },
        # De-identified data sets for assessments (domain-facts §9 item 21).
        "gateway.datasets": {Role.CITY_OFFICER: Scope.CITY, Role.INSPECTOR: Scope.CITY},
    },
)
