"""Updates of service requests: what has happened, as citizens read it, and what a client adds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gateway.models import ApiClient, Open311Update
from gateway.open311.formats import Fault
from gateway.open311.requests import MOST, is_id, readable, window
from petitions import actions as petitions
from petitions.models import Event, Petition
from petitions.states import MOVES, OPEN_STATES

# Steps the citizen is told of (`Move.citizen`); the office's own steps are nobody's business outside.
TOLD = frozenset(name for name, move in MOVES.items() if move.citizen)
# Whose words the person reads or wrote; other steps keep the office's reasons.
_WITH_WORDS = frozenset({"reply", "supplement"})


def updates_of(client: ApiClient, asked: Mapping[str, str], at: datetime) -> list[dict[str, Any]]:
    """What has happened to the requests a key sees, newest first: 90 days, 1,000 rows at most. Raises Fault (400)."""
    start, end = window(asked, at)
    rows = Event.objects.filter(kind__in=TOLD, at__range=(start, end), petition__in=readable(client).order_by())
    number = asked.get("service_request_id", "")
    if number:
        rows = rows.filter(petition_id=int(number)) if is_id(number) else rows.none()
    rows = rows.select_related("words").order_by("-at", "-pk")[:MOST]
    return [_row(event) for event in rows]


def _row(event: Event) -> dict[str, Any]:
    move = MOVES[event.kind]
    said = [str(move.citizen)]
    words = getattr(event, "words", None)
    if event.kind in _WITH_WORDS and words is not None:
        said.append(words.text)
    return {
        "update_id": str(event.pk),
        "service_request_id": str(event.petition_id),
        # A step without a state of its own is only possible while the matter is open.
        "status": "open" if move.target is None or move.target in OPEN_STATES else "closed",
        "updated_datetime": timezone.localtime(event.at).isoformat(timespec="seconds"),
        "description": "\n".join(said),
        "media_url": None,
    }


def add(client: ApiClient, form: Mapping[str, str], *, at: datetime) -> int:
    """Add a client's words to its own request, once per `update_id`. Returns the id of our update.

    A client cannot close a matter: status "closed" is written down as what the person says, and the office decides.
    Raises Fault: 400 without ids or words, 404 for a request that did not come from this client, and Refused.
    """
    update_id, number = form.get("update_id", "").strip(), form.get("service_request_id", "").strip()
    if not update_id or len(update_id) > 64:
        raise Fault(400, _("Give an update_id of at most 64 characters: your own number of this update."))
    petition = _own(client, number)
    words = _words(form)
    try:
        with transaction.atomic():
            known = _known(client, update_id, petition)
            if known is not None:
                return known
            _petition, event = petitions.supplement(petition.pk, text=words, actor=client.actor, at=at)
            Open311Update.objects.create(client=client, update_id=update_id, event=event)
            return event.pk
    except IntegrityError as error:
        # The same update came twice at once: ours is undone, the other one stands.
        known = _known(client, update_id, petition) if "open311_update_once" in str(error) else None
        if known is None:
            raise
        return known


def _own(client: ApiClient, number: str) -> Petition:
    rows = readable(client).filter(register_unit__path__startswith=client.unit.path, channel=client.channel)
    found = rows.filter(pk=int(number)).first() if is_id(number) else None
    if found is None:
        raise Fault(404, _("There is no request of yours with this service_request_id."))
    return found


def _known(client: ApiClient, update_id: str, petition: Petition) -> int | None:
    known = Open311Update.objects.filter(client=client, update_id=update_id).select_related("event").first()
    if known is None:
        return None
    if known.event.petition_id != petition.pk:
        raise Fault(400, _("This update_id belongs to an update of another request."))
    return known.event_id


def _words(form: Mapping[str, str]) -> str:
    status = form.get("status", "open").lower() or "open"
    if status not in {"open", "closed"}:
        raise Fault(400, _("status is open or closed."))
    said = [form.get("description", "").strip()]
    if status == "closed":
        said.append(_("The source says that the matter is settled."))
    if form.get("media_url"):
        said.append(_("Picture: %(address)s") % {"address": form["media_url"]})
    return "\n".join(text for text in said if text)
