"""When a petition's time is over, no word of it is left on the rows of the backlog, nor in its kept weeks."""

import pytest
from django.core.cache import cache
from django.utils import timezone

from backlog.actions import boards
from backlog.models import BacklogCase, Snapshot
from petitions.retention import copies
from tests.access.test_backlog_hidden import CANARY, TEXT, case  # noqa: F401
from tests.city import City
from tests.dispatch.test_retention import found_in_tables

pytestmark = pytest.mark.django_db


def test_no_word_of_a_matter_is_left_in_the_room(
    city: City,
    case: BacklogCase,  # noqa: F811
) -> None:
    boards.take_snapshots(at=timezone.now())
    rooms = {"backlog"}
    before = found_in_tables(CANARY, TEXT)
    assert {table for table in before if table.split("_")[0] in rooms}, before.keys()
    ids = [case.petition_id]
    for copy in copies():
        if copy.name == "rows_backlog":
            assert copy.find(ids) > 0
            copy.anonymise(ids, timezone.now())
            assert copy.find(ids) == 0
    after = found_in_tables(CANARY, TEXT)
    assert {table for table in after if table.split("_")[0] in rooms} == set()
    assert not [row.pk for row in Snapshot.objects.all() if CANARY in str(row.data)]
    cache.clear()
