"""The working calendar: a year at a glance, an edit of days, a late holiday notice, office hours."""

from calendar import Calendar as Weeks
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.responses import go_to
from dispatch import rule_words
from dispatch.actions import changes
from dispatch.calendar import DEFAULT_SPANS
from dispatch.forms.rules import DayForm, HoursForm, NoticeForm, ReasonForm
from dispatch.models import Day, OfficeHours, RuleChange
from dispatch.rulebook import CALENDAR_KEY, calendar_version
from dispatch.views.rules import rule_reader
from petitions.states import Refused

MONDAY_FIRST = Weeks(firstweekday=0)


@dataclass(frozen=True)
class Cell:
    """One day of the year's page."""

    day: date
    css: str
    label: str


@require_GET
@never_cache
def calendar(request: HttpRequest) -> HttpResponse:
    """Twelve months: days off, make-up working days, edited days, provisional years."""
    user = rule_reader(request)
    today = timezone.localdate()
    years = list(Day.objects.values_list("day__year", flat=True).distinct().order_by("day__year"))
    given = request.GET.get("year", "")
    year = int(given) if given.isdecimal() and len(given) == 4 and int(given) in years else today.year
    days = {row.day: row for row in Day.objects.filter(day__year=year)}
    waiting = RuleChange.objects.filter(key=CALENDAR_KEY, is_applied=None).select_related("prepared_by").first()
    history = RuleChange.objects.filter(key=CALENDAR_KEY, is_applied=True).select_related("decided_by")
    context = {
        "year": year,
        "years": [y for y in years if abs(y - year) <= 3],
        "previous": year - 1 if year - 1 in years else None,
        "next": year + 1 if year + 1 in years else None,
        "months": [_month(year, month, days, today) for month in range(1, 13)],
        "names": [str(name) for name in rule_words.WEEKDAYS],
        "work_days": sum(row.is_work for row in days.values()),
        "is_provisional": any(not row.is_confirmed for row in days.values()),
        "is_published": bool(days) and bool(changes.published_days(year)),
        "hours": _hours(),
        "waiting": waiting,
        "waiting_title": rule_words.change_title(waiting) if waiting else "",
        "history": [(change, rule_words.change_title(change)) for change in _counted(history[:8])],
        "version": calendar_version(),
        "may_edit": user.may("dispatch.calendar"),
        "today": today,
        "now": timezone.now(),
    }
    return render(request, "dispatch/calendar.html", context)


def _counted(rows: Any) -> Any:
    return rows.annotate(moved=Count("shifts"), late=Count("shifts", filter=Q(shifts__is_newly_overdue=True)))


def _hours() -> list[tuple[str, str]]:
    """Office hours of the week, equal neighbours together: (`Monday to Friday`, `08:30–12:00, 13:30–17:30`)."""
    stored = {row.weekday: row.spans for row in OfficeHours.objects.all()}
    spans = [rule_words.hours_words(stored.get(n) or DEFAULT_SPANS) for n in range(7)]
    groups: list[tuple[int, int, str]] = []
    for n, text in enumerate(spans):
        if groups and groups[-1][2] == text:
            groups[-1] = (groups[-1][0], n, text)
        else:
            groups.append((n, n, text))
    return [(_weekdays(first, last), text) for first, last, text in groups]


def _weekdays(first: int, last: int) -> str:
    names = rule_words.WEEKDAYS
    if first == last:
        return str(names[first])
    return _("%(first)s to %(last)s") % {"first": names[first], "last": names[last]}


def _month(year: int, month: int, days: Mapping[date, Day], today: date) -> dict[str, Any]:
    weeks = [
        [_cell(day, days, today) if day.month == month else None for day in week]
        for week in MONDAY_FIRST.monthdatescalendar(year, month)
    ]
    return {"name": date_format(date(year, month, 1), "F"), "number": month, "weeks": weeks}


def _cell(day: date, days: Mapping[date, Day], today: date) -> Cell | None:
    row = days.get(day)
    if row is None:
        return None
    words = [date_format(day, "Y-m-d"), str(rule_words.WEEKDAYS[day.weekday()])]
    css = ["is-work" if row.is_work else "is-off"]
    if row.is_work and day.weekday() >= 5:
        css.append("is-makeup")
        words.append(_("make-up working day"))
    else:
        words.append(_("working day") if row.is_work else _("day off"))
        if not row.is_work and (day.weekday() < 5 or row.note):
            css.append("is-holiday")
    if row.note:
        words.append(rule_words.holiday_name(row.note))
    if row.spans:
        words.append(rule_words.hours_words(row.spans))
    if row.source == Day.Source.EDIT or row.spans:
        css.append("is-edited")
        words.append(_("edited here"))
    if not row.is_confirmed:
        css.append("is-provisional")
        words.append(_("provisional"))
    if day == today:
        css.append("is-today")
        words.append(_("today"))
    return Cell(day, " ".join(css), ", ".join(words))


