import pytest
from django.db import DatabaseError, connection, transaction

from petitions import actions, events
from petitions.models import Event, EventHead, EventText
from tests.city import City, make_petition, replied


def alter(sql: str, *params: object) -> None:
    """Change a row behind the trigger's back, as an administrator with the password could."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, params)
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.mark.parametrize("sql", ["UPDATE petitions_event SET kind = 'x'", "DELETE FROM petitions_event"])
def test_the_database_refuses_to_change_an_event(city: City, sql: str) -> None:
    make_petition(city)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_the_database_refuses_to_truncate_the_history(city: City) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE petitions_event ENABLE TRIGGER event_no_truncate")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute("TRUNCATE petitions_event CASCADE")
        cursor.execute("ALTER TABLE petitions_event DISABLE TRIGGER event_no_truncate")


def test_an_untouched_chain_verifies(city: City) -> None:
    petition = replied(city)
    assert events.verify(petition.pk) is None
    assert not [b for _n, broken in events.verify_all() for b in broken]


ALTERATIONS = {
    "kind": "UPDATE petitions_event SET kind = 'close' WHERE petition_id = %s AND seq = 2",
    "data": """UPDATE petitions_event SET data = '{"x": 1}' WHERE petition_id = %s AND seq = 2""",
    "at": "UPDATE petitions_event SET at = at + interval '1 minute' WHERE petition_id = %s AND seq = 2",
    "actor": "UPDATE petitions_event SET actor_id = NULL WHERE petition_id = %s AND seq = 2",
    "label": "UPDATE petitions_event SET actor_label = '别人' WHERE petition_id = %s AND seq = 2",
    "unit": "UPDATE petitions_event SET unit_id = NULL WHERE petition_id = %s AND seq = 2",
    "digest": "UPDATE petitions_event SET text_digest = 'ab' WHERE petition_id = %s AND seq = 2",
    "body": "UPDATE petitions_event SET body = set_byte(body, 5, 120) WHERE petition_id = %s AND seq = 2",
    "hash": "UPDATE petitions_event SET hash = set_byte(hash, 0, 1) WHERE petition_id = %s AND seq = 2",
}


@pytest.mark.parametrize("column", sorted(ALTERATIONS))
def test_one_changed_byte_in_any_column_is_found_and_named(city: City, column: str) -> None:
    petition = make_petition(city)
    actions.add_note(petition.pk, kind="note", text="说明", actor=city.people["officer"], at=city.at)
    actions.add_note(petition.pk, kind="note", text="再说明", actor=city.people["officer"], at=city.at)
    alter(ALTERATIONS[column], petition.pk)
    found = events.verify(petition.pk)
    assert found is not None and found.seq == 2


def test_a_removed_last_event_is_found(city: City) -> None:
    petition = make_petition(city)
    event = actions.add_note(petition.pk, kind="note", text="说明", actor=city.people["officer"], at=city.at)
    EventText.objects.filter(event=event).delete()
    alter("DELETE FROM petitions_event WHERE id = %s", event.pk)
    found = events.verify(petition.pk)
    assert found is not None and found.seq == 2


def test_changed_words_are_found(city: City) -> None:
    petition = make_petition(city)
    event = actions.add_note(petition.pk, kind="note", text="说明", actor=city.people["officer"], at=city.at)
    EventText.objects.filter(event=event).update(text="改过的说明")
    found = events.verify(petition.pk)
    assert found is not None and found.event_id == event.pk


def test_an_event_outside_a_transaction_is_refused() -> None:
    from accounts.actors import Actor
    from tests.city import MONDAY

    with pytest.raises((RuntimeError, Exception), match=r"transaction|not allowed"):
        events.record(1, "note", actor=Actor.system(), at=MONDAY)


def test_the_set_based_form_writes_the_same_chain(city: City) -> None:
    from accounts.actors import Actor

    first, second = make_petition(city), make_petition(city)
    events.record_many(
        [(first.pk, {"n": 1}), (second.pk, {"n": 2})], kind="deadline", actor=Actor.system("clock"), at=city.at
    )
    assert events.verify(first.pk) is None and events.verify(second.pk) is None
    assert EventHead.objects.get(pk=second.pk).seq == 2
    assert Event.objects.get(petition=second, seq=2).data == {"n": 2}
