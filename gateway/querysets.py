"""Reads of this room: who may see what."""

from typing import TYPE_CHECKING

from django.db import models

from accounts.models import User
from accounts.roles import Scope

if TYPE_CHECKING:
    from gateway.models import BulkIntake, WebhookEndpoint, WebhookMessage  # noqa: F401


class BulkIntakeQuerySet(models.QuerySet["BulkIntake"]):
    def visible_to(self, user: User) -> "BulkIntakeQuerySet":
        """One's own tables; city-wide holders of the permission see everybody's, other systems' included."""
        reach = user.scope_for("gateway.bulk")
        if reach is None:
            return self.none()
        return self.all() if reach == Scope.CITY else self.filter(job__created_by=user)


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    def visible_to(self, user: User) -> "WebhookEndpointQuerySet":
        """Every client's endpoints, for those who tend them."""
        return self.all() if user.may("gateway.webhooks") else self.none()


class WebhookMessageQuerySet(models.QuerySet["WebhookMessage"]):
    def visible_to(self, user: User) -> "WebhookMessageQuerySet":
        """What was sent to every client, for those who tend the endpoints. Which petition it is about, is not in it."""
        return self.all() if user.may("gateway.webhooks") else self.none()