@require_http_methods(["GET", "POST"])
@never_cache
def calendar_days(request: HttpRequest) -> HttpResponse:
    """Edit one day or a span of days."""
    user = rule_reader(request, "dispatch.calendar")
    form = DayForm(request.POST or None, initial=_typed_day(request.GET.get("day", "")))
    if request.method == "POST" and form.is_valid():
        try:
            days = form.days()
            for row in days:
                if row["spans"]:
                    row["spans"] = changes.checked_spans(row["spans"], "spans")
            change = changes.prepare_days(days, reason=form.cleaned_data["reason"], actor=user, at=timezone.now())
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return go_to(request, reverse("rule_change", args=[change.pk]))
    context = {
        "form": form,
        "title": _("Edit days of the calendar"),
        "intro": _("You see next which deadlines this moves; nothing changes before you confirm it."),
        "submit": _("See what it would move"),
        "cancel_url": reverse("calendar"),
        "nav": "calendar",
    }
    return render(request, "components/form_page.html", context, status=422 if form.errors else 200)


def _typed_day(text: str) -> dict[str, Any]:
    """What the form starts with for a day chosen on the year's page: the other kind of day than it is now."""
    try:
        row = Day.objects.filter(day=date.fromisoformat(text)).first()
    except ValueError:
        return {}
    if row is None:
        return {}
    return {
        "first": row.day,
        "is_work": "no" if row.is_work else "yes",
        "note": row.note,
        "spans": rule_words.hours_words(row.spans) if row.spans else "",
    }


@require_http_methods(["GET", "POST"])
@never_cache
def calendar_notice(request: HttpRequest, year: int) -> HttpResponse:
    """The State Council's notice of a year: taken from this release when it knows it, or typed."""
    user = rule_reader(request, "dispatch.calendar")
    known = changes.published_days(year)
    is_known = bool(known) and "typed" not in request.GET
    words = _("State Council notice on the holidays of %(year)d") % {"year": year}
    maker: type[ReasonForm] = ReasonForm if is_known else NoticeForm
    form = maker(request.POST or None, initial={"reason": words})
    if request.method == "POST" and form.is_valid():
        try:
            change = _prepare_notice(form, year, known if is_known else [], user)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return go_to(request, reverse("rule_change", args=[change.pk]))
    context = {
        "form": form,
        "title": _("Holiday notice for %(year)d") % {"year": year},
        "intro": (
            _("This release knows the notice. You see next which days and deadlines it moves.")
            if is_known
            else _("Days not named here are Monday to Friday worked, Saturday and Sunday off.")
        ),
        "submit": _("See what it would move"),
        "cancel_url": f"{reverse('calendar')}?year={year}",
        "typed_url": f"{reverse('calendar_notice', args=[year])}?typed=1" if is_known else "",
        "nav": "calendar",
    }
    return render(request, "dispatch/calendar_notice.html", context, status=422 if form.errors else 200)


def _prepare_notice(form: ReasonForm, year: int, known: Sequence[dict[str, Any]], user: Any) -> RuleChange:
    data, at = form.cleaned_data, timezone.now()
    if known:
        return changes.prepare_days(known, reason=data["reason"], actor=user, at=at, source=Day.Source.PACKAGE)
    days = changes.notice_days(year, off=data["off"], make_up=data["make_up"], names=data["off"])
    return changes.prepare_days(days, reason=data["reason"], actor=user, at=at)


@require_http_methods(["GET", "POST"])
@never_cache
def calendar_hours(request: HttpRequest) -> HttpResponse:
    """Office hours of the week; several intervals a day."""
    user = rule_reader(request, "dispatch.calendar")
    stored = {row.weekday: row.spans for row in OfficeHours.objects.all()}
    usual = [list(span) for span in DEFAULT_SPANS]
    form = HoursForm(request.POST or None, hours={n: stored.get(n, usual) for n in range(7)})
    if request.method == "POST" and form.is_valid():
        try:
            hours = {n: changes.checked_spans(spans, f"day{n}") for n, spans in form.hours().items()}
            change = changes.prepare_hours(hours, reason=form.cleaned_data["reason"], actor=user, at=timezone.now())
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return go_to(request, reverse("rule_change", args=[change.pk]))
    context = {
        "form": form,
        "title": _("Office hours"),
        "intro": _("Deadlines in working minutes count these hours on working days. Write 8:30–12:00, 13:30–17:30."),
        "submit": _("See what it would move"),
        "cancel_url": reverse("calendar"),
        "nav": "calendar",
    }
    return render(request, "components/form_page.html", context, status=422 if form.errors else 200)
