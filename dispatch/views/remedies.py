"""Pages of review and hearing: what waits, one request, one hearing with its record and its result."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.responses import go_to
from dispatch import deadlines
from dispatch import review_desk as desk
from dispatch.forms.remedies import PublishForm, TurnForm
from dispatch.models import Clock
from dispatch.next_steps import Option, Reach, reach_of_petition
from dispatch.remedies import REMEDIES_SENSE
from dispatch.steps import PETITION_STEPS, permission_of
from dispatch.views.reading import permitted, petition_or_404
from petitions.actions import hearings
from petitions.models import Hearing, HearingMember, HearingTurn, Petition, ReviewRequest
from petitions.paging import capped_counts, capped_text, page_of
from petitions.states import MOVES, Refused
from petitions.states.reviews import HearingState

SIZE = 30
_REVIEW_STEPS = (
    "admit_review",
    "decide_review",
    "deliver_review",
    "appoint_investigators",
    "refuse_review",
    "drop_review",
    "ask_hearing",
    "hold_hearing",
)
_HEARING_STEPS = (
    "sit_hearing",
    "end_hearing",
    "hold_hearing",
    "decline_hearing",
    "postpone_hearing",
    "drop_hearing",
)


@require_GET
@never_cache
def review_list(request: HttpRequest) -> HttpResponse:
    """Requests for review and re-review, by the moment they came in."""
    user = permitted(request, "petitions.view_reviews")
    return _list(request, user, desk.REVIEW_TABS, "review_list")


@require_GET
@never_cache
def hearing_list(request: HttpRequest) -> HttpResponse:
    """Hearings: to decide, with their dates, finished."""
    user = permitted(request, "petitions.view_hearings")
    return _list(request, user, desk.HEARING_TABS, "hearing_list")


def _list(request: HttpRequest, user: User, tabs: tuple[desk.Tab, ...], name: str) -> HttpResponse:
    at, is_review = timezone.now(), name == "review_list"
    counts = capped_counts([tab.rows(user) for tab in tabs])
    wanted = request.GET.get("tab", "")
    busy = next((tab for tab, count in zip(tabs, counts, strict=True) if count), tabs[0])
    tab = next((tab for tab in tabs if tab.key == wanted), busy)
    rows = desk.review_rows(tab, user) if is_review else desk.hearing_rows(tab, user)
    page = page_of(rows, tab.order, cursor=request.GET.get("cursor", ""), size=SIZE)
    rules = desk.REVIEW_RULES if is_review else desk.HEARING_RULES
    url = reverse(name)
    context = {
        "tabs": [
            {"url": f"{url}?tab={t.key}", "label": t.label, "count": capped_text(n), "current": t is tab}
            for t, n in zip(tabs, counts, strict=True)
        ],
        "tab": tab,
        "page": page,
        "rows": desk.with_left(page.rows, rules, at),
        "here": f"{url}?tab={tab.key}",
        "now": at,
        "nav": name,
    }
    return render(request, f"dispatch/{name}.html", context)


def _options(user: User, petition: Petition, names: tuple[str, ...], back: str) -> list[Option]:
    """Those of the named steps this person may take on the petition now, in that order."""
    reach: Reach = reach_of_petition(user, petition)
    found = []
    for name in names:
        step = PETITION_STEPS[name]
        is_legal = any(petition.state in MOVES[move].sources for move in step.moves)
        has_sense = name not in REMEDIES_SENSE or REMEDIES_SENSE[name](petition, [])
        if is_legal and has_sense and reach(permission_of(step, MOVES)):
            found.append(Option(step, f"{reverse('petition_act', args=[petition.pk, name])}?next={back}"))
    return found


@require_GET
@never_cache
def review_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what is asked and why, who investigates, the opinion, the deadlines."""
    user, at = permitted(request, "petitions.view_reviews"), timezone.now()
    rows = ReviewRequest.objects.visible_to(user).select_related("target_unit", "asked_by", "admitted_by", "decided_by")
    row = get_object_or_404(rows.prefetch_related("investigators__user__unit"), pk=pk)
    petition = petition_or_404(user, row.petition_id)
    steps = _options(user, petition, _REVIEW_STEPS, request.path) if row.is_open or row.state == "decided" else []
    clocks = Clock.objects.filter(petition=petition, order=None, policy__key__in=desk.REVIEW_RULES)
    context = {
        "row": row,
        "p": petition,
        "steps": [option for option in steps if not option.step.is_rare],
        "rare": [option for option in steps if option.step.is_rare],
        "clock_rows": deadlines.rows_of(list(clocks.filter(started_at=row.asked_at).select_related("policy")), at),
        "hearings": list(Hearing.objects.visible_to(user).filter(review=row)),
        "others": list(ReviewRequest.objects.filter(petition=petition).exclude(pk=pk)),
        "now": at,
        "nav": "review_list",
    }
    return render(request, "dispatch/review.html", context)


