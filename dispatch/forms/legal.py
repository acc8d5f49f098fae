"""Forms of the legal moves of a petition: notices and delivery."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

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

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        """The same matter after its end: the ground, and the number of what has ended."""
        earlier = petition.repeat_of
        if earlier is None or not earlier.end_way:
            return {}
        ground = NoLonger.REREVIEWED if earlier.end_way == "rereviewed" else NoLonger.ENDED
        text = gettext(
            "You raised this matter before as %(number)s. It has ended (%(way)s) on the same facts and reasons; "
            "by art. 36 of the Regulation it is no longer accepted."
        )
        return {"ground": ground, "explanation": text % {"number": earlier.number, "way": earlier.end_label}}


class DeliveryForm(StepForm):
    """How the opinion reached the petitioner."""

    way = forms.ChoiceField(label=_("How it was delivered"), choices=Delivery.choices, widget=forms.RadioSelect)
    remark = forms.CharField(label=_("Receipt, signature or refusal"), max_length=300, required=False, widget=lines(2))
