"""The commands an operator types: sweep, verify, rebuild."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.actors import Actor
from dispatch.management.commands.sweep_clocks import parse_moment
from dispatch.models import Firing
from petitions.models import Event, Petition
from petitions.search import search
from tests.city import City, make_order, make_petition


def run(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out, stderr=StringIO())
    return out.getvalue()


def tamper(sql: str, *params: object) -> None:
    """What a database administrator could do: switch the guard off and write."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE petitions_event DISABLE TRIGGER event_append_only")
        cursor.execute(sql, params)
        cursor.execute("ALTER TABLE petitions_event ENABLE TRIGGER event_append_only")


def test_an_untouched_history_is_intact(city: City) -> None:
    petition = make_order(city).petition
    make_petition(city)
    assert "2 petitions, 3 events, intact" in run("verify_chain")
    for name in (str(petition.pk), petition.short_number, petition.number):
        assert f"{petition.short_number}: 2 events, intact" in run("verify_chain", "--petition", name)


@pytest.mark.parametrize(
    "change",
    [
        'UPDATE petitions_event SET data = \'{"number": "x"}\' WHERE id = %s',
        "UPDATE petitions_event SET actor_label = '别人' WHERE id = %s",
        "UPDATE petitions_event SET at = at - interval '1 day' WHERE id = %s",
        "UPDATE petitions_event SET body = 'x' WHERE id = %s",
        "DELETE FROM petitions_event WHERE id = %s",
    ],
)
def test_an_altered_event_is_named_and_the_exit_code_is_one(city: City, change: str) -> None:
    petition = make_order(city).petition
    event = Event.objects.filter(petition=petition, seq=1).get()
    tamper(change, event.pk)
    with pytest.raises(CommandError) as found:
        run("verify_chain")
    assert found.value.returncode == 1
    assert f"petition {petition.short_number}" in str(found.value)
    with pytest.raises(CommandError, match="ALTERED"):
        run("verify_chain", "--petition", petition.short_number)


def test_altered_words_are_found_by_their_digest(city: City) -> None:
    petition = make_order(city, instruction="请速办").petition
    tamper("UPDATE petitions_eventtext SET text = '不办' WHERE event_id IN (SELECT id FROM petitions_event)")
    with pytest.raises(CommandError, match="the words do not fit"):
        run("verify_chain", "--petition", str(petition.pk))


@pytest.mark.parametrize("name", ["nonsense", "99-999999", "999999999"])
def test_an_unknown_petition_is_said_so(city: City, name: str) -> None:
    with pytest.raises(CommandError):
        run("verify_chain", "--petition", name)


def test_a_sweep_as_of_a_moment_fires_once(city: City) -> None:
    make_order(city, at=city.at)
    later = (city.at + timedelta(days=30)).isoformat()
    first = run("sweep_clocks", "--at", later)
    assert "fired 0" not in first
    assert "set aside 0" in first
    count = Firing.objects.count()
    assert count > 0
    assert "fired 0, announced 0" in run("sweep_clocks", "--at", later)
    assert Firing.objects.count() == count


def test_a_time_without_an_offset_is_shanghais() -> None:
    assert parse_moment("2026-11-23T17:00").utcoffset() == timedelta(hours=8)
    assert parse_moment("2026-11-23T17:00+08:00") == parse_moment("2026-11-23T09:00Z")
    with pytest.raises(CommandError):
        parse_moment("tomorrow")


def test_the_search_index_is_built_anew(city: City) -> None:
    petition = make_petition(city, summary="反映河道污染气味难闻")
    assert "1 petitions indexed" in run("rebuild_search")
    assert list(search(Petition.objects.all(), "河道污染", Actor.system())) == [petition]
