"""Forms of reminders, findings, supervision orders and formal suggestions."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext, ngettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit, User
from accounts.roles import Scope
from accounts.widgets import LocalDateInput, LocalDateTimeInput, Segmented
from dispatch.forms.base import StepForm, lines
from dispatch.models import Proposal, Suggestion, SupervisionOrder
from dispatch.states import OrderState
from dispatch.supervision import (
    ADDRESSEES,
    LEVELS,
    SuggestionKind,
    SupervisionLevel,
    Verdict,
)
from petitions.models import Petition
from petitions.search import by_number

MAX_SCOPE = 400


class RemindForm(StepForm):
    """A word of the office with a reminder; one click without it."""

    text = forms.CharField(
        label=_("What the unit should know"),
        max_length=300,
        required=False,
        widget=lines(3),
        help_text=_("May stay empty. Handler and leader read it; the deadline of the work order does not change."),
    )


class AnswerReminderForm(StepForm):
    """How far the matter is."""

    text = forms.CharField(
        label=_("How far the matter is"),
        max_length=1000,
        widget=lines(4),
        help_text=_("What has been done, what is still open, and until when."),
    )


class RowForm(forms.Form):
    """A step on a supervision or a suggestion; `arguments()` is what the action gets besides actor, time, version."""

    # Name of a FilesField; the action then gets the files, laid ready, as `uploads`.
    files_field = ""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, row: Any, at: datetime, **kwargs: Any) -> None:
        self.user, self.row, self.at = user, row, at
        kwargs["initial"] = {"version": getattr(row, "version", None), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)

    def arguments(self) -> dict[str, Any]:
        """Cleaned values for the action."""
        return {name: v for name, v in self.cleaned_data.items() if name not in {"version", self.files_field}}

    def uploads(self) -> list[UploadedFile]:
        """Files that belong to the step."""
        return self.cleaned_data.get(self.files_field) or [] if self.files_field else []


class SetAsideForm(RowForm):
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=lines(3), help_text=_("Why this needs no supervision. It is kept.")
    )


class SnoozeForm(RowForm):
    DAYS = (("1", _("tomorrow")), ("3", _("in 3 days")), ("7", _("in a week")), ("14", _("in two weeks")))

    days = forms.ChoiceField(label=_("Show it again"), choices=DAYS, initial="3", widget=Segmented)

    def arguments(self) -> dict[str, Any]:
        day = timezone.localdate(self.at) + timedelta(days=int(self.cleaned_data["days"]))
        return {"until": timezone.make_aware(datetime.combine(day, time(8)))}


# ---- what the levels ask for ----

SCOPES = (
    ("line", _("All units of the same line of duty")),
    ("district", _("Bureaus, streets and towns of the same district")),
    ("governments", _("The governments of all districts")),
)


def scope_units(kind: str, unit: Unit) -> QuerySet[Unit]:
    """The units a circular goes to; at most MAX_SCOPE, without the one criticised."""
    rows = Unit.objects.filter(is_active=True).exclude(pk=unit.pk)
    if kind == "line" and unit.duty:
        rows = rows.filter(duty=unit.duty)
    elif kind == "governments":
        rows = rows.filter(kind=Unit.Kind.GOVERNMENT, area__kind="district")
    else:
        district = unit.area.district_id or unit.area_id
        rows = rows.filter(area__district_id=district, kind__in=[Unit.Kind.BUREAU, Unit.Kind.TOWN])
    return rows.order_by("code")[:MAX_SCOPE]


class LevelFields(forms.Form):
    """The fields of the levels; only those of the chosen level are shown and asked for."""

    FIELDS = {
        SupervisionLevel.LISTED: ("listed_until", "is_public"),
        SupervisionLevel.INTERVIEW: ("talk_at", "talk_place", "talk_attendees"),
        SupervisionLevel.CIRCULAR: ("circular_text", "scope"),
    }

    listed_until = forms.DateField(label=_("On the list until"), required=False, widget=LocalDateInput)
    is_public = forms.BooleanField(label=_("The list is public"), required=False)
    talk_at = forms.DateTimeField(label=_("Time of the talk"), required=False, widget=LocalDateTimeInput)
    talk_place = forms.CharField(label=_("Place of the talk"), max_length=100, required=False)
    talk_attendees = forms.CharField(
        label=_("Who attends"), max_length=300, required=False, help_text=_("Posts and names, of both sides.")
    )
    circular_text = forms.CharField(
        label=_("Text of the circular"),
        max_length=3000,
        required=False,
        widget=lines(6),
        help_text=_("Other units read exactly this: no petitioner's name, address or telephone number."),
    )
    scope = forms.ChoiceField(
        label=_("Who reads the circular"), choices=SCOPES, required=False, initial="line", widget=forms.RadioSelect
    )

    def level_fields(self) -> list[forms.BoundField]:
        """The bound fields of the chosen level."""
        level = str(self["level"].value() or "")
        names = self.FIELDS.get(level, ())  # type: ignore[call-overload]
        for name in names:
            # What the action insists on; a box may stay unticked.
            self.fields[name].required = not isinstance(self.fields[name], forms.BooleanField)
        return [self[name] for name in names]

    def details(self, unit: Unit | None) -> dict[str, Any]:
        """What the chosen level hands to the action."""
        data = self.cleaned_data
        found = {name: data.get(name) for name in self.FIELDS.get(data["level"], ())}
        if "scope" in found and unit is not None:
            found["scope"] = list(scope_units(found["scope"] or "line", unit))
        return found


def levels_for(user: User, *, above: int = -1) -> list[tuple[str, Any]]:
    """The levels this person may choose, those above a rank only."""
    rows = [row for row in LEVELS.values() if row.rank > above and user.may(row.permission)]
    return [(row.value, SupervisionLevel(row.value).label) for row in rows]


class IssueForm(LevelFields):
    """A supervision order on a case, from a finding, or of a unit at large."""

    level = forms.ChoiceField(label=_("Level"), widget=Segmented)
    unit = forms.ModelChoiceField(
        label=_("Unit"), queryset=Unit.objects.none(), widget=forms.RadioSelect, required=False, empty_label=None
    )
    unit_text = forms.CharField(label=_("Search by name or code"), max_length=40, required=False)
    trigger = forms.ChoiceField(label=pgettext_lazy("supervision", "Ground"), choices=Proposal.Trigger.choices)
    text = forms.CharField(
        label=_("What the unit is to do"),
        max_length=3000,
        widget=lines(7),
        help_text=_(
            "The unit reads exactly this. Say what is wrong, what is to be done, and what the answer must hold."
        ),
    )
    field_order = ["unit", "unit_text", "level", "trigger", "text"]

    def __init__(
        self,
        *args: Any,
        user: User,
        at: datetime,
        petition: Petition | None = None,
        finding: Proposal | None = None,
        **kwargs: Any,
    ) -> None:
        self.user, self.at, self.petition, self.finding = user, at, petition, finding
        self.orders = _orders_of(petition)
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = levels_for(user)  # type: ignore[attr-defined]
        units = self.fields["unit"]
        if petition is not None:
            ids = {order.unit_id for order in self.orders} | ({finding.unit_id} if finding else set())
            units.queryset = Unit.objects.filter(pk__in=ids).select_related("area")  # type: ignore[attr-defined]
            del self.fields["unit_text"]
        else:
            units.queryset = within_reach(user, Unit.objects.filter(is_active=True))  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("unit") and "unit" not in self.errors:
            found = self._by_words(data.get("unit_text", ""))
            if found is None:
                self.add_error("unit", _("Choose the unit."))
            data["unit"] = found
        return data

    def _by_words(self, words: str) -> Unit | None:
        if self.petition is not None or not words.strip():
            return None
        rows = self.fields["unit"].queryset  # type: ignore[attr-defined]
        exact = list(rows.filter(code=words.strip())[:1]) or list(rows.filter(name=words.strip())[:2])
        return exact[0] if len(exact) == 1 else None

    def arguments(self) -> dict[str, Any]:
        """Cleaned values for the action."""
        data = self.cleaned_data
        unit = data["unit"]
        order = next((o for o in self.orders if o.unit_id == unit.pk), None)
        if self.finding is not None and self.finding.order_id and self.finding.unit_id == unit.pk:
            order = self.finding.order
        return {
            "unit": unit,
            "level": data["level"],
            "trigger": data["trigger"],
            "text": data["text"],
            "petition_id": self.petition.pk if self.petition else None,
            "order_id": order.pk if order else None,
            "finding_id": self.finding.pk if self.finding else None,
            **self.details(unit),
        }


def _orders_of(petition: Petition | None) -> list[Any]:
    if petition is None:
        return []
    rows = petition.orders.exclude(state=OrderState.CANCELLED).select_related("unit__area")
    return list(rows.order_by("-is_open", "-seq"))


def within_reach(user: User, rows: QuerySet[Unit], permission: str = "dispatch.supervise") -> QuerySet[Unit]:
    """The units an office may turn to: a district's office those of its district."""
    rows = rows.select_related("area")
    if user.scope_for(permission) == Scope.AREA and user.unit is not None:
        rows = rows.filter(area__district_id=user.unit.area.district_id or user.unit.area_id)
    return rows.exclude(pk=user.unit_id) if user.unit_id else rows


