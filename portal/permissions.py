"""The permission table of this room: what staff may do for a citizen's own access (domain-facts §4.2)."""

from accounts.roles import Role, Scope, register_table

_OFFICES = {
    Role.HOTLINE_AGENT: Scope.OWN,
    Role.DISPATCHER: Scope.CITY,
    Role.CITY_OFFICER: Scope.CITY,
    Role.DISTRICT_OFFICER: Scope.AREA,
}

PERMISSIONS = register_table(
    "portal",
    {
        # Who takes matters in and talks with the person: sends a link, hands over the tablet.
        "portal.send_link": {**_OFFICES, Role.UNIT_ADMIN: Scope.UNIT},
        # A new code kills the old one; only the offices that hand codes out.
        "portal.new_code": dict(_OFFICES),
    },
)
