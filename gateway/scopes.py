"""What a key may do, and what that means in the permission tables of the other rooms."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.roles import Scope


class ApiScope(models.TextChoices):
    PETITIONS_READ = "petitions:read", _("Read petitions and work orders of its units")
    PETITIONS_WRITE = "petitions:write", _("Register and withdraw petitions")
    ORDERS_WRITE = "orders:write", _("Sign for work orders, record contacts and explanations, feed back")
    IDENTITIES_READ = "identities:read", _("Read names and numbers unmasked; every reading is logged")
    REPORTS_READ = "reports:read", _("Read indicators and de-identified data sets")
    WEBHOOKS_MANAGE = "webhooks:manage", _("Manage its own webhook endpoints and read their deliveries")
    BACKLOG_READ = "backlog:read", _("Read backlog cases, tasks and boards of its units")
    BACKLOG_WRITE = "backlog:write", _("Plan milestones, give tasks and report them done")


# A scope for writing also reaches the rows it writes; whether they may be listed is asked of the view's own scope.
_GRANTS: dict[str, dict[str, Scope]] = {
    ApiScope.PETITIONS_READ: {
        "petitions.view": Scope.UNIT,
        "dispatch.view": Scope.UNIT,
        "dispatch.view_supervision": Scope.UNIT,
        "petitions.view_reviews": Scope.UNIT,
    },
    ApiScope.PETITIONS_WRITE: {
        "petitions.view": Scope.UNIT,
        "petitions.register": Scope.CITY,
        "petitions.withdraw": Scope.UNIT,
        "petitions.supplement": Scope.UNIT,
    },
    ApiScope.ORDERS_WRITE: {
        "dispatch.view": Scope.UNIT,
        "dispatch.sign": Scope.UNIT,
        "dispatch.ask_return": Scope.UNIT,
        "dispatch.ask_extension": Scope.UNIT,
        "dispatch.contact": Scope.UNIT,
        "dispatch.feed_back": Scope.UNIT,
        "dispatch.explain": Scope.UNIT,
    },
    # The mask itself is lifted by the one resource that logs it (gateway/identities.py).
    ApiScope.IDENTITIES_READ: {"petitions.view": Scope.UNIT},
    # How far indicators reach, the kind of the client's unit says (gateway/indicators.py).
    ApiScope.REPORTS_READ: {"insights.view": Scope.UNIT, "gateway.datasets": Scope.UNIT},
    ApiScope.BACKLOG_READ: {
        "backlog.view": Scope.UNIT,
        "backlog.view_tasks": Scope.UNIT,
        "backlog.wall": Scope.UNIT,
    },
    ApiScope.BACKLOG_WRITE: {
        "backlog.view": Scope.UNIT,
        "backlog.view_tasks": Scope.UNIT,
        "backlog.plan": Scope.UNIT,
        "backlog.assign_task": Scope.UNIT,
        "backlog.report_task": Scope.UNIT,
    },
}


def grants_of(scopes: list[str]) -> dict[str, Scope]:
    """Permissions of the domain rooms that these scopes stand for."""
    return {permission: reach for scope in scopes for permission, reach in _GRANTS.get(scope, {}).items()}
