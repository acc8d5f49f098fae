"""The steps between registration and closing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions.actions.moves import lock, move
from petitions.actions.repeats import decide
from petitions.actions.revoked import check_not_repeated
from petitions.models import (
    Adoption,
    Petition,
    Petitioner,
    Purpose,
    Rating,
    RepeatSuggestion,
    Urgency,
)
from petitions.signals import petition_rated
from petitions.states import Refused


def _adoption(petition: Petition, adoption: str) -> dict[str, str]:
    """What a reply to a suggestion says besides its words (Regulation, art. 29): adopted, in part, or not."""
    if petition.purpose != Purpose.SUGGEST:
        return {}
    if adoption not in Adoption.values:
        raise Refused(
            _("Say whether the suggestion is adopted, partly adopted or not adopted (Regulation, art. 29)."),
            field="adoption",
        )
    return {"adoption": adoption}


def answer_at_once(
    petition_id: int,
    *,
    answer: str,
    agreed: bool,
    adoption: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Petition:
    """Close a matter on the spot (直接答复). Raises Refused without an answer or without the person's agreement.

    `adoption` is owed for a suggestion.
    """
    if not answer.strip():
        raise Refused(_("Please write the answer that was given."), field="answer")
    if not agreed:
        raise Refused(_("Without the person's agreement the matter is dispatched, not closed."), field="agreed")
    with transaction.atomic():
        told = _adoption(lock(petition_id), adoption)
        changes = {"reply_text": answer, "replied_at": at, "close_type": "answered", **told}
        return move(
            petition_id,
            "answer_at_once",
            actor=actor,
            at=at,
            data=told,
            text=answer,
            changes=changes,
            version=version,
        )


def lead_out(
    petition_id: int, *, route: str, explanation: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Lead a matter to court, arbitration, reconsideration … (R22 art. 31). Raises Refused without an explanation."""
    if not explanation.strip():
        raise Refused(_("Please say what the petitioner was told about the other route."), field="explanation")
    changes = {"close_type": "led_out", "closed_at": at}
    return move(
        petition_id,
        "lead_out",
        actor=actor,
        at=at,
        data={"route": route},
        text=explanation,
        changes=changes,
        version=version,
    )


