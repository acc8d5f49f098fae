"""The dispatch catalogue: no hole, no unit that takes no orders, and no row for accusations."""

import io
from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from accounts.models import ReferenceLoad, Unit, User
from accounts.reference.areas import build_areas
from accounts.reference.units import units_by_code
from dispatch.models import CatalogueEntry
from dispatch.reference.catalogue import build_catalogue
from dispatch.reference.load import load_catalogue
from gateway.models import ApiClient
from petitions.reference.classes import build_classes

LATER = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
HEADS = {c.code for c in build_classes() if c.level == 1}
DISTRICTS = {a.code for a in build_areas() if a.kind == "district"}


def test_it_covers_every_head_but_discipline_in_every_district_and_the_city():
    rows = {(code, area) for code, area, _unit in build_catalogue()}
    for area in DISTRICTS | {"330200"}:
        assert {code for code, place in rows if place == area and len(code) == 2} == HEADS - {"15"}


def test_it_sends_accusations_nowhere():
    assert not [row for row in build_catalogue() if row[0].startswith("15")]


def test_it_names_each_class_and_area_once():
    rows = build_catalogue()
    assert len({(code, area) for code, area, _unit in rows}) == len(rows)
    assert {code for code, _area, _unit in rows} <= {c.code for c in build_classes()}


def test_it_names_only_units_that_take_orders_in_that_area():
    for _code, area, unit in build_catalogue():
        assert units_by_code()[unit].takes_orders, unit
        assert units_by_code()[unit].area == area


@pytest.mark.parametrize(
    ("code", "area", "unit"),
    [
        ("0402", "330281", None),
        ("04", "330281", "330281-LABOUR"),
        ("0302", "330203", "330203-PLANNING"),
        ("0705", "330212", "330212-MARKET"),
        ("0601", "330225", "330225-TRAFFIC-POLICE"),
        ("0309", "330203", "330203-ENFORCEMENT"),
        ("05", "330200", "NB-ENVIRONMENT"),
        ("05", "NBGX", "NBGX-ENVIRONMENT"),
        ("05", "NBDX", None),
        ("0809", "330200", "NB-SPORT"),
    ],
)
def test_it_names_the_unit_in_charge(code, area, unit):
    found = {(c, a): u for c, a, u in build_catalogue()}
    assert found.get((code, area)) == unit


@pytest.mark.django_db
def test_it_loads_an_empty_office_in_one_command_and_runs_again_without_a_change(settings):
    settings.DEMO = True
    out = io.StringIO()
    call_command("load_reference", stdout=out)
    assert CatalogueEntry.objects.count() == len(build_catalogue())
    assert "1345 created" in out.getvalue()
    assert User.objects.filter(username="shenyiming").exists()
    assert ApiClient.objects.get().keys.get().prefix == "sandbox"

    out = io.StringIO()
    call_command("load_reference", stdout=out)
    assert {line.split()[-1] for line in out.getvalue().splitlines()} == {"unchanged"}


@pytest.mark.django_db
def test_it_creates_no_demo_cast_outside_the_demo(settings):
    settings.DEMO = False
    call_command("load_reference", verbosity=0)
    assert not User.objects.filter(username="shenyiming").exists()
    assert not ApiClient.objects.exists()


@pytest.mark.django_db
def test_it_keeps_the_unit_an_operator_chose(settings):
    settings.DEMO = False
    call_command("load_reference", verbosity=0)
    entry = CatalogueEntry.objects.get(content_class__code="05", area__code="330206")
    entry.unit = Unit.objects.get(code="330206-ENFORCEMENT")
    entry.save()
    CatalogueEntry.objects.filter(content_class__code="06", area__code="330206").delete()
    ReferenceLoad.objects.filter(name="catalogue").update(digest="of an earlier release")

    assert load_catalogue(at=LATER) == 1
    entry.refresh_from_db()
    assert entry.unit.code == "330206-ENFORCEMENT"
