"""A small city every test can stand on: real shapes, few rows. Use the fixture `city`."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from accounts.models import Area, Unit, User
from accounts.roles import Role
from dispatch.actions import orders, rules
from dispatch.actions.clocks import forget_cached_rules
from dispatch.models import CatalogueEntry, WorkOrder
from petitions import actions
from petitions.actions import Person, Registration
from petitions.models import ContentClass, Petition
from tests.snapshots import made_once

# A Monday, 10:00 in Shanghai, in a week without holidays.
MONDAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
VALID_ID = "330203190001010013"
PASSWORD = "Clear-Water-77"


@dataclass
class City:
    """What the fixture made. People by role; `housing` handles, `transport` is the outsider."""

    areas: dict[str, Area] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    classes: dict[str, ContentClass] = field(default_factory=dict)
    at: datetime = MONDAY

    def __getattr__(self, name: str) -> Any:
        for shelf in ("people", "units"):
            found = self.__dict__[shelf].get(name)
            if found is not None:
                return found
        raise AttributeError(name)


_AREAS = [
    ("330200", "宁波市", "Ningbo", "city", None),
    ("330203", "海曙区", "Haishu", "district", "330200"),
    ("330225", "象山县", "Xiangshan", "district", "330200"),
    ("330203001", "南门街道", "Nanmen", "town", "330203"),
]
_UNITS = [
    ("root", "NB", "宁波市人民政府", "government", "330200", None, ""),
    ("city_office", "NB-PETITION", "市信访局", "petition_office", "330200", "root", "petition"),
    ("hotline", "NB-12345", "市12345热线中心", "hotline", "330200", "root", ""),
    ("conference", "NB-CONFERENCE", "市联席办", "conference", "330200", "root", ""),
    ("district", "330203-GOV", "海曙区政府", "government", "330203", "root", ""),
    ("district_office", "330203-PETITION", "海曙区信访局", "petition_office", "330203", "district", "petition"),
    ("housing", "330203-HOUSING", "海曙区住建局", "bureau", "330203", "district", "housing"),
    ("enforcement", "330203-ENFORCEMENT", "海曙区综合执法局", "bureau", "330203", "district", "enforcement"),
    ("town", "330203001", "南门街道", "town", "330203001", "district", ""),
    ("far_district", "330225-GOV", "象山县政府", "government", "330225", "root", ""),
    ("transport", "330225-TRANSPORT", "象山县交通局", "bureau", "330225", "far_district", "transport"),
    ("far_office", "330225-PETITION", "象山县信访局", "petition_office", "330225", "far_district", "petition"),
]
_PEOPLE = [
    ("officer", "沈一鸣", Role.CITY_OFFICER, "city_office"),
    ("dispatcher", "林晚晴", Role.DISPATCHER, "hotline"),
    ("agent", "周小满", Role.HOTLINE_AGENT, "hotline"),
    ("district_officer", "陈洛平", Role.DISTRICT_OFFICER, "district_office"),
    ("far_officer", "范立", Role.DISTRICT_OFFICER, "far_office"),
    ("conference_officer", "顾致远", Role.CONFERENCE_OFFICER, "conference"),
    ("leader", "徐文博", Role.UNIT_ADMIN, "housing"),
    ("handler", "王若兰", Role.UNIT_HANDLER, "housing"),
    ("colleague", "李建", Role.UNIT_HANDLER, "housing"),
    ("other_leader", "郑开越", Role.UNIT_ADMIN, "enforcement"),
    ("other_handler", "胡静宜", Role.UNIT_HANDLER, "enforcement"),
    ("outsider", "方大海", Role.UNIT_HANDLER, "transport"),
    ("outside_leader", "邵平", Role.UNIT_ADMIN, "transport"),
    ("lead_official", "罗正飞", Role.LEAD_OFFICIAL, "district"),
    ("reviewer", "杨书华", Role.REVIEWER, "root"),
    ("second_reviewer", "孟昭华", Role.REVIEWER, "root"),
    ("district_reviewer", "吴立新", Role.REVIEWER, "district"),
    ("district_second", "何敏", Role.REVIEWER, "district"),
    ("inspector", "唐国峰", Role.INSPECTOR, "root"),
    ("admin", "潘远", Role.SYSTEM_ADMIN, "root"),
]


def build_city() -> City:
    """Insert the small city and return it."""
    kept = made_once(_build)
    forget_cached_rules()
    return City(*kept)


def _build() -> tuple[dict[str, Area], dict[str, Unit], dict[str, User], dict[str, ContentClass]]:
    city = City()
    for code, name, name_en, kind, parent in _AREAS:
        area = Area(code=code, name=name, name_en=name_en, kind=kind, parent=city.areas.get(parent or ""))
        area.save()
        if kind in {"district", "town"}:
            area.district = area if kind == "district" else city.areas[parent or ""]
            area.save()
        city.areas[code] = area
    for key, code, name, kind, area, parent, duty in _UNITS:
        above = city.units.get(parent or "")
        city.units[key] = Unit.objects.create(
            code=code,
            name=name,
            short_name=name,
            kind=kind,
            duty=duty,
            area=city.areas[area],
            parent=above,
            path=f"{above.path if above else ''}{code}/",
        )
    for key, name, role, unit in _PEOPLE:
        city.people[key] = User.objects.create_user(
            key, f"{key}@ningbo.example", PASSWORD, name=name, role=role, unit=city.units[unit]
        )
    User.objects.filter(username="officer").update(handles_accusations=True)
    city.people["officer"].handles_accusations = True
    _rules(city)
    return city.areas, city.units, city.people, city.classes


def _rules(city: City) -> None:
    top = ContentClass.objects.create(code="03", level=1, name="城乡建设", name_en="Urban and rural construction")
    sub = ContentClass.objects.create(
        code="0303", level=2, parent=top, name="住房保障与房地产", name_en="Housing and real estate"
    )
    other = ContentClass.objects.create(code="99", level=1, name="其他", name_en="Other")
    city.classes = {"03": top, "0303": sub, "99": other}
    CatalogueEntry.objects.create(content_class=top, area=city.areas["330203"], unit=city.units["housing"])
    rules.load_policies()
    rules.load_days(from_year=2026, until_year=2027)


def draft(city: City, **changes: Any) -> Registration:
    """A complete registration; any field can be changed."""
    fields: dict[str, Any] = {
        "channel": "visit",
        "summary": "反映小区电梯停运两个月未修复",
        "content": "我们小区三号楼电梯自九月起停运，物业一直未修，老人出行困难，请求尽快处理。",
        "content_class": city.classes["0303"],
        "area": city.areas["330203001"],
        "petition_date": date(2026, 11, 16),
        "register_unit": city.units["city_office"],
        "person": Person(name="周小琴", phone="13812345127", id_type="111", id_no=VALID_ID, address="南门街道某路1号"),
    }
    return Registration(**{**fields, **changes})


def make_petition(city: City, *, actor: User | None = None, at: datetime | None = None, **changes: Any) -> Petition:
    """Register through the real action, as the city officer unless told otherwise."""
    return actions.register(draft(city, **changes), actor=actor or city.people["officer"], at=at or city.at)


def make_order(
    city: City, *, petition: Petition | None = None, at: datetime | None = None, **changes: Any
) -> WorkOrder:
    """Dispatch (a fresh petition, unless given) to 海曙区住建局 and return its work order."""
    petition = petition or make_petition(city, at=at)
    fields = {"lead": city.units["housing"], "actor": city.people["officer"], "at": at or city.at, **changes}
    return orders.dispatch(petition.pk, **fields)[0]


def fed_back(city: City, *, order: WorkOrder | None = None, at: datetime | None = None) -> WorkOrder:
    """An order signed, contacted and fed back by its handler."""
    order, at = order or make_order(city, at=at), at or city.at
    handler = city.people["handler"]
    orders.sign(order.pk, actor=handler, at=at + timedelta(minutes=10))
    orders.record_contact(
        order.pk, means="phone", said="已与信访人通话。", actor=handler, at=at + timedelta(minutes=30)
    )
    return orders.feed_back(
        order.pk,
        outcome="solved",
        findings="电梯主板已更换，经检验合格后恢复运行。",
        actor=handler,
        at=at + timedelta(hours=2),
    )[0]


def replied(city: City, *, order: WorkOrder | None = None, at: datetime | None = None) -> Petition:
    """A petition whose order is checked, called back and replied to."""
    order, at = fed_back(city, order=order, at=at), at or city.at
    officer = city.people["officer"]
    orders.check(order.pk, passes=True, actor=officer, at=at + timedelta(hours=3))
    answers = {"was_contacted": True, "solved": "yes", "satisfaction": 3}
    orders.call_back(
        order.pk, result="reached", said="满意", answers=answers, actor=officer, at=at + timedelta(hours=4)
    )
    return actions.reply(
        order.petition_id, text="电梯已修复并恢复运行，感谢您的反映。", actor=officer, at=at + timedelta(hours=5)
    )
