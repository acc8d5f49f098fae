"""The city's reference data: areas, the 1,345 units, their people, the demo cast, and how they are loaded."""

import re
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password

from accounts import actions
from accounts.demo import cast
from accounts.models import AccessLog, Area, ReferenceLoad, Unit, User
from accounts.reference.areas import build_areas, town_type
from accounts.reference.staff import staff_specs
from accounts.reference.units import build_units, units_by_code
from accounts.roles import Role

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LATER = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)


def load_everything(at=AT):
    return [load(at=at) for load in (actions.load_areas, actions.load_units, actions.load_staff)]


def test_it_has_the_city_ten_districts_six_functional_areas_and_156_towns():
    areas = build_areas()
    assert Counter(a.kind for a in areas) == {"city": 1, "district": 10, "functional": 6, "town": 156}
    assert Counter(town_type(a.name) for a in areas if a.kind == "town") == {"街道": 73, "镇": 73, "乡": 10}
    assert len({a.code for a in areas}) == len(areas)


def test_it_names_every_area_in_both_languages():
    assert all(a.name and a.name_en.isascii() for a in build_areas())
    assert next(a for a in build_areas() if a.code == "330203001").name_en == "Nanmen Subdistrict"


def test_it_counts_the_districts_to_the_city():
    areas = build_areas()
    city = next(a for a in areas if a.kind == "city")
    assert sum(a.population or 0 for a in areas if a.kind == "district") == city.population == 9_777_000


def test_it_builds_exactly_1345_units_and_always_the_same():
    units = build_units()
    assert len(units) == 1345
    build = build_units.__globals__["_built"]
    build.cache_clear()
    assert build_units() == units


def test_it_builds_one_tree_without_orphans():
    units = build_units()
    seen = {}
    for unit in units:
        assert unit.parent in seen or unit.code == "NB"
        parent_path = seen[unit.parent] if unit.parent else ""
        assert unit.path == f"{parent_path}{unit.code}/"
        seen[unit.code] = unit.path
    assert [u.code for u in units if not u.parent] == ["NB"]


@pytest.mark.parametrize("field", ["code", "name", "short_name", "path", "email", "phone"])
def test_it_gives_every_unit_its_own(field):
    values = [getattr(unit, field) for unit in build_units()]
    assert len(set(values)) == len(values)


def test_it_stays_within_the_columns():
    for unit in build_units():
        for field in ("code", "name", "short_name", "kind", "duty", "path"):
            assert len(getattr(unit, field)) <= Unit._meta.get_field(field).max_length, unit
        assert unit.kind in Unit.Kind.values
        assert re.fullmatch(r"0574-8\d{7}", unit.phone)
        assert unit.email.endswith("@ningbo.example")


def test_it_places_every_unit_in_a_known_area():
    assert {u.area for u in build_units()} == {a.code for a in build_areas()}


def test_it_gives_each_district_an_office_a_conference_and_a_centre():
    kinds = Counter((u.area, u.kind) for u in build_units())
    for area in (a.code for a in build_areas() if a.kind == "district"):
        assert [kinds[area, k] for k in ("petition_office", "conference", "mediation", "judiciary")] == [1, 1, 1, 2]
        assert kinds[area, "bureau"] == 29


def test_it_has_31_city_bureaus_the_petition_office_among_them():
    city = [u for u in build_units() if u.area == "330200"]
    assert sum(u.kind in {"bureau", "petition_office"} and bool(u.duty) for u in city) == 31


def test_it_gives_no_orders_to_courts_or_to_the_discipline_organ():
    units = units_by_code()
    assert not any(u.takes_orders for u in units.values() if u.kind == "judiciary")
    assert not units["NB-DISCIPLINE"].takes_orders


