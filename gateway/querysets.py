"""Reads of this room: who may see what."""

from typing import TYPE_CHECKING

from django.db import models

from accounts.models import User
from accounts.roles import Scope

if TYPE_CHECKING:
    from gateway.models import BulkIntake  # noqa: F401


class BulkIntakeQuerySet(models.QuerySet["BulkIntake"]):
    def visible_to(self, user: User) -> "BulkIntakeQuerySet":
        """One's own tables; city-wide holders of the permission see everybody's, other systems' included."""
        reach = user.scope_for("gateway.bulk")
        if reach is None:
            return self.none()
        return self.all() if reach == Scope.CITY else self.filter(job__created_by=user)
