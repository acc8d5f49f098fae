"""The append-only, hash-chained history of a petition."""

from django.db import models

from accounts.models import Unit, User
from petitions.models.petition import Petition


class EventHead(models.Model):
    """Last link of a petition's chain; locked and advanced by `petitions.events.record`."""

    petition = models.OneToOneField(Petition, models.PROTECT, primary_key=True, related_name="event_head")
    seq = models.PositiveIntegerField()
    hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"{self.petition_id}#{self.seq}"


class Event(models.Model):
    """One thing that happened, append-only and hash-chained per petition (docs/architecture.md, rule 2).

    `body` is the canonical bytes that were hashed: hash = SHA-256(previous hash ‖ body). A trigger refuses UPDATE,
    DELETE and TRUNCATE. Words of people stand in `EventText`, bound by their digest, so that the law's anonymisation
    can reach them without breaking the chain.
    """

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=32)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    actor_label = models.CharField(max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    data = models.JSONField(default=dict)
    text_digest = models.CharField(max_length=64, blank=True)
    body = models.BinaryField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["petition_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["petition", "seq"], name="event_seq")]

    def __str__(self) -> str:
        return f"{self.petition_id}#{self.seq} {self.kind}"


class EventText(models.Model):
    """The words that belong to an event: a note, a reason, a reply. Bound to it by `Event.text_digest`."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="words")
    text = models.TextField()

    def __str__(self) -> str:
        return self.text[:40]
