"""Forms of the moves of a petition."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role
from accounts.widgets import Segmented
from dispatch.assignments import LONGEST, SHORTEST, Assignment, usual_term
from dispatch.catalogue import suggest
from dispatch.forms.base import StepForm, lines, petition_by_number
from dispatch.forms.letters import refuse_unfilled
from dispatch.forms.units import UnitsForm
from dispatch.models import Callback, ContactRecord, Feedback, WorkOrder
from petitions.actions import open_parts
from petitions.actions.revoked import revoked_opinion
from petitions.models import Adoption, Petition, Purpose, Rating, RepeatSuggestion, Urgency
from petitions.routes import LED_OUT, ROUTES, LegalRoute, Route, propose


class DispatchForm(UnitsForm):
    """Lead unit, assisting units, urgency, transfer or assignment, instruction. Units are proposed or searched for."""

    mode = forms.ChoiceField(
        label=_("Transfer or assignment"), choices=WorkOrder.Mode.choices, required=False, widget=Segmented
    )
    term_days = forms.IntegerField(
        label=_("Term in days"),
        min_value=SHORTEST,
        max_value=LONGEST,
        required=False,
        help_text=_("For an assignment: calendar days until the closing report."),
    )
    term_reason = forms.CharField(
        label=_("Why another term than usual"), max_length=200, required=False, widget=forms.TextInput
    )

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
        return {
            "lead": first,
            "urgency": petition.urgency,
            "mode": WorkOrder.Mode.TRANSFER,
            "term_days": usual_term(),
        }

    def assignment(self) -> Assignment | None:
        """The term chosen; None for a transfer."""
        data = self.cleaned_data
        if data["mode"] != WorkOrder.Mode.ASSIGN:
            return None
        return Assignment(data["term_days"] or usual_term(), data["term_reason"].strip())

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "lead": data["lead"],
            "assisting": self.chosen_assisting(),
            "urgency": data["urgency"],
            "instruction": data["instruction"],
            "assignment": self.assignment(),
        }


def adoption_field() -> forms.ChoiceField:
    """What becomes of a suggestion (Regulation, art. 29)."""
    return forms.ChoiceField(
        label=_("Adoption"),
        choices=Adoption.choices,
        widget=Segmented,
        help_text=_("The reasons stand in the text; the petitioner reads both."),
    )


def only_for_suggestions(form: StepForm) -> None:
    """Take the field away where the matter is no suggestion."""
    if form.petition.purpose != Purpose.SUGGEST:
        del form.fields["adoption"]


class AnswerForm(StepForm):
    """An answer given on the spot."""

    answer = forms.CharField(label=_("Answer given"), max_length=5000, widget=lines(6))
    adoption = adoption_field()
    agreed = forms.BooleanField(label=_("The person agrees that this settles the matter"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        only_for_suggestions(self)


class LeadOutForm(StepForm):
    """The other legal route, and what the petitioner was told; the wording of the route is proposed."""

    route = forms.ChoiceField(
        label=_("Legal route"), choices=[(key, Route(key).label) for key in LED_OUT], widget=forms.RadioSelect
    )
    explanation = forms.CharField(
        label=_("What the petitioner was told"),
        max_length=2000,
        widget=lines(5),
        help_text=_("Which organ, what to hand in, and until when."),
    )

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        key = petition.route or self.proposed_route(petition)
        if key not in LED_OUT:
            return {}
        with override("zh-hans"):
            return {"route": key, "explanation": str(ROUTES[key].told)}

    @staticmethod
    def proposed_route(petition: Petition) -> str:
        """The route class and words speak for."""
        text = f"{petition.summary}\n{petition.content}\n{petition.demand}"
        proposal = propose(petition.purpose, text, petition.content_class.code)
        return proposal.route.key if proposal else ""

    def clean_explanation(self) -> str:
        return refuse_unfilled(self.cleaned_data["explanation"])

    def terms(self) -> list[LegalRoute]:
        """Each route with its organ, the time it usually takes, and what the petitioner is told."""
        return [ROUTES[key] for key in LED_OUT]


class ReplyForm(StepForm):
    """The office's reply. Refuses a letter with unfilled places."""

    text = forms.CharField(label=_("Reply"), max_length=5000, widget=lines(12))
    adoption = adoption_field()

    overrule = forms.CharField(
        label=_("Why it may read like the revoked opinion"),
        max_length=300,
        required=False,
        widget=lines(2),
        help_text=_("A review revoked the earlier opinion; on the same facts it may not be given again."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        only_for_suggestions(self)
        if revoked_opinion(self.petition) is None:
            del self.fields["overrule"]

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
    without_parts = forms.CharField(
        label=_("Why it is closed before the matters split off from it"),
        max_length=500,
        required=False,
        widget=lines(2),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = open_parts(self.petition)
        if not waiting:
            del self.fields["without_parts"]
            return
        text = _("Still open: %(numbers)s.")
        names = str(_(", ")).join(part.short_number for part in waiting)
        self.fields["without_parts"].help_text = text % {"numbers": names}


class VerifyForm(StepForm):
    """The talk in which the office verifies the outcome with the person."""

    means = forms.ChoiceField(label=_("Means"), choices=ContactRecord.Means.choices, initial="phone", widget=Segmented)
    result = forms.ChoiceField(
        label=_("Result"), choices=ContactRecord.Result.choices, initial="reached", widget=Segmented
    )
    said = forms.CharField(
        label=_("What was said"),
        max_length=2000,
        widget=lines(4),
        help_text=_("Whether it was done as reported, and how the person stands to what remains."),
    )


class BadCalledForm(StepForm):
    """The talk about a bad rating."""

    said = forms.CharField(
        label=_("What was said"), max_length=2000, widget=lines(4), help_text=_("What the person finds missing.")
    )


class PutRightForm(StepForm):
    """What was put right after a bad rating."""

    measures = forms.CharField(
        label=_("What was put right"),
        max_length=3000,
        widget=lines(5),
        help_text=_("Point by point for what the person found missing; what cannot be done, and why."),
    )


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
        return petition_by_number(self.cleaned_data["of"], self.user)


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
        return petition_by_number(self.cleaned_data["into"], self.user)


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
        return staff_by_name(self.cleaned_data["person"])

    def arguments(self) -> dict[str, Any]:
        return {"user": self.cleaned_data["person"], "reason": self.cleaned_data["reason"]}


def staff_by_name(words: str) -> User:
    """The one active person of this user name or, when there is only one of it, this name. Raises ValidationError."""
    active = User.objects.filter(is_active=True)
    found = list(active.filter(username__iexact=words.strip())) or list(active.filter(name=words.strip())[:2])
    if len(found) != 1:
        raise ValidationError(_("Nobody is called so, or several people are. Give the user name."))
    if found[0].role == Role.SYSTEM_ADMIN:
        raise ValidationError(_("System administrators see no case content."))
    return found[0]
