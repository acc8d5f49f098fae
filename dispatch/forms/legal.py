"""Forms of the legal moves of a petition: notices, delivery, review, hearing."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit, User
from accounts.roles import Role
from dispatch.forms.base import StepForm, lines
from dispatch.forms.letters import refuse_unfilled
from dispatch.models import WorkOrder
from petitions.actions import Delivery, NoLonger
from petitions.models import Petition


class NoticeForm(StepForm):
    """What the petitioner is told, proposed and to be completed."""

    text = forms.CharField(label=_("What the petitioner is told"), max_length=3000, widget=lines(8))

    def clean_text(self) -> str:
        return refuse_unfilled(self.cleaned_data["text"])


class ReportUpForm(StepForm):
    """A grave or urgent matter reported at once."""

    to = forms.CharField(
        label=_("Who was told"), max_length=120, help_text=_("For example the duty office of the city government.")
    )
    text = forms.CharField(label=_("What was reported"), max_length=2000, widget=lines(5))


class ReceiptForm(NoticeForm):
    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        words = {"number": petition.number, "office": petition.register_unit.name}
        text = gettext("Your petition has been received by %(office)s as %(number)s. It is handled as follows: 【…】")
        return {"text": text % words}


class AcceptForm(NoticeForm):
    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        text = gettext("Your petition %(number)s is accepted. You will be given a written opinion.")
        return {"text": text % {"number": petition.number}}


class NotAcceptForm(StepForm):
    """Grounds and remedy; both go to the petitioner."""

    grounds = forms.CharField(label=_("Grounds"), max_length=2000, widget=lines(4))
    remedy = forms.CharField(
        label=_("Which way is open instead"),
        max_length=1000,
        widget=lines(3),
        help_text=_("Which organ, what to hand in, and until when."),
    )


class NoLongerForm(StepForm):
    """Why the same matter is not taken up again."""

    ground = forms.ChoiceField(label=_("Ground"), choices=NoLonger.choices, widget=forms.RadioSelect)
    explanation = forms.CharField(label=_("Explanation for the petitioner"), max_length=2000, widget=lines(4))


class DeliveryForm(StepForm):
    """How the opinion reached the petitioner."""

    way = forms.ChoiceField(label=_("How it was delivered"), choices=Delivery.choices, widget=forms.RadioSelect)
    remark = forms.CharField(label=_("Receipt, signature or refusal"), max_length=300, required=False, widget=lines(2))


def reviewers_for(petition: Petition) -> list[User]:
    """Reviewers who sit above the unit that gave the opinion, nearest first (Regulation, arts. 35, 36)."""
    unit = petition.lead_unit
    if unit is None:
        return []
    above = [path for path in _paths(unit) if path != unit.path] or [unit.path]
    seats = Q(unit__path__in=above) | Q(unit__kind=Unit.Kind.PETITION_OFFICE, unit__parent__path__in=above)
    rows = User.objects.filter(seats, is_active=True, role=Role.REVIEWER).select_related("unit")
    return sorted(rows, key=lambda user: (-len(user.unit.path if user.unit else ""), user.name))


def _paths(unit: Unit) -> list[str]:
    parts = unit.path.rstrip("/").split("/")
    return ["/".join(parts[: i + 1]) + "/" for i in range(len(parts))]


class PersonField(forms.ModelChoiceField):
    """A person, shown with their unit."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.unit}"


class ReviewForm(StepForm):
    """The request for review or re-review."""

    reviewer = PersonField(label=_("Who reviews"), queryset=User.objects.none())
    request = forms.CharField(label=_("What is asked for, and why"), max_length=3000, widget=lines(6))
    excuse = forms.CharField(
        label=_("Why it comes late"),
        max_length=300,
        required=False,
        help_text=_("Only when force majeure kept the petitioner from asking within 30 days."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = [user.pk for user in reviewers_for(self.petition)]
        field = self.fields["reviewer"]
        assert isinstance(field, PersonField)
        field.queryset = User.objects.filter(pk__in=found).select_related("unit")
        field.empty_label = None if len(found) == 1 else field.empty_label


class ReviewDecisionForm(StepForm):
    """The opinion of the reviewing organ."""

    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[("uphold", _("Upheld")), ("revoke", _("Revoked or changed; to be handled again"))],
        widget=forms.RadioSelect,
    )
    opinion = forms.CharField(label=_("Opinion"), max_length=5000, widget=lines(10))

    def clean_opinion(self) -> str:
        return refuse_unfilled(self.cleaned_data["opinion"])


class HearingForm(StepForm):
    """What the hearing is about, and who sits on its panel."""

    subject = forms.CharField(label=_("What the hearing is about"), max_length=1000, widget=lines(4))
    panel = forms.CharField(label=_("Chair and panel"), max_length=200, required=False)


class HearingEndForm(StepForm):
    conclusion = forms.CharField(label=_("Conclusion of the hearing"), max_length=3000, widget=lines(6))
