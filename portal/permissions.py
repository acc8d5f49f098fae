"""The permission table of this room: what staff may do for a citizen's own access (domain-facts §4.2)."""

from accounts.roles import Role, Scope, register_table

# Those who may know who the petitioner is (petitions.reveal).
_OFFICES = {
    Role.HOTLINE_AGENT: Scope.OWN,
    Role.CITY_OFFICER: Scope.CITY,
    Role.DISTRICT_OFFICER: Scope.AREA,
}

PERMISSIONS = register_table(
    "portal",
    {
        # Who takes matters in and talks with the person: sends a link, hands over the tablet. Never the unit that is
        # rated with it.
        "portal.send_link": {**_OFFICES, Role.DISPATCHER: Scope.CITY},
        # A new code kills the old one; only who may hand codes out, for a code opens the letters with their names.
        "portal.new_code": dict(_OFFICES),
    },
)
