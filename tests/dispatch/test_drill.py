"""The escalation drill proves the ladder the sweep climbs."""

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from accounts.models import Unit, User
from dispatch import drill
from dispatch.actions import outbox, sweep
from dispatch.actions.channels import ChannelData, save_channel
from dispatch.actions.drills import run_drill, send_test
from dispatch.models import Drill, Notice
from petitions.states import Refused
from tests.city import City, make_order
from tests.dispatch.test_views_case import enter


def holes(user: User) -> set[tuple[str, str, str]]:
    found = drill.look_through(drill.units_for(user))
    names = {unit.pk: unit.code for unit in found.units}
    return {(names[seat.unit_id], seat.word, seat.desk) for seat in found.holes}


@pytest.fixture
def manned(city: City) -> City:
    """Every unit of the fixture that takes orders has its leader and handler."""
    staffed = {"330203-HOUSING", "330203-ENFORCEMENT", "330225-TRANSPORT"}
    Unit.objects.exclude(code__in=staffed).update(takes_orders=False)
    return city


def test_a_fully_manned_city_has_no_hole_and_every_rung_is_counted(manned: City) -> None:
    found = drill.look_through(drill.units_for(manned.officer))
    assert found.holes == []
    assert len(found.units) == Unit.objects.count()
    assert found.rungs == 3 * len(drill.ladder())
    classes = {rung.urgency for rung in drill.ladder()}
    assert classes == {"normal", "difficult", "urgent", "extra_urgent"}


def test_a_missing_leader_is_a_hole_with_the_one_who_would_really_hear(manned: City) -> None:
    User.objects.filter(username="leader").update(is_active=False)
    empty = holes(manned.officer)
    # The leader is asked for by name of the post and as head of the organ.
    assert empty == {("330203-HOUSING", word, "district") for word in ("unit_leader", "owner")}


def test_what_the_drill_says_is_what_the_sweep_does(manned: City) -> None:
    User.objects.filter(username__in=["leader", "district_officer"]).update(is_active=False)
    order = make_order(manned)
    [fallen] = {desk for code, word, desk in holes(manned.officer) if (code, word) == ("330203-HOUSING", "unit_leader")}
    assert fallen == "city"
    sweep.sweep(at=order.clocks.get(policy__key="O_sign").due_at + timedelta(seconds=1))
    told = Notice.objects.filter(kind="deadline", channel="inapp", params__in_place_of="unit_leader")
    assert {n.recipient.role for n in told} == {"city_officer"}


def test_who_has_neither_mail_nor_a_working_channel_is_reached_by_the_inbox_only(manned: City) -> None:
    User.objects.filter(username="leader").update(email="")
    found = drill.look_through(drill.units_for(manned.officer))
    assert {(seat.word, seat.people) for seat in found.weak} == {("unit_leader", 1), ("owner", 1)}
    data = ChannelData(name="群", url="dingtalk://tokentokentoken")
    channel = save_channel(manned.leader, manned.units["housing"], data, at=manned.at)
    assert drill.look_through(drill.units_for(manned.officer)).weak == []
    channel.last_error_at = manned.at
    channel.save()
    assert len(drill.look_through(drill.units_for(manned.officer)).weak) == 2


def test_an_address_that_mails_never_reach_is_no_channel(manned: City) -> None:
    for n in range(3):
        Notice.objects.create(
            recipient=manned.leader,
            channel="email",
            kind="x",
            dedupe_key=f"{n}",
            created_at=manned.at,
            deliver_after=manned.at,
            attempts=3,
            last_error="550",
        )
    weak = drill.look_through(drill.units_for(manned.officer)).weak
    assert {seat.word for seat in weak} == {"unit_leader", "owner"}


@pytest.mark.parametrize("extra", [0, 300])
def test_the_whole_city_is_looked_through_in_a_few_statements(
    manned: City, django_assert_num_queries: Any, extra: int
) -> None:
    top = manned.units["district"]
    Unit.objects.bulk_create(
        Unit(code=f"X{n}", name=f"X{n}", short_name="X", kind="bureau", area=top.area, path=f"{top.path}X{n}/")
        for n in range(extra)
    )
    units = drill.units_for(manned.officer)
    drill.ladder()
    with django_assert_num_queries(1):
        found = drill.look_through(units)
    assert len(found.holes) == 3 * extra


