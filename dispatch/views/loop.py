"""The limits of the loop: what an office may set about 事不过二 and callbacks, with who changed what."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.responses import go_to
from dispatch.actions.loop import set_limits
from dispatch.models import LoopSetting
from dispatch.views.reading import reader
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
    context: dict[str, Any] = {
        "form": form,
        "versions": _versions(),
        "columns": [form.fields[name].label for name in FIELDS],
        "nav": "limits",
        "now": timezone.now(),
    }
    return render(request, "dispatch/limits.html", context, status=422 if form.errors else 200)


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
