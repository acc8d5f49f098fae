"""A petition from another system becomes ours, once per number at its source."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import IntegrityError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from gateway import reference
from gateway.models import ApiClient
from gateway.problems import Problem, invalid
from petitions.actions import Person, Registration, register
from petitions.models import Petition, Petitioner, Sensitivity

SUMMARY_LENGTH = 80
# Identity numbers and telephone numbers; the summary stands in lists and mails (domain-facts §1.17).
NUMBERS = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15}|(?:\+?86)?[- ]?1[3-9]\d{9}|0\d{2,3}-?\d{7,8})(?!\d)")
SENTENCE_END = re.compile(r"[。！？!?；;\n]")


@dataclass(frozen=True)
class Intake:
    """What became of a post: the petition, and whether it is new."""

    petition: Petition
    is_new: bool


def take_in(client: ApiClient, values: dict[str, Any], *, at: datetime) -> Intake:
    """Register what a client posted, unless its number at the source is known. `values` are PetitionInput's.

    Must run inside a transaction. Raises Problem (409) when the number belongs to a petition the client cannot see,
    and Problem (422) when no content class is given and the office has none to fall back on.
    """
    source_ref = values.get("source_ref", "")
    # Looking first keeps a repeated post from using up a number of the register.
    known = _existing(client, source_ref)
    if known is not None:
        return Intake(known, is_new=False)
    registration = registration_of(client, values, source_ref, at)
    try:
        return Intake(register(registration, actor=client.actor, at=at), is_new=True)
    except IntegrityError as error:
        # The same number came twice at once; the index made us wait until the other one was committed.
        known = _existing(client, source_ref) if "petition_source_ref" in str(error) else None
        if known is None:
            raise
        return Intake(known, is_new=False)


def _existing(client: ApiClient, source_ref: str) -> Petition | None:
    if not source_ref:
        return None
    # By hand: almost always there is none, and building the queryset took three times as long as asking.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM petitions_petition WHERE channel = %s AND numbering = %s AND source_ref = %s "
            "AND source_ref <> ''",
            [client.channel, client.numbering, source_ref],
        )
        found = cursor.fetchone()
    if found is None:
        return None
    visible = Petition.objects.visible_to(client.actor).filter(pk=found[0]).first()
    if visible is None:
        detail = _("This number has been taken in already, as a petition your key cannot see.")
        raise Problem("source_ref_taken", detail, legal=[])
    return visible


def registration_of(client: ApiClient, values: dict[str, Any], source_ref: str, at: datetime) -> Registration:
    """What the values of a PetitionInput ask for. Raises Problem (422) where no content class is given or found."""
    content = values["content"]
    content_class = values.get("category") or reference.class_for(content)
    if content_class is None:
        raise invalid([{"pointer": "/category", "code": "required", "detail": _("Please give a category.")}])
    headcount = values["headcount"]
    return Registration(
        channel=client.channel,
        register_unit=client.unit,
        source_ref=source_ref,
        numbering=client.numbering,
        summary=values.get("summary") or default_summary(content),
        content=content,
        demand=values.get("demand", ""),
        purpose=values["purpose"],
        content_class=content_class,
        area=values["area"],
        address=values.get("address", ""),
        urgency=values["urgency"],
        sensitivity=Sensitivity.CONFIDENTIAL if values["is_confidential"] else Sensitivity.NORMAL,
        petition_date=values.get("petition_date") or _day_of(at),
        occurred_on=values.get("occurred_on"),
        headcount=headcount,
        affected_count=values.get("affected_count", headcount),
        is_anonymous=values["is_anonymous"],
        is_open_to_public=values["is_open_to_public"],
        person=_person(values.get("petitioner", {})),
    )


@lru_cache(maxsize=1)
def _day_of(at: datetime) -> date:
    return timezone.localdate(at)


def _person(given: dict[str, Any]) -> Person:
    return Person(
        name=given.get("name", ""),
        party_type=given.get("party_type", Petitioner.PartyType.PERSON),
        id_type=given.get("id_type", ""),
        id_no=given.get("id_no", ""),
        phone=given.get("phone", ""),
        address=given.get("address", ""),
        sex=given.get("sex", ""),
        contact_preference=given.get("contact_preference", ""),
    )


def default_summary(content: str) -> str:
    """The first sentence of a text, at most 80 characters, without identity and telephone numbers."""
    text = " ".join(NUMBERS.sub("", content).split(" ")).strip()
    first = SENTENCE_END.split(text, maxsplit=1)[0].strip() or text
    return (first if len(first) <= SUMMARY_LENGTH else first[: SUMMARY_LENGTH - 1] + "…") or "—"
