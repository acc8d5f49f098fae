"""Forms of review, re-review, hearings and the ends of a petition's legal life."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.widgets import FilesField, FilesInput
from dispatch.actions.review import term_range
from dispatch.forms.base import StepForm, lines
from dispatch.forms.letters import refuse_unfilled
from petitions import organs
from petitions.actions import Delivery
from petitions.actions.hearings import Seat
from petitions.actions.reviews import right_of
from petitions.attachments import allowed_extensions
from petitions.models import Hearing, HearingMember, HearingSide, HearingTurn, Outcome, ReviewGround, ReviewRequest


class PersonField(forms.ModelChoiceField):
    """A person, shown with their unit."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.unit}"


class PeopleField(forms.ModelMultipleChoiceField):
    """Several people to tick, each shown with their unit."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.unit}"


def among(people: list[User]) -> QuerySet[User]:
    """A queryset of people found one by one, for a field to choose from."""
    return User.objects.filter(pk__in=[user.pk for user in people]).select_related("unit")


class ReviewForm(StepForm):
    """The request for review or re-review, as it is taken down at the counter."""

    files_field = "evidence"

    request = forms.CharField(label=_("What is asked for"), max_length=3000, widget=lines(4))
    facts = forms.CharField(label=_("Facts and reasons"), max_length=5000, required=False, widget=lines(4))
    new_facts = forms.CharField(label=_("New facts or evidence"), max_length=3000, required=False, widget=lines(2))
    agent = forms.CharField(
        label=_("Agent"), max_length=60, required=False, help_text=_("Only when somebody asks for the petitioner.")
    )
    reviewer = PersonField(
        label=_("Who reviews"),
        queryset=User.objects.none(),
        required=False,
        help_text=_("Left empty, the nearest organ above reviews; whoever has acted on the case is not in the list."),
    )
    excuse = forms.CharField(
        label=_("Why it comes late"),
        max_length=300,
        required=False,
        help_text=_("Only when force majeure kept the petitioner from asking within 30 days."),
    )
    evidence = FilesField(
        label=_("Evidence"), required=False, widget=FilesInput(attrs={"accept": allowed_extensions()})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stage = right_of(self.petition).stage or "review"
        found = organs.reviewers_above(self.petition, stage)
        field = self.fields["reviewer"]
        assert isinstance(field, PersonField)
        field.queryset = among(found)
        if found:
            field.initial = found[0].pk

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "uploads": self.cleaned_data.get("evidence") or []}

    def uploads(self) -> list[Any]:
        # The action keeps them with its own event.
        return []


class TeamForm(StepForm):
    """Who investigates, two at least."""

    investigators = PeopleField(
        label=_("Who investigates"),
        queryset=User.objects.none(),
        help_text=_("Two at least. Whoever has acted on the case is recused and not in the list."),
    )
    reason = forms.CharField(label=_("Remark"), max_length=1000, required=False, widget=lines(2))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = _open_row(self.petition.pk)
        field = self.fields["investigators"]
        assert isinstance(field, PeopleField)
        if row is not None:
            row.petition = self.petition
            field.queryset = among(organs.investigators_at(row.target_unit, row))
            field.initial = [member.user_id for member in row.team]


def _open_row(petition_id: int) -> ReviewRequest | None:
    rows = ReviewRequest.objects.open().filter(petition=petition_id).select_related("target_unit")
    found: ReviewRequest | None = rows.prefetch_related("investigators").first()
    return found


class AdmitForm(TeamForm):
    """Admission, with who investigates."""


class ReviewDecisionForm(StepForm):
    """The opinion of the reviewing organ."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome.choices, widget=forms.RadioSelect)
    grounds = forms.MultipleChoiceField(
        label=_("Grounds on which it falls"),
        choices=ReviewGround.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Needed where the opinion is changed or revoked."),
    )
    opinion = forms.CharField(label=_("Opinion"), max_length=5000, widget=lines(10))
    new_opinion = forms.CharField(
        label=_("New opinion that stands in its place"),
        max_length=5000,
        required=False,
        widget=lines(6),
        help_text=_("Only where the opinion is changed."),
    )
    term = forms.IntegerField(
        label=_("Term to decide anew, in days"), required=False, help_text=_("Only where the opinion is revoked.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        least, most = term_range()
        field = self.fields["term"]
        assert isinstance(field, forms.IntegerField)
        field.min_value, field.max_value = least, most
        field.widget.attrs |= {"min": least, "max": most}

    def clean_opinion(self) -> str:
        return refuse_unfilled(self.cleaned_data["opinion"])

    def clean_new_opinion(self) -> str:
        return refuse_unfilled(self.cleaned_data["new_opinion"])


class ReviewDeliveryForm(StepForm):
    """How the review opinion reached the petitioner."""

    way = forms.ChoiceField(label=_("How it was delivered"), choices=Delivery.choices, widget=forms.RadioSelect)
    remark = forms.CharField(label=_("Receipt, signature or refusal"), max_length=300, required=False, widget=lines(2))


# ---- hearings ----


class AskHearingForm(StepForm):
    """A request for a hearing, taken down."""

    subject = forms.CharField(label=_("What the hearing is about"), max_length=1000, widget=lines(4))
    side = forms.ChoiceField(label=_("Who asks"), choices=HearingSide.choices, widget=forms.RadioSelect)


class DateField(forms.DateTimeField):
    """Date and time as a browser types them, in the city's time."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def _names(text: str, part: str) -> list[Seat]:
    """One person a line: name, and what they are after a comma or blank."""
    seats = []
    for line in text.splitlines():
        name, _sep, standing = line.replace("，", ",").strip().partition(",")
        if name.strip():
            seats.append(Seat(part=part, name=name.strip(), standing=standing.strip()))
    return seats


class HearingForm(StepForm):
    """Date, place and panel of a hearing."""

    subject = forms.CharField(label=_("What the hearing is about"), max_length=1000, widget=lines(3))
    held_at = DateField(label=_("Date and time"), input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])
    place = forms.CharField(label=_("Place"), max_length=120)
    is_public = forms.BooleanField(label=_("Open to the public"), required=False, initial=True)
    closed_reason = forms.CharField(
        label=_("Why closed"),
        max_length=200,
        required=False,
        help_text=_("State secrets or privacy; needed if closed."),
    )
    chair = PersonField(label=_("Chair"), queryset=User.objects.none())
    panel = PeopleField(label=_("Panel from the house"), queryset=User.objects.none(), required=False)
    guests = forms.CharField(
        label=_("Panel from outside"),
        required=False,
        widget=lines(3),
        max_length=600,
        help_text=_("One a line: name, standing. Deputies, lawyers, experts, community representatives."),
    )
    clerk = PersonField(label=_("Clerk"), queryset=User.objects.none())
    unit_people = forms.CharField(
        label=_("For the handling unit"), required=False, widget=lines(2), max_length=300, help_text=_("One a line.")
    )
    third_parties = forms.CharField(
        label=_("Third parties"), required=False, widget=lines(2), max_length=300, help_text=_("One a line.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = panel_candidates(self.user)
        for name in ("chair", "panel", "clerk"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = people

    def proposals_for(self, petition: Any, order: Any) -> dict[str, Any]:
        asked = Hearing.objects.open().filter(petition=petition).first()
        return {"subject": asked.subject} if asked is not None else {}

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        part = HearingMember.Part
        seats = [
            Seat(part.CHAIR, data["chair"]),
            *[Seat(part.PANEL, user) for user in data["panel"]],
            *_names(data["guests"], part.PANEL),
            Seat(part.CLERK, data["clerk"]),
            Seat(part.PETITIONER),
            *(_names(data["unit_people"], part.UNIT) or [Seat(part.UNIT)]),
            *_names(data["third_parties"], part.THIRD),
        ]
        kept = ("subject", "held_at", "place", "is_public", "closed_reason")
        return {**{key: data[key] for key in kept}, "seats": seats}


def panel_candidates(user: User) -> QuerySet[User]:
    """Who of the house may be seated by this person: the staff of their own unit and of its government."""
    if user.unit is None:
        return User.objects.none()
    seat = organs.seat(user.unit)
    rows = User.objects.filter(is_active=True, unit__in=[user.unit.pk, seat.pk]) | User.objects.filter(
        is_active=True, unit__parent=seat, unit__kind__in=["petition_office", "conference", "mediation"]
    )
    return rows.exclude(role="system_admin").select_related("unit").order_by("unit__code", "name")


class PostponeForm(StepForm):
    """Another date."""

    held_at = DateField(label=_("Date and time"), input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=lines(2))


def members_of(petition_id: int) -> list[HearingMember]:
    """Everybody of the hearing that is open, in order of seating."""
    row = Hearing.objects.open().filter(petition=petition_id).first()
    return list(row.members.select_related("user")) if row is not None else []


class AttendanceForm(StepForm):
    """Who is there."""

    is_excused = forms.BooleanField(
        label=_("The petitioner is absent for good reason"),
        required=False,
        help_text=_("Without it a petitioner who asked and does not come has given the hearing up."),
    )
    absence = forms.CharField(label=_("What is known of the absence"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = members_of(self.petition.pk)
        choices = [(str(m.pk), f"{m.label} · {m.get_part_display()}") for m in self.members]
        present = forms.MultipleChoiceField(
            label=_("Present"), choices=choices, required=False, widget=forms.CheckboxSelectMultiple
        )
        present.initial = [key for key, _label in choices]
        self.fields = {"version": self.fields["version"], "present": present, **self.fields}

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        present = set(data["present"])
        return {
            "attendance": {m.pk: str(m.pk) in present for m in self.members},
            "absence": data["absence"],
            "is_excused": data["is_excused"],
        }


class HearingEndForm(StepForm):
    """The panel's conclusion, with every vote."""

    conclusion = forms.CharField(label=_("Conclusion of the hearing"), max_length=3000, widget=lines(5))
    report = forms.CharField(
        label=_("Report to the organ that decides"),
        max_length=5000,
        required=False,
        widget=lines(5),
        help_text=_("What was disputed, what was proven, and the votes against with their reasons."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        panel = (HearingMember.Part.CHAIR, HearingMember.Part.PANEL)
        self.panel = [m for m in members_of(self.petition.pk) if m.part in panel]
        for member in self.panel:
            self.fields[f"vote_{member.pk}"] = forms.ChoiceField(
                label=_("Vote of %(name)s") % {"name": member.label},
                choices=HearingMember.Vote.choices,
                widget=forms.RadioSelect,
                initial=HearingMember.Vote.FOR,
            )

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        votes = {member.pk: data[f"vote_{member.pk}"] for member in self.panel}
        return {"conclusion": data["conclusion"], "report": data["report"], "votes": votes}


class TurnForm(forms.Form):
    """One turn of the record."""

    phase = forms.ChoiceField(label=_("Part of the hearing"), choices=HearingTurn.Phase.choices)
    member = forms.ModelChoiceField(
        label=_("Who spoke"), queryset=HearingMember.objects.none(), required=False, empty_label=_("The clerk notes")
    )
    text = forms.CharField(label=pgettext_lazy("hearing", "What was said"), max_length=20000, widget=lines(4))

    def __init__(self, *args: Any, hearing: Hearing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["member"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = hearing.members.select_related("user")


class PublishForm(forms.Form):
    """The redacted text of a result."""

    text = forms.CharField(label=_("Text to be published"), max_length=5000, widget=lines(8))
    confirmed = forms.BooleanField(
        label=_("I have read it: it holds no name, number or address of a person."), required=False
    )


# ---- ends ----


class SettleForm(StepForm):
    """A settlement that has been performed."""

    agreement = forms.CharField(label=_("What was agreed and how it was performed"), max_length=3000, widget=lines(5))
    performed_on = forms.DateField(label=_("Performed on"), widget=forms.DateInput(attrs={"type": "date"}))


class CertifyForm(StepForm):
    """What the superior office checked."""

    reason = forms.CharField(
        label=_("What was checked, and why the matter is closed"), max_length=3000, widget=lines(5)
    )
