"""Reads of the dispatch catalogue (派单目录): which unit a matter should go to, and why."""

from collections.abc import Callable, Iterable, Iterator

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from accounts.models import Area, Unit
from dispatch.models import CatalogueEntry
from petitions.models import ContentClass, Petition

SEARCH_LIMIT = 12
# Units a later room knows of, with the reason; asked after the catalogue's own rows.
Hint = Callable[[Petition], Iterable[tuple[Unit, str]]]
_HINTS: list[Hint] = []


def register_hint(hint: Hint) -> None:
    """Have `suggest` also ask `hint`. Call it from `ready()`."""
    _HINTS.append(hint)


_NEAREST_FIRST = {Area.Kind.TOWN: 0, Area.Kind.FUNCTIONAL: 1, Area.Kind.DISTRICT: 2, Area.Kind.CITY: 3}


def suggest(petition: Petition) -> list[tuple[Unit, str]]:
    """Units for this petition with the reason for each, best first.

    The most specific class wins (level 2 before level 1), then the nearest place: town, functional area, district,
    city. After the catalogue come the hints of later rooms, the unit that handled the matter this one repeats, and
    the town itself as backstop.
    A unit in the line of the unit complained of is never proposed (Regulation, art. 30; domain-facts §1.17).
    """
    classes = list(_upwards(petition.content_class))
    places = list(_places(petition.area))
    entries = CatalogueEntry.objects.filter(content_class__in=classes, area__in=places)
    found: list[tuple[Unit, str]] = []
    for entry in sorted(
        entries.select_related("unit", "content_class", "area"),
        key=lambda e: (-e.content_class.level, _NEAREST_FIRST[Area.Kind(e.area.kind)]),
    ):
        words = {"class": entry.content_class.label, "area": entry.area.label}
        found.append((entry.unit, _("Catalogue: %(class)s in %(area)s") % words))
    found += [pair for hint in _HINTS for pair in hint(petition)]
    found += _beyond_the_catalogue(petition, classes)
    return list(_usable(petition, found))


def _beyond_the_catalogue(petition: Petition, classes: list[ContentClass]) -> Iterator[tuple[Unit, str]]:
    earlier = petition.repeat_of.lead_unit if petition.repeat_of else None
    if earlier is not None:
        yield earlier, _("Handled the matter this one repeats")
    if petition.area.kind == Area.Kind.TOWN and not petition.is_restricted:
        town = Unit.objects.handling().filter(area=petition.area, kind=Unit.Kind.TOWN).first()
        if town is not None:
            yield town, _("Town or street of the place")


def _usable(petition: Petition, found: list[tuple[Unit, str]]) -> Iterator[tuple[Unit, str]]:
    seen: set[int] = set()
    respondent = petition.respondent_unit
    for unit, reason in found:
        in_line = respondent is not None and (
            unit.path.startswith(respondent.path) or respondent.path.startswith(unit.path)
        )
        if unit.pk not in seen and unit.is_active and unit.takes_orders and not (petition.is_restricted and in_line):
            seen.add(unit.pk)
            yield unit, reason


def _upwards(node: ContentClass | None) -> Iterator[ContentClass]:
    while node is not None:
        yield node
        node = node.parent


def _places(area: Area | None) -> Iterator[Area]:
    """The area, what lies above it, and the district it is counted under (which a functional area need not be in)."""
    while area is not None:
        yield area
        if area.district_id and area.district_id not in (area.pk, area.parent_id):
            yield area.district  # type: ignore[misc]
        area = area.parent


def search_units(text: str, *, among: QuerySet[Unit] | None = None) -> QuerySet[Unit]:
    """Units (those that take orders, unless told otherwise) by code or part of a name, exact hits first."""
    text = text.strip()[:40]
    if not text:
        return Unit.objects.none()
    exact = Q(code__iexact=text) | Q(name=text) | Q(short_name=text)
    begins = Q(short_name__istartswith=text) | Q(name__istartswith=text) | Q(code__istartswith=text)
    rank = Case(When(exact, then=Value(0)), When(begins, then=Value(1)), default=Value(2), output_field=IntegerField())
    part = Q(name__icontains=text) | Q(short_name__icontains=text) | Q(code__icontains=text)
    rows = (Unit.objects.handling() if among is None else among).filter(part).annotate(rank=rank).select_related("area")
    return rows.order_by("rank", "code")[:SEARCH_LIMIT]
