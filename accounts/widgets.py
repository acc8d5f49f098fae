"""Form widgets that `{% field %}` knows how to draw; forms of every room use them."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _


class Segmented(forms.RadioSelect):
    """A few short choices side by side."""

    kind = "segmented"


class LocalDateTimeInput(forms.DateTimeInput):
    """The browser's own date and time picker, to the minute, in Asia/Shanghai."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"step": 60, **(attrs or {})}, format="%Y-%m-%dT%H:%M")


class LocalDateInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class FilesInput(forms.FileInput):
    """Several files at once; the page lists them and says at once which one is too large."""

    allow_multiple_selected = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        limits = {"data-files": True, "data-max-bytes": settings.ATTACHMENT_MAX_BYTES}
        super().__init__(attrs={**limits, **(attrs or {})})


class FilesField(forms.FileField):
    """Cleans to a list of uploads, empty when none was chosen. What a file may contain is the room's own question."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        uploads = [item for item in (data if isinstance(data, list | tuple) else [data]) if item]
        if not uploads:
            super().clean(None, initial)
            return []
        for upload in uploads:
            super().clean(upload, initial)
            if upload.size > settings.ATTACHMENT_MAX_BYTES:
                raise ValidationError(
                    _("“%(name)s” is larger than %(limit)s. Send a smaller file or split it."),
                    code="too_large",
                    params={"name": upload.name, "limit": filesizeformat(settings.ATTACHMENT_MAX_BYTES)},
                )
        return uploads
