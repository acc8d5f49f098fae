"""Registering a petition by hand: one page, its parts for htmx, drafts, and the slip for the petitioner."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions import log_access
from accounts.addresses import address_of
from accounts.models import AccessLog, Unit, User
from accounts.responses import go_to
from petitions import actions, duplicates
from petitions.attachments import store_all
from petitions.consequences import Choice, Consequences, consequences
from petitions.drafts import REGISTRATION, discard_draft, is_known, load_draft, save_draft
from petitions.forms import URGENCY_MEANING, RegistrationForm
from petitions.models import ContentClass, Petition, Purpose, Urgency
from petitions.once import SentBefore, sent_as, settle_token, take_token
from petitions.reference.classes import suggest, suggest_urgency
from petitions.routes import routes_for
from petitions.states import Refused

# What htmx may ask anew; each is a partial of the page's template.
PARTS = frozenset(
    {"suggest", "class_select", "urgency_field", "town_field", "paper_hint", "accused", "route_field", "consequences"}
)
# So likely the same person's same matter that the clerk says what it is before it is registered.
STRONG = 0.6
MIN_REASON = 4
TEMPLATE = "petitions/register.html"


def _clerk(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not user.may("petitions.register") or user.unit is None:
        raise PermissionDenied
    return user


def typed(data: QueryDict) -> dict[str, Any]:
    """What stands in a form that is not sent yet, as initial values: shown again, judged only when it is sent."""
    return {name: data.get(name, "") for name in RegistrationForm.base_fields if name != "files"}


def picked(data: QueryDict) -> QueryDict:
    """The typed form with a suggestion taken over, when one was clicked."""
    data = data.copy()
    for button, field in (("pick_class", "content_class"), ("pick_urgency", "urgency"), ("pick_route", "route")):
        if data.get(button):
            data[field] = data.get(button, "")
    return data


def unsent_form(user: User, data: QueryDict, at: datetime) -> RegistrationForm:
    """The form as typed so far."""
    values = {**RegistrationForm.defaults(user, timezone.localdate(at)), **typed(picked(data))}
    words = data.get("class_words", "").strip()[:40]
    return RegistrationForm(initial=values, user=user, today=timezone.localdate(at), class_words=words)


def suggestions(form: RegistrationForm) -> dict[str, Any]:
    """Classes and urgency the words speak for, with the words; nothing is chosen for the clerk."""
    text = form.typed_text()
    proposed = suggest(text) if text else []
    classes = {c.code: c for c in ContentClass.objects.filter(code__in=[s.code for s in proposed], is_active=True)}
    chosen = str(form["content_class"].value() or "")
    urgency, words = suggest_urgency(text) if text else (Urgency.NORMAL, [])
    return {
        "class_chips": [
            {"row": classes[s.code], "words": s.matched_words[:3], "is_chosen": str(classes[s.code].pk) == chosen}
            for s in proposed
            if s.code in classes
        ],
        "urgency_chip": None
        if not words or urgency == form["urgency"].value()
        else {"value": urgency, "label": Urgency(urgency).label, "words": words[:3]},
    }


def found_before(request: HttpRequest, form: RegistrationForm, user: User) -> list[duplicates.Candidate]:
    """Earlier petitions this clerk may see that may be the same matter. Whose mask is not theirs to lift is logged."""
    person, text = form.typed_person(), form.typed_text()
    if not (person.phone or person.id_no or len(text) >= 12):
        return []
    actions.note_lookup(user, person.phone, person.id_no, at=timezone.now(), ip=address_of(request))
    return duplicates.candidates(person, text, who=user, matter=form.typed_matter())


def follows_from(form: RegistrationForm, user: User, at: datetime) -> Consequences | None:
    """What purpose and route typed so far would mean (petitions.consequences)."""
    if user.unit is None:
        return None
    purpose, route = (str(form[name].value() or "") for name in ("purpose", "route"))
    choice = Choice(
        purpose=purpose,
        route=route if route in routes_for(purpose) else "",
        urgency=str(form["urgency"].value() or ""),
        register_unit=user.unit,
        is_anonymous=form["is_anonymous"].value() in {True, "on", "true", "True"},
    )
    chosen = str(form["content_class"].value() or "")
    code = ContentClass.objects.filter(pk=chosen).values_list("code", flat=True).first() if chosen.isdecimal() else ""
    return consequences(choice, at, text=form.typed_text(), content_class=code or "")


def page_context(form: RegistrationForm, user: User, at: datetime, **more: Any) -> dict[str, Any]:
    """What the whole page needs."""
    return {
        "form": form,
        "nav": "worklist",
        # What speaks for a candidate names the person's marks; who sees identities masked is told how like it is only.
        "shows_marks": user.may("petitions.reveal"),
        "accuses": form["purpose"].value() == Purpose.ACCUSE,
        "meanings": [(Urgency(key).label, words) for key, words in URGENCY_MEANING.items()],
        "draft_url": reverse("draft_save", args=[REGISTRATION]),
        "chosen_repeat": str(form["repeat_of"].value() or ""),
        "now": at,
        "follows": follows_from(form, user, at),
        **suggestions(form),
        **more,
    }


@require_http_methods(["GET", "POST"])
@never_cache
def petition_new(request: HttpRequest) -> HttpResponse:
    """The form. Sent with "register" or "next" it registers; with anything else it only looks again."""
    user, at = _clerk(request), timezone.now()
    if request.method == "GET":
        draft = load_draft(user, REGISTRATION)
        data = draft[0] if draft else QueryDict()
        form = unsent_form(user, data, at) if draft else fresh_form(user, at)
        form.initial["once"] = uuid4().hex
        before = found_before(request, form, user) if draft else []
        more = {"draft_saved_at": draft[1] if draft else None, "candidates": before}
        return render(request, TEMPLATE, page_context(form, user, at, **more))
    if request.POST.get("step") not in {"register", "next"}:
        form = unsent_form(user, request.POST, at)
        before = found_before(request, form, user)
        return render(request, TEMPLATE, page_context(form, user, at, candidates=before, is_checked=True))
    return register(request, user, at)


def fresh_form(user: User, at: datetime) -> RegistrationForm:
    """An empty form with what is sensible filled in."""
    today = timezone.localdate(at)
    return RegistrationForm(initial=RegistrationForm.defaults(user, today), user=user, today=today)


def register(request: HttpRequest, user: User, at: datetime) -> HttpResponse:
    """Register what was sent, once; otherwise the form again with everything typed."""
    form = RegistrationForm(request.POST, request.FILES, user=user, today=timezone.localdate(at))
    is_valid = form.is_valid()
    before = found_before(request, form, user)
    # Asked after the look for earlier ones, so that this form's own first click is never taken for an earlier matter.
    sent = sent_as(user, form.data.get("once", "")) if is_valid else None
    if sent is not None:
        return _sent_twice(request, user, sent)
    unseen = is_valid and is_undecided(form, before)
    if unseen:
        form.add_error("new_matter", _("The same person has said much the same before. Please decide what this is."))
    if is_valid and not unseen:
        try:
            petition = keep(form, user, at)
        except SentBefore as before_it:
            return _sent_twice(request, user, before_it.petition_id)
        if petition is not None:
            discard_draft(user, REGISTRATION)
            return _registered(request, petition, user)
    context = page_context(form, user, at, candidates=before, asks_to_look=unseen)
    return render(request, TEMPLATE, context, status=422)


def is_undecided(form: RegistrationForm, before: list[duplicates.Candidate]) -> bool:
    """A likely repeat about which the clerk has said neither what it repeats nor why it is new."""
    has_decided = form.cleaned_data["repeat_of"] or len(form.cleaned_data["new_matter"].strip()) >= MIN_REASON
    return not has_decided and any(c.likeness.score >= STRONG for c in before)


def keep(form: RegistrationForm, user: User, at: datetime) -> Petition | None:
    """Petition and files, or neither; a refusal becomes an error of the form. Raises SentBefore for a second click."""
    unit = user.unit
    if unit is None:
        raise PermissionDenied
    try:
        with transaction.atomic():
            submission = take_token(user, form.cleaned_data["once"], at=at)
            petition = actions.register(form.registration(unit), actor=user, at=at)
            if form.is_same_submission:
                into = form.cleaned_data["repeat_of"]
                reason = _("Came in twice; told apart at registration.")
                petition = actions.merge(petition.pk, into=into, reason=reason, actor=user, at=at)
            settle_token(submission, petition)
            store_all(petition.pk, form.cleaned_data["files"], actor=user, at=at)
            return petition
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    except IntegrityError as error:
        if "petition_source_ref" not in str(error):
            raise
        form.add_error("source_ref", _("A petition with this number from this channel is registered already."))
    return None


def _registered(request: HttpRequest, petition: Petition, user: User) -> HttpResponse:
    """Say number and query code, then go on: to the next form, the case, or the list for what one may not see."""
    words = _("Registered as %(number)s. Query code for the petitioner: %(code)s.") % {
        "number": petition.number,
        "code": petition.query_code,
    }
    is_visible = Petition.objects.visible_to(user).filter(pk=petition.pk).exists()
    if is_visible:
        link = reverse("petition_slip", args=[petition.pk])
        messages.success(request, format_html('{} <a href="{}">{}</a>', words, link, _("Print the slip")))
    else:
        hidden = _("It is open to named persons only and does not stand in your list.")
        messages.success(request, f"{words} {hidden}")
    if request.POST.get("step") == "next":
        return go_to(request, "petition_new")
    return go_to(request, "petition", pk=petition.pk) if is_visible else go_to(request, "worklist")


def _sent_twice(request: HttpRequest, user: User, pk: int | None) -> HttpResponse:
    messages.info(request, _("This form has been sent already; it was registered once."))
    is_visible = pk is not None and Petition.objects.visible_to(user).filter(pk=pk).exists()
    return go_to(request, "petition", pk=pk) if is_visible else go_to(request, "worklist")


@require_POST
def registration_part(request: HttpRequest, part: str) -> HttpResponse:
    """One part of the form made anew from what is typed."""
    user, at = _clerk(request), timezone.now()
    if part not in PARTS:
        raise Http404
    form = unsent_form(user, request.POST, at)
    return render(request, f"{TEMPLATE}#{part}", page_context(form, user, at))


@require_http_methods(["GET", "POST"])
@never_cache
def duplicate_hint(request: HttpRequest) -> HttpResponse:
    """Earlier petitions that may be the same. The page sends POST: names and numbers do not belong into an address."""
    user, at = _clerk(request), timezone.now()
    data = request.POST if request.method == "POST" else request.GET
    form = unsent_form(user, data, at)
    context = page_context(form, user, at, candidates=found_before(request, form, user))
    return render(request, f"{TEMPLATE}#duplicates", context)


@require_GET
def unit_options(request: HttpRequest) -> HttpResponse:
    """Names of units for the field's list."""
    _clerk(request)
    words = request.GET.get("respondent_unit", "").strip()[:40]
    units = Unit.objects.filter(name__icontains=words, is_active=True)[:20] if len(words) >= 2 else Unit.objects.none()
    return render(request, f"{TEMPLATE}#units", {"units": units})