class SupervisionAnswerForm(RowForm):
    text = forms.CharField(
        label=_("Answer"),
        max_length=3000,
        widget=lines(7),
        help_text=_("What was done, why it came to this, what is still open and until when. The office checks it."),
    )


class AcceptForm(RowForm):
    result = forms.CharField(
        label=_("What was checked"),
        max_length=1000,
        widget=lines(3),
        help_text=_("How you have made sure that what was ordered is done."),
    )


class ReasonForm(RowForm):
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=lines(3))


class SendAnswerBackForm(RowForm):
    reason = forms.CharField(
        label=_("What is missing"),
        max_length=1000,
        widget=lines(3),
        help_text=_("The unit reads exactly this and has two working days for a second answer."),
    )


class TalkForm(RowForm):
    record = forms.CharField(
        label=_("Record of the talk"),
        max_length=5000,
        widget=lines(8),
        help_text=_("Who said what, what was agreed, and until when."),
    )


class RaiseForm(RowForm, LevelFields):
    """To a higher level, with the reason and what the level asks for."""

    level = forms.ChoiceField(label=_("New level"), widget=Segmented)
    reason = forms.CharField(
        label=_("Why it rises"), max_length=1000, widget=lines(3), help_text=_("The unit and those above it read it.")
    )
    field_order = ["level", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert isinstance(self.row, SupervisionOrder)
        choices = levels_for(self.user, above=self.row.level_row.rank)
        self.fields["level"].choices = choices  # type: ignore[attr-defined]
        if choices:
            self.initial.setdefault("level", choices[0][0])

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"level": data["level"], "reason": data["reason"], **self.details(self.row.unit)}


