"""Dispatch catalogue (派单目录): which unit handles which content class where (domain-facts §1.1, §4.6).

"Who is in charge is responsible": each class names a line of duty; the unit is the one of that line in the district
where the problem is. A class of level 2 without a row of its own takes the row of its level-1 class, and an area
without a row takes the next one above it (town → district → city; functional area → district → city).

15 纪检监察 has no row anywhere: an accusation never reaches a handling unit, whose people it may name. It stays with
the petition office until a named person passes it to the discipline organ (Regulation on Petition Work, art. 30;
domain-facts §1.17).
"""

from accounts.reference.areas import CITY_CODE, build_areas
from accounts.reference.units import units_by_code

Row = tuple[str, str, str]

# Class → line of duty as in the unit codes. Level 1 first; level 2 only where the duty differs. A second one after "/"
# is the city's, where it has a body of its own that the districts lack.
_DUTIES = """
01 AGRICULTURE
0102 CIVIL-AFFAIRS
0106 WATER
0107 WATER
0108 PLANNING
0111 PLANNING
02 PLANNING
0204 EMERGENCY/METEOROLOGY
03 HOUSING
0302 PLANNING
0304 PLANNING
0308 AGRICULTURE
0309 ENFORCEMENT
0310 DEVELOPMENT
04 LABOUR
0404 SOCIAL-SECURITY
0405 MEDICAL-INSURANCE
0406 SOCIAL-SECURITY
0407 VETERANS/ORGANIZATION
0410 SOCIAL-SECURITY
05 ENVIRONMENT
06 TRANSPORT
0601 TRAFFIC-POLICE
07 HEALTH
0705 MARKET
08 EDUCATION
0807 CULTURE-TOURISM
0808 CULTURE-TOURISM
0809 CULTURE-TOURISM/SPORT
09 CIVIL-AFFAIRS
0902 VETERANS
0903 VETERANS
0905 EMERGENCY
10 PUBLIC-SECURITY
1001 JUSTICE/POLITICAL-LEGAL
1003 JUSTICE
1007 JUSTICE
1008 JUSTICE
1009 JUSTICE
1010 JUSTICE
11 DEVELOPMENT
1102 FINANCIAL
1103 FINANCIAL/FINANCE-WATCH
1104 STATE-ASSETS
1105 STATE-ASSETS
1106 MARKET
1107 MARKET
1108 EMERGENCY
1109 POWER
12 COMMERCE
1202 CULTURE-TOURISM
13 SCIENCE
1302 DATA
1303 MARKET
1304 TELECOM/TELECOM-ADMIN
1305 POST/POSTAL-ADMIN
14 LABOUR/ORGANIZATION
1402 LABOUR
1403 LABOUR/ORGANIZATION
1405 VETERANS
16 GOV/ORGANIZATION
1602 CULTURE-TOURISM/PUBLICITY
1604 CIVIL-AFFAIRS/UNITED-FRONT
1605 CIVIL-AFFAIRS/TRADE-UNION
1606 GOV/UNITED-FRONT
1608 PETITION
1609 PETITION
99 PETITION
"""

# Which of a delegated committee's offices does another line's work; lines not named here stay with the district.
_DELEGATED = {
    "HOUSING": "HOUSING",
    "PLANNING": "PLANNING",
    "ENFORCEMENT": "ENFORCEMENT",
    "ENVIRONMENT": "ENVIRONMENT",
    "MARKET": "MARKET",
    "PUBLIC-SECURITY": "PUBLIC-SECURITY",
    "TRAFFIC-POLICE": "PUBLIC-SECURITY",
    "DEVELOPMENT": "DEVELOPMENT",
    "COMMERCE": "DEVELOPMENT",
    "SCIENCE": "DEVELOPMENT",
    "CIVIL-AFFAIRS": "CIVIL-AFFAIRS",
    "LABOUR": "CIVIL-AFFAIRS",
    "EDUCATION": "CIVIL-AFFAIRS",
    "PETITION": "PETITION",
    "GOV": "GOV",
}


def _lines() -> list[tuple[str, str, str]]:
    """(class, line of duty in districts, line of duty at the city)."""
    pairs = (line.split() for line in _DUTIES.strip().splitlines())
    return [(code, *(duty.split("/") * 2)[:2]) for code, duty in pairs]  # type: ignore[misc]


def build_catalogue() -> list[Row]:
    """(class code, area code, unit code) for the city, the ten districts and the delegated functional areas.

    Raises KeyError when a line of duty has no unit there, so that a renamed unit cannot leave a hole.
    """
    areas = build_areas()
    districts = [area.code for area in areas if area.kind == "district"]
    delegated = [area.code for area in areas if area.is_delegated]
    rows: list[Row] = []
    for code, duty, city_duty in _lines():
        rows.append((code, CITY_CODE, f"NB-{city_duty}"))
        rows.extend((code, district, f"{district}-{duty}") for district in districts)
        if duty in _DELEGATED:
            rows.extend((code, area, f"{area}-{_DELEGATED[duty]}") for area in delegated)
    for _code, _area, unit in rows:
        units_by_code()[unit]
    return rows
