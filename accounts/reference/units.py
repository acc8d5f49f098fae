"""The 1,345 units of the loop as one tree (domain-facts §4.4–4.6, §9.1 row 1).

96 at the city, 50 in each of ten districts, 42 in the functional areas, four in each street (73) and five in each town
and township (83): 96 + 500 + 42 + 292 + 415 = 1345, the number of the seed article. Names below bureau level are
modelled, not a register; telephone numbers are invented.
"""

from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

from accounts.reference import unit_names as names
from accounts.reference.areas import CITY_CODE, AreaSpec, build_areas, town_type

ROOT = "NB"


@dataclass(frozen=True)
class UnitSpec:
    """One row of `accounts.Unit`; `area` and `parent` are codes, "" for none."""

    code: str
    name: str
    short_name: str
    kind: str
    duty: str
    area: str
    parent: str
    path: str
    phone: str
    email: str
    takes_orders: bool


class _Tree:
    """Collects units, parents first, and derives path, telephone and e-mail from the code."""

    def __init__(self) -> None:
        self.units: dict[str, UnitSpec] = {}

    def add(
        self, code: str, name: str, short_name: str, kind: str, area: str, parent: str = ROOT, *,
        duty: str = "", takes_orders: bool = True,
    ) -> None:  # fmt: skip
        """Append a unit. Raises KeyError for an unknown parent and ValueError for a code used twice."""
        if code in self.units:
            raise ValueError(f"{code} is used twice")
        path = f"{self.units[parent].path if parent else ''}{code}/"
        phone = f"0574-8{crc32(code.encode()) % 10_000_000:07d}"
        email = f"{code.lower()}@ningbo.example"
        self.units[code] = UnitSpec(
            code, name, short_name, kind, duty, area, parent, path, phone, email, takes_orders
        )  # fmt: skip


def _duty(key: str) -> str:
    return key.lower().replace("-", "_")


def _add_city(tree: _Tree) -> None:
    """The city's own 96. The government itself takes no orders: it is who hears at the top of the ladder."""
    tree.add(ROOT, "宁波市人民政府", "市政府", "government", CITY_CODE, "", takes_orders=False)
    tree.add("NB-PETITION", "宁波市信访局", "市信访局", "petition_office", CITY_CODE, duty="petition")
    # Coordinating and dispatching, not handling (Regulation on Petition Work, art. 11–13; domain-facts §4.1).
    tree.add(
        "NB-CONFERENCE", "宁波市信访工作联席会议办公室", "市联席办", "conference", CITY_CODE, "NB-PETITION",
        takes_orders=False,
    )  # fmt: skip
    tree.add("NB-12345", "宁波市12345政务服务便民热线中心", "市12345热线中心", "hotline", CITY_CODE, takes_orders=False)
    for table, kind, takes_orders in (
        (names.CITY_BUREAUS, "bureau", True),
        (names.CITY_INSTITUTIONS, "institution", True),
        (names.CITY_COMPANIES, "service", True),
        (names.CITY_TRANSFER_TARGETS, "judiciary", False),
    ):
        for key, name, short, *parent in names.rows(table):
            above = f"{ROOT}-{parent[0]}" if parent else ROOT
            # The discipline organ is a transfer target like the courts, but no court.
            is_kind = "institution" if key == "DISCIPLINE" else kind
            tree.add(
                f"{ROOT}-{key}", name, short, is_kind, CITY_CODE, above, duty=_duty(key), takes_orders=takes_orders
            )


