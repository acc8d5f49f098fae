"""A serializer that names every bad field at once and refuses fields it does not know."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import SkipField, empty
from rest_framework.utils.formatting import lazy_format

Errors = dict[str, Any]
S = TypeVar("S", bound="StrictSerializer")


class StrictSerializer(serializers.Serializer):
    """Base of all bodies and queries."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """The fields, with limits that are told in the language of each caller.

        Django REST Framework keeps the sentence of the first one in the process.
        """
        fields = super().get_fields()
        for field in fields.values():
            for validator in field.validators:
                kept = getattr(validator, "message", None)
                if isinstance(kept, lazy_format) and kept.format_string is not None:
                    told = format_lazy(kept.format_string, *kept.args, **kept.kwargs)
                    setattr(validator, "message", told)  # noqa: B010 - the stubs know no messages of validators
        return fields

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The validated values. Raises ValidationError with all that is wrong, contradictions included."""
        if not isinstance(data, Mapping):
            raise ValidationError([ErrorDetail(_("Send a JSON object here."), code="not_an_object")])
        values: dict[str, Any] = {}
        errors: Errors = {}
        for field in self._writable_fields:
            name = str(field.field_name)
            try:
                values[name] = field.run_validation(field.get_value(data))
            except ValidationError as error:
                errors[name] = error.detail
            except SkipField:
                continue
        for name in data.keys() - self.fields.keys():
            errors[str(name)] = [
                ErrorDetail(_("We do not know this field. Remove it or correct its name."), "unknown_field")
            ]
        self.compare(values, errors)
        if errors:
            raise ValidationError(errors)
        return values

    def compare(self, values: dict[str, Any], errors: Errors) -> None:
        """Add what is wrong between fields to `errors`; `values` holds the fields that are right by themselves."""


@lru_cache(maxsize=32)
def _built(kind: type[S]) -> S:
    return kind()


# Quick readers of bodies that come by the thousand (gateway.plainly); None where the serializer shall judge.
QUICK: dict[type[StrictSerializer], Callable[[Any], dict[str, Any] | None]] = {}


def clean(kind: type[S], data: Any) -> dict[str, Any]:
    """Validate `data`; raises ValidationError.

    One instance serves all requests of a process: building twenty fields anew took longer than checking them.
    """
    quick = QUICK.get(kind)
    if quick is not None and (found := quick(data)) is not None:
        return found
    return dict(_built(kind).run_validation(data))


def complain(errors: Errors, name: str, sentence: str, code: str) -> None:
    """Add a sentence to a field unless it is wrong already."""
    errors.setdefault(name, [ErrorDetail(sentence, code=code)])


class LookupField(serializers.CharField):
    """A code of a reference table; the value is its row. Subclasses say where to look."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=24, **options)

    def run_validation(self, data: Any = empty) -> Any:
        """The row. Raises ValidationError for an unknown code."""
        row = self.find(super().run_validation(data))
        if row is None:
            raise ValidationError(self.hint(), code="unknown_code")
        return row

    def find(self, code: str) -> Any:
        raise NotImplementedError

    def hint(self) -> str:
        raise NotImplementedError


class WordsField(serializers.Field):
    """One or more of a set of words: "a,b" in a query, ["a", "b"] in a body."""

    def __init__(self, words: list[str], **options: Any) -> None:
        super().__init__(**options)
        self.words = words

    def to_internal_value(self, data: Any) -> list[str]:
        """The words, each known. Raises ValidationError naming the possible ones."""
        found = data.split(",") if isinstance(data, str) else data
        if not isinstance(found, list) or not found or not all(isinstance(w, str) and w in self.words for w in found):
            raise ValidationError(
                _("Choose from: %(words)s.") % {"words": ", ".join(self.words)}, code="invalid_choice"
            )
        return found

    def to_representation(self, value: Any) -> Any:
        return value
