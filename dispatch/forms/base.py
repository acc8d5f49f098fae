"""What every step's form has: the version the person saw, and the case it is about."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from accounts.models import User
from dispatch.models import WorkOrder
from petitions.models import Petition


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
