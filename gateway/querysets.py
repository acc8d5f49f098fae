"""Reads of this room: who may see what."""

from typing import TYPE_CHECKING

from django.db import models

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import Scope

if TYPE_CHECKING:
    from gateway.models import BulkIntake, DatasetRun, WebhookEndpoint, WebhookMessage  # noqa: F401


class BulkIntakeQuerySet(models.QuerySet["BulkIntake"]):
    def visible_to(self, user: User) -> "BulkIntakeQuerySet":
        """One's own tables; city-wide holders of the permission see everybody's, other systems' included."""
        reach = user.scope_for("gateway.bulk")
        if reach is None:
            return self.none()
        return self.all() if reach == Scope.CITY else self.filter(job__created_by=user)


class DatasetRunQuerySet(models.QuerySet["DatasetRun"]):
    def visible_to(self, who: User | Actor) -> "DatasetRunQuerySet":
        """City-wide holders of the permission know of every data set; another system of those of its own units."""
        actor = Actor.of(who)
        reach = actor.scope_for("gateway.datasets")
        if reach is None:
            return self.none()
        return self.all() if reach == Scope.CITY else self.of_reach_of(actor)

    def of_reach_of(self, who: User | Actor) -> "DatasetRunQuerySet":
        """Those whose rows they may have: of exactly their own reach, so that no two reaches can be subtracted."""
        actor = Actor.of(who)
        scope = actor.scope_for("gateway.datasets")
        if scope == Scope.CITY:
            return self.filter(unit=None)
        if scope != Scope.UNIT or actor.unit is None:
            return self.none()
        # Whatever stands below the head of the city is the whole city.
        return self.filter(unit=actor.unit if actor.unit.parent_id else None)


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    def visible_to(self, user: User) -> "WebhookEndpointQuerySet":
        """Every client's endpoints, for those who tend them."""
        return self.all() if user.may("gateway.webhooks") else self.none()


class WebhookMessageQuerySet(models.QuerySet["WebhookMessage"]):
    def visible_to(self, user: User) -> "WebhookMessageQuerySet":
        """What was sent to every client, for those who tend the endpoints. Which petition it is about, is not in it."""
        return self.all() if user.may("gateway.webhooks") else self.none()
