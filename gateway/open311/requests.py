"""Petitions as GeoReport's service requests: which ones a caller may read, in which words, and how one is made."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from gateway import reference
from gateway.actions import channels
from gateway.intake import NUMBERS, take_in
from gateway.models import ApiClient, InboundItem
from gateway.open311 import services
from gateway.open311.formats import Fault
from gateway.open311.places import place_of
from gateway.serializers import PetitionInput
from gateway.strict import clean
from petitions.models import Petition, Purpose, Sensitivity
from petitions.querysets import PetitionQuerySet

LONGEST = timedelta(days=90)
MOST = 1000
MAX_ID = 2**63 - 1
STATUSES = {"open": True, "closed": False}
_POINT = re.compile(r"\((-?\d+\.\d{5}), (-?\d+\.\d{5})\)$")
_ATTRIBUTE = re.compile(r"^attribute\[(\w+)\]$")


def readable(client: ApiClient | None) -> PetitionQuerySet:
    """What a caller may read: with a key what the key sees, without one what was opened to everybody."""
    if client is not None:
        return Petition.objects.visible_to(client.actor)
    opened = Petition.objects.filter(is_open_to_public=True, is_restricted=False, sensitivity=Sensitivity.NORMAL)
    return opened.exclude(purpose=Purpose.ACCUSE)


def window(asked: Mapping[str, str], at: datetime) -> tuple[datetime, datetime]:
    """The span of time a list covers: at most 90 days, the last 90 when nothing is said. Raises Fault (400)."""
    start, end = (_moment(name, asked.get(name, "")) for name in ("start_date", "end_date"))
    if start and end and (end - start > LONGEST or end < start):
        raise Fault(400, _("start_date and end_date may lie at most 90 days apart, start_date first."))
    try:
        if start is None:
            end = end or at
            return end - LONGEST, end
        return start, end or start + LONGEST
    except OverflowError:
        raise Fault(400, _("Please check the year of this date.")) from None


def _moment(name: str, text: str) -> datetime | None:
    """A W3C date and time, or None. A form turns the plus of an offset into a blank; that is put right."""
    if not text:
        return None
    try:
        found = parse_datetime(text.strip().replace(" ", "+") if "T" in text else text)
    except ValueError:
        found = None
    if found is None:
        raise Fault(400, _("%(name)s is a time such as 2026-11-16T10:00:00+08:00.") % {"name": name})
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def wanted(rows: PetitionQuerySet, asked: Mapping[str, str], at: datetime) -> PetitionQuerySet:
    """The rows of a list, newest first. `service_request_id` goes before everything else. Raises Fault (400)."""
    ids = _words(asked, "service_request_id")
    if ids:
        numbers = [int(word) for word in ids[:MOST] if is_id(word)]
        return rows.filter(pk__in=numbers).order_by("-registered_at", "-pk")[:MOST]
    start, end = window(asked, at)
    rows = rows.filter(registered_at__range=(start, end))
    codes = _words(asked, "service_code")
    if codes:
        rows = rows.filter(content_class__code__in=codes)
    statuses = _words(asked, "status")
    if set(statuses) - STATUSES.keys():
        raise Fault(400, _("status is open, closed, or both with a comma between."))
    if statuses:
        rows = rows.filter(is_open__in=[STATUSES[word] for word in statuses])
    return rows.order_by("-registered_at", "-pk")[:MOST]


def is_id(text: str) -> bool:
    """Whether a text can be one of our ids. The length goes first: Python refuses to read thousands of digits."""
    return len(text) <= 19 and text.isdecimal() and int(text) <= MAX_ID


def _words(asked: Mapping[str, str], name: str) -> list[str]:
    return [word.strip() for word in asked.get(name, "").split(",") if word.strip()]


def rows_of(found: PetitionQuerySet, *, is_public: bool) -> list[dict[str, Any]]:
    """The answer's rows. The public gets the summary without numbers and names, and the area only."""
    if is_public:
        found = found.prefetch_related("petitioners")
    return [_row(petition, is_public=is_public) for petition in found]


def _row(petition: Petition, *, is_public: bool) -> dict[str, Any]:
    kind = reference.classes().by_id.get(petition.content_class_id)
    area = reference.areas().by_id.get(petition.area_id)
    unit = reference.units().by_id.get(petition.lead_unit_id) if petition.lead_unit_id else None
    point = None if is_public else _POINT.search(petition.address)
    notes = [petition.get_state_display()]
    if not is_public and petition.reply_text:
        notes.append(petition.reply_text)
    return {
        "service_request_id": str(petition.pk),
        "status": "open" if petition.is_open else "closed",
        "status_notes": "\n".join(notes),
        "service_name": kind.name if kind else "",
        "service_code": kind.code if kind else "",
        "description": public_words(petition) if is_public else petition.content,
        "agency_responsible": unit.name if unit else "",
        "service_notice": None,
        "requested_datetime": timezone.localtime(petition.registered_at).isoformat(timespec="seconds"),
        "updated_datetime": timezone.localtime(petition.updated_at).isoformat(timespec="seconds"),
        "expected_datetime": _expected(petition, is_public=is_public),
        "address": (area.name if area else "") if is_public else petition.address or (area.name if area else ""),
        "address_id": area.code if area else "",
        "zipcode": None,
        "lat": float(point[1]) if point else None,
        "long": float(point[2]) if point else None,
        "media_url": None,
    }


