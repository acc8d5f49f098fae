"""Reads of documents: who may see which, and whose turn it is."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import Scope
from petitions.documents.subjects import subjects_open_to
from petitions.states.documents import OPEN_DOCUMENT_STATES, PUBLIC_DOCUMENT_STATES, DocumentState

if TYPE_CHECKING:
    from petitions.models import Document, Petition  # noqa: F401


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, who: User | Actor) -> "DocumentQuerySet":
        """The documents of the petitions this person or client may read; a citizen reads what was issued to them."""
        return self.within(who, "petitions.view")

    def within(self, who: User | Actor, permission: str) -> "DocumentQuerySet":
        """The documents of the petitions the permission reaches for this actor (domain-facts §4.2, §1.17).

        What is not issued yet is read by its own organ and the offices only; a paper about a supervision or a
        suggestion only by who may read that.
        """
        from petitions.models import Petition

        if getattr(who, "is_anonymous", False):
            return self.none()
        actor = Actor.of(who)
        if actor.is_system:
            return self
        rows = self.filter(petition__in=Petition.objects.within(actor, permission))
        if actor.matters:
            return rows.filter(_for_citizens())
        if actor.scope_for(permission) not in {Scope.CITY, Scope.AREA}:
            rows = rows.filter(Q(issued_at__isnull=False) | Q(unit=actor.unit))
        return rows.filter(subjects_open_to(actor))

    def for_citizen(self, petition: "Petition") -> "DocumentQuerySet":
        """What the petitioner may read of their matter: issued, addressed to them, newest first."""
        return self.to_citizens().filter(petition=petition).order_by("-issued_at", "-id")

    def to_citizens(self) -> "DocumentQuerySet":
        """Issued, and addressed to petitioners."""
        return self.filter(_for_citizens())

    def waiting_for(self, user: User) -> "DocumentQuerySet":
        """The documents whose next signature is this person's to give."""
        from petitions.documents.kinds import KINDS

        if user.unit_id is None:
            return self.none()
        is_next = Q(pk__in=[])
        for kind in KINDS.values():
            for place, step in enumerate(kind.chain):
                if user.may(step.permission):
                    is_next |= Q(kind=kind.key, signed_steps=place)
        mine = Q(waits_for=user) | Q(waits_for=None)
        rows = self.within(user, "petitions.document_check").filter(
            is_next, mine, state=DocumentState.IN_REVIEW, unit=user.unit_id
        )
        four_eyes = [kind.key for kind in KINDS.values() if kind.is_four_eyes]
        return rows.exclude(kind__in=four_eyes, drafter=user)

    def open(self) -> "DocumentQuerySet":
        """Not issued yet and not void."""
        return self.filter(state__in=OPEN_DOCUMENT_STATES)


def _for_citizens() -> Q:
    from petitions.documents.kinds import KINDS

    public = [kind.key for kind in KINDS.values() if kind.is_for_citizen]
    return Q(state__in=PUBLIC_DOCUMENT_STATES, kind__in=public)
