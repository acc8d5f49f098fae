"""Who commands in the demo city: leading officials of city and districts, the forces' leaders, the workgroups."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random

from accounts.actions import create_cast
from accounts.demo import DISTRICT_OFFICIALS, officials
from accounts.models import Area, User
from backlog.actions import forces
from backlog.models import TaskForce, Workgroup
from config.demo_city import people
from config.demo_city.backlog.calendar import hand
from config.demo_city.world import CITY_OFFICE, World
from dispatch.clocks import city_day

_FOCUS = {
    "legacy": "不动产权证遗留问题集中办证，本周交件不少于三个小区",
    "rural": "征地款分配审计进村入户，账目公开全覆盖",
    "demolition": "逾期安置房倒排工期，停发过渡费本周补发到位",
}
_MEMBERS = ("PETITION", "POLITICAL-LEGAL", "JUSTICE", "PLANNING", "HOUSING", "AGRICULTURE")
_DUTIES = (
    "办公室主任，牵头协调",
    "涉法涉诉问题研判",
    "法律论证与调解",
    "权属与规划核查",
    "安置与办证落实",
    "涉农问题核查",
)


@dataclass
class Command:
    """The officials by district code; "" holds the city's. The first of a district has the most cases."""

    people: dict[str, list[User]] = field(default_factory=dict)
    conference: User | None = None
    officer: User | None = None

    @property
    def secretary(self) -> User:
        """Who prepares and closes the city's meetings."""
        assert self.conference is not None
        return self.conference


def appoint(world: World) -> Command:
    """Create the officials' accounts and look everybody up. Safe to run twice."""
    create_cast(at=world.until, members=officials())
    users = User.objects.filter(username__in=[member.username for member in officials()]).select_related("unit__area")
    found = Command(conference=world.star("NB-CONFERENCE", "conference_officer"))
    found.officer = world.star(CITY_OFFICE, "officer")
    for user in users.order_by("pk"):
        assert user.unit is not None
        code = user.unit.code.removesuffix("-GOV") if user.unit.code.endswith("-GOV") else ""
        found.people.setdefault(code, []).append(user)
    haishu = world.named("luozhengfei")
    if haishu is not None:
        found.people["330203"].insert(0, haishu)
    assert len(found.people) == len(DISTRICT_OFFICIALS) + 1
    return found


def set_up(world: World, command: Command, at: datetime) -> None:
    """The forces get leader, focus and campaign, the workgroups leader, rhythm and members."""
    year = city_day(at).year
    for place, force in enumerate(TaskForce.objects.order_by("position", "pk")):
        leader = command.people[""][place % len(command.people[""])]
        changes = {
            "leader": leader,
            "focus": _FOCUS.get(force.key, ""),
            "begins_on": city_day(at).replace(month=1, day=1),
            "ends_on": city_day(at).replace(year=year, month=12, day=31),
        }
        forces.save_force(force.pk, changes=changes, actor=hand(command.secretary), at=at)
    for place, group in enumerate(Workgroup.objects.select_related("district").order_by("district__code")):
        _group(world, command, group, place, at + timedelta(minutes=place))


def _group(world: World, command: Command, group: Workgroup, place: int, at: datetime) -> None:
    district: Area = group.district
    rng = Random(f"workgroup/{district.code}")  # noqa: S311
    changes = {
        "leader": command.people[district.code][0],
        "established_on": city_day(at),
        "meets_on": place % 5,
        "meets_at": time(9 if place % 2 else 14, 30 if place % 3 else 0),
        "is_active": True,
    }
    forces.save_group(group.pk, changes=changes, actor=hand(command.secretary), at=at)
    for duty, words in zip(_MEMBERS, _DUTIES, strict=True):
        unit = world.units.get(f"{district.code}-{duty}")
        if unit is None:
            continue
        known = world.people.get((unit.code, "leader")) or world.people.get((unit.code, "officer")) or []
        name = known[0].name if known else people.someone(rng).name
        title = known[0].title if known else "副局长"
        forces.add_member(
            name=name, unit=unit, title=title, duty=words, group=group.pk, actor=hand(command.secretary), at=at
        )
