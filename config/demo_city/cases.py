"""One invented case: who brings what, where, through whom; and what its people would say at each step."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from accounts.actors import Actor
from accounts.models import Area, Unit, User
from config.demo_city import people, places
from config.demo_city.matters import Matter, Teller, matters, pick
from config.demo_city.profiles import Profile, profile_of
from config.demo_city.world import CITY_OFFICE, HOTLINE, World
from dispatch.calendar import CITY_TIME
from petitions.actions import Person, Registration
from petitions.models import Channel, Purpose, Sensitivity

# Shares of the channels, in percent.
_CHANNELS = {
    Channel.HOTLINE: 34, Channel.MINHUWOWEI: 14, Channel.ONLINE: 14, Channel.VISIT: 9, Channel.LETTER: 6,
    Channel.PHONE: 6, Channel.QR: 6, Channel.HELPLINE: 3, Channel.MINSHENG: 3, Channel.LEADER: 2, Channel.TOWN: 2,
    Channel.SUPERIOR: 1,
}  # fmt: skip
_BY_HOTLINE = frozenset({Channel.HOTLINE, Channel.HELPLINE, Channel.MINSHENG})
_BY_DISTRICT = frozenset({Channel.QR, Channel.TOWN})
_CITY_ONLY = frozenset({Channel.LEADER, Channel.SUPERIOR, Channel.MINHUWOWEI, Channel.PHONE})
# Night and day: calls and the web any time, letters and visits in office hours.
ROUND_THE_CLOCK = _BY_HOTLINE | {Channel.MINHUWOWEI, Channel.ONLINE, Channel.QR}


@dataclass(frozen=True)
class Step:
    """One thing that happens to a case. `order` keeps planned order where times are equal."""

    at: datetime
    order: int
    kind: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class Case:
    """A case with its dice, people and planned steps. `parent` is the case it repeats or is merged into."""

    rng: Random
    matter: Matter
    town: Area
    district: Area
    teller: Teller
    channel: str
    urgency: str
    person: Person
    is_anonymous: bool
    headcount: int
    unit: Unit
    register_unit: Unit
    registrar: User | Actor
    officer: User
    replier: User
    caller: User
    leader: User
    handler: User
    title: str
    story: str
    serial: int = 0
    parent: "Case | None" = None
    is_repeat: bool = False
    # It repeats its parent and nobody has noticed yet.
    is_suspected: bool = False
    steps: list[Step] = field(default_factory=list)
    # Filled while it runs.
    petition_id: int = 0
    order_id: int = 0

    @property
    def profile(self) -> Profile:
        return profile_of(self.unit.code)

    @property
    def begins(self) -> datetime:
        return self.steps[0].at

    @property
    def ends(self) -> datetime:
        return self.steps[-1].at

    def add(self, kind: str, at: datetime, **data: Any) -> None:
        """Plan one more step. Raises ValueError when it would lie before the last one."""
        if self.steps and at < self.ends:
            raise ValueError(f"{kind} at {at} is planned before {self.steps[-1].kind} at {self.ends}")
        self.steps.append(Step(at, len(self.steps), kind, data))

    def registration(self, world: World, at: datetime) -> Registration:
        """What the clerk or the platform hands in."""
        is_accusation = self.matter.purpose == Purpose.ACCUSE
        slots = self.teller.slots
        return Registration(
            channel=self.channel,
            summary=self.title,
            content=self.story,
            content_class=world.classes[self.matter.class_code],
            area=self.town,
            petition_date=at.astimezone(CITY_TIME).date(),
            register_unit=self.register_unit,
            person=Person() if self.is_anonymous else self.person,
            source_ref=self._source_ref(at),
            purpose=self.matter.purpose,
            urgency=self.urgency,
            sensitivity=Sensitivity.ACCUSATION if is_accusation else Sensitivity.NORMAL,
            address=f"{self.district.name}{self.town.name}{slots['road']}{slots['no']}号",
            demand=self.teller.word("demand"),
            headcount=self.headcount,
            affected_count=max(self.headcount, slots["people"] if self.headcount > 1 else 1),
            is_anonymous=self.is_anonymous,
            respondent_unit=world.units[self.town.code] if self.matter.respondent else None,
            respondent=slots["accused"] if self.matter.respondent else "",
        )

    def _source_ref(self, at: datetime) -> str:
        prefix = {Channel.HOTLINE: "RX", Channel.MINHUWOWEI: "MH", Channel.MINSHENG: "MS"}.get(Channel(self.channel))
        return f"{prefix}{at.astimezone(CITY_TIME):%Y%m%d}{self.serial:06d}" if prefix else ""


@dataclass(frozen=True)
class Wish:
    """What a planned case must be; None and "" leave it to the dice."""

    district: str = ""
    unit: str = ""
    office: str = ""
    kind: str = "any"
    urgency: str = ""
    is_group: bool | None = None
    is_anonymous: bool | None = None


_KINDS: dict[str, Any] = {
    "any": lambda m: True,
    "handled": lambda m: m.is_handled and not m.is_urgent,
    "urgent": lambda m: m.is_handled and m.is_urgent,
    "enquiry": lambda m: not m.is_handled and not m.route,
    "route": lambda m: bool(m.route) and m.purpose != Purpose.ACCUSE,
    "accusation": lambda m: m.purpose == Purpose.ACCUSE,
    "suggestion": lambda m: m.purpose == Purpose.SUGGEST,
}


def invent(world: World, rng: Random, at: datetime, wish: Wish | None = None) -> Case:
    """A case without steps. `at` gives the month its story is told in."""
    wish = wish or Wish()
    district = world.areas[wish.district] if wish.district else _a_district(world, rng)
    town, matter = _town_and_matter(world, rng, district, wish)
    slots = places.place_slots(rng, town, district)
    slots |= places.number_slots(rng, at.astimezone(CITY_TIME).month)
    slots |= {"firm": people.firm(rng), "shop": people.shop(rng), "accused": people.someone(rng).name}
    person = people.petitioner(rng, district.code, f"{district.name}{town.name}{slots['estate']}{slots['n']}幢")
    unit = world.unit_for(matter, town)
    slots |= {"unit": unit.short_name, "name": person.name}
    teller = Teller(matter, slots, rng)
    channel = _channel(rng, matter, wish)
    register_unit = _register_unit(world, rng, channel, district, wish)
    is_city = register_unit.code in {CITY_OFFICE, HOTLINE}
    officer = world.post(register_unit.code, "officer", rng)
    # The hub may not reply: the city's office does, or the district's own.
    home = register_unit.code if register_unit.code != HOTLINE else f"{district.code}-PETITION"
    replier = world.post(home, "officer", rng) if register_unit.code == HOTLINE or not is_city else officer
    registrar = _registrar(world, rng, channel, register_unit, officer)
    is_agent = isinstance(registrar, User) and registrar.role == "hotline_agent"
    group = wish.is_group if wish.is_group is not None else rng.random() < matter.group
    anonymous = rng.random() < 0.05 if wish.is_anonymous is None else wish.is_anonymous
    return Case(
        rng=rng,
        matter=matter,
        town=town,
        district=district,
        teller=teller,
        channel=channel,
        urgency=wish.urgency or matter.urgency,
        person=person,
        is_anonymous=anonymous and not group,
        headcount=rng.randrange(5, 26) if group else 1,
        unit=unit,
        register_unit=register_unit,
        registrar=registrar,
        officer=officer,
        replier=replier,
        caller=registrar if is_agent and isinstance(registrar, User) else officer,
        leader=world.post(unit.code, "leader", rng),
        handler=world.post(unit.code, "handler", rng),
        title=teller.word("title"),
        story=teller.story(),
    )


def _a_district(world: World, rng: Random) -> Area:
    """One of the ten, by population; the seat of the demo's main team a little more often."""
    weights = [(area.population or 0) * (1.6 if area.code == "330203" else 1) for area in world.districts]
    return rng.choices(world.districts, weights)[0]


