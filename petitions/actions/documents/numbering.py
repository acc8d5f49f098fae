"""Numbers in the office's style, for example 甬信告〔2026〕12号: one row per organ, series and year, without gaps."""

import re
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Unit
from petitions.models import DocumentSeries, Letterhead


def next_number(unit: Unit, series: str, at: datetime) -> dict[str, Any]:
    """Series, year, serial and number of the next document. The counter stays locked until the transaction ends, so a
    number is given once or, if the issue fails, not at all.
    """
    prefix = letterhead_of(unit).prefix
    year = timezone.localtime(at).year
    DocumentSeries.objects.get_or_create(unit=unit, series=series, year=year)
    counter = DocumentSeries.objects.select_for_update().get(unit=unit, series=series, year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return {
        "series": series,
        "year": year,
        "serial": counter.last,
        "number": f"{prefix}{series}〔{year}〕{counter.last}号",
    }


def letterhead_of(unit: Unit) -> Letterhead:
    """The unit's letterhead, made from its name when nobody has set one."""
    found = Letterhead.objects.filter(unit=unit).first()
    if found is not None:
        return found
    for prefix in (default_prefix(unit), unit.short_name[:16], unit.code[:16]):
        try:
            with transaction.atomic():
                made, _is_new = Letterhead.objects.get_or_create(
                    unit=unit, defaults={"name": unit.name, "prefix": prefix}
                )
                return made
        except IntegrityError:
            # Another unit writes under this short form already.
            continue
    raise RuntimeError(f"no free short form for {unit.code}")


def default_prefix(unit: Unit) -> str:
    """甬信 for the city's petition office; otherwise the name without 市, 区, 县 and 局: 海曙区住建局 → 海曙住建."""
    is_city_office = unit.kind == Unit.Kind.PETITION_OFFICE and unit.area.kind == unit.area.Kind.CITY
    if is_city_office:
        return settings.NUMBER_PREFIX
    return re.sub(r"[市区县局]|人民政府$|委员会$", "", unit.short_name or unit.name)[:8] or unit.code[:16]
