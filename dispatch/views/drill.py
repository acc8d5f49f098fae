"""The escalation drill: the proof on paper, one unit's ladder, a real test message, and the stored results."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import xlsxwriter
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Area, Unit, User
from accounts.responses import go_to
from accounts.roles import Scope
from dispatch import drill
from dispatch.actions.drills import run_drill, send_test
from dispatch.models import Clock, Drill, Firing
from dispatch.recipients import DESK_LABELS, WORD_LABELS
from dispatch.views.deliveries import STATES, state_of
from dispatch.views.reading import permitted, reader
from petitions.models import Petition, Urgency
from petitions.states import Refused

SHOWN = 200
PAST = 8


def _examiner(request: HttpRequest) -> User:
    return permitted(request, "dispatch.drill")


def _unit(user: User, pk: int) -> Unit:
    """A unit in this person's reach, else 404."""
    found = next((unit for unit in drill.units_for(user) if unit.pk == pk), None)
    if found is None:
        raise Http404
    return found


@require_GET
@never_cache
def overview(request: HttpRequest) -> HttpResponse:
    """The ladder as it stands this minute: counts by district, the holes of the chosen one, and past drills."""
    user = _examiner(request)
    units = drill.units_for(user)
    result = drill.look_through(units)
    district, kind = request.GET.get("district", ""), request.GET.get("kind", "")
    text = request.GET.get("q", "").strip()[:40]
    by_id = {unit.pk: unit for unit in units}
    seats = result.weak if kind == "weak" else result.holes
    shown = [
        (by_id[seat.unit_id], seat, result.uses[seat.word])
        for seat in seats
        if _matches(by_id[seat.unit_id], district, text)
    ]
    found = [unit for unit in units if text and text in unit.name][:20]
    context: dict[str, Any] = {
        "result": result,
        "lines": result.by_district(),
        "rows": shown[:SHOWN],
        "more": max(0, len(shown) - SHOWN),
        "found": found,
        "district": district,
        "kind": kind,
        "q": text,
        "past": Drill.objects.visible_to(user).select_related("by", "district", "unit").order_by("-at", "-id")[:PAST],
        "unheard": _unheard(user),
        "manages_people": user.may("accounts.manage"),
        "now": timezone.now(),
    }
    return render(request, "dispatch/drill.html", context)


def _unheard(user: User) -> int:
    """How many rungs nobody heard. Of class A those only who is named for it may count (domain-facts §1.17)."""
    if user.scope_for("dispatch.drill") != Scope.CITY:
        return 0
    seen = Petition.objects.filter(is_restricted=True).visible_to(user).values("pk")
    hidden = Clock.objects.filter(petition__is_restricted=True).exclude(petition__in=seen).values("pk")
    return Firing.objects.filter(is_unheard=True).exclude(clock_id__in=hidden).count()


def _matches(unit: Unit, district: str, text: str) -> bool:
    code = unit.area.district.code if unit.area.district else ""
    if district and (code or "city") != district:
        return False
    return not text or text in unit.name


@require_POST
def run(request: HttpRequest) -> HttpResponse:
    """Store what the drill finds now."""
    user = _examiner(request)
    district = Area.objects.filter(code=request.POST.get("district", ""), kind="district").first()
    made = run_drill(user, at=timezone.now(), district=district)
    messages.success(request, _("The drill is stored. It can be downloaded below."))
    return go_to(request, reverse("drill_shown", args=[made.pk]))


@require_GET
@never_cache
def shown(request: HttpRequest, pk: int) -> HttpResponse:
    """One stored drill: its holes, or the messages of a test and how far each got.

    Whoever was sent the test may open it too: the link stands in the message.
    """
    user = reader(request)
    rows = Drill.objects.select_related("by", "district", "unit__area")
    mine = Drill.objects.visible_to(user).values("pk")
    was_told = user.notices.filter(kind="drill", dedupe_key=f"drill:{pk}").exists()
    one = get_object_or_404(rows if was_told else rows.filter(pk__in=mine), pk=pk)
    sent = [(n, STATES[state_of(n)][0], STATES[state_of(n)][2]) for n in drill.messages_of(pk)] if one.unit_id else []
    holes = one.found.select_related("unit__area__district").order_by("unit__code", "desk")
    context = {
        "drill": one,
        "sent": sent,
        "holes": [
            (hole, WORD_LABELS.get(hole.desk, hole.desk), DESK_LABELS.get(hole.falls_to, _("nobody")))
            for hole in holes[:SHOWN]
        ],
        "more": max(0, one.holes - SHOWN) if not one.unit_id else 0,
        "may_download": user.may("dispatch.drill"),
        "now": timezone.now(),
    }
    return render(request, "dispatch/drill_shown.html", context)


