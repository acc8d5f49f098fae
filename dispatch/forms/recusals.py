"""Forms of recusals: who is to keep out of a matter, and the decision about it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role
from accounts.widgets import Segmented
from dispatch.forms.base import StepForm, lines
from dispatch.forms.petitions import staff_by_name
from dispatch.models import WorkOrder
from petitions.models import Petition, Recusal
from petitions.states.recusals import RecusalState


class AskRecusalForm(StepForm):
    """Who is to keep out of the matter, and why."""

    person = forms.CharField(
        label=_("User name or name"), max_length=60, widget=forms.TextInput(attrs={"list": "named-people"})
    )
    side = forms.ChoiceField(label=_("Asked by"), choices=Recusal.Side.choices, initial="office", widget=Segmented)
    ground = forms.ChoiceField(label=_("Ground"), choices=Recusal.Ground.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=lines(3),
        help_text=_("Only those who decide on it and inspectors read this."),
    )

    def proposals_for(self, petition: Any, order: Any) -> dict[str, Any]:
        # A handler most often speaks for themselves.
        is_handler = self.user.role in {Role.UNIT_HANDLER, Role.REVIEWER, Role.LEAD_OFFICIAL}
        return {"person": self.user.username, "side": "self"} if is_handler else {}

    def candidates(self) -> list[User]:
        """Those who have to do with the case now, for the input's list."""
        return people_of(self.petition)

    def clean_person(self) -> User:
        return staff_by_name(self.cleaned_data["person"])


class _AboutOne(StepForm):
    """Chooses one of the petition's recusals; the only one is chosen already."""

    STATE = RecusalState.ASKED

    recusal = forms.ModelChoiceField(
        label=_("Recusal"), queryset=Recusal.objects.none(), widget=forms.RadioSelect, empty_label=None
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Recusal.objects.visible_to(self.user).filter(petition=self.petition, state=self.STATE)
        field = self.fields["recusal"]
        field.queryset = rows.select_related("person__unit")  # type: ignore[attr-defined]
        field.label_from_instance = words_of  # type: ignore[attr-defined]
        self.rows = list(rows.select_related("person__unit"))
        if len(self.rows) == 1 and "recusal" not in self.initial:
            self.initial["recusal"] = self.rows[0].pk


class DecideRecusalForm(_AboutOne):
    """Grant or decline."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("grant_recusal", _("Grant the recusal")), ("decline_recusal", _("Decline the recusal"))],
        widget=Segmented,
    )
    person = forms.CharField(
        label=_("Whom the petitioner means"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"list": "named-people"}),
        help_text=_("User name or name; the petitioner could only say it in words."),
    )
    remark = forms.CharField(
        label=_("Remark"),
        max_length=300,
        required=False,
        widget=lines(3),
        help_text=_("Why, when it is declined. A decision stands until it is lifted."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if all(row.person_id for row in self.rows):
            del self.fields["person"]

    def candidates(self) -> list[User]:
        """The people of the case, for the input's list."""
        return people_of(self.petition)

    def clean_person(self) -> User | None:
        words = self.cleaned_data["person"]
        return staff_by_name(words) if words.strip() else None

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "recusal": data["recusal"],
            "decision": data["decision"],
            "person": data.get("person"),
            "remark": data["remark"],
        }


class LiftRecusalForm(_AboutOne):
    """The ground has fallen away."""

    STATE = RecusalState.GRANTED

    remark = forms.CharField(label=_("Reason"), max_length=300, widget=lines(3))

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"recusal": data["recusal"], "decision": "lift_recusal", "remark": data["remark"]}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.rows:
            raise ValidationError(_("Nobody is recused in this matter."))
        return data


def words_of(row: Recusal) -> str:
    """One recusal in a line: who, of which unit, on what ground."""
    person = row.person
    who = f"{person.name} · {person.unit}" if person else f"“{row.named}”"
    return f"{who} · {row.get_ground_display()} · {row.reason}"


def people_of(petition: Petition) -> list[User]:
    """Those who have to do with a case now: handlers and staff of its units, who is named for it, who took it down."""
    orders = WorkOrder.objects.filter(petition=petition, is_open=True)
    concerned = Q(unit__in=orders.values("unit")) | Q(pk__in=petition.involvements.values("user"))
    concerned |= Q(pk=petition.registrar_id)
    return list(User.objects.filter(concerned, is_active=True).select_related("unit").order_by("role", "name")[:60])
