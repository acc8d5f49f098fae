"""A deterministic staff for every unit, so that each rung of the escalation ladder has a living person.

The names are put together from common surnames and given names; they are nobody's. The accounts carry no usable
password: an administrator hands them out one by one (or sign-in comes from the city's own directory).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from zlib import crc32

from accounts.reference.units import UnitSpec

_SURNAMES = "陈王张徐周胡李朱杨林沈吴方叶郑钱孙俞竺傅余史章戴范乐励邬柴毛董庄应翁洪严裘鲍虞楼"
_FIRST = "建国文晓志海永思佳丽雨明春家子宏俊雅静慧立少景若云世培宗维伟"
_LAST = "军华平芳敏波杰峰玲燕宁江涛辉琴霞东红娟磊飞英浩洁斌勇丹健岚清"

# Who works where: (suffix of the username, role, post). Roles: accounts/roles.py; the rungs: domain-facts §2.6.
_Post = tuple[str, str, str]
_HANDLING: tuple[_Post, ...] = (("lead", "unit_admin", "负责人"), ("desk", "unit_handler", "经办人"))
_POSTS_BY_KIND: dict[str, tuple[_Post, ...]] = {
    "government": (
        ("leader", "lead_official", "分管领导"),
        ("review", "reviewer", "复查复核专员"),
        ("review2", "reviewer", "复查复核员"),
        ("inspect", "inspector", "督查专员"),
    ),
    "petition_office": (
        ("officer1", "district_officer", "办信专员"),
        ("officer2", "district_officer", "接访专员"),
    ),
    "conference": (
        ("officer1", "conference_officer", "联席会议专员"),
        ("officer2", "conference_officer", "督导专员"),
    ),
    "hotline": (
        ("dispatch1", "dispatcher", "派单员"),
        ("dispatch2", "dispatcher", "派单员"),
        ("agent1", "hotline_agent", "话务员"),
        ("agent2", "hotline_agent", "话务员"),
        ("agent3", "hotline_agent", "话务员"),
    ),
}
_CITY_PETITION: tuple[_Post, ...] = (
    ("officer1", "city_officer", "办信专员"),
    ("officer2", "city_officer", "接访专员"),
)


@dataclass(frozen=True)
class StaffSpec:
    """One generated account: a row of `accounts.User` without a password."""

    username: str
    name: str
    role: str
    unit_code: str
    title: str

    @property
    def email(self) -> str:
        return f"{self.username}@ningbo.example"


def invented_name(seed: str) -> str:
    """A Chinese name of two or three characters, always the same for the same seed."""
    number = crc32(seed.encode())
    surname = _SURNAMES[number % len(_SURNAMES)]
    first = _FIRST[number // 64 % len(_FIRST)]
    last = _LAST[number // 4096 % len(_LAST)]
    return surname + (last if number // 262_144 % 5 == 0 else first + last)


def username_for(unit_code: str, suffix: str) -> str:
    """`330203-HOUSING` and `lead` make `u330203housing.lead`."""
    return f"u{unit_code.replace('-', '').lower()}.{suffix}"


def _posts(unit: UnitSpec) -> tuple[_Post, ...]:
    extra = _CITY_PETITION if unit.code == "NB-PETITION" else _POSTS_BY_KIND.get(unit.kind, ())
    return (_HANDLING if unit.takes_orders else ()) + extra


def staff_specs(units: Iterable[UnitSpec]) -> list[StaffSpec]:
    """One leader and one handler for every unit that takes orders, and the officers its kind calls for."""
    return [
        StaffSpec(username, invented_name(username), role, unit.code, title)
        for unit in units
        for suffix, role, title in _posts(unit)
        for username in [username_for(unit.code, suffix)]
    ]