def _expected(petition: Petition, *, is_public: bool) -> str | None:
    """The nearest deadline; it concerns the office and whoever reported, not everybody."""
    due = petition.deadline
    return None if is_public or due is None else timezone.localtime(due).isoformat(timespec="seconds")


def public_words(petition: Petition) -> str:
    """The summary without identity and telephone numbers and without the names of those concerned."""
    text = NUMBERS.sub("", petition.summary)
    names = [petition.respondent, *(person.name for person in petition.petitioners.all())]
    for name in names:
        if name:
            text = text.replace(name, "某")
    return text.strip() or "—"


def _attributes(form: Mapping[str, str]) -> dict[str, str]:
    given = {found[1]: value for name, value in form.items() if (found := _ATTRIBUTE.match(name)) and value}
    unknown = sorted(given.keys() - set(services.QUESTIONS))
    if unknown:
        raise Fault(400, _("No attribute of this service: %(names)s.") % {"names": ", ".join(unknown)})
    return given


def given_in(form: Mapping[str, str]) -> dict[str, Any]:
    """A posted form as a body of PetitionInput, without `area` where the address names none. Raises Fault."""
    kind = services.require(form.get("service_code", ""))
    place = place_of(
        lat=form.get("lat", "").strip(),
        long=form.get("long", "").strip(),
        address=form.get("address_string", "").strip(),
        address_id=form.get("address_id", "").strip(),
    )
    attributes = _attributes(form)
    words = form.get("description", "").strip() or _("(No description was given.) %(kind)s") % {"kind": kind.name}
    if form.get("media_url"):
        words += "\n" + _("Picture: %(address)s") % {"address": form["media_url"]}
    name = f"{form.get('last_name', '')}{form.get('first_name', '')}".strip()
    given: dict[str, Any] = {
        "content": words,
        "category": kind.code,
        "address": place.address,
        "petitioner": {
            "name": name,
            "phone": form.get("phone", "").strip(),
            "contact_preference": form.get("email", "").strip()[:100],
        },
        **attributes,
    }
    return {**given, "area": place.area.code} if place.area else given


@transaction.atomic
def take(client: ApiClient, form: Mapping[str, str], *, at: datetime) -> dict[str, Any]:
    """Register what a form reports, or leave it to the triage queue; the row GeoReport answers, with an id or a token.

    Raises Fault, Problem, Refused, and ValidationError for bad fields.
    """
    given = given_in(form)
    petition, token = None, ""
    if "area" in given:
        petition = take_in(client, clean(PetitionInput, given), at=at).petition
    else:
        petition = found_by(client, given.get("source_ref", ""))
    if petition is None:
        item = _leave(client, given, at)
        petition, token = item.petition, token_of(item)
    if petition is None:
        notice = _("A person of the office reads where this is. Ask with the token for the number.")
        return {"token": token, "service_notice": notice, "account_id": None}
    words = {"number": petition.number, "code": petition.query_code}
    notice = _("Registered as %(number)s. Query code: %(code)s.") % words
    return {"service_request_id": str(petition.pk), "service_notice": notice, "account_id": None}


def _leave(client: ApiClient, given: dict[str, Any], at: datetime) -> InboundItem:
    """Keep a report whose place nobody can tell for a person; whatever else is wrong with it the client must mend."""
    try:
        clean(PetitionInput, given)
    except ValidationError as error:
        wrong: Any = error.detail
        rest = {name: what for name, what in wrong.items() if name != "area"}
        if rest:
            raise ValidationError(rest) from None
    item = channels.receive(client, given, at=at, is_own_shape=True).item
    if item.client_id != client.pk:
        # Systems may share a channel: whoever repeats another's message is told nothing of it.
        raise Fault(400, _("This number has been taken in already, as a petition your key cannot see."))
    return item


def token_of(item: InboundItem) -> str:
    """What a client asks with until the request has its id: its own number, else ours of the message."""
    return item.source_ref or f"waiting-{item.pk}"


def found_by(client: ApiClient, token: str) -> Petition | None:
    """The client's request of its own number."""
    if not token:
        return None
    mine = {"channel": client.channel, "numbering": client.numbering, "source_ref": token}
    return Petition.objects.visible_to(client.actor).filter(**mine).first()


def waiting_by(client: ApiClient, token: str) -> InboundItem | None:
    """What the client left to triage under a token, whatever has become of it since."""
    mine = InboundItem.objects.filter(client=client, kind=InboundItem.Kind.PETITION).select_related("petition")
    number = token.removeprefix("waiting-")
    named = Q(source_ref=token) if token else Q(pk=None)
    if number != token and number.isdecimal() and int(number) <= MAX_ID:
        named |= Q(pk=int(number), source_ref="")
    return mine.filter(named).order_by("-pk").first()