def test_it_staffs_every_handling_unit_with_a_leader_and_a_handler():
    roles = Counter((s.unit_code, s.role) for s in staff_specs(build_units()))
    for unit in build_units():
        expected = 1 if unit.takes_orders else 0
        assert roles[unit.code, "unit_admin"] == roles[unit.code, "unit_handler"] == expected, unit.code


def test_it_gives_every_district_office_two_officers():
    roles = Counter((s.unit_code, s.role) for s in staff_specs(build_units()))
    offices = [u for u in build_units() if u.kind == "petition_office"]
    assert all(roles[u.code, "city_officer" if u.code == "NB-PETITION" else "district_officer"] == 2 for u in offices)


def test_it_names_staff_uniquely_and_stably():
    specs = staff_specs(build_units())
    assert len({s.username for s in specs}) == len(specs)
    assert "u330203housing.lead" in {s.username for s in specs}
    assert all(2 <= len(s.name) <= 3 and s.role in Role.values for s in specs)


def test_it_casts_one_person_for_every_role():
    assert {m.role for m in cast()} == set(Role.values)
    assert all(m.unit_label and m.role_label for m in cast())
    for member in cast():
        validate_password(member.password, User(username=member.username, name=member.name, email=member.email))


@pytest.mark.django_db
def test_it_loads_once_and_then_leaves_everything_alone():
    assert load_everything() == [173, 1345, len(staff_specs(build_units()))]
    assert load_everything(LATER) == [None, None, None]
    assert set(ReferenceLoad.objects.values_list("at", flat=True)) == {AT}
    assert Area.objects.get(code="330203").district.code == "330203"
    assert Area.objects.get(code="NBGX").is_delegated


@pytest.mark.django_db
def test_it_keeps_what_an_operator_edited_and_adds_only_what_is_missing():
    load_everything()
    Unit.objects.filter(code="330203-HOUSING").update(short_name="海曙住建", is_active=False)
    User.objects.filter(username="u330203housing.lead").update(name="改过的名字")
    User.objects.filter(unit__code="330203001-SVC").delete()
    Unit.objects.filter(code="330203001-SVC").delete()
    ReferenceLoad.objects.update(digest="of an earlier release")

    assert load_everything(LATER) == [0, 1, 2]
    housing = Unit.objects.get(code="330203-HOUSING")
    assert (housing.short_name, housing.is_active) == ("海曙住建", False)
    assert User.objects.get(username="u330203housing.lead").name == "改过的名字"


@pytest.mark.django_db
def test_it_places_a_missing_unit_where_an_operator_moved_its_parent():
    load_everything()
    User.objects.filter(unit__code="330203001-SVC").delete()
    Unit.objects.filter(code="330203001-SVC").delete()
    Unit.objects.filter(code="330203001").update(path="NB/330205-GOV/330203001/")
    ReferenceLoad.objects.filter(name="units").delete()

    actions.load_units(at=LATER)
    assert Unit.objects.get(code="330203001-SVC").path == "NB/330205-GOV/330203001/330203001-SVC/"


@pytest.mark.django_db
def test_it_lets_the_cast_sign_in_but_not_the_generated_staff(rf):
    load_everything()
    assert actions.create_cast(at=AT) == len(cast())
    assert actions.create_cast(at=LATER) == 0
    member = cast()[0]
    user = authenticate(rf.post("/"), username=member.username, password=member.password)
    assert (user.name, user.unit.code) == (member.name, member.unit_code)
    assert not User.objects.get(username="u330203housing.lead").has_usable_password()


@pytest.mark.django_db
def test_it_records_who_saw_what(django_user_model):
    user = django_user_model.objects.create(username="seer", name="看过的人", role=Role.CITY_OFFICER)
    entry = actions.log_access(user=user, action="reveal", target="petition:1", reason="回访" * 200, at=AT)
    assert AccessLog.objects.get() == entry
    assert len(entry.reason) == 200
    with pytest.raises(ValueError, match="peek"):
        actions.log_access(user=user, action="peek", target="petition:1", at=AT)
