"""Pictures lose their place and stand upright; only on purpose is the place kept."""

import io
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from petitions import attachments, pictures
from petitions.states import Refused
from tests.city import City, make_petition
from tests.files import animation, photo, picture

KINDS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "heic": "HEIF"}


@pytest.mark.parametrize("extension", KINDS)
def test_place_hour_and_device_go_and_the_picture_stands_upright(extension: str) -> None:
    sent = photo(KINDS[extension])
    assert pictures.has_place(sent)
    kept = pictures.clean("a", extension, sent)
    assert not pictures.has_place(kept)
    assert b"SECRETCAM" not in kept
    image = Image.open(io.BytesIO(kept))
    assert image.size == (40, 60)
    assert not dict(image.getexif())
    # Turned by a quarter to the right, the corner that was at the upper left is at the upper right.
    red, _green, blue = image.convert("RGB").getpixel((36, 3))  # type: ignore[misc]
    assert blue > red


@pytest.mark.parametrize("extension", KINDS)
def test_the_place_is_kept_on_purpose_and_nothing_else(extension: str) -> None:
    kept = pictures.clean("a", extension, photo(KINDS[extension]), keep_place=True)
    assert pictures.has_place(kept)
    assert b"SECRETCAM" not in kept
    assert Image.open(io.BytesIO(kept)).size == (40, 60)


def test_an_animation_stays_one_and_loses_its_comment() -> None:
    kept = pictures.clean("a", "gif", animation(3))
    assert Image.open(io.BytesIO(kept)).n_frames == 3  # type: ignore[attr-defined]
    assert b"SECRETCAM" not in kept


def test_what_follows_the_picture_is_cut_off() -> None:
    kept = pictures.clean("a", "jpg", picture("JPEG") + b"PK\x03\x04<script>alert(1)</script>")
    assert b"script" not in kept


def test_an_upright_jpeg_loses_nothing_of_the_picture() -> None:
    sent = picture("JPEG", (64, 64), quality=71)
    kept = pictures.clean("a", "jpg", sent)
    before, after = (Image.open(io.BytesIO(content)).quantization for content in (sent, kept))  # type: ignore[attr-defined]
    assert before == after


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_drawn(settings: Any) -> None:
    settings.ATTACHMENT_MAX_PIXELS = 1_000_000
    with pytest.raises(Refused, match="1") as refusal:
        pictures.clean("大图.png", "png", picture("PNG", (1001, 1000)))
    assert refusal.value.code == "file_pixels"


def test_the_record_says_that_the_place_was_kept(city: City) -> None:
    petition = make_petition(city)
    for name, keep in (("一.jpg", False), ("二.jpg", True)):
        upload = SimpleUploadedFile(name, photo())
        row = attachments.store(petition.pk, upload=upload, actor=city.officer, at=city.at, keep_place=keep)
        assert row.keeps_place is keep
        assert pictures.has_place(default_storage.open(row.file.name).read()) is keep
        assert row.event.data.get("keeps_place", False) is keep