def _town_and_matter(world: World, rng: Random, district: Area, wish: Wish) -> tuple[Area, Matter]:
    choices = tuple(matter for matter in matters() if _KINDS[wish.kind](matter))
    towns = world.towns[district.code]
    if wish.unit:
        choices = tuple(m for m in choices if world.unit_for(m, towns[0]).code == wish.unit)
    matter = pick(rng, choices)
    # Villages lie in towns, blocks of flats mostly in streets.
    is_rural = "village" in " ".join(matter.words["title"])
    fitting = [town for town in towns if town.name.endswith("街道") != is_rural]
    return rng.choice(fitting or towns), matter


def _channel(rng: Random, matter: Matter, wish: Wish) -> str:
    if matter.purpose == Purpose.ACCUSE:
        return rng.choice([Channel.LETTER, Channel.ONLINE, Channel.VISIT])
    if matter.is_urgent:
        return Channel.HOTLINE
    allowed = {
        channel: weight
        for channel, weight in _CHANNELS.items()
        if not wish.office
        or (
            (wish.office == "hotline") == (channel in _BY_HOTLINE)
            and not (wish.office == "city" and channel in _BY_DISTRICT)
            and not (wish.office == "district" and channel in _CITY_ONLY)
        )
    }
    return rng.choices(list(allowed), list(allowed.values()))[0]


def _register_unit(world: World, rng: Random, channel: str, district: Area, wish: Wish) -> Unit:
    if channel in _BY_HOTLINE:
        return world.units[HOTLINE]
    if channel in _BY_DISTRICT:
        return world.units[f"{district.code}-PETITION"]
    is_city = wish.office == "city" or channel in _CITY_ONLY or (wish.office != "district" and rng.random() < 0.55)
    return world.units[CITY_OFFICE if is_city else f"{district.code}-PETITION"]


def _registrar(world: World, rng: Random, channel: str, unit: Unit, officer: User) -> User | Actor:
    if channel == Channel.MINHUWOWEI:
        return world.platform()
    return world.post(HOTLINE, "agent", rng) if unit.code == HOTLINE else officer
