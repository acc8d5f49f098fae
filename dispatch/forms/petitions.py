"""Forms of the moves of a petition."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext_lazy, override
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit, User
from accounts.roles import Role
from accounts.widgets import Segmented
from dispatch.catalogue import search_units, suggest
from dispatch.forms.base import StepForm, lines
from dispatch.forms.letters import refuse_unfilled
from dispatch.models import Callback, Feedback, WorkOrder
from dispatch.routes import USUAL_TERM, Route
from petitions.models import Petition, Rating, RepeatSuggestion, Urgency
from petitions.search import by_number

MAX_ASSISTING = 9


class DispatchForm(StepForm):
    """Lead unit, assisting units, urgency, instruction. Units are chosen from proposals or a search."""

    lead = forms.ModelChoiceField(
        label=_("Lead unit"),
        queryset=Unit.objects.handling(),
        required=False,
        error_messages={"invalid_choice": _("This unit takes no work orders. Choose another.")},
    )
    # Without script: the exact code or name; with it, what is searched for.
    lead_text = forms.CharField(label=_("Search by name or code"), max_length=40, required=False)
    assisting = forms.ModelMultipleChoiceField(
        label=_("Assisting units"), queryset=Unit.objects.handling(), required=False
    )
    assisting_text = forms.CharField(label=_("Search by name or code"), max_length=40, required=False)
    urgency = forms.ChoiceField(label=_("Urgency"), choices=Urgency.choices, widget=Segmented)
    instruction = forms.CharField(
        label=_("Instruction"),
        max_length=1000,
        required=False,
        widget=lines(3),
        help_text=_("The units read it with the work order."),
    )

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        self.suggestions = suggest(petition)
        first = self.suggestions[0][0].pk if self.suggestions else None
        return {"lead": first, "urgency": petition.urgency}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "lead" in self.errors:
            return data
        if data.get("lead_text") and not self.data.get(self.add_prefix("lead")):
            data["lead"] = self._by_words(data["lead_text"])
        if data.get("lead") is None and "lead" not in self.errors:
            self.add_error("lead", _("Choose the lead unit."))
        if len(data.get("assisting") or ()) > MAX_ASSISTING:
            text = ngettext_lazy("At most %d assisting unit.", "At most %d assisting units.", MAX_ASSISTING)
            self.add_error("assisting", ValidationError(text % MAX_ASSISTING))
        return data

    def _by_words(self, words: str) -> Unit | None:
        found = list(search_units(words)[:2])
        exact = [u for u in found if words in (u.code, u.name, u.short_name)]
        if len(exact) == 1 or len(found) == 1:
            return (exact or found)[0]
        text = (
            _("Several units fit “%(words)s”. Search and choose one.") if found else _("No unit is called “%(words)s”.")
        )
        self.add_error("lead", text % {"words": words})
        return None

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        assisting = [unit for unit in data["assisting"] if unit != data["lead"]]
        return {
            "lead": data["lead"],
            "assisting": assisting,
            "urgency": data["urgency"],
            "instruction": data["instruction"],
        }


class AnswerForm(StepForm):
    """An answer given on the spot."""

    answer = forms.CharField(label=_("Answer given"), max_length=5000, widget=lines(6))
    agreed = forms.BooleanField(label=_("The person agrees that this settles the matter"), required=False)


class LeadOutForm(StepForm):
    """The other legal route, and what the petitioner was told."""

    route = forms.ChoiceField(label=_("Legal route"), choices=Route.choices, widget=forms.RadioSelect)
    explanation = forms.CharField(
        label=_("What the petitioner was told"),
        max_length=2000,
        widget=lines(4),
        help_text=_("Which organ, what to hand in, and until when."),
    )

    def terms(self) -> list[tuple[Any, Any]]:
        """Each route with the time it usually takes."""
        return [(route.label, USUAL_TERM[route]) for route in Route]


class ReplyForm(StepForm):
    """The office's reply. Refuses a letter with unfilled places."""

    text = forms.CharField(label=_("Reply"), max_length=5000, widget=lines(12))

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        return {"text": reply_draft(petition)}

    def clean_text(self) -> str:
        return refuse_unfilled(self.cleaned_data["text"])


def reply_draft(petition: Petition) -> str:
    """A first version of the reply from the feedback that passed the check, in the petitioner's language."""
    with override("zh-hans"):
        parts = [
            gettext("Regarding “%(summary)s”, which you raised, we reply as follows.") % {"summary": petition.summary}
        ]
        feedbacks = Feedback.objects.filter(order__petition=petition, checked_by__isnull=False, order__is_open=True)
        newest: dict[int, Feedback] = {}
        for feedback in feedbacks.select_related("order__unit").order_by("order__seq", "at"):
            newest[feedback.order_id] = feedback
        for feedback in newest.values():
            parts.append(
                gettext("%(unit)s found and did: %(findings)s")
                % {"unit": feedback.order.unit.name, "findings": feedback.findings}
            )
            parts += [text for text in (feedback.explanation, _basis(feedback)) if text]
        parts.append(gettext("If you have further questions, you can reach us at any time."))
        return "\n\n".join(parts)


