"""From a point, an address or an address id to one of our areas. Whoever is unsure asks; nobody guesses silently."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import cos, hypot, radians

from django.utils.translation import gettext as _

from accounts.models import Area
from gateway import reference
from gateway.open311.formats import Fault
from gateway.serializers import PLACES

# Kilometres per degree of latitude; a degree of longitude is shorter by the cosine of the latitude.
DEGREE = 111.2
# The farthest corner of the city lies nearer than this to its district's reference point (domain-facts §4.3).
FARTHEST = 75.0
_KINDS = ("街道", "镇", "乡", "区", "县", "市")


@dataclass(frozen=True)
class Place:
    """Where a matter is: the area (None when nobody can tell), and the words for the address of the petition."""

    area: Area | None
    address: str


def place_of(*, lat: str, long: str, address: str, address_id: str) -> Place:
    """The place a request names. An id goes before words, words that name an area before a point.

    Without an area the words alone came, and they name none for certain: a person here has to place them. `lat` and
    `long` are WGS 84 degrees. Raises Fault (400) for none of the three, an unknown id, and a point that is none or lies
    outside the city.
    """
    point = _point(lat, long)
    if not (point or address or address_id):
        raise Fault(400, _("Give lat and long, or address_string, or address_id."))
    words = address[:160]
    if point:
        words = f"{words} ({point[0]:.5f}, {point[1]:.5f})".strip()
    if address_id:
        known = reference.areas().by_code.get(address_id)
        if known is None or known.kind not in PLACES:
            raise Fault(400, _("Unknown address_id. It is the code of a district or town from GET /api/v1/areas."))
        return Place(known, words)
    area = named_in(address) or (nearest(*point) if point else None)
    if area is None and point:
        raise Fault(400, _("The point does not lie in this city. Please correct it, or name the district."))
    return Place(area, words)


def _point(lat: str, long: str) -> tuple[float, float] | None:
    if not lat and not long:
        return None
    try:
        found = Decimal(lat), Decimal(long)
    except InvalidOperation:
        raise Fault(400, _("lat and long are degrees with a decimal point, both of them.")) from None
    if not (found[0].is_finite() and found[1].is_finite() and abs(found[0]) <= 90 and abs(found[1]) <= 180):
        raise Fault(400, _("lat is between -90 and 90 degrees, long between -180 and 180."))
    return float(found[0]), float(found[1])


def nearest(lat: float, long: float) -> Area | None:
    """The district whose reference point is nearest, or None when even that is too far to lie in the city."""
    best: tuple[float, Area] | None = None
    for area in reference.areas().by_id.values():
        if area.kind != Area.Kind.DISTRICT or area.lat is None or area.lng is None:
            continue
        north, east = lat - float(area.lat), (long - float(area.lng)) * cos(radians(lat))
        far = hypot(north, east) * DEGREE
        if best is None or far < best[0]:
            best = (far, area)
    return best[1] if best and best[0] <= FARTHEST else None


def named_in(address: str) -> Area | None:
    """The area an address names: a town by its full name, else a district by its name with or without 区.

    A town's name borne by two districts counts only when the district is named as well.
    """
    if not address:
        return None
    areas = [area for area in reference.areas().by_id.values() if area.kind in PLACES]
    districts = [a for a in areas if a.kind == Area.Kind.DISTRICT and _short(a.name) in address]
    towns = [a for a in areas if a.kind != Area.Kind.DISTRICT and a.name in address]
    if districts:
        towns = [town for town in towns if town.district_id in {district.pk for district in districts}]
    if towns:
        longest = max(len(town.name) for town in towns)
        towns = [town for town in towns if len(town.name) == longest]
    if len(towns) == 1:
        return towns[0]
    return districts[0] if len(districts) == 1 else None


def _short(name: str) -> str:
    for kind in _KINDS:
        if len(name) > len(kind) + 1 and name.endswith(kind):
            return name.removesuffix(kind)
    return name
