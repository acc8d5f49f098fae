"""What every step's form has: the version the person saw, and the case it is about."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dispatch.models import WorkOrder
from petitions.models import Petition
from petitions.search import by_number


class StepForm(forms.Form):
    """Base of the forms of moves. `arguments()` is what the action gets besides actor, time and version."""

    # Name of a FilesField whose uploads are attached to the event of the step.
    files_field = ""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, user: User, petition: Petition, at: datetime, order: WorkOrder | None = None, **kwargs: Any
    ) -> None:
        self.user, self.petition, self.order, self.at = user, petition, order, at
        target = order if order is not None else petition
        kwargs["initial"] = {
            "version": target.version,
            **self.proposals_for(petition, order),
            **kwargs.get("initial", {}),
        }
        super().__init__(*args, **kwargs)

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        """What the fields start with."""
        return {}

    def arguments(self) -> dict[str, Any]:
        """Cleaned values for the action."""
        return {k: v for k, v in self.cleaned_data.items() if k not in {"version", self.files_field}}

    def uploads(self) -> list[UploadedFile]:
        """Files to attach to the step's event."""
        return self.cleaned_data.get(self.files_field) or [] if self.files_field else []

    def field_of(self, name: str) -> str:
        """The form's field for a field an action refused."""
        return name

    def renew_version(self) -> None:
        """After a stale refusal: the next submission is about the row as it is now, and keeps what was typed."""
        target = self.order if self.order is not None else self.petition
        target.refresh_from_db(fields=["version"])
        data = cast(QueryDict, self.data).copy()
        data[self.add_prefix("version")] = str(target.version)
        self.data = data


def lines(rows: int, **attrs: Any) -> forms.Textarea:
    """A text area of so many rows."""
    return forms.Textarea(attrs={"rows": rows, **attrs})


def petition_by_number(words: str, user: User) -> Petition:
    """The petition of a number as people write it. Raises ValidationError."""
    number = by_number(words.strip())
    found = list(Petition.objects.visible_to(user).filter(number)[:2]) if number is not None else []
    if len(found) != 1:
        # The same sentence for "does not exist" and "may not be seen".
        raise ValidationError(_("There is no such petition, or more than one. Give year and number, as in 26-000123."))
    return found[0]
