"""What the boards can be narrowed by, as an address says it; a value that means nothing narrows nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Area, Unit, User
from accounts.roles import Scope
from insights.period import choices, period_of
from petitions.models import ContentClass


@dataclass(frozen=True)
class Choice:
    """A drop-down of the filter bar."""

    name: str
    label: str
    value: str
    options: list[tuple[str, str]]


class Filters:
    """The filters of a board for one person: period, place, kind of unit, line of duty, content class."""

    def __init__(self, data: QueryDict, *, user: User, at: datetime, names: Iterable[str]) -> None:
        self.user, self.at = user, at
        self.names = tuple(names)
        self.raw = {name: data.get(name, "")[:24] for name in self.names}
        self.period = period_of(data.get("period", ""), at)

    @property
    def is_wide(self) -> bool:
        """Whether the person looks at more than one district."""
        return self.user.scope_for("insights.view") == Scope.CITY

    @cached_property
    def district(self) -> Area | None:
        code = self.raw.get("district", "")
        return Area.objects.filter(code=code, kind=Area.Kind.DISTRICT).first() if code else None

    @cached_property
    def kind(self) -> str:
        kind = self.raw.get("kind", "")
        return kind if kind in Unit.Kind.values else ""

    @cached_property
    def duty(self) -> str:
        return self.raw.get("duty", "")

    @cached_property
    def content_class(self) -> ContentClass | None:
        code = self.raw.get("class", "")
        return ContentClass.objects.filter(code=code, level=1).first() if code else None

    def condition(self, *, unit: str, district: str, top_class: str = "") -> Q:
        """The filters but the period, for rows with these paths to unit and district (of the matter)."""
        found = Q()
        if self.district:
            found &= Q(**{district: self.district.pk})
        if self.kind:
            found &= Q(**{f"{unit}__kind": self.kind})
        if self.duty:
            found &= Q(**{f"{unit}__duty": self.duty})
        if self.content_class and top_class:
            found &= Q(**{top_class: self.content_class.code})
        return found

    def query(self, **more: Any) -> str:
        """The set filters as an address, with more parameters."""
        values: dict[str, Any] = {"period": self.period.key}
        values |= {
            "district": self.district.code if self.district else "",
            "kind": self.kind,
            "duty": self.duty,
            "class": self.content_class.code if self.content_class else "",
        }
        return urlencode({name: value for name, value in {**values, **more}.items() if value not in ("", None)})

    def words(self) -> str:
        """The filters in one line, for headings and the export's watermark."""
        parts = [self.period.label]
        parts += [str(found) for found in (self.district, self.content_class) if found]
        parts += [str(Unit.Kind(self.kind).label)] if self.kind else []
        parts += [dict(duties()).get(self.duty, self.duty)] if self.duty else []
        return " · ".join(parts)

    def choices(self) -> list[Choice]:
        """The drop-downs this person needs."""
        found = [Choice("period", _("Period"), self.period.key, choices(self.at))]
        areas = Area.objects.filter(kind=Area.Kind.DISTRICT).order_by("code")
        classes = ContentClass.objects.filter(level=1, is_active=True).order_by("code")
        rest = {
            "district": (pgettext("place", "District"), lambda: [(a.code, a.label) for a in areas]),
            "kind": (_("Kind of unit"), lambda: [(str(k), str(label)) for k, label in Unit.Kind.choices]),
            "duty": (_("Line of duty"), duties),
            "class": (_("Content class"), lambda: [(c.code, c.label) for c in classes]),
        }
        values = {
            "district": self.district.code if self.district else "",
            "kind": self.kind,
            "duty": self.duty,
            "class": self.content_class.code if self.content_class else "",
        }
        for name in self.names:
            # A district sees its own matters, a unit its own: nothing to choose there.
            if name in rest and (self.is_wide or name == "class"):
                label, options = rest[name]
                found.append(Choice(name, label, values[name], options()))
        return found


def duties() -> list[tuple[str, str]]:
    """The lines of duty, called by the city bureau that heads each."""
    heads = Unit.objects.filter(kind=Unit.Kind.BUREAU, parent__parent=None).exclude(duty="").order_by("code")
    return [(duty, name.removeprefix("市")) for duty, name in heads.values_list("duty", "short_name")]
