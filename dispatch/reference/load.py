"""Loader of the dispatch catalogue; existing rows are left as they are (see `accounts.actions`)."""

from datetime import datetime

from accounts.actions import load_once
from accounts.models import Area, Unit
from dispatch.models import CatalogueEntry
from dispatch.reference.catalogue import Row, build_catalogue
from petitions.models import ContentClass


def load_catalogue(*, at: datetime) -> int | None:
    """Class × area → unit (domain-facts §1.1); areas, units and classes must be loaded.

    Returns the number of rows created, or None if there was nothing to do. The table keeps no history of this first
    filling, only of what operators change afterwards.
    """
    rows = build_catalogue()
    return load_once("catalogue", rows, lambda: _create(rows), at=at)


def _create(rows: list[Row]) -> int:
    classes = dict(ContentClass.objects.values_list("code", "id"))
    areas = dict(Area.objects.values_list("code", "id"))
    units = dict(Unit.objects.values_list("code", "id"))
    known = set(CatalogueEntry.objects.values_list("content_class__code", "area__code"))
    entries = [
        CatalogueEntry(content_class_id=classes[code], area_id=areas[area], unit_id=units[unit])
        for code, area, unit in rows
        if (code, area) not in known
    ]
    return len(CatalogueEntry.objects.bulk_create(entries, batch_size=1000))
