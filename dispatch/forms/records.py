"""Forms of the record book, of rapport notes and of the checklist of steps."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.widgets import FilesField, FilesInput, LocalDateInput, LocalDateTimeInput, Segmented
from dispatch.forms.base import lines
from dispatch.rule_words import BIRTHS
from dispatch.states import CONSULTATION_MOVES, ORDER_MOVES
from petitions.actions import Entry
from petitions.actions.rapport import MAX_LENGTH
from petitions.attachments import allowed_extensions
from petitions.checklists import Progress
from petitions.documents.kinds import KINDS
from petitions.models import CareCheck, RapportNote, RecordEntry
from petitions.states import MOVES
from petitions.states.documents import DOCUMENT_MOVES

_TYPE = RecordEntry.Type


def kind_words(kind: str) -> str:
    """A kind of event in words, as the history says it; an entry of the record book by its kind."""
    name, _dot, entry_type = kind.partition(".")
    if name == "record" and entry_type in _TYPE.values:
        return str(_TYPE(entry_type).label)
    if name == "document":
        move, _dot, paper = entry_type.partition(".")
        words = {"step": DOCUMENT_MOVES[move].label, "paper": KINDS[paper].label} if paper in KINDS else {}
        return gettext("%(paper)s: %(step)s") % words if words else kind
    table = {"order": ORDER_MOVES, "consultation": CONSULTATION_MOVES}.get(name, MOVES)
    if (entry_type or name) in table:
        return str(table[entry_type or name].label)
    return str(BIRTHS.get(kind, kind))


class RecordForm(forms.Form):
    """An entry of the record book. Only the kind, the time and one of the texts are asked for."""

    # The order of the quick form: what is always seen, then what is folded away.
    FRONT = ("progress",)
    MORE = ("cause", "facts_found", "demand_change", "sticking_point")

    entry_type = forms.ChoiceField(label=_("Kind of entry"), choices=_TYPE.choices, widget=Segmented)
    happened_at = forms.DateTimeField(label=_("When it took place"), widget=LocalDateTimeInput)
    place = forms.CharField(label=_("Place"), max_length=100, required=False)
    progress = forms.CharField(label=_("Progress"), max_length=5000, required=False, widget=lines(3))
    cause = forms.CharField(label=_("Cause"), max_length=5000, required=False, widget=lines(2))
    facts_found = forms.CharField(label=_("Facts found"), max_length=5000, required=False, widget=lines(2))
    demand_change = forms.CharField(label=_("Change of the demand"), max_length=2000, required=False, widget=lines(2))
    sticking_point = forms.CharField(label=_("Sticking point"), max_length=2000, required=False, widget=lines(2))
    promise = forms.CharField(label=_("Promise made"), max_length=300, required=False)
    promise_due = forms.DateField(
        label=_("Promised until"),
        required=False,
        widget=LocalDateInput,
        help_text=_("You are warned before, your leader when it is due."),
    )
    next_step = forms.CharField(label=_("Next step"), max_length=200, required=False)
    next_on = forms.DateField(label=_("On which day"), required=False, widget=LocalDateInput)
    contact_preference = forms.CharField(
        label=_("How to talk with the person"),
        max_length=100,
        required=False,
        help_text=_("Time of day, dialect, who comes along."),
    )
    step_no = forms.TypedChoiceField(label=_("Step of the checklist"), coerce=int, required=False, empty_value=None)
    care = forms.MultipleChoiceField(
        label=_("Offered at reception"),
        choices=CareCheck.Offer.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What was offered, never how somebody is: no readings, no diagnoses."),
    )
    public_line = forms.CharField(
        label=_("Line for the petitioner"),
        max_length=200,
        required=False,
        help_text=_("The petitioner reads this sentence on the progress page, and nothing else of the entry."),
    )
    files = FilesField(  # type: ignore[assignment]
        label=_("Files"), required=False, widget=FilesInput(attrs={"accept": allowed_extensions(), "class": "vh"})
    )

    def __init__(self, *args: Any, progress: Progress | None = None, **kwargs: Any) -> None:
        now = timezone.localtime().replace(second=0, microsecond=0, tzinfo=None)
        kwargs["initial"] = {"entry_type": _TYPE.RECEPTION, "happened_at": now, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        rows = progress.lines if progress else []
        steps = [(line.step.number, f"{line.step.number} {line.step.title}") for line in rows]
        self.fields["step_no"].choices = [("", "–"), *steps]  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, entry: RecordEntry) -> dict[str, Any]:
        """What the form starts with when an entry is put right."""
        names = [name for name in cls.base_fields if name not in {"care", "files"}]
        care = getattr(entry, "care", None)
        return {**{name: getattr(entry, name) for name in names}, "care": care.offered if care else []}

    @property
    def is_opened(self) -> bool:
        """Whether something that is folded away was filled in, or refused."""
        hidden = set(self.fields) - {"entry_type", "happened_at", "place", "progress", "files"}
        return any(name in self.errors for name in hidden) or any(self[name].value() for name in hidden)

    def entry(self) -> Entry:
        """The cleaned values as the action takes them."""
        values = {key: value for key, value in self.cleaned_data.items() if key != "files"}
        if values["entry_type"] != _TYPE.RECEPTION:
            values["care"] = []
        return Entry(**values)


class AmendForm(forms.Form):
    """An addition to an entry that stands."""

    text = forms.CharField(label=_("Addition"), max_length=5000, widget=lines(4))


class PromiseForm(forms.Form):
    """What became of a promise."""

    outcome = forms.ChoiceField(
        label=_("What became of it"), choices=RecordEntry.Outcome.choices, widget=Segmented, initial="kept"
    )
    words = forms.CharField(label=_("How it was kept, or why it no longer binds"), max_length=300, widget=lines(3))


class RapportForm(forms.Form):
    """A rapport note with its ground."""

    text = forms.CharField(
        label=_("How to talk with this person"),
        max_length=MAX_LENGTH,
        widget=lines(3, autocomplete="off"),
        help_text=_("Times, tone, interests. Nothing about health, faith, political views or family."),
    )
    basis = forms.ChoiceField(
        label=_("On what ground"), choices=RapportNote.Basis.choices, widget=Segmented, initial="consent"
    )
    reason = forms.CharField(
        label=_("When the person agreed, or why the matter needs it"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class TickForm(forms.Form):
    """What shows that a step was done; or why it does not apply."""

    words = forms.CharField(label=_("What shows it"), max_length=200, required=False, widget=lines(2))


class StepForm(forms.Form):
    """One row of a checklist that is edited."""

    key = forms.CharField(max_length=24, required=False, widget=forms.HiddenInput)
    events = forms.CharField(max_length=300, required=False, widget=forms.HiddenInput)
    place = forms.IntegerField(label=_("Order"), min_value=1, max_value=999, required=False)
    label = forms.CharField(label=pgettext_lazy("checklist", "Step"), max_length=60, required=False)
    label_en = forms.CharField(label=_("English"), max_length=80, required=False)
    who = forms.CharField(label=pgettext_lazy("checklist", "Who"), max_length=40, required=False)
    who_en = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)
    evidence = forms.CharField(label=pgettext_lazy("checklist", "Evidence"), max_length=100, required=False)
    evidence_en = forms.CharField(max_length=140, required=False, widget=forms.HiddenInput)
    needs_evidence = forms.BooleanField(label=_("Evidence required"), required=False)
    is_visit_only = forms.BooleanField(label=_("Visits only"), required=False)
    is_active = forms.BooleanField(label=_("Active"), required=False)

    @property
    def kinds(self) -> list[str]:
        """What ticks the step, in words: the events of its kind."""
        names = [name for name in str(self["events"].value() or "").split(",") if name]
        return [kind_words(name) for name in names]


class ChecklistForm(forms.Form):
    """Why a checklist changes."""

    reason = forms.CharField(label=_("Reason of the change"), max_length=100, required=False)
