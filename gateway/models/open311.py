"""What the façade of Open311 must remember beyond the petition itself."""

from django.db import models

from gateway.models.clients import ApiClient
from petitions.models import Event


class Open311Update(models.Model):
    """An update a client sent: its own id, and the event it became. The same id is one update for ever."""

    client = models.ForeignKey(ApiClient, models.CASCADE, related_name="+")
    update_id = models.CharField(max_length=64)
    event = models.ForeignKey(Event, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "update_id"], name="open311_update_once")]

    def __str__(self) -> str:
        return self.update_id