def _basis(feedback: Feedback) -> str:
    return gettext("Legal basis: %(basis)s.") % {"basis": feedback.legal_basis} if feedback.legal_basis else ""


class RateForm(StepForm):
    """The petitioner's judgement of the two objects."""

    office = forms.TypedChoiceField(
        label=_("Petition office"), choices=Rating.Score.choices, coerce=int, widget=Segmented
    )
    unit = forms.TypedChoiceField(
        label=_("Responsible unit"), choices=Rating.Score.choices, coerce=int, widget=Segmented
    )
    comment = forms.CharField(label=_("In the petitioner's words"), max_length=1000, required=False, widget=lines(3))

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        last = Callback.objects.filter(order__petition=petition, satisfaction__isnull=False).order_by("-at").first()
        return {"unit": last.satisfaction, "comment": last.said} if last else {}


class ReasonForm(StepForm):
    """A reason, and nothing else."""

    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=lines(4))


class TakeBackForm(ReasonForm):
    """Why, with the most common reason filled in: the step is an undo and should cost one click."""

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        return {"reason": gettext("Dispatched by mistake; taken back.")}


class UrgencyForm(StepForm):
    """The service class."""

    urgency = forms.ChoiceField(label=_("Urgency"), choices=Urgency.choices, widget=Segmented)

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        return {"urgency": petition.urgency}


class ReworkForm(ReasonForm):
    reason = forms.CharField(
        label=_("What was not done, or why the petitioner is dissatisfied"), max_length=1000, widget=lines(4)
    )


class WithdrawForm(ReasonForm):
    reason = forms.CharField(label=_("Why and how the petitioner withdrew"), max_length=1000, widget=lines(4))


class ReopenForm(ReasonForm):
    reason = forms.CharField(label=_("The new facts"), max_length=1000, widget=lines(4))


class CloseForm(StepForm):
    """A last remark; the checklist stands above it."""

    remark = forms.CharField(label=_("Remark"), max_length=1000, required=False, widget=lines(2))


def one_petition(words: str, user: User) -> Petition:
    """The one petition a number names, among those this person may see. Raises ValidationError."""
    number = by_number(words.strip())
    found = list(Petition.objects.visible_to(user).filter(number)[:2]) if number is not None else []
    if len(found) != 1:
        # The same sentence for "does not exist" and "may not be seen".
        raise ValidationError(_("There is no such petition, or more than one. Give year and number, as in 26-000123."))
    return found[0]


class RepeatForm(StepForm):
    """The earlier petition this one repeats, by its number."""

    of = forms.CharField(
        label=_("Number of the earlier petition"), max_length=40, help_text=_("For example 26-000123.")
    )
    reason = forms.CharField(label=_("Remark"), max_length=500, required=False, widget=lines(2))

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        first = suspicions(petition, self.user)[:1]
        return {"of": first[0].earlier.short_number} if first else {}

    def clean_of(self) -> Petition:
        return one_petition(self.cleaned_data["of"], self.user)


class NewMatterForm(StepForm):
    """Why it is a matter of its own."""

    reason = forms.CharField(
        label=_("Why is it a new matter?"),
        max_length=500,
        widget=lines(3),
        help_text=_("Which facts or demands are different from the earlier one."),
    )


def suspicions(petition: Petition, user: User) -> list[RepeatSuggestion]:
    """The open suspicions this person may see, the likeliest first."""
    rows = RepeatSuggestion.objects.filter(petition=petition, decision="").select_related("earlier__lead_unit")
    return list(rows.filter(earlier__in=Petition.objects.visible_to(user)).order_by("-score", "-id"))


class MergeForm(StepForm):
    """The petition that goes on, by its number."""

    into = forms.CharField(
        label=_("Number of the petition that goes on"), max_length=40, help_text=_("For example 26-000123.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False, widget=lines(2))

    def clean_into(self) -> Petition:
        return one_petition(self.cleaned_data["into"], self.user)


class NamePersonForm(StepForm):
    """One more person who may see this petition."""

    person = forms.CharField(
        label=_("User name or name"), max_length=60, widget=forms.TextInput(attrs={"list": "named-people"})
    )
    reason = forms.CharField(label=_("Reason"), max_length=100)

    def candidates(self) -> list[User]:
        """Those whose role sees only what they are named for, and the offices, for the input's list."""
        roles = (Role.LEAD_OFFICIAL, Role.REVIEWER, Role.CITY_OFFICER, Role.DISTRICT_OFFICER)
        return list(
            User.objects.filter(is_active=True, role__in=roles).select_related("unit").order_by("role", "name")[:60]
        )

    def clean_person(self) -> User:
        words = self.cleaned_data["person"].strip()
        active = User.objects.filter(is_active=True)
        found = list(active.filter(username__iexact=words)) or list(active.filter(name=words)[:2])
        if len(found) != 1:
            raise ValidationError(_("Nobody is called so, or several people are. Give the user name."))
        if found[0].role == Role.SYSTEM_ADMIN:
            raise ValidationError(_("System administrators see no case content."))
        return found[0]

    def arguments(self) -> dict[str, Any]:
        return {"user": self.cleaned_data["person"], "reason": self.cleaned_data["reason"]}
