"""Dispatch of many petitions: a preview one can correct, then one transaction for each row."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.context import forget_badges
from accounts.models import Unit, User
from dispatch.actions import orders
from dispatch.catalogue import search_units, suggest
from dispatch.views.act import due_rows
from dispatch.views.reading import reader
from petitions.models import Petition, Urgency
from petitions.states import Refused, State

MAX_ROWS = 100


@dataclass
class Row:
    """One petition of the batch: what will be sent, and what became of it."""

    petition: Petition
    unit_text: str = ""
    urgency: str = Urgency.NORMAL
    suggestions: list[tuple[Unit, str]] = field(default_factory=list)
    error: str = ""
    sent_to: Unit | None = None

    @property
    def is_sent(self) -> bool:
        return self.sent_to is not None


@require_http_methods(["GET", "POST"])
@never_cache
def bulk_dispatch(request: HttpRequest) -> HttpResponse:
    """Ids from the worklist give the preview; the confirmed preview gives a result for each row."""
    user, at = reader(request), timezone.now()
    if not user.may("dispatch.dispatch"):
        raise PermissionDenied
    data = request.POST if request.method == "POST" else request.GET
    rows = read_rows(user, data)
    is_result = request.method == "POST" and "confirmed" in request.POST
    if is_result:
        for row in rows:
            send(row, user, at, instruction=request.POST.get("instruction", "")[:1000])
        forget_badges(user)
    context: dict[str, Any] = {
        "rows": rows,
        "is_result": is_result,
        "sent": sum(row.is_sent for row in rows),
        "left": sum(not row.is_sent for row in rows),
        "urgencies": Urgency,
        "instruction": data.get("instruction", ""),
        "due": {value: due_rows(value, at) for value in Urgency.values},
        "units": {unit.pk: unit for row in rows for unit, _reason in row.suggestions}.values(),
        "cancel_url": reverse("worklist"),
        "nav": "worklist",
        "now": at,
        "max_rows": MAX_ROWS,
    }
    return render(request, "dispatch/bulk.html", context)


def read_rows(user: User, data: QueryDict) -> list[Row]:
    """The petitions of the batch in the order they were chosen, each with its proposed or typed unit."""
    wanted = [int(value) for value in data.getlist("ids") if value.isdecimal() and len(value) < 18][:MAX_ROWS]
    visible = Petition.objects.visible_to(user).filter(pk__in=wanted)
    found = {
        p.pk: p
        for p in visible.select_related(
            "content_class__parent", "area__parent__parent", "area__district", "repeat_of__lead_unit", "respondent_unit"
        )
    }
    return [_row(found[pk], data) for pk in dict.fromkeys(wanted) if pk in found]


def _row(petition: Petition, data: QueryDict) -> Row:
    row = Row(petition, urgency=data.get(f"urgency-{petition.pk}", petition.urgency))
    if petition.state != State.REGISTERED:
        row.error = _("Already %(state)s; dispatch it from its own page.") % {"state": petition.get_state_display()}
        return row
    row.suggestions = suggest(petition)
    proposed = row.suggestions[0][0].name if row.suggestions else ""
    row.unit_text = data.get(f"unit-{petition.pk}", proposed)[:60]
    return row


def send(row: Row, user: User, at: datetime, *, instruction: str) -> None:
    """Dispatch one row; what is refused stands beside it and holds up no other."""
    if row.error:
        return
    unit = _unit(row)
    if unit is None:
        return
    try:
        if row.urgency not in Urgency.values:
            raise Refused(_("Choose the urgency."))
        orders.dispatch(row.petition.pk, lead=unit, urgency=row.urgency, instruction=instruction, actor=user, at=at)
    except Refused as refusal:
        row.error = str(refusal)
    else:
        row.sent_to = unit


def _unit(row: Row) -> Unit | None:
    words = row.unit_text.strip()
    if not words:
        row.error = _("Choose the unit.")
        return None
    found = list(search_units(words)[:2])
    exact = [u for u in found if words in (u.code, u.name, u.short_name)]
    if len(exact) == 1 or len(found) == 1:
        return (exact or found)[0]
    sentence = _("Several units fit “%(words)s”.") if found else _("No unit is called “%(words)s”.")
    row.error = sentence % {"words": words}
    return None
