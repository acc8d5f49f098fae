"""The city, its ten county-level divisions, six functional areas and 156 towns (domain-facts §4.3–4.5)."""

from dataclasses import dataclass
from decimal import Decimal

from accounts.reference.towns import TOWNS

CITY_CODE = "330200"

# Code, name, English name, latitude, longitude, population at the end of 2024 in units of 10,000 (§4.3). The points are
# map-API centres near the seat of government, not centroids.
_CITY = (CITY_CODE, "宁波市", "Ningbo", "29.8603", "121.6245", "977.7")
_DISTRICTS = (
    ("330203", "海曙区", "Haishu District", "29.8737", "121.5505", "107.2"),
    ("330205", "江北区", "Jiangbei District", "29.8867", "121.5551", "51.8"),
    ("330206", "北仑区", "Beilun District", "29.8995", "121.8446", "90.4"),
    ("330211", "镇海区", "Zhenhai District", "29.9652", "121.5967", "53.2"),
    ("330212", "鄞州区", "Yinzhou District", "29.8173", "121.5466", "171.1"),
    ("330213", "奉化区", "Fenghua District", "29.6553", "121.4062", "59.2"),
    ("330225", "象山县", "Xiangshan County", "29.4768", "121.8693", "57.9"),
    ("330226", "宁海县", "Ninghai County", "29.2879", "121.4297", "71.3"),
    ("330281", "余姚市", "Yuyao City", "30.0380", "121.1546", "126.7"),
    ("330282", "慈溪市", "Cixi City", "30.1707", "121.2665", "188.9"),
)
# Code, name, English name, district of the statistics, latitude, longitude, population (×10,000), delegated (§4.5).
# Delegated: the three whose committees decide with county-level powers of their own (the High-tech Zone and the Qianwan
# New Area as state-approved zones, Dongqian Lake as a municipal agency since 2001). Daxie, the Bonded Zone and Meishan
# are run together with Beilun, whose bureaus keep the powers; their committees receive people and pass matters on.
_FUNCTIONAL = (
    ("NBGX", "宁波国家高新区", "Ningbo High-tech Zone", "330212", "29.89", "121.64", "16.1", True),
    ("NBQW", "前湾新区", "Qianwan New Area", "330282", "30.29", "121.24", "29.0", True),
    ("NBDQ", "东钱湖旅游度假区", "Dongqian Lake Resort", "330212", "29.77", "121.66", "", True),
    ("NBDX", "大榭开发区", "Daxie Development Zone", "330206", "29.92", "121.96", "", False),
    ("NBBS", "宁波保税区", "Ningbo Bonded Zone", "330206", "29.90", "121.87", "", False),
    ("NBMS", "梅山", "Meishan", "330206", "29.79", "121.97", "", False),
)
_TOWN_ENGLISH = {"街道": "Subdistrict", "镇": "Town", "乡": "Township"}


@dataclass(frozen=True)
class AreaSpec:
    """One row of `accounts.Area`; `parent` and `district` are codes, "" for none."""

    code: str
    name: str
    name_en: str
    kind: str
    parent: str = ""
    district: str = ""
    lat: Decimal | None = None
    lng: Decimal | None = None
    population: int | None = None
    is_delegated: bool = False


def _people(ten_thousands: str) -> int | None:
    """Population in persons from the table's units of 10,000."""
    return int(Decimal(ten_thousands) * 10_000) if ten_thousands else None


def town_type(name: str) -> str:
    """街道, 镇 or 乡: how a town's name ends. Raises ValueError for anything else."""
    for ending in _TOWN_ENGLISH:
        if name.endswith(ending):
            return ending
    raise ValueError(f"{name} is no town-level name")


def build_areas() -> list[AreaSpec]:
    """All 173 areas, every parent before its children: city, 10 districts, 6 functional areas, 156 towns."""
    code, name, name_en, lat, lng, people = _CITY
    areas = [AreaSpec(code, name, name_en, "city", "", "", Decimal(lat), Decimal(lng), _people(people))]
    for code, name, name_en, lat, lng, people in _DISTRICTS:
        areas.append(
            AreaSpec(code, name, name_en, "district", CITY_CODE, code, Decimal(lat), Decimal(lng), _people(people))
        )
    for code, name, name_en, district, lat, lng, people, delegated in _FUNCTIONAL:
        areas.append(
            AreaSpec(
                code, name, name_en, "functional", district, district,
                Decimal(lat), Decimal(lng), _people(people), delegated,
            )
        )  # fmt: skip
    for district, rows in TOWNS.items():
        for number, name, pinyin in rows:
            english = f"{pinyin} {_TOWN_ENGLISH[town_type(name)]}"
            areas.append(AreaSpec(district + number, name, english, "town", district, district))
    return areas