@require_GET
def download(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """A stored drill as CSV or Excel."""
    user = _examiner(request)
    one = get_object_or_404(Drill.objects.visible_to(user).select_related("by", "district"), pk=pk)
    if form not in {"csv", "xlsx"}:
        raise Http404
    stamp = localtime(one.at).strftime("%Y%m%d-%H%M")
    writer = _csv if form == "csv" else _xlsx
    return HttpResponse(
        writer(list(_table(one))),
        content_type="text/csv; charset=utf-8"
        if form == "csv"
        else "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": f'attachment; filename="drill-{stamp}.{form}"'},
    )


def _table(one: Drill) -> Iterator[list[Any]]:
    yield [_("Drill"), localtime(one.at).strftime("%Y-%m-%d %H:%M"), _("by"), one.by.name]
    yield [_("Units"), one.units, _("Rungs"), one.rungs, _("Holes"), one.holes, _("Inbox only"), one.weak]
    yield []
    yield [_("District"), _("Code"), _("Unit"), _("Empty desk"), _("Who hears instead"), _("Rungs")]
    for hole in one.found.select_related("unit__area__district").order_by("unit__code", "desk"):
        district = hole.unit.area.district
        yield [
            district.label if district else _("City level"),
            hole.unit.code,
            hole.unit.name,
            str(WORD_LABELS.get(hole.desk, hole.desk)),
            str(DESK_LABELS.get(hole.falls_to, _("nobody"))),
            hole.rungs,
        ]


def _csv(rows: list[list[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    # With a mark of its encoding: Excel takes a CSV without one for GBK.
    return out.getvalue().encode("utf-8-sig")


def _xlsx(rows: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        sheet.set_column(0, 1, 16)
        sheet.set_column(2, 4, 26)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row, bold if number == 3 else None)
        sheet.freeze_panes(4, 0)
    return out.getvalue()


@require_GET
@never_cache
def unit_ladder(request: HttpRequest, pk: int) -> HttpResponse:
    """Who really hears each rung of one unit, by service class."""
    user = _examiner(request)
    unit = _unit(user, pk)
    ladder = drill.of_unit(unit) if unit.takes_orders else {}
    context = {
        "unit": unit,
        "classes": [(Urgency(key).label, lines) for key, lines in ladder.items()],
        "may_send": user.may("dispatch.drill_send"),
        "manages_people": user.may("accounts.manage"),
        "sent": Drill.objects.visible_to(user).filter(unit=unit).select_related("by").order_by("-at", "-id")[:PAST],
        "now": timezone.now(),
    }
    return render(request, "dispatch/drill_unit.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """A marked test message to everybody on the unit's ladder, after a question that says to whom."""
    user = permitted(request, "dispatch.drill_send")
    unit = _unit(user, pk)
    if request.method == "POST":
        try:
            made = send_test(unit, user, at=timezone.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
            return go_to(request, reverse("drill_unit", args=[pk]))
        messages.success(request, _("The test is on its way. This page shows how far each message got."))
        return go_to(request, reverse("drill_shown", args=[made.pk]))
    people = {person for found in drill.people_of(unit).values() for person in found}
    names = _(", ").join(sorted(f"{p.name}（{p.unit}）" if p.unit else p.name for p in people))
    context = {
        "title": _("Send a test along the ladder of %(unit)s?") % {"unit": unit},
        "text": _("A message marked as a drill goes to %(count)s persons: %(names)s.")
        % {"count": len(people), "names": names},
        "submit": _("Send the test"),
        "cancel_url": reverse("drill_unit", args=[pk]),
    }
    return render(request, "components/confirm.html", context)
