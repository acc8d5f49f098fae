"""What the simulation looks up all the time, read once: areas, classes, units, their people, the catalogue."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from accounts.actors import Actor
from accounts.demo import cast
from accounts.models import Area, Unit, User
from accounts.roles import Role, Scope
from config.demo_city.matters import Matter
from dispatch.models import CatalogueEntry
from petitions.models import ContentClass

CITY_OFFICE, HOTLINE = "NB-PETITION", "NB-12345"
_POSTS: dict[str, set[str]] = {
    "leader": {Role.UNIT_ADMIN},
    "handler": {Role.UNIT_HANDLER},
    "agent": {Role.HOTLINE_AGENT},
    "officer": {Role.DISPATCHER, Role.CITY_OFFICER, Role.DISTRICT_OFFICER},
}


@dataclass
class World:
    """The city as it is now; nothing here writes."""

    until: datetime
    areas: dict[str, Area]
    districts: list[Area]
    towns: dict[str, list[Area]]
    classes: dict[str, ContentClass]
    units: dict[str, Unit]
    people: dict[tuple[str, str], list[User]]
    catalogue: dict[tuple[str, str], str]

    @classmethod
    def load(cls, until: datetime) -> "World":
        areas = {area.code: area for area in Area.objects.select_related("district")}
        towns: dict[str, list[Area]] = {}
        for area in areas.values():
            if area.kind == Area.Kind.TOWN and area.district:
                towns.setdefault(area.district.code, []).append(area)
        entries = CatalogueEntry.objects.values_list("content_class__code", "area__code", "unit__code")
        return cls(
            until=until,
            areas=areas,
            districts=[area for area in areas.values() if area.kind == Area.Kind.DISTRICT],
            towns=towns,
            classes={row.code: row for row in ContentClass.objects.all()},
            units={unit.code: unit for unit in Unit.objects.select_related("area__district")},
            people=_people(),
            catalogue={(code, area): unit for code, area, unit in entries},
        )

    def unit_for(self, matter: Matter, town: Area) -> Unit:
        """Who handles this matter there: the line the matter names, else the catalogue."""
        district = town.district.code if town.district else town.code
        if matter.unit == "TOWN":
            return self.units[town.code]
        if matter.unit:
            return self.units.get(f"{district}-{matter.unit}") or self.units[f"NB-{matter.unit}"]
        for code in (matter.class_code, matter.class_code[:2]):
            for area in (town.code, district, "330200"):
                if (code, area) in self.catalogue:
                    return self.units[self.catalogue[code, area]]
        return self.units[f"{district}-PETITION"]

    def post(self, unit_code: str, post: str, rng: Random) -> User:
        """Somebody of a unit in a post (leader, handler, agent, officer); the demo cast more often than others."""
        people = self.people[unit_code, post]
        return rng.choices(people, [4 if person.username in _stars() else 1 for person in people])[0]

    def star(self, unit_code: str, post: str) -> User:
        """The member of the cast in that post, else whoever has it."""
        people = self.people[unit_code, post]
        return next((person for person in people if person.username in _stars()), people[0])

    def named(self, username: str) -> User | None:
        return next((p for people in self.people.values() for p in people if p.username == username), None)

    def platform(self) -> Actor:
        """The province's platform, which registers through its interface."""
        grants = {"petitions.register": Scope.CITY}
        return Actor(label="民呼我为统一平台", unit=self.units[CITY_OFFICE], grants=grants)


def _stars() -> set[str]:
    return {member.username for member in cast()}


def _people() -> dict[tuple[str, str], list[User]]:
    found: dict[tuple[str, str], list[User]] = {}
    for user in User.objects.filter(is_active=True, unit__isnull=False).select_related("unit__area__district"):
        unit = user.unit
        post = next((name for name, roles in _POSTS.items() if user.role in roles), user.role)
        if unit is not None:
            found.setdefault((unit.code, post), []).append(user)
    return found
