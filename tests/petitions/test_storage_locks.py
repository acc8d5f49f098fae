"""The storage may be slow (S3): nobody's case stays locked while a file is on its way (architecture: locks)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from petitions import actions, attachments, copies
from petitions.actions import reviews, splitting
from petitions.models import Attachment, Petition, SavedView
from petitions.permissions import citizen
from petitions.states import Refused
from tests.city import City, make_petition, replied

CALLS = ("exists", "save", "open", "listdir", "delete")


def paper(name: str = "说明.txt", words: str = "车库积水") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, words.encode())


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, bool]]]:
    """What the storage was asked, and whether a petition had been locked before."""
    seen: list[tuple[str, bool]] = []
    locked: list[str] = []

    def look(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        if "FOR UPDATE" in sql and '"petitions_petition"' in sql:
            locked.append(sql)
        return execute(sql, *args)

    def spy(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*args: Any, **kwargs: Any) -> Any:
            seen.append((name, bool(locked)))
            return real(*args, **kwargs)

        return asked

    with monkeypatch.context() as patch, connection.execute_wrapper(look):
        for name in CALLS:
            patch.setattr(default_storage, name, spy(name, getattr(default_storage, name)))
        yield seen
    assert locked, "nothing was locked: the trial shows nothing"


def test_files_come_before_the_lock(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    petition = make_petition(city)
    with watched(monkeypatch) as seen:
        attachments.store(petition.pk, upload=paper(), actor=city.officer, at=city.at)
    assert ("save", False) in seen and not [name for name, is_locked in seen if is_locked]
    with watched(monkeypatch) as seen:
        files = [paper("一.txt", "一"), paper("二.txt", "二")]
        attachments.store_all(petition.pk, files, actor=city.officer, at=city.at)
    assert ("save", False) in seen and not [name for name, is_locked in seen if is_locked]
    assert Attachment.objects.filter(petition=petition).count() == 3


def test_the_citizens_files_come_before_the_lock(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    running, answered = make_petition(city), replied(city)
    with watched(monkeypatch) as seen:
        actions.supplement(running.pk, uploads=[paper()], actor=citizen(running.pk), at=city.at)
    assert ("save", False) in seen and not [name for name, is_locked in seen if is_locked]
    at = city.at + timedelta(days=1)
    actions.deliver_opinion(answered.pk, way="by_hand", actor=city.officer, at=at)
    with watched(monkeypatch) as seen:
        reviews.request(answered.pk, request="不服处理意见", uploads=[paper()], actor=citizen(answered.pk), at=at)
    assert ("save", False) in seen and not [name for name, is_locked in seen if is_locked]
    assert Attachment.objects.count() == 2


def test_a_split_carries_its_files_before_the_lock_or_not_at_all(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    petition = make_petition(city)
    row = attachments.store(petition.pk, upload=paper(), actor=city.officer, at=city.at)
    part = splitting.Part("车库积水", "地下车库每逢下雨积水。", city.classes["0303"], files=[row.pk])
    with watched(monkeypatch) as seen:
        (child,) = splitting.split(petition.pk, parts=[part], reason="一信多事", actor=city.officer, at=city.at)
    assert ("save", False) in seen and not [name for name, is_locked in seen if is_locked]
    copy = Attachment.objects.get(petition=child)
    assert (copy.sha256, copy.file.name) == (row.sha256, f"attachments/{child.pk}/{row.sha256}")
    assert default_storage.exists(copy.file.name)
    before = set(default_storage.listdir("attachments")[0])
    with pytest.raises(Refused):
        splitting.split(petition.pk, parts=[part], reason="一信多事", actor=city.outsider, at=city.at)
    left = set(default_storage.listdir("attachments")[0]) - before
    assert not [name for folder in left for name in default_storage.listdir(f"attachments/{folder}")[1]]


def test_a_file_that_comes_while_the_words_are_removed_does_not_stay(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    petition = make_petition(city)
    (ready,) = attachments.lay_ready(petition.pk, [paper()], actor=city.officer)
    assert default_storage.exists(ready.path)
    monkeypatch.setattr(attachments, "_is_erased", lambda _petition: True)

    def refuse(_petition: Petition) -> None:
        raise Refused("gone", code="erased")

    monkeypatch.setattr(attachments, "refuse_erased", refuse)
    with pytest.raises(Refused):
        attachments.store_all(petition.pk, [ready], actor=city.officer, at=city.at)
    assert not default_storage.exists(ready.path)


def test_who_may_not_attach_lays_nothing(city: City) -> None:
    petition = make_petition(city)
    (ready,) = attachments.lay_ready(petition.pk, [paper()], actor=city.outsider)
    assert ready.path == ""
    with pytest.raises(Refused):
        attachments.store_all(petition.pk, [ready], actor=city.outsider, at=city.at)
    assert default_storage.exists(f"attachments/{petition.pk}/{ready.checked.sha256}") is False


def test_saved_views_are_looked_for_in_the_database(city: City, django_assert_num_queries: Any) -> None:
    petition = make_petition(city)
    name = petition.petitioners.get().name
    SavedView.objects.create(user=city.officer, name="此人", query=f"q={name}&state=closed")
    for number in range(5):
        SavedView.objects.create(user=city.leader, name=f"v{number}", query=f"state=closed&page={number}")
    with django_assert_num_queries(4):
        assert copies._saved_views([petition.pk], city.at) == 1


def test_what_lies_in_the_folder_of_a_case_is_listed_after_its_erasure(
    city: City, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    petition = make_petition(city)
    row = attachments.store(petition.pk, upload=paper(), actor=city.officer, at=city.at)
    stray = default_storage.save(f"attachments/{petition.pk}/stray", ContentFile(b"words"))
    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "listdir", lambda _folder: pytest.fail("listed while the case is locked"))
        with django_capture_on_commit_callbacks() as later, transaction.atomic():
            copies._files([petition.pk], city.at)
    for callback in later:
        callback()
    assert not default_storage.exists(stray) and not default_storage.exists(f"attachments/{petition.pk}/{row.sha256}")
