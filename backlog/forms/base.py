"""What the forms of this room share: people and units by name, days, files, ratings."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit, User
from accounts.roles import Role
from accounts.widgets import FilesField, LocalDateInput
from dispatch.clocks import city_day
from dispatch.forms.supervision import RowForm

RATINGS = [("", _("not rated")), *((str(n), str(n)) for n in range(1, 6))]


class CaseForm(RowForm):
    """A step on a backlog case. `row` is the case."""

    def today(self) -> Any:
        """The city's day."""
        return city_day(self.at)


class FilesForm(CaseForm):
    """A step that may rest on a document."""

    files_field = "files"

    files = FilesField(label=_("Document that shows it"), required=False)  # type: ignore[assignment]


def person_field(label: Any, **more: Any) -> forms.CharField:
    """A person by user name or name; the page proposes candidates."""
    widget = forms.TextInput(attrs={"list": "officials", "autocomplete": "off"})
    return forms.CharField(label=label, max_length=60, widget=widget, **more)


def unit_field(label: Any, **more: Any) -> forms.CharField:
    """A unit by name or code; the page proposes those of the case."""
    widget = forms.TextInput(attrs={"list": "units", "autocomplete": "off"})
    return forms.CharField(label=label, max_length=60, widget=widget, **more)


def day_field(label: Any, **more: Any) -> forms.DateField:
    """A day of the city."""
    return forms.DateField(label=label, widget=LocalDateInput, **more)


def rating_field(label: Any) -> forms.ChoiceField:
    """1 to 5, or not rated."""
    return forms.ChoiceField(label=label, choices=RATINGS, required=False)


def rating_of(value: str) -> int | None:
    """The rating a form gave, None for none."""
    return int(value) if value else None


def officials_near(case: Any) -> list[User]:
    """Who can be named for a case: leading officials and heads of its district and of the city, nearest first."""
    rows = User.objects.filter(is_active=True).filter(Q(role=Role.LEAD_OFFICIAL) | Q(is_head=True))
    district = case.district_id
    near = rows.filter(Q(unit__area=district) | Q(unit__area__district=district) | Q(unit__area__kind="city"))
    return list(near.select_related("unit").order_by("unit__code", "role", "name")[:60])


def units_near(case: Any) -> list[Unit]:
    """The units of a case, then the bureaus of its district."""
    own = [case.lead_unit] if case.lead_unit_id else []
    own += list(case.assisting.order_by("code"))
    known = {unit.pk for unit in own}
    rows = Unit.objects.filter(is_active=True).exclude(pk__in=known)
    rows = rows.filter(Q(area=case.district_id) | Q(area__district=case.district_id))
    return own + list(rows.order_by("code")[:80])