def hearing_or_404(user: User, pk: int) -> tuple[Hearing, Petition]:
    """The hearing and its petition, if this person reads both."""
    row = get_object_or_404(
        Hearing.objects.visible_to(user).select_related("asked_by", "decided_by", "review", "published_by"), pk=pk
    )
    return row, petition_or_404(user, row.petition_id)


@require_GET
@never_cache
def hearing_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One hearing: date, seats, record, votes, result."""
    user = permitted(request, "petitions.view_hearings")
    row, petition = hearing_or_404(user, pk)
    return _show(request, user, row, petition)


def _show(
    request: HttpRequest, user: User, row: Hearing, petition: Petition, form: TurnForm | None = None
) -> HttpResponse:
    at = timezone.now()
    reach = reach_of_petition(user, petition)
    steps = _options(user, petition, _HEARING_STEPS, request.path) if row.is_open else []
    may_record = row.state == HearingState.SITTING and reach("petitions.hearing")
    members = list(row.members.select_related("user__unit"))
    is_inside = reach("petitions.view_deliberation") or row.is_held_by(user)
    turns = row.turns.select_related("member__user", "by")
    may_publish = row.state == HearingState.CONCLUDED and row.is_public and not petition.is_restricted
    clocks = Clock.objects.filter(petition=petition, order=None, policy__key__in=desk.HEARING_RULES)
    clocks = clocks.select_related("policy").order_by("id") if row.is_open else clocks.none()
    context = {
        "row": row,
        "p": petition,
        "members": members,
        "is_inside": is_inside,
        "turns": list(turns if is_inside else turns.open_to_sides()),
        "tally": _tally(members) if is_inside else [],
        "steps": [option for option in steps if not option.step.is_rare],
        "rare": [option for option in steps if option.step.is_rare],
        "turn_form": form or (TurnForm(hearing=row) if may_record else None),
        "may_publish": may_publish and reach("petitions.hearing"),
        "clock_rows": deadlines.rows_of(list(clocks), at),
        "now": at,
        "nav": "hearing_list",
    }
    return render(request, "dispatch/hearing.html", context, status=422 if form and form.errors else 200)


def _tally(members: list[HearingMember]) -> list[tuple[str, int]]:
    votes = [member.vote for member in members if member.vote]
    return [(str(vote.label), votes.count(vote)) for vote in HearingMember.Vote] if votes else []


@require_POST
def hearing_turn(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a turn to the record."""
    user = permitted(request, "petitions.hearing")
    row, petition = hearing_or_404(user, pk)
    form = TurnForm(request.POST, hearing=row)
    if form.is_valid():
        try:
            turn: HearingTurn = hearings.take_down(petition.pk, **form.cleaned_data, actor=user, at=timezone.now())
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return go_to(request, f"{reverse('hearing', args=[pk])}#turn-{turn.pk}")
    return _show(request, user, row, petition, form)


@require_http_methods(["GET", "POST"])
@never_cache
def hearing_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Write and confirm the redacted text of a result, then publish it."""
    user = permitted(request, "petitions.hearing")
    row, petition = hearing_or_404(user, pk)
    if not reach_of_petition(user, petition)("petitions.hearing"):
        raise Http404
    form = PublishForm(request.POST or None, initial={"text": row.conclusion})
    if request.method == "POST" and form.is_valid():
        try:
            hearings.publish(row.pk, **form.cleaned_data, actor=user, at=timezone.now())
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("The result is published."))
            return go_to(request, reverse("hearing", args=[pk]))
    context = {
        "form": form,
        "p": petition,
        "row": row,
        "title": _("Publish the result of the hearing"),
        "submit": _("Publish"),
        "cancel_url": reverse("hearing", args=[pk]),
        "nav": "hearing_list",
    }
    return render(request, "dispatch/hearing_publish.html", context, status=422 if form.errors else 200)