@require_POST
def draft_save(request: HttpRequest, key: str) -> HttpResponse:
    """Keep what is typed. A form that has been registered meanwhile leaves no draft behind."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    if not is_known(user, key):
        raise Http404
    if key == REGISTRATION and sent_as(user, request.POST.get("once", "")) is not None:
        return HttpResponse(status=204)
    try:
        save_draft(user, key, request.POST, at=timezone.now())
    except ValueError:
        return HttpResponse(status=413)
    return HttpResponse(status=204)


@require_POST
def draft_discard(request: HttpRequest, key: str) -> HttpResponse:
    """Forget a draft and start anew."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    discard_draft(user, key)
    return go_to(request, "petition_new" if key == REGISTRATION else "worklist")


def may_slip(user: User, petition: Petition) -> bool:
    """Whether the person may see the query code: whoever registered the matter has given it out already."""
    is_own = petition.registrar_id == user.pk and user.may("petitions.register")
    return is_own or Petition.objects.within(user, "petitions.slip").filter(pk=petition.pk).exists()


@require_GET
@never_cache
def petition_slip(request: HttpRequest, pk: int) -> HttpResponse:
    """The slip for the petitioner: number, query code, how to ask."""
    # What is out of sight is 404 for everybody; only then is it asked who hands out slips.
    user = request.user
    if not isinstance(user, User):
        raise Http404
    petition = get_object_or_404(Petition.objects.visible_to(user).select_related("register_unit"), pk=pk)
    if not may_slip(user, petition):
        raise PermissionDenied
    at = timezone.now()
    # Who knows the code can ask, rate and withdraw in the petitioner's name: each look at it is on the record.
    target = f"petition:{pk}"
    log_access(user=user, action=AccessLog.Action.CODE, target=target, ip=address_of(request), at=at)
    page = f"{settings.PUBLIC_URL}{reverse('portal_track')}"
    # The number is filled in; the code stays on the paper and is never part of an address.
    track = {"track_page": page, "track_address": f"{page}?number={petition.year}-{petition.serial:06d}"}
    context = {"petition": petition, "nav": "worklist", "now": at, **track}
    return render(request, "petitions/slip.html", context)
