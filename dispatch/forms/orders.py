"""Forms of the moves of a work order."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role
from accounts.widgets import FilesField, FilesInput, Segmented
from dispatch import joint
from dispatch.absences import absence_of, standing_in_for
from dispatch.forms.base import StepForm, lines
from dispatch.models import Callback, ContactRecord, Explanation, Feedback, WorkOrder
from petitions.attachments import allowed_extensions
from petitions.models import Petition, Recusal

_YES_NO = (("", _("not asked")), ("yes", _("Yes")), ("no", _("No")))


class AssignForm(StepForm):
    """Who in the unit takes it, and what that person must know when somebody has worked on it before."""

    handler = forms.ModelChoiceField(
        label=_("Handler"), queryset=User.objects.none(), widget=forms.RadioSelect, empty_label=None
    )
    note = forms.CharField(label=_("Hand-over note"), max_length=1000, required=False, widget=lines(3))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert self.order is not None
        people = User.objects.filter(
            unit=self.order.unit_id, is_active=True, role__in=(Role.UNIT_ADMIN, Role.UNIT_HANDLER)
        ).exclude(recusals__in=Recusal.objects.in_force().filter(petition=self.order.petition_id))
        field = self.fields["handler"]
        field.queryset = people.order_by("role", "username")  # type: ignore[attr-defined]
        self.substitutes = standing_in_for(people, self.at)
        field.label_from_instance = self._person  # type: ignore[attr-defined]
        if self.order.handler_id is None or not self.order.contacts.exists():
            del self.fields["note"]
        else:
            self.fields["note"].help_text = _("Somebody has spoken with the petitioner: what was agreed, what is open?")

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        handler = order.handler if order else None
        away = absence_of(handler, self.at) if handler else None
        return {"handler": away.substitute_id if away else handler.pk if handler else None}

    def _person(self, user: User) -> str:
        parts = [user.name, user.title, str(Role(user.role).label)]
        if user.pk in self.substitutes:
            parts.append(_("away, %(name)s stands in") % {"name": self.substitutes[user.pk]})
        return " · ".join(str(part) for part in parts if part)


class ContactForm(StepForm):
    """A talk with the petitioner, or an attempt at one."""

    means = forms.ChoiceField(label=_("Means"), choices=ContactRecord.Means.choices, initial="phone", widget=Segmented)
    result = forms.ChoiceField(
        label=_("Result"), choices=ContactRecord.Result.choices, initial="reached", widget=Segmented
    )
    said = forms.CharField(
        label=_("What was said"),
        max_length=2000,
        widget=lines(5),
        help_text=_("Demand as the person puts it now, what you told them, what was agreed and until when."),
    )


class FeedbackForm(StepForm):
    """The unit's answer to the office."""

    files_field = "evidence"

    outcome = forms.ChoiceField(label=_("Outcome"), choices=Feedback.Outcome.choices, widget=Segmented)
    is_true = forms.BooleanField(
        label=_("The facts are as the petitioner describes them"), required=False, initial=True
    )
    findings = forms.CharField(
        label=_("Findings and measures"),
        max_length=5000,
        widget=lines(6),
        help_text=_("What was found, what was done, point by point for every demand."),
    )
    legal_basis = forms.CharField(label=_("Legal basis"), max_length=300, required=False)
    explanation = forms.CharField(
        label=_("Why it is not solved, and how this was explained"),
        max_length=2000,
        required=False,
        widget=lines(3),
        help_text=_("Required where the matter stays unsolved or has no legal ground."),
    )
    without_reason = forms.CharField(
        label=_("Why it goes without the other units"), max_length=500, required=False, widget=lines(2)
    )
    evidence = FilesField(
        label=_("Evidence"), required=False, widget=FilesInput(attrs={"accept": allowed_extensions()})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = joint.unfinished(self.order) if self.order is not None else []
        if not waiting:
            del self.fields["without_reason"]
            return
        text = _("Not fed back yet: %(units)s. Wait for them, or say here why it goes without.")
        self.fields["without_reason"].help_text = text % {"units": str(_(", ")).join(str(o.unit) for o in waiting)}


class ClosingReportForm(StepForm):
    """What was found and done in a matter assigned with a term, with its papers."""

    files_field = "papers"

    report = forms.CharField(
        label=_("Closing report"),
        max_length=8000,
        widget=lines(10),
        help_text=_("What was found, what was done, what the petitioner was told and when, what remains."),
    )
    papers = FilesField(label=_("Papers"), required=False, widget=FilesInput(attrs={"accept": allowed_extensions()}))

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        newest = order.feedbacks.order_by("-at", "-id").first() if order else None
        return {"report": newest.findings if newest else ""}


class CheckForm(StepForm):
    """The office's judgement of the newest feedback."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("pass", _("Pass")), ("send_back", _("Send back to the unit"))],
        widget=Segmented,
        error_messages={"required": _("Please decide: pass it or send it back.")},
    )
    remark = forms.CharField(
        label=_("Remark"),
        max_length=1000,
        required=False,
        widget=lines(3),
        help_text=_("When it goes back: what is missing. The unit reads exactly this; its deadline does not change."),
    )

    def arguments(self) -> dict[str, Any]:
        return {"passes": self.cleaned_data["decision"] == "pass", "remark": self.cleaned_data["remark"]}


class Questionnaire(forms.Form):
    """The questions of a callback (domain-facts §2.7), for the case page and the callback desk alike."""

    QUESTIONS = ("was_contacted", "was_on_time", "was_truthful", "wants_review")

    result = forms.ChoiceField(
        label=_("Outcome of the call"), choices=Callback.Result.choices, initial="reached", widget=Segmented
    )
    was_contacted = forms.ChoiceField(
        label=_("The unit spoke with the person"), choices=_YES_NO, required=False, widget=Segmented
    )
    was_on_time = forms.ChoiceField(label=_("The unit was in time"), choices=_YES_NO, required=False, widget=Segmented)
    was_truthful = forms.ChoiceField(
        label=_("The feedback tells the truth"), choices=_YES_NO, required=False, widget=Segmented
    )
    solved = forms.ChoiceField(
        label=_("Is the matter solved?"), choices=Callback.Solved.choices, required=False, widget=Segmented
    )
    attitude = forms.ChoiceField(
        label=_("How was the unit's manner?"),
        choices=[("", _("not asked")), *Callback.Attitude.choices],
        required=False,
        widget=Segmented,
    )
    level = forms.TypedChoiceField(
        label=_("Satisfaction"),
        choices=Callback.Level.choices,
        coerce=int,
        empty_value=None,
        required=False,
        widget=Segmented,
        help_text=_("The last two are a bad rating: a call within one day, put right within fifteen."),
    )
    why_not = forms.CharField(label=_("If not satisfied: why"), max_length=1000, required=False, widget=lines(2))
    wants_review = forms.ChoiceField(label=_("Wants a review"), choices=_YES_NO, required=False, widget=Segmented)
    said = forms.CharField(label=_("What was said"), max_length=2000, required=False, widget=lines(3))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("result") == Callback.Result.REACHED:
            for name in ("solved", "level"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("Please ask this question, or choose “declined to answer” above."))
            if data.get("level") in (1, 2) and not data.get("why_not", "").strip():
                self.add_error("why_not", _("Please ask what is missing; the unit puts exactly this right."))
        return data

    def answers(self) -> dict[str, Any]:
        """What the action takes; nothing where nobody answered."""
        data = self.cleaned_data
        if data["result"] != Callback.Result.REACHED:
            return {}
        found: dict[str, Any] = {name: {"yes": True, "no": False}.get(data[name]) for name in self.QUESTIONS}
        names = ("solved", "attitude", "level", "why_not")
        return {**found, **{name: data[name] for name in names}}


class CallbackForm(Questionnaire, StepForm):
    """The questionnaire on the case page. "Call again at" belongs to the desk, which keeps the appointment."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        results = [choice for choice in Callback.Result.choices if choice[0] != Callback.Result.LATER]
        self.fields["result"].choices = results  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"result": data["result"], "said": data["said"], "answers": self.answers()}


class ExplainForm(StepForm):
    """How an unsolved or groundless matter was explained to the person."""

    explained_by = forms.CharField(label=_("Who explained it"), max_length=60)
    explained_at = forms.DateTimeField(
        label=_("When it was explained"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    means = forms.ChoiceField(
        label=_("How it was explained"), choices=ContactRecord.Means.choices, initial="meeting", widget=Segmented
    )
    legal_basis = forms.CharField(
        label=_("Legal basis"), max_length=300, help_text=_("The article or policy the explanation rests on.")
    )
    text = forms.CharField(label=_("What was explained"), max_length=3000, widget=lines(4))
    stance = forms.ChoiceField(label=_("The person's stance"), choices=Explanation.Stance.choices, widget=Segmented)

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        newest = order.feedbacks.order_by("-at", "-id").first() if order else None
        basis = newest.legal_basis if newest else ""
        return {"explained_by": self.user.name, "explained_at": self.at, "legal_basis": basis}


class RecallForm(StepForm):
    """Why an order is taken back from its unit."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=lines(3),
        help_text=_("The unit reads it. You choose another unit on the next page."),
    )
