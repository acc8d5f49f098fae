"""Which files there are: place, matter, age, fate and speed of each; and how its petitions came in long before."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from accounts.actors import Actor
from accounts.models import Area, Unit, User
from backlog.actions import nominate
from backlog.models import BacklogCase, TaskForce
from backlog.states import Source
from config.demo_city import people
from config.demo_city.backlog.calendar import Year, hand
from config.demo_city.backlog.matters import Kind, Story, kinds, tell
from config.demo_city.backlog.officials import Command
from config.demo_city.world import CITY_OFFICE, World
from dispatch.clocks import city_day
from petitions import actions as petitions
from petitions.actions import Registration
from petitions.models import Channel, Petition

# Of 160: one district whole, the others with fewer. The second number is how fast a district gets on.
DISTRICTS = {
    "330212": (60, 1.0),
    "330203": (14, 0.8),
    "330205": (8, 0.9),
    "330206": (10, 1.1),
    "330211": (8, 0.6),
    "330213": (10, 1.0),
    "330225": (12, 1.3),
    "330226": (10, 0.9),
    "330281": (14, 1.2),
    "330282": (14, 1.7),
}
WHOLE = 160
# Fates in their proportion. "course": as far as its speed carries it.
_FATES = {"course": 66, "quick": 40, "stuck": 16, "waiting": 6, "declined": 5, "ended": 9, "rebounded": 9, "late": 9}
_ANSWER = "经核查，您反映的问题属历史遗留问题，涉及多个部门，已列入排查范围。按现行政策答复如上，如不服可依法申请复查。"
_AGAIN = "我们{people}多年来多次反映，至今没有得到解决，今天再次来访，请求领导包案，限期拿出方案。"


@dataclass
class File:
    """One file with its dice, people, and what happens to it; `case` once it is nominated."""

    number: int
    rng: Random
    district: Area
    story: Story
    fate: str
    speed: float
    listed_after: float
    unit: Unit
    leader: User
    handler: User
    officer: User
    official: User
    force: TaskForce | None
    petitions: list[Petition] = field(default_factory=list)
    case: BacklogCase | None = None
    is_discussed: bool = False
    milestones: list[int] = field(default_factory=list)

    @property
    def pk(self) -> int:
        """The key of the case. Raises AssertionError before the nomination."""
        assert self.case is not None
        return self.case.pk

    @property
    def is_whole(self) -> bool:
        """Of the district whose year is replayed in full."""
        return self.district.code == "330212"

    def days(self, days: float) -> float:
        """So many days at this file's own speed."""
        return days * self.speed * self.rng.uniform(0.85, 1.15)


def invent(world: World, command: Command, year: Year, seed: str, count: int) -> list[File]:
    """The files of the year, the same for the same seed."""
    forces = {force.key: force for force in TaskForce.objects.all()}
    found: list[File] = []
    for code, (share, pace) in DISTRICTS.items():
        for _place in range(max(1, round(share * count / WHOLE))):
            number = len(found)
            rng = Random(f"{seed}/backlog/{number}")  # noqa: S311
            found.append(_file(world, command, year, rng, number, world.areas[code], pace, forces))
    return found


def _file(
    world: World,
    command: Command,
    year: Year,
    rng: Random,
    number: int,
    district: Area,
    pace: float,
    forces: dict[str, TaskForce],
) -> File:
    fate = _fate(number, rng)
    kind = _kind(number, rng, forces)
    age = rng.choice([1, 2, 2, 3, 3, 4, 5, 6, 7])
    towns = world.towns[district.code]
    unit = world.units.get(f"{district.code}-{kind.duty}") or world.units[f"{district.code}-HOUSING"]
    length = (year.until - year.begins).days
    listed_after = {"waiting": length - rng.uniform(2, 9), "late": rng.uniform(0.75, 0.9) * length}.get(
        fate, rng.triangular(8, 0.7 * length, 40)
    )
    if fate in {"quick", "rebounded", "ended"}:
        listed_after = rng.uniform(8, 0.35 * length)
    officials = command.people[district.code]
    return File(
        number=number,
        rng=rng,
        district=district,
        story=tell(rng, kind, rng.choice(towns), district, age),
        fate=fate,
        speed={"quick": 0.9, "rebounded": 0.6, "ended": 0.9, "stuck": 1.3}.get(fate, 1.6) * pace,
        listed_after=listed_after,
        unit=unit,
        leader=world.post(unit.code, "leader", rng),
        handler=world.post(unit.code, "handler", rng),
        officer=world.post(f"{district.code}-PETITION", "officer", rng),
        official=rng.choices(officials, [5, *[3] * (len(officials) - 1)])[0],
        force=forces.get(kind.force),
    )


