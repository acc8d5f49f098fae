"""The entry criteria: what is in force, what it would propose, who changed what and when."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.context import forget_badges
from accounts.models import User
from accounts.responses import go_to
from backlog.actions import entering
from backlog.entry import CRITERIA
from backlog.models import EntryRule
from dispatch.views.reading import permitted
from petitions.states import Refused

HISTORY = 30


class CriteriaForm(forms.Form):
    """Threshold and force of each criterion."""

    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=100, required=False, help_text=gettext_lazy("Kept with the change.")
    )

    def __init__(self, *args: Any, rules: list[EntryRule], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = rules
        for rule in rules:
            label = rule.get_kind_display()
            self.fields[f"threshold_{rule.kind}"] = forms.IntegerField(
                label=label,
                min_value=CRITERIA[rule.kind].lowest,
                max_value=entering.HIGHEST,
                initial=rule.threshold,
                widget=forms.NumberInput(attrs={"class": "input num"}),
            )
            self.fields[f"active_{rule.kind}"] = forms.BooleanField(
                label=gettext_lazy("in force"), required=False, initial=rule.is_active
            )

    def rows(self) -> list[tuple[EntryRule, forms.BoundField, forms.BoundField]]:
        """Rule, threshold, whether it is in force."""
        return [(rule, self[f"threshold_{rule.kind}"], self[f"active_{rule.kind}"]) for rule in self.rules]

    def wanted(self) -> dict[str, tuple[int, bool]]:
        """By kind, for the action."""
        data = self.cleaned_data
        return {r.kind: (data[f"threshold_{r.kind}"], data[f"active_{r.kind}"]) for r in self.rules}


@require_http_methods(["GET", "POST"])
@never_cache
def criteria(request: HttpRequest) -> HttpResponse:
    """See and change the entry criteria."""
    user, at = permitted(request, "backlog.entry_rules"), timezone.now()
    rules = sorted(EntryRule.objects.all(), key=lambda rule: list(CRITERIA).index(rule.kind))
    form = CriteriaForm(request.POST or None, rules=rules)
    if request.method == "POST" and form.is_valid() and _save(request, form, user, at):
        return go_to(request, "entry_rules")
    context = {
        "form": form,
        "changes": _changes(),
        "by_hand": entering.BY_HAND,
        "now": at,
        "nav": "backlog",
    }
    return render(request, "backlog/criteria.html", context, status=422 if form.errors else 200)


def _save(request: HttpRequest, form: CriteriaForm, user: User, at: datetime) -> bool:
    try:
        changed = entering.save_rules(form.wanted(), actor=user, at=at, reason=form.cleaned_data["reason"])
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    if changed:
        messages.success(request, _("The criteria are saved. They hold from the next search on."))
    else:
        messages.info(request, _("Nothing has changed."))
    return True


def _changes() -> list[dict[str, Any]]:
    """The newest changes: who set what, from what."""
    past = EntryRule.history.select_related("history_user").order_by("-history_date", "-history_id")
    rows = list(past[: HISTORY + 20])
    found = []
    for place, row in enumerate(rows):
        before = next((other for other in rows[place + 1 :] if other.id == row.id), None)
        found.append({"row": row, "label": EntryRule.Kind(row.kind).label, "before": before})
    return found[:HISTORY]


@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Search now, and propose the first of what is hit."""
    user = permitted(request, "backlog.entry_rules")
    found = entering.find(actor=user, at=timezone.now(), size=entering.BY_HAND)
    if found.proposed:
        text = ngettext("%(n)d case is proposed.", "%(n)d cases are proposed.", found.proposed) % {"n": found.proposed}
        messages.success(request, text)
    else:
        messages.info(request, _("No open petition meets the criteria that is not on a file already."))
    if found.waiting:
        words = ngettext("%(n)d more waits: search again.", "%(n)d more wait: search again.", found.waiting)
        messages.info(request, words % {"n": found.waiting})
    forget_badges(user)
    return go_to(request, f"{reverse('backlog')}?view=accept")
