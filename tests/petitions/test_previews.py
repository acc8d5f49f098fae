"""Previews: bounded pictures of first pages, made apart from everything else."""

import io

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from petitions import attachments, page_images, previews
from petitions.models import Attachment
from tests.city import City, make_order
from tests.files import pdf, picture


def keep(city: City, name: str, content: bytes) -> Attachment:
    order = make_order(city)
    upload = SimpleUploadedFile(name, content)
    return attachments.store(order.petition_id, upload=upload, actor=city.officer, at=city.at)


def test_a_picture_gets_a_thumbnail_and_a_page(city: City) -> None:
    row = keep(city, "现场.png", picture("PNG", (3000, 1000)))
    assert previews.make_waiting(at=city.at) == 1
    row.refresh_from_db()
    assert (row.preview, row.pages) == ("ready", 1)
    sizes = {page.page: (page.width, page.height) for page in row.preview_pages.all()}
    assert sizes == {0: (240, 80), 1: (1600, 533)}
    for page in row.preview_pages.all():
        image = Image.open(io.BytesIO(default_storage.open(page.file.name).read()))
        assert (image.format, image.size) == ("WEBP", (page.width, page.height))


def test_a_long_document_is_kept_whole_and_shown_in_part(city: City) -> None:
    row = keep(city, "一万页.pdf", pdf(10_000))
    previews.make_waiting(at=city.at)
    row.refresh_from_db()
    assert (row.preview, row.pages) == ("ready", 10_000)
    assert row.preview_pages.count() == page_images.PAGES + 1


@pytest.mark.parametrize(
    ("name", "content"), [("坏.pdf", b"%PDF-1.7\n1 0 obj\n"), ("记录.txt", b"words"), ("空.pdf", pdf(0))]
)
def test_what_cannot_be_drawn_is_kept_without_a_preview(city: City, name: str, content: bytes) -> None:
    row = keep(city, name, content)
    previews.make_waiting(at=city.at)
    row.refresh_from_db()
    assert (row.preview, row.preview_pages.count()) == ("none", 0)
    assert default_storage.exists(row.file.name)


def test_a_file_that_exhausts_its_time_has_no_preview(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "SECONDS", 0.001)
    row = keep(city, "慢.pdf", pdf())
    previews.make_waiting(at=city.at)
    row.refresh_from_db()
    assert row.preview == "none"
    # It is not tried over and over.
    assert previews.make_waiting(at=city.at) == 0
