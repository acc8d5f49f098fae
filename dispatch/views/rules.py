"""Deadline rules: read, prepare a change, see what it would move, confirm it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.responses import go_to, is_htmx
from dispatch import impact, rule_words
from dispatch.actions import changes
from dispatch.actions.rules import differences
from dispatch.calendar import CalendarError
from dispatch.forms.rules import PolicyForm, ProfileForm, RungForm, RungFormSet, ladder_of
from dispatch.models import Clock, ClockShift, Job, Policy, RuleChange
from dispatch.rulebook import LEGAL_PROFILES, read_profile
from dispatch.views.reading import reader
from petitions.models import Petition
from petitions.paging import Order, page_of
from petitions.states import Refused

SIZE = 25
NEWEST = Order("prepared_at", is_descending=True)


def rule_reader(request: HttpRequest, permission: str = "dispatch.rules") -> User:
    """The signed-in person, if their role may do this."""
    user = reader(request)
    if not user.may(permission):
        raise PermissionDenied
    return user


@dataclass(frozen=True)
class RuleRow:
    """A rule in a list, in words."""

    rule: Policy
    name: str
    starts: str
    length: str
    ladder: Sequence[tuple[str, str, str]]
    is_in_force: bool


def _row(rule: Policy, profile: str) -> RuleRow:
    return RuleRow(
        rule=rule,
        name=rule_words.rule_name(rule),
        starts=rule_words.start_words(rule),
        length=rule_words.length_words(rule),
        ladder=rule_words.ladder_words(rule.ladder),
        is_in_force=rule.profile not in LEGAL_PROFILES or rule.profile == profile,
    )


@require_GET
@never_cache
def rule_list(request: HttpRequest) -> HttpResponse:
    """The current rules of one kind of subject: what starts it, how long, who hears when."""
    user = rule_reader(request)
    profile = read_profile()
    rules = list(Policy.objects.filter(is_current=True).order_by("key"))
    subjects = [s for s in Policy.Subject if any(rule.subject == s for rule in rules)]
    subject = next((s for s in subjects if s == request.GET.get("of")), subjects[0])
    waiting = RuleChange.objects.filter(is_applied=None).select_related("prepared_by")
    context = {
        "rows": [_row(rule, profile) for rule in rules if rule.subject == subject],
        "tabs": [
            {
                "url": f"?of={s.value}",
                "label": s.label,
                "count": sum(rule.subject == s for rule in rules),
                "current": s == subject,
            }
            for s in subjects
        ],
        "profile": Policy.Profile(profile),
        "waiting": [(change, rule_words.change_title(change)) for change in waiting],
        "may_prepare": user.may("dispatch.prepare_rules"),
        "may_see_reports": user.may("dispatch.reports"),
    }
    return render(request, "dispatch/rules.html", context)


@require_GET
@never_cache
def rule_detail(request: HttpRequest, key: str) -> HttpResponse:
    """One rule with all its versions and what changed between them."""
    user = rule_reader(request)
    versions = list(Policy.objects.filter(key=key).order_by("-version"))
    if not versions:
        raise Http404
    current = next(rule for rule in versions if rule.is_current)
    made = {
        change.version: change
        for change in RuleChange.objects.filter(key=f"policy:{key}", is_applied=True).select_related(
            "prepared_by", "decided_by"
        )
    }
    history = [
        (new, made.get(new.version), _between(old, new))
        for new, old in zip(versions, [*versions[1:], None], strict=True)
    ]
    in_flight = Clock.objects.filter(policy__key=key, state__in=impact.OPEN).count()
    pair = Q(replaces=key) | Q(key=current.replaces or None)
    counterpart = Policy.objects.filter(pair, is_current=True).first()
    context = {
        "row": _row(current, read_profile()),
        "rule": current,
        "stops": rule_words.move_words(current.stop_moves, current.subject),
        "cancels": rule_words.move_words(current.cancel_moves, current.subject),
        "pauses": rule_words.move_words(current.pause_moves, current.subject),
        "extension": rule_words.amount(current.extend_max, current.unit) if current.extend_max else "",
        "counterpart": counterpart,
        "counterpart_name": rule_words.rule_name(counterpart) if counterpart else "",
        "history": history,
        "in_flight": in_flight,
        "waiting": RuleChange.objects.filter(key=f"policy:{key}", is_applied=None).first(),
        "may_prepare": user.may("dispatch.prepare_rules"),
        "nav": "rules",
        "now": timezone.now(),
    }
    return render(request, "dispatch/rule.html", context)


def _between(old: Policy | None, new: Policy) -> list[rule_words.Difference]:
    if old is None:
        return []
    pairs = differences(old, new)
    before, after = ({name: pair[side] for name, pair in pairs.items()} for side in (0, 1))
    return rule_words.differences_of(before, after, new)


@require_http_methods(["GET", "POST"])
@never_cache
def rule_edit(request: HttpRequest, key: str) -> HttpResponse:
    """Prepare a new version; nothing is in force until it has been looked at and confirmed."""
    user = rule_reader(request, "dispatch.prepare_rules")
    rule = get_object_or_404(Policy, key=key, is_current=True)
    data = request.POST if request.method == "POST" else None
    form = PolicyForm(data, rule=rule)
    # Without what stands there now: an unchanged rung is one of the ladder too.
    start = None if data is not None else [RungForm.typed(step) for step in rule.ladder]
    rungs = RungFormSet(data, initial=start, prefix="rung")
    # Both, so that all that is wrong is said at once.
    sound = [form.is_valid(), rungs.is_valid()] if data is not None else [False]
    if all(sound):
        values = {**form.values(), "ladder": ladder_of(rungs.forms)}
        try:
            change = changes.prepare_policy(
                key, values, reason=form.cleaned_data["reason"], actor=user, at=timezone.now()
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return go_to(request, reverse("rule_change", args=[change.pk]))
    context = {
        "form": form,
        "rungs": rungs,
        "rule": rule,
        "title": _("Change the rule “%(name)s”") % {"name": rule_words.rule_name(rule)},
        "is_legal": rule.profile != Policy.Profile.PROMISE,
        "cancel_url": reverse("rule", args=[key]),
        "nav": "rules",
    }
    is_wrong = bool(form.errors or rungs.total_error_count())
    return render(request, "dispatch/rule_edit.html", context, status=422 if is_wrong else 200)


@require_http_methods(["GET", "POST"])
@never_cache
def profile_edit(request: HttpRequest) -> HttpResponse:
    """Prepare the switch to the other regulation."""
    user = rule_reader(request, "dispatch.prepare_rules")
    form = ProfileForm(request.POST or None, initial={"profile": read_profile()})
    if request.method == "POST" and form.is_valid():
        try:
            data = form.cleaned_data
            change = changes.prepare_profile(data["profile"], reason=data["reason"], actor=user, at=timezone.now())
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return go_to(request, reverse("rule_change", args=[change.pk]))
    context = {
        "form": form,
        "title": _("Legal profile"),
        "intro": _(
            "The profile decides which regulation sets the periods for notice, acceptance and handling. Whether the"
            " Zhejiang regulation of 2016 still applies beside the national one of 2022 is for the office to decide."
        ),
        "submit": _("See what it would move"),
        "cancel_url": reverse("rules"),
        "nav": "rules",
    }
    return render(request, "components/form_page.html", context, status=422 if form.errors else 200)


@require_GET
@never_cache
def change_list(request: HttpRequest) -> HttpResponse:
    """Every change of rules, profile and calendar, newest first."""
    rule_reader(request)
    rows = RuleChange.objects.select_related("prepared_by", "decided_by")
    page = page_of(rows, NEWEST, cursor=request.GET.get("cursor", ""), size=SIZE)
    context = {
        "rows": [(change, rule_words.change_title(change)) for change in page.rows],
        "page": page,
        "nav": "rules",
        "now": timezone.now(),
    }
    return render(request, "dispatch/rule_changes.html", context)


# ---- one change ----


@require_GET
@never_cache
def rule_change(request: HttpRequest, pk: int) -> HttpResponse:
    """A change: what it would do while it waits, what it has done and is doing afterwards."""
    user = rule_reader(request)
    change = get_object_or_404(RuleChange.objects.select_related("prepared_by", "decided_by"), pk=pk)
    at = timezone.now()
    context: dict[str, Any] = {
        "change": change,
        "title": rule_words.change_title(change),
        "differences": _differences(change),
        "nav": "calendar" if change.is_calendar else "rules",
        "now": at,
        **_list_of(request, user, change, at),
    }
    if change.is_applied is None:
        context |= _deciding(user, change)
    job = Job.objects.filter(pk=change.job_id).first() if change.job_id else None
    context["job"] = job
    context["may_see_job"] = job is not None and Job.objects.visible_to(user).filter(pk=job.pk).exists()
    template = "dispatch/rule_change.html#live" if is_htmx(request) else "dispatch/rule_change.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _differences(change: RuleChange) -> list[rule_words.Difference]:
    if change.kind == RuleChange.Kind.POLICY:
        rule = Policy.objects.get(key=change.values["key"], version=change.base_version)
        return rule_words.differences_of(change.before, change.values["fields"], rule)
    if change.kind == RuleChange.Kind.PROFILE:
        old, new = (str(Policy.Profile(v["profile"]).label) for v in (change.before, change.values))
        return [rule_words.Difference(_("Legal profile"), old, new)]
    if change.kind == RuleChange.Kind.DAYS:
        pairs = zip(change.before["days"], change.values["days"], strict=True)
        return [
            rule_words.Difference(old["day"], rule_words.day_words(old), rule_words.day_words(new))
            for old, new in pairs
            if old != new
        ]
    if change.kind == RuleChange.Kind.HOURS:
        return rule_words.hours_differences(change.before["hours"], change.values["hours"])
    return []


def _deciding(user: User, change: RuleChange) -> dict[str, Any]:
    """The figures of the preview, and what this person may do about it."""
    figures = change.impact
    top = max([*(figures["shifts"].get(key, 0) for key, *_rest in impact.BUCKETS), 1])
    two = changes.needs_two(change)
    may = user.may(changes.permission_to_apply(change))
    return {
        "figures": figures,
        "counted_at": datetime.fromisoformat(figures["at"]),
        "bars": [
            (label, figures["shifts"].get(key, 0), round(100 * figures["shifts"].get(key, 0) / top))
            for key, _low, _high, label in impact.BUCKETS
        ],
        "may_apply": may and not (two and change.prepared_by_id == user.pk),
        "waits_for_other": may and two and change.prepared_by_id == user.pk,
        "may_drop": may or change.prepared_by_id == user.pk,
        "is_for_two": two,
    }


def _list_of(request: HttpRequest, user: User, change: RuleChange, at: datetime) -> dict[str, Any]:
    """The clocks a change moves or has moved, a page by key; a case out of sight is counted and not named."""
    given = request.GET.get("after", "")
    after = int(given) if given.isdecimal() and len(given) < 18 else 0
    only_late = request.GET.get("show") == "late"
    if change.is_applied is None:
        try:
            found = impact.moved_after(impact.plan_of(change), at=at, after=after, size=SIZE, only_late=only_late)
        except CalendarError:
            found = []
        dates = [(c.clock_id, c.old_due_at, c.new_due_at, c.is_late_now) for c in found]
    else:
        shifts = ClockShift.objects.filter(change=change, clock__gt=after)
        if only_late:
            shifts = shifts.filter(is_newly_overdue=True)
        dates = list(
            shifts.order_by("clock").values_list("clock", "old_due_at", "new_due_at", "is_newly_overdue")[: SIZE + 1]
        )
    page = dates[:SIZE]
    return {
        "lines": _lines(user, page),
        "next_after": page[-1][0] if len(dates) > SIZE else None,
        "is_first": after == 0,
        "show": "late" if only_late else "",
        **_totals(change),
    }


def _totals(change: RuleChange) -> dict[str, Any]:
    if change.is_applied is None:
        return {"moved": change.impact["moved"], "late": change.impact["newly_overdue"]}
    figures = ClockShift.objects.filter(change=change).aggregate(
        moved=Count("pk"), late=Count("pk", filter=Q(is_newly_overdue=True))
    )
    return {"moved": figures["moved"], "late": figures["late"]}


@dataclass(frozen=True)
class Line:
    """One moved clock. `number` is empty for a case this person may not see."""

    number: str
    url: str
    rule: str
    unit: str
    old_due_at: datetime
    new_due_at: datetime
    is_late: bool


def _lines(user: User, dates: Sequence[tuple[int, datetime, datetime, bool]]) -> list[Line]:
    ids = [row[0] for row in dates]
    related = ("policy", "petition", "order__petition", "unit")
    clocks = {c.pk: c for c in Clock.objects.filter(pk__in=ids).select_related(*related)}
    wanted = {clock.petition_id for clock in clocks.values() if clock.petition_id is not None}
    seen = set(Petition.objects.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True))
    lines = []
    for pk, old, new, is_late in dates:
        clock, number, url, unit = clocks[pk], "", "", ""
        if clock.petition_id in seen and clock.petition is not None:
            number = clock.order.number if clock.order else clock.petition.short_number
            url = f"{reverse('petition', args=[clock.petition_id])}#deadlines"
        if clock.petition_id in seen or clock.petition_id is None:
            unit = str(clock.unit)
        lines.append(Line(number, url, rule_words.rule_name(clock.policy), unit, old, new, is_late))
    return lines


@require_POST
def rule_change_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm a change, count it again, or give it up."""
    user = rule_reader(request)
    get_object_or_404(RuleChange, pk=pk)
    step = {"apply": changes.apply, "drop": changes.drop, "recount": changes.recount}.get(request.POST.get("do", ""))
    if step is None:
        raise Http404
    try:
        change = step(pk, actor=user, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        if step is changes.apply:
            messages.success(request, _("Confirmed and in force. The deadlines in flight follow in the background."))
        elif step is changes.drop:
            messages.success(request, _("The change was given up; nothing has moved."))
            return go_to(request, reverse("calendar" if change.is_calendar else "rules"))
    return go_to(request, reverse("rule_change", args=[pk]))
