"""Held files and the viewer: who may, what the form says, what is logged."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import InMemoryStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import AccessLog
from petitions import attachments, previews
from petitions.models import Attachment, HeldFile
from petitions.states import Refused
from tests.city import City, make_order, make_petition
from tests.dispatch.test_views_case import enter
from tests.files import pdf, photo, picture


def send(client: Client, name: str, content: bytes, **more: str) -> Any:
    return client.post("/files/hold/", {"file": SimpleUploadedFile(name, content), **more})


def test_files_are_held_one_by_one_and_come_with_the_form_that_names_them(city: City) -> None:
    petition, client = make_petition(city), enter(city.officer)
    tokens = [send(client, f"{n}.png", picture("PNG", (40 + n, 30))).json()["token"] for n in range(3)]
    note = {"kind": "note", "text": "现场照片三张", "files_held": tokens}
    assert client.post(f"/petitions/{petition.pk}/note/", note).status_code == 302
    assert Attachment.objects.filter(petition=petition).count() == 3
    assert not HeldFile.objects.exists()


def test_a_refused_file_says_why_and_keeps_the_others(city: City) -> None:
    client = enter(city.officer)
    assert send(client, "好.png", picture()).status_code == 200
    answer = send(client, "坏.svg", b"<svg/>")
    assert answer.status_code == 422
    assert "坏.svg" in answer.json()["error"]
    assert HeldFile.objects.count() == 1


def test_a_refused_form_comes_back_with_what_it_holds(city: City) -> None:
    petition, client = make_petition(city), enter(city.officer)
    token = send(client, "现场.png", picture()).json()["token"]
    page = client.post(f"/petitions/{petition.pk}/note/", {"kind": "note", "text": "", "files_held": [token]})
    assert page.status_code == 422
    assert f'value="{token}" data-name="现场.png"' in page.content.decode()
    assert HeldFile.objects.count() == 1


def test_nobody_sends_what_another_holds(city: City) -> None:
    petition = make_petition(city)
    token = send(enter(city.dispatcher), "他人.txt", b"words").json()["token"]
    note = {"kind": "note", "text": "附件", "files_held": [token]}
    assert enter(city.officer).post(f"/petitions/{petition.pk}/note/", note).status_code == 422
    assert not Attachment.objects.exists()
    assert enter(city.officer).post("/files/drop/", {"token": token}).json() == {"dropped": False}
    assert enter(city.dispatcher).post("/files/drop/", {"token": token}).json() == {"dropped": True}


def test_a_form_left_open_for_days_says_that_its_file_is_gone(city: City) -> None:
    petition, client = make_petition(city), enter(city.officer)
    token = send(client, "旧.txt", b"words").json()["token"]
    row = HeldFile.objects.get()
    assert attachments.purge_held(at=row.at + attachments.HOLD + timedelta(minutes=1)) == 1
    note = {"kind": "note", "text": "附件", "files_held": [token]}
    assert client.post(f"/petitions/{petition.pk}/note/", note).status_code == 422
    assert not HeldFile.objects.exists()


def test_the_holding_area_has_an_end(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "HELD_FILES", 2)
    client = enter(city.officer)
    codes = [send(client, f"{n}.txt", b"words %d" % n).status_code for n in range(3)]
    assert codes == [200, 200, 422]


def test_the_place_of_a_picture_is_asked_for_in_the_form(city: City) -> None:
    client = enter(city.officer)
    assert send(client, "一.jpg", photo()).json()["keeps_place"] is False
    assert send(client, "二.jpg", photo(), keep_place="1").json()["keeps_place"] is True
    # Without scripts the files come with the form itself.
    petition = make_petition(city)
    note = {"kind": "note", "text": "照片", "files": SimpleUploadedFile("三.jpg", photo()), "files_keep_place": "1"}
    assert client.post(f"/petitions/{petition.pk}/note/", note).status_code == 302
    assert Attachment.objects.get().keeps_place


def test_who_has_no_part_in_cases_holds_nothing(city: City) -> None:
    assert send(enter(city.admin), "一.txt", b"x").status_code == 403
    assert send(Client(), "一.txt", b"x").status_code == 302
    assert not HeldFile.objects.exists()


def shown(city: City, *uploads: tuple[str, bytes]) -> list[Attachment]:
    order = make_order(city)
    rows = [
        attachments.store(order.petition_id, upload=SimpleUploadedFile(*upload), actor=city.officer, at=city.at)
        for upload in uploads
    ]
    previews.make_waiting(at=city.at)
    return rows


def test_the_viewer_leads_through_pages_and_files_and_logs_each_page_seen(city: City) -> None:
    first, second = shown(city, ("一.pdf", pdf(2)), ("二.png", picture()))
    client = enter(city.handler)
    page = client.get(f"/attachments/{first.pk}/view/").content.decode()
    assert f"/attachments/{first.pk}/view/?page=2" in page
    page = client.get(f"/attachments/{first.pk}/view/?page=2").content.decode()
    assert f"/attachments/{second.pk}/view/" in page
    assert 'alt="' in page
    assert not AccessLog.objects.exists()
    answer = client.get(f"/attachments/{first.pk}/pages/2/")
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    entry = AccessLog.objects.get()
    assert (entry.action, entry.target) == ("download", f"petition:{first.petition_id}")
    assert client.get(f"/attachments/{first.pk}/pages/3/").status_code == 404


def test_previews_out_of_scope_are_404(city: City) -> None:
    (row,) = shown(city, ("一.png", picture()))
    for path in ("view/", "pages/0/", "pages/1/", ""):
        assert enter(city.outsider).get(f"/attachments/{row.pk}/{path}").status_code == 404
        assert enter(city.admin).get(f"/attachments/{row.pk}/{path}").status_code == 404
    assert not AccessLog.objects.exists()


def test_files_lie_in_whatever_storage_the_office_sets(city: City, settings: Any) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    (row,) = shown(city, ("一.png", picture()))
    row = Attachment.objects.get(pk=row.pk)
    assert isinstance(row.file.storage._wrapped, InMemoryStorage)
    client = enter(city.handler)
    assert b"".join(client.get(f"/attachments/{row.pk}/").streaming_content)[:4] == b"\x89PNG"
    assert client.get(f"/attachments/{row.pk}/pages/1/").status_code == 200
    assert row.file.name not in client.get(f"/petitions/{row.petition_id}/?tab=matter").content.decode()


def test_a_held_file_of_a_citizens_actor_is_refused(city: City) -> None:
    from petitions.permissions import citizen

    petition = make_petition(city)
    token = send(enter(city.officer), "一.txt", b"words").json()["token"]
    upload = attachments.take_held(token)
    assert upload is not None
    with pytest.raises(Refused):
        attachments.store(petition.pk, upload=upload, actor=citizen(petition.pk), at=city.at)


def test_the_administrators_see_how_the_scanner_does(city: City, settings: Any) -> None:
    city.admin.is_staff = city.admin.is_superuser = True
    city.admin.save()
    client = enter(city.admin)
    assert "YQ_CLAMAV" in client.get("/admin/").content.decode()
    settings.CLAMAV = "tcp:127.0.0.1:1"
    assert "<b>" in client.get("/admin/").content.decode()


def test_health_tells_of_the_scanner_and_does_not_fail_for_it(settings: Any, db: None) -> None:
    from config.health import check_scanner

    assert check_scanner()["ok"]
    settings.CLAMAV = "tcp:127.0.0.1:1"
    report = check_scanner()
    assert (report["ok"], report["is_advice"]) == (False, True)
