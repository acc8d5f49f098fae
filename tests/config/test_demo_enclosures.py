"""The demo city's files and archive, played on the small city."""

from datetime import timedelta
from types import SimpleNamespace

from config.demo_city.enclosures import live_with_files
from petitions.models import ArchiveRecord, Attachment, LegalHold
from tests.city import City, make_order
from tests.dispatch.test_retention import ended


def test_open_cases_have_pictures_and_ended_ones_are_archived(city: City) -> None:
    make_order(city)
    ended(city)
    live_with_files(SimpleNamespace(until=city.at + timedelta(days=3)))  # type: ignore[arg-type]
    assert set(Attachment.objects.values_list("content_type", flat=True)) == {"image/jpeg", "application/pdf"}
    assert ArchiveRecord.objects.count() == LegalHold.objects.count() == 1
