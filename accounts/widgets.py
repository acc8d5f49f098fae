"""Form widgets that `{% field %}` knows how to draw; forms of every room use them."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
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


# A room that can hold files ahead of their form says how: address to send one to, and how to find a held one again.
Take = Callable[[str], UploadedFile | None]
_HOLDER: dict[str, Any] = {}


def register_holder(*, url: Any, take: Take) -> None:
    """Have file inputs send each file ahead to `url` and name it in the form; `take(token)` finds it again."""
    _HOLDER.update(url=url, take=take)


class Gone:
    """A held file that is there no more: its form was left open for days."""


class FilesInput(forms.FileInput):
    """Several files at once, sent ahead one by one with their progress where scripts run, with the form where not.

    Held files are named by hidden inputs `<name>_held`, so a refused form keeps them. `<name>_keep_place` asks to keep
    the place pictures were taken at.
    """

    allow_multiple_selected = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        limits = {"data-files": True, "data-max-bytes": settings.ATTACHMENT_MAX_BYTES}
        super().__init__(attrs={**limits, **(attrs or {})})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        """The files sent with the form and those held for it."""
        found = list(super().value_from_datadict(data, files, name) or [])
        for upload in found:
            upload.keep_place = bool(data.get(f"{name}_keep_place"))
        tokens = data.getlist(f"{name}_held") if hasattr(data, "getlist") else []
        if "take" in _HOLDER:
            found += [_HOLDER["take"](token) or Gone() for token in dict.fromkeys(tokens)]
        return found

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in files and f"{name}_held" not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The address to send files ahead to; a field that holds some already is no longer required by the browser."""
        context = super().get_context(name, value, attrs)
        if _HOLDER:
            context["widget"]["attrs"]["data-hold-url"] = str(_HOLDER["url"])
        if _held(value):
            context["widget"]["attrs"].pop("required", None)
        return context

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """The input, followed by what it holds."""
        held = format_html_join(
            "",
            '<input type="hidden" name="{}_held" value="{}" data-name="{}" data-size="{}">',
            ((name, upload.held.token, upload.name, upload.size) for upload in _held(value)),
        )
        return format_html("{}{}", super().render(name, value, attrs, renderer), held)


def _held(value: Any) -> list[Any]:
    return [upload for upload in value if hasattr(upload, "held")] if isinstance(value, list | tuple) else []


class FilesField(forms.FileField):
    """Cleans to a list of uploads, empty when none was chosen. What a file may contain is the room's own question."""

    widget = FilesInput

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What was sent, so that a refused form shows what it holds; a browser's own files it cannot show."""
        return data

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        uploads = [item for item in (data if isinstance(data, list | tuple) else [data]) if item]
        if not uploads:
            super().clean(None, initial)
            return []
        if any(isinstance(upload, Gone) for upload in uploads):
            raise ValidationError(_("A file waited too long and is gone. Please choose it again."), code="gone")
        for upload in uploads:
            super().clean(upload, initial)
            if upload.size > settings.ATTACHMENT_MAX_BYTES:
                raise ValidationError(
                    _("“%(name)s” is larger than %(limit)s. Send a smaller file or split it."),
                    code="too_large",
                    params={"name": upload.name, "limit": filesizeformat(settings.ATTACHMENT_MAX_BYTES)},
                )
        return uploads