# ---- suggestions ----


class SuggestionForm(forms.Form):
    """A formal suggestion: kind, addressee, issue, evidence, proposal, the petitions it rests on."""

    MAX_PETITIONS = 20

    kind = forms.ChoiceField(label=_("Kind"), choices=SuggestionKind.choices, initial="improve_work", widget=Segmented)
    addressee = forms.ModelChoiceField(
        label=_("Addressee"), queryset=Unit.objects.none(), widget=forms.RadioSelect, required=False, empty_label=None
    )
    addressee_text = forms.CharField(label=_("Search by name or code"), max_length=40, required=False)
    issue = forms.CharField(
        label=_("Issue"), max_length=200, help_text=_("In one line; it is the title of the letter.")
    )
    evidence = forms.CharField(
        label=_("Facts and evidence"),
        max_length=5000,
        widget=lines(5),
        help_text=_("Figures and facts, without names of petitioners."),
    )
    proposal = forms.CharField(label=_("Proposal"), max_length=5000, widget=lines(5))
    numbers = forms.CharField(
        label=_("Petitions it rests on"),
        max_length=400,
        required=False,
        help_text=_("Numbers such as 26-000123, separated by spaces."),
    )

    def __init__(
        self, *args: Any, user: User, at: datetime, supervision: SupervisionOrder | None = None, **kwargs: Any
    ) -> None:
        self.user, self.at, self.supervision = user, at, supervision
        super().__init__(*args, **kwargs)
        kind = str(self["kind"].value())
        rows = Unit.objects.filter(ADDRESSEES.get(kind, ADDRESSEES[SuggestionKind.IMPROVE_WORK]))
        self.units = within_reach(user, rows, "dispatch.suggest")
        self.fields["addressee"].queryset = self.units  # type: ignore[attr-defined]

    def clean_numbers(self) -> list[Petition]:
        words = self.cleaned_data["numbers"].replace("，", " ").replace(",", " ").replace("、", " ").split()
        if len(words) > self.MAX_PETITIONS:
            text = ngettext_lazy("At most %d petition.", "At most %d petitions.", self.MAX_PETITIONS)
            raise ValidationError(text % self.MAX_PETITIONS)
        found = []
        for word in words:
            number = by_number(word)
            rows = list(Petition.objects.visible_to(self.user).filter(number)[:2]) if number is not None else []
            if len(rows) != 1:
                raise ValidationError(gettext("No petition has the number %(number)s.") % {"number": word})
            found.append(rows[0])
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("addressee") and "addressee" not in self.errors:
            words = data.get("addressee_text", "").strip()
            exact = list(self.units.filter(code=words)[:1]) or list(self.units.filter(name=words)[:2]) if words else []
            if len(exact) == 1:
                data["addressee"] = exact[0]
            else:
                self.add_error("addressee", _("Choose whom the suggestion goes to."))
        return data

    def arguments(self) -> dict[str, Any]:
        """Cleaned values for the action."""
        data = self.cleaned_data
        names = ("kind", "addressee", "issue", "evidence", "proposal")
        found = {name: data[name] for name in names}
        return {**found, "petitions": data["numbers"], "supervision": self.supervision}


class SuggestionAnswerForm(RowForm):
    verdict = forms.ChoiceField(label=_("Is it adopted?"), choices=Verdict.choices, widget=Segmented)
    reasons = forms.CharField(
        label=_("Reasons and measures"),
        max_length=5000,
        widget=lines(6),
        help_text=_("When adopted: what is done and until when. When not: why."),
    )


class FollowUpForm(RowForm):
    text = forms.CharField(label=_("What came of it"), max_length=2000, widget=lines(4))


class PublishForm(RowForm):
    is_published = forms.BooleanField(
        label=_("The suggestion and its answer may be published"),
        required=False,
        help_text=_("Petitions it rests on and names are never published with it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert isinstance(self.row, Suggestion)
        self.initial.setdefault("is_published", self.row.is_published)
