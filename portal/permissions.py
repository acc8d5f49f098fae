"""The permission table of this room: what staff may do for a citizen's own access (domain-facts §4.2)."""

from accounts.roles import Role, Scope, register_table

# Who may lift the mask anyway: a code opens everything the petitioner reads and may do.
_OFFICES = {
    Role.HOTLINE_AGENT: Scope.OWN,
    Role.CITY_OFFICER: Scope.CITY,
    Role.DISTRICT_OFFICER: Scope.AREA,
}

PERMISSIONS = register_table(
    "portal",
    {
        # Who takes matters in and talks with the person: sends a link, hands over the tablet. Never the unit: it would
        # stand in for the person who rates it.
        "portal.send_link": {**_OFFICES, Role.DISPATCHER: Scope.CITY},
        # A new code kills the old one; only the offices that hand codes out.
        "portal.new_code": dict(_OFFICES),
    },
)