def test_a_district_sees_and_stores_its_own_only(manned: City) -> None:
    User.objects.filter(username__in=["leader", "outside_leader"]).update(is_active=False)
    assert {code for code, _word, _desk in holes(manned.district_officer)} == {"330203-HOUSING"}
    page = enter(manned.district_officer).get("/drill/").content.decode()
    assert "海曙区住建局" in page and "象山县交通局" not in page
    stored = run_drill(manned.district_officer, at=manned.at)
    assert (stored.holes, stored.district) == (2, manned.areas["330203"])
    assert enter(manned.far_officer).get(f"/drill/runs/{stored.pk}/").status_code == 404
    far = manned.units["transport"].pk
    assert enter(manned.district_officer).get(f"/drill/units/{far}/").status_code == 404
    assert enter(manned.district_officer).post(f"/drill/units/{far}/send/").status_code == 404


@pytest.mark.parametrize("name", ["handler", "leader", "agent", "outsider"])
def test_the_drill_is_not_everybodys(manned: City, name: str) -> None:
    assert enter(manned.people[name]).get("/drill/").status_code == 403
    with pytest.raises(Refused):
        run_drill(manned.people[name], at=manned.at)


def test_an_inspector_reads_and_stores_but_sends_nothing(manned: City) -> None:
    unit = manned.units["housing"]
    client = enter(manned.inspector)
    assert client.get(f"/drill/units/{unit.pk}/").status_code == 200
    assert client.post("/drill/run/").status_code == 302
    assert client.post(f"/drill/units/{unit.pk}/send/").status_code == 404
    with pytest.raises(Refused):
        send_test(unit, manned.inspector, at=manned.at)
    assert Drill.objects.count() == 1


def test_a_stored_drill_is_downloaded_as_csv_and_excel(manned: City) -> None:
    User.objects.filter(username="leader").update(is_active=False)
    client = enter(manned.officer)
    client.post("/drill/run/")
    stored = Drill.objects.get()
    assert (stored.by, stored.holes) == (manned.officer, 2)
    text = client.get(f"/drill/runs/{stored.pk}.csv").content.decode("utf-8-sig")
    assert "海曙区住建局" in text
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/drill/runs/{stored.pk}.xlsx").content))
    assert [cell.value for cell in book.active[5]][2] == "海曙区住建局"
    assert client.get(f"/drill/runs/{stored.pk}.pdf").status_code == 404


def test_a_test_message_goes_along_the_real_ladder_and_shows_how_far_it_got(manned: City) -> None:
    unit = manned.units["housing"]
    client = enter(manned.officer)
    question = client.get(f"/drill/units/{unit.pk}/send/").content.decode()
    assert "徐文博" in question
    answer = client.post(f"/drill/units/{unit.pk}/send/")
    sent = Notice.objects.filter(kind="drill")
    assert {n.recipient.username for n in sent} == {"leader", "handler", "colleague", "district_officer", "officer"}
    assert not Notice.objects.filter(kind="deadline").exists()
    outbox.deliver(at=sent.latest("id").created_at)
    assert not Notice.objects.filter(kind="drill", delivered_at=None).exists()
    page = client.get(answer.url).content.decode()
    assert "徐文博" in page
    # Who got the message may follow its link; who did not may not.
    assert enter(manned.handler).get(answer.url).status_code == 200
    assert enter(manned.outsider).get(answer.url).status_code == 404


def test_the_ladder_of_a_unit_names_who_hears(manned: City) -> None:
    User.objects.filter(username="leader").update(is_active=False)
    page = enter(manned.officer).get(f"/drill/units/{manned.units['housing'].pk}/").content.decode()
    assert "王若兰" in page and "徐文博" not in page
    assert "陈洛平" in page
