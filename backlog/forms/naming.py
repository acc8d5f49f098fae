"""Fields that take a unit, a person or a case by name or number, as people write it; a datalist proposes."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Unit, User
from backlog.models import BacklogCase
from dispatch.catalogue import search_units


def unit_named(words: str) -> Unit:
    """The active unit of this name, short name or code; else the only one whose name contains the words.

    Raises ValidationError that names the choices.
    """
    words = words.strip()
    active = Unit.objects.filter(is_active=True)
    found = list(active.filter(Q(name=words) | Q(short_name=words) | Q(code__iexact=words))[:2])
    if len(found) != 1:
        found = list(search_units(words, among=active)[:4])
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValidationError(_("No unit is called “%(words)s”.") % {"words": words})
    names = "、".join(str(unit.name) for unit in found[:3])
    raise ValidationError(_("Several units fit: %(names)s … Write the whole name.") % {"names": names})


def person_named(words: str, unit: Unit) -> User:
    """The active person of this account, else of this name, in the unit. Raises ValidationError."""
    words, rows = words.strip(), unit.users.filter(is_active=True)
    found = list(rows.filter(username__iexact=words)) or list(rows.filter(name=words)[:2])
    if not found:
        raise ValidationError(_("Nobody in %(unit)s is called “%(words)s”.") % {"unit": unit, "words": words})
    if len(found) > 1:
        raise ValidationError(
            _("Several people in %(unit)s are called “%(words)s”. Give the user name.") % {"unit": unit, "words": words}
        )
    return found[0]


def case_named(words: str, cases: QuerySet[BacklogCase]) -> BacklogCase:
    """The case of a number (甬信积〔2026〕12号, 2026-12), or the only one whose title contains the words.

    Raises ValidationError that names the choices.
    """
    words = words.strip()
    digits = re.findall(r"\d+", words)
    if len(digits) >= 2 and len(digits[-2]) == 4:
        found = list(cases.filter(year=int(digits[-2]), serial=int(digits[-1][:9]))[:2])
    else:
        found = list(cases.filter(title__icontains=words)[:4]) if words else []
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValidationError(
            _("No open case fits “%(words)s”. Give year and number, as in 2026-12.") % {"words": words}
        )
    names = "、".join(f"{case.number} {case.title}" for case in found[:3])
    raise ValidationError(_("Several cases fit: %(names)s … Give the number.") % {"names": names})


class UnitField(forms.CharField):
    """A unit by its name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=60, **kwargs)

    def clean(self, value: Any) -> Unit | None:
        words = super().clean(value)
        return unit_named(words) if words else None


class UnitsField(forms.CharField):
    """Several units, one a line or set apart by commas."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=600, **kwargs)

    def clean(self, value: Any) -> list[Unit]:
        found = {unit.pk: unit for unit in map(unit_named, split(super().clean(value)))}
        return list(found.values())


def split(words: str) -> list[str]:
    """Names set apart by line ends, commas, semicolons or 、."""
    for mark in ("\r", "，", ",", "、", ";", "；"):
        words = words.replace(mark, "\n")
    return [line.strip() for line in words.split("\n") if line.strip()]