def reply(
    petition_id: int,
    *,
    text: str,
    adoption: str = "",
    overrule: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Petition:
    """Give the petitioner the office's reply. Whether all work is checked is asked by the room that knows the work.

    `adoption` is owed for a suggestion. Raises Refused without it, and for a reply that says too little.
    `overrule`: why it may read like an opinion that a review has revoked; without it such a reply is refused.
    """
    if len(text.strip()) < 10:
        raise Refused(
            _("A reply names facts, outcome and reasons; please write at least ten characters."), field="text"
        )
    with transaction.atomic():
        told = _adoption(lock(petition_id), adoption)
        check_not_repeated(petition_id, text, overrule)
        changes = {"reply_text": text, "replied_at": at, **told}
        data = {**told, **({"overruled": overrule.strip()[:300]} if overrule.strip() else {})}
        return move(petition_id, "reply", actor=actor, at=at, data=data, text=text, changes=changes, version=version)


@dataclass(frozen=True)
class Judgement:
    """How a rating was given besides its scores: what was ticked for each object, and by whose hand."""

    reasons: Mapping[str, Sequence[str]] = field(default_factory=dict)
    way: str = Rating.Way.OFFICER


@transaction.atomic
def rate(
    petition_id: int,
    *,
    office: int,
    unit: int,
    comment: str,
    judgement: Judgement | None = None,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Petition:
    """Record what the petitioner thinks of the petition office and of the unit, once per round (domain-facts §2.7)."""
    petition = lock(petition_id)
    if petition.ratings.filter(round=petition.round).exists():
        raise Refused(_("This petition has been rated already."), code="rated")
    return _rate(petition, "rate", {"office": office, "unit": unit}, comment, judgement, Actor.of(actor), at, version)


@transaction.atomic
def rerate(
    petition_id: int,
    *,
    office: int,
    unit: int,
    comment: str,
    judgement: Judgement | None = None,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Petition:
    """Record the one rating more after a bad one was put right (domain-facts §1.13 D); the first stays readable."""
    petition = lock(petition_id)
    ratings = petition.ratings.filter(round=petition.round)
    # There need not be a first one: a bad answer at the callback is a bad rating too. Whether anything was put
    # right is asked by the room that knows.
    if ratings.filter(is_again=True).exists():
        raise Refused(_("It has been rated once more already; that one counts."), code="rated")
    return _rate(petition, "rerate", {"office": office, "unit": unit}, comment, judgement, Actor.of(actor), at, version)


def _rate(
    petition: Petition,
    name: str,
    scores: Mapping[str, int],
    comment: str,
    judgement: Judgement | None,
    who: Actor,
    at: datetime,
    version: int | None,
) -> Petition:
    given = judgement or Judgement()
    reasons = {subject: list(given.reasons.get(subject, ())) for subject in scores}
    data = {**{subject: int(score) for subject, score in scores.items()}, "round": petition.round, "way": given.way}
    if any(reasons.values()):
        data["reasons"] = reasons
    moved = move(petition.pk, name, actor=who, at=at, data=data, text=comment, version=version)
    is_again = name == "rerate"
    shared = {"round": moved.round, "is_again": is_again, "way": given.way, "at": at, "by": who.user}
    Rating.objects.bulk_create(
        [
            Rating(petition=moved, subject=subject, score=score, reasons=reasons[subject], **shared)
            for subject, score in scores.items()
        ]
    )
    office, unit = int(scores["office"]), int(scores["unit"])
    petition_rated.send(Petition, petition=moved, office=office, unit=unit, is_again=is_again, actor=who, at=at)
    return moved


# What was told the petitioner belongs to the round before.
_ANEW = {"replied_at": None, "delivered_at": None}


def rework(petition_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None) -> Petition:
    """Send a replied matter back to the unit. How often that may be, the room that keeps the limits says (§2.3)."""
    if not reason.strip():
        raise Refused(_("Please say what was not done or why the petitioner is dissatisfied."), field="reason")
    with transaction.atomic():
        petition = lock(petition_id)
        changes = {"rework_count": petition.rework_count + 1, "round": petition.round + 1, **_ANEW}
        return move(petition_id, "rework", actor=actor, at=at, text=reason, changes=changes, version=version)


def set_urgency(
    petition_id: int, *, urgency: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Set the service class of a matter nobody handles yet. Raises Refused for the class it has already."""
    if urgency not in Urgency.values:
        raise Refused(_("Choose the urgency."), field="urgency")
    with transaction.atomic():
        petition = lock(petition_id)
        if petition.urgency == urgency:
            raise Refused(_("It is %(urgency)s already.") % {"urgency": petition.get_urgency_display()}, code="same")
        data = {"urgency_before": petition.urgency, "urgency": urgency}
        changes = {"urgency": urgency}
        return move(petition_id, "set_urgency", actor=actor, at=at, data=data, changes=changes, version=version)


def withdraw(
    petition_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """The petitioner takes the matter back. Raises Refused without a reason.

    A citizen ends no joint petition: whoever holds its code is one of several.
    """
    if not reason.strip():
        raise Refused(_("Please note why and how the petitioner withdrew."), field="reason")
    changes = {"close_type": "withdrawn", "closed_at": at}
    with transaction.atomic():
        if Actor.of(actor).matters and is_joint(lock(petition_id)):
            raise Refused(
                _(
                    "Several people have signed this petition; one of them does not withdraw it for all. To take your"
                    " own name back, come to the petition office or call it."
                ),
                code="joint",
            )
        return move(petition_id, "withdraw", actor=actor, at=at, text=reason, changes=changes, version=version)


def is_joint(petition: Petition) -> bool:
    """Whether more than one who has signed it still stands by it."""
    return Petitioner.objects.filter(petition=petition, withdrawn_at=None)[:2].count() > 1


def reopen(petition_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None) -> Petition:
    """Take a closed matter up again because of new facts. Raises Refused without them."""
    if not reason.strip():
        raise Refused(_("Please name the new facts."), field="reason")
    with transaction.atomic():
        petition = lock(petition_id)
        # A new round: the rating given to what was closed does not judge what is done from now on, and work on the old
        # facts does not answer the new ones.
        # The new opinion is a new one in law too: review of it starts at the first stage, and no end stands over it.
        anew = {"review_level": 0, "end_way": "", "ended_at": None}
        # Acceptance and notice were of what was closed; the new acceptance opens a handling period of its own.
        told = {"accepted_at": None, "notified_at": None}
        new = {"round": petition.round + 1, "reopened_at": at, **_ANEW, **anew, **told}
        changes = {"closed_at": None, "close_type": "", **new}
        return move(petition_id, "reopen", actor=actor, at=at, text=reason, changes=changes, version=version)


@transaction.atomic
def merge(
    petition_id: int, *, into: Petition, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Handle a duplicate together with an earlier petition. Raises Refused for itself or a closed parent.

    Both rows are locked, the lower number first: A into B while somebody merges B into A leaves one of them open.
    """
    for pk in sorted({petition_id, into.pk}):
        lock(pk)
    into.refresh_from_db(fields=["state", "is_open"])
    leaks = into.is_restricted and not Petition.objects.get(pk=petition_id).is_restricted
    if into.pk == petition_id or not into.is_open or leaks:
        raise Refused(_("Choose another open petition to merge into."), field="into")
    changes = {"merged_into": into, "close_type": "merged", "closed_at": at}
    with transaction.atomic():
        merged = move(
            petition_id,
            "merge",
            actor=actor,
            at=at,
            data={"into": into.pk, "number": into.number},
            text=reason,
            changes=changes,
            version=version,
        )
        decide(petition_id, {into.pk: RepeatSuggestion.Decision.SAME}, actor=Actor.of(actor), at=at)
    return merged
