"""The limits of the loop: what an office may set about 事不过二 and callbacks, with who changed what."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.responses import go_to
from dispatch.actions.loop import set_limits
from dispatch.actions.talks import drop_talk_rule, set_talk_rule
from dispatch.models import LoopSetting, TalkRule
from dispatch.views.reading import permitted, reader
from petitions.states import Refused

HISTORY_ROWS = 20
FIELDS = (
    "max_returns",
    "max_reworks",
    "raised_from",
    "supervised_from",
    "call_tries",
    "call_gap_hours",
    "claim_minutes",
)


class LimitsForm(forms.ModelForm):
    """The limits, and why they change."""

    reason = forms.CharField(label=gettext_lazy("Reason of the change"), max_length=100, required=False)

    class Meta:
        model = LoopSetting
        fields = FIELDS


TALKS = ("handling", "callback", "verify_rework", "verify_unsolved", "verify_always", "script")


class TalkRuleForm(forms.ModelForm):
    """Which talks a class needs, and the words of its callback."""

    class Meta:
        model = TalkRule
        fields = ("content_class", *TALKS)
        widgets = {"script": forms.Textarea({"rows": 4})}
        help_texts = {
            "content_class": gettext_lazy("Empty: the general rule, for every class without one of its own."),
            "script": gettext_lazy(
                "Empty: the general words. {name}, {office}, {agent}, {unit}, {number}, {matter} are filled in."
            ),
        }


@require_POST
def talk_rule_save(request: HttpRequest) -> HttpResponse:
    """Set the rule of one class, or the general one."""
    user = reader(request)
    if not user.may("dispatch.limits"):
        raise PermissionDenied
    # A rule for a class that has one replaces it.
    chosen = request.POST.get("content_class", "")
    same = TalkRule.objects.filter(content_class=int(chosen) if chosen.isdecimal() and len(chosen) < 10 else None)
    form = TalkRuleForm(request.POST, instance=same.first())
    if not form.is_valid():
        return render(request, "dispatch/limits.html", page_context(talk_form=form), status=422)
    values = {name: form.cleaned_data[name] for name in TALKS}
    set_talk_rule(form.cleaned_data["content_class"], actor=user, at=timezone.now(), **values)
    messages.success(request, _("The rule is saved and counts from now on."))
    return go_to(request, "limits")


@require_POST
def talk_rule_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a class follow the general rule again."""
    user = permitted(request, "dispatch.limits")
    drop_talk_rule(get_object_or_404(TalkRule, pk=pk), actor=user)
    messages.success(request, _("The class follows the general rule again."))
    return go_to(request, "limits")


@require_http_methods(["GET", "POST"])
@never_cache
def limits_page(request: HttpRequest) -> HttpResponse:
    """Read and change the limits; every version stands below with the person who made it."""
    user = reader(request)
    if not user.may("dispatch.limits"):
        raise PermissionDenied
    row = LoopSetting.objects.filter(pk=1).first() or LoopSetting(pk=1)
    form = LimitsForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid() and _save(user, form):
        messages.success(request, _("The limits are saved and count from now on."))
        return go_to(request, "limits")
    return render(request, "dispatch/limits.html", page_context(form), status=422 if form.errors else 200)


def page_context(form: LimitsForm | None = None, talk_form: TalkRuleForm | None = None) -> dict[str, Any]:
    """What the page shows, with the form that was refused."""
    form = form or LimitsForm(instance=LoopSetting.objects.filter(pk=1).first() or LoopSetting(pk=1))
    rules = TalkRule.objects.select_related("content_class").order_by("content_class__code")
    return {
        "form": form,
        "talk_form": talk_form or TalkRuleForm(prefix=None),
        "talk_rules": list(rules),
        "versions": _versions(),
        "columns": [form.fields[name].label for name in FIELDS],
        "nav": "limits",
        "now": timezone.now(),
    }


def _save(user: User, form: LimitsForm) -> bool:
    values = {name: form.cleaned_data[name] for name in FIELDS}
    try:
        set_limits(actor=user, at=timezone.now(), reason=form.cleaned_data["reason"], **values)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    return True


def _versions() -> list[dict[str, Any]]:
    rows = LoopSetting.history.select_related("history_user").order_by("-history_date", "-history_id")[:HISTORY_ROWS]
    return [
        {
            "at": row.history_date,
            "by": row.history_user,
            "reason": row.history_change_reason or "",
            "values": [getattr(row, name) for name in FIELDS],
        }
        for row in rows
    ]