def _add_district(tree: _Tree, area: AreaSpec) -> None:
    """Fifty units of a district, county or county-level city."""
    code, d = area.code, area.name
    government = f"{code}-GOV"
    tree.add(government, f"{d}人民政府", f"{d}政府", "government", code)
    tree.add(f"{code}-PETITION", f"{d}信访局", f"{d}信访局", "petition_office", code, government, duty="petition")
    tree.add(
        f"{code}-CONFERENCE", f"{d}信访工作联席会议办公室", f"{d}联席办", "conference", code, f"{code}-PETITION",
        takes_orders=False,
    )  # fmt: skip
    # 县级矛盾纠纷调处化解中心, now named social-governance centre (domain-facts §4.1).
    tree.add(f"{code}-MEDIATION", f"{d}社会治理中心", f"{d}社会治理中心", "mediation", code, government)
    for table, kind, takes_orders in (
        (names.DISTRICT_BUREAUS, "bureau", True),
        (names.DISTRICT_INSTITUTIONS, "institution", True),
        (names.DISTRICT_COMPANIES, "service", True),
        (names.DISTRICT_TRANSFER_TARGETS, "judiciary", False),
    ):
        for key, in_district, in_county, short, *parent in names.rows(table):
            above = parent[0] if parent else "GOV"
            is_county = not d.endswith("区")
            name = (in_county if is_county else in_district).format(d=d, s=d[:-1])
            short_name = short.split("|")[-1 if is_county else 0].format(d=d, s=d[:-1])
            tree.add(
                f"{code}-{key}", name, short_name, kind, code,
                # Bodies run from the city (tax, power, post, telecoms, courts) hang below their own line.
                above if above.startswith(f"{ROOT}-") else f"{code}-{above}",
                duty=_duty(key), takes_orders=takes_orders,
            )  # fmt: skip


def _add_functional(tree: _Tree, area: AreaSpec) -> None:
    """Eleven units where powers are delegated, else the committee, its petition desk and its enterprise service."""
    code = area.code
    name, d = names.FUNCTIONAL_NAMES[code]
    committee = f"{code}-GOV"
    above = ROOT if area.is_delegated else f"{area.district}-GOV"
    tree.add(committee, f"{name}管理委员会", f"{d}管委会", "government", code, above)
    tree.add(
        f"{code}-PETITION", f"{name}管理委员会信访办公室", f"{d}信访办", "petition_office", code, committee,
        duty="petition",
    )  # fmt: skip
    if not area.is_delegated:
        tree.add(
            f"{code}-ENTERPRISE", f"{name}企业服务中心", f"{d}企业服务中心", "institution", code, committee,
            duty="enterprise",
        )  # fmt: skip
        return
    tree.add(f"{code}-MEDIATION", f"{name}社会治理中心", f"{d}社会治理中心", "mediation", code, committee)
    for key, template, short in names.rows(names.DELEGATED_BUREAUS):
        full = template.format(d=name if template.startswith("{d}") else d)
        tree.add(f"{code}-{key}", full, short.format(d=d), "bureau", code, committee, duty=_duty(key))


def _add_town(tree: _Tree, area: AreaSpec, district: str) -> None:
    """A town government and its offices; the town's name is unique in the city, so short names need no district."""
    kind_of_town = town_type(area.name)
    full = f"{district}{area.name}人民政府" if kind_of_town != "街道" else f"{district}人民政府{area.name}办事处"
    tree.add(area.code, full, f"{district}{area.name}", "town", area.code, f"{area.district}-GOV")
    offices = [tuple(row) for row in names.rows(names.TOWN_OFFICES)]
    if kind_of_town != "街道":
        offices.append(names.RURAL_OFFICE)
    for key, name, duty in offices:
        tree.add(
            f"{area.code}-{key}", f"{district}{area.name}{name}", f"{area.name}{name.replace('办公室', '办')}",
            "institution", area.code, area.code, duty="" if duty == "-" else duty,
        )  # fmt: skip


@lru_cache(maxsize=1)
def _built() -> tuple[UnitSpec, ...]:
    areas = build_areas()
    districts = {area.code: area.name for area in areas if area.kind == "district"}
    tree = _Tree()
    _add_city(tree)
    for area in areas:
        if area.kind == "district":
            _add_district(tree, area)
    for area in areas:
        if area.kind == "functional":
            _add_functional(tree, area)
        elif area.kind == "town":
            _add_town(tree, area, districts[area.district])
    return tuple(tree.units.values())


def build_units() -> list[UnitSpec]:
    """All 1,345 units, every parent before its children."""
    return list(_built())


@lru_cache(maxsize=1)
def units_by_code() -> dict[str, UnitSpec]:
    """The same units by code."""
    return {unit.code: unit for unit in _built()}