def _fate(number: int, rng: Random) -> str:
    # The first ones bring every fate, so that a small city lacks none.
    names = list(_FATES)
    return names[number] if number < len(names) else rng.choices(names, list(_FATES.values()))[0]


def _kind(number: int, rng: Random, forces: dict[str, TaskForce]) -> Kind:
    fitting = [kind for kind in kinds() if not kind.force or kind.force in forces]
    return fitting[number] if number < len(fitting) else rng.choice(fitting)


# ---- long before: how the matter came in ----


def raise_petitions(file: File, world: World, year: Year) -> None:
    """The matter is brought in its first year and again a year before the campaign, answered, and not settled."""
    officer = world.star(CITY_OFFICE, "officer")
    years = int(file.story.slots["k"])
    first = year.begins - timedelta(days=365 * years - file.rng.randrange(20, 300))
    second = year.begins - timedelta(days=file.rng.randrange(30, 170))
    person = people.petitioner(file.rng, file.district.code, f"{file.district.name}{file.story.town.name}")
    repeat: Petition | None = None
    for day in sorted({city_day(first), city_day(second)} if file.is_whole else {city_day(first)}):
        at = year.office(year.moment(day, 600))
        if at >= year.begins:
            continue
        made = petitions.register(_registration(file, world, person, at, repeat), actor=hand(officer), at=at)
        later = at + timedelta(minutes=file.rng.randrange(30, 200))
        petitions.answer_at_once(made.pk, answer=_ANSWER, agreed=True, adoption="", actor=hand(officer), at=later)
        file.petitions.append(made)
        repeat = made


def _registration(
    file: File, world: World, person: petitions.Person, at: datetime, repeat: Petition | None
) -> Registration:
    story = file.story
    again = _AGAIN.format(people=f"{story.people}户" if story.people > 1 else "一家") if repeat else ""
    return Registration(
        channel=Channel.VISIT if repeat else file.rng.choice([Channel.LETTER, Channel.VISIT, Channel.ONLINE]),
        summary=story.title,
        content=story.word("content") + again,
        demand=story.word("demands"),
        content_class=world.classes[story.kind.class_code],
        area=story.town,
        petition_date=city_day(at),
        register_unit=world.units[CITY_OFFICE],
        person=person,
        headcount=1 if repeat is None else story.people,
        affected_count=story.people,
        address=f"{file.district.name}{story.town.name}{story.slots['road']}{story.slots['no']}号",
        repeat_of=repeat,
    )


# ---- onto the list ----


def propose(file: File, at: datetime) -> None:
    """Found by a rule, or nominated by hand with reasons."""
    main = file.petitions[-1]
    is_rule = file.rng.random() < 0.7
    months = max(6, (city_day(at) - file.petitions[0].petition_date).days // 30)
    hits = [{"rule": "age", "value": months, "threshold": 6}]
    if file.story.people >= 5:
        hits.append({"rule": "group", "value": file.story.people, "threshold": 5})
    reason = "多次反映未化解，涉及面广，建议列入积案由领导包案推动。"
    file.case = nominate.nominate(
        main.pk,
        title=file.story.title,
        reason="" if is_rule else reason,
        source=Source.RULE if is_rule else Source.HAND,
        hits=hits if is_rule else (),
        force=file.force,
        actor=Actor.system("backlog") if is_rule else hand(file.officer),
        at=at,
    )


def take_up(file: File, at: datetime) -> None:
    """The office takes it up: district, unit, force, and until when."""
    target: date = city_day(at) + timedelta(days=file.rng.choice([120, 150, 180, 240]))
    file.case = nominate.accept(
        file.pk,
        title=file.story.title,
        district=file.district,
        lead_unit=file.unit,
        target_on=target,
        force=file.force,
        text="同意列入，落实领导包案。",
        actor=hand(file.officer),
        at=at,
    )
