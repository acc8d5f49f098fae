"""Roles and scopes of the permission matrix (domain-facts §4.2) as data.

Each app keeps one table `PERMISSIONS: dict[permission, dict[Role, Scope]]` in its `permissions.py`; views, API and
templates all ask the same question through `User.scope_for(permission)`.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The eleven staff roles of domain-facts §4.2; the twelfth, the citizen, has no account."""

    HOTLINE_AGENT = "hotline_agent", _("Hotline agent")
    DISPATCHER = "dispatcher", _("Hub dispatcher")
    CITY_OFFICER = "city_officer", _("City petition officer")
    DISTRICT_OFFICER = "district_officer", _("District petition officer")
    CONFERENCE_OFFICER = "conference_officer", _("Joint-conference officer")
    UNIT_ADMIN = "unit_admin", _("Unit leader")
    UNIT_HANDLER = "unit_handler", _("Unit handler")
    LEAD_OFFICIAL = "lead_official", _("Lead official")
    REVIEWER = "reviewer", _("Reviewer")
    INSPECTOR = "inspector", _("Inspector")
    SYSTEM_ADMIN = "system_admin", _("System administrator")


class Scope(models.TextChoices):
    """How far a permission reaches. Order matters nowhere; each app's `visible_to` turns a scope into SQL."""

    CITY = "city", _("whole city")
    AREA = "area", _("own district")
    UNIT = "unit", _("own unit and those below it")
    OWN = "own", _("own or assigned only")
    NAMED = "named", _("only where named")


PermissionTable = dict[str, dict[Role, Scope]]
_TABLES: dict[str, PermissionTable] = {}


def register_table(app: str, table: PermissionTable) -> PermissionTable:
    """Make an app's permission table known. Keys must start with `app.`; raises ValueError otherwise."""
    for key in table:
        if not key.startswith(f"{app}."):
            raise ValueError(f"{key} does not belong to {app}")
    _TABLES[app] = table
    return table


def scope_of(role: str, permission: str) -> Scope | None:
    """The scope in which `role` holds `permission`, or None. Raises KeyError for a permission no table holds."""
    app = permission.split(".", 1)[0]
    return _TABLES[app][permission].get(Role(role))


def full_matrix() -> dict[str, dict[Role, Scope]]:
    """Every app's table in one dictionary, for the matrix page and the generated tests."""
    return {key: row for table in _TABLES.values() for key, row in table.items()}
