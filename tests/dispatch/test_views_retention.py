"""The pages of the archive: who reads them, the proof, the periods, and the steps on the case page."""

import io
import json

import pypdf
import pytest

from dispatch.actions import keeping
from dispatch.models import Job, Notice
from petitions.actions import erasing
from petitions.actions.archiving import K, hold
from petitions.models import (
    ArchiveRecord,
    ArchiveRule,
    Erasure,
    LegalHold,
)
from tests.city import City
from tests.dispatch.test_retention import LATER, archived, ended, erased
from tests.dispatch.test_views_case import enter


@pytest.mark.parametrize("who", ["officer", "district_officer", "inspector"])
def test_offices_and_inspectors_read_the_archive(city: City, who: str) -> None:
    record = archived(city)
    hold(record.petition_id, reason="行政诉讼", actor=city.officer, at=city.at)
    client = enter(city.people[who])
    assert record.number in client.get("/retention/?shelf=all").content.decode()
    assert "行政诉讼" in client.get("/retention/?shelf=held").content.decode()
    for shelf in ("due", "done"):
        assert client.get(f"/retention/?shelf={shelf}").status_code == 200
    assert client.get("/retention/?shelf=nonsense").status_code == 404


@pytest.mark.parametrize("who", ["outsider", "handler", "leader", "dispatcher", "agent", "admin", "reviewer"])
def test_others_do_not(city: City, who: str) -> None:
    assert enter(city.people[who]).get("/retention/").status_code == 403


def test_another_districts_archive_is_not_there(city: City) -> None:
    record = archived(city)
    client = enter(city.far_officer)
    assert record.number not in client.get("/retention/?shelf=all").content.decode()
    erasing.anonymise(record.petition_id, actor=city.officer, at=city.at + LATER)
    erasure = Erasure.objects.get()
    for path in (f"/retention/proofs/{erasure.pk}/", f"/retention/proofs/{erasure.pk}.json"):
        assert client.get(path).status_code == 404
        assert enter(city.inspector).get(path).status_code == 200


def test_the_proof_is_a_page_a_pdf_and_json_without_personal_words(city: City) -> None:
    erasure = erased(city)
    client = enter(city.officer)
    page = client.get(f"/retention/proofs/{erasure.pk}/").content.decode()
    data = client.get(f"/retention/proofs/{erasure.pk}.json").json()
    sheet = client.get(f"/retention/proofs/{erasure.pk}.pdf")
    assert data["chain"] == "intact"
    assert data["copies"]["petition"] == 1
    assert data["digest_before"] == erasure.before
    assert erasure.before[:8] in page
    text = pypdf.PdfReader(io.BytesIO(sheet.content)).pages[0].extract_text()
    assert erasure.before[:8] in text
    for words in ("周小琴", "电梯"):
        assert words not in page + json.dumps(data, ensure_ascii=False) + text


def test_a_period_is_changed_on_the_record_for_cases_to_come(city: City) -> None:
    record = archived(city)
    client = enter(city.officer)
    assert client.post(f"/retention/periods/{K.RESULT}/", {"months": 3, "source": "x"}).status_code == 422
    assert client.post(f"/retention/periods/{K.RESULT}/", {"months": 180, "source": "新规"}).status_code == 302
    rule = ArchiveRule.objects.get(key=K.RESULT)
    assert (rule.months, rule.history.count()) == (180, 2)
    record.refresh_from_db()
    assert record.months == 360
    assert enter(city.district_officer).get(f"/retention/periods/{K.RESULT}/").status_code == 403


def test_the_steps_are_taken_on_the_case_page(city: City) -> None:
    petition, client = ended(city), enter(city.officer)
    page = client.get(f"/petitions/{petition.pk}/do/archive/")
    assert "永久" in page.content.decode()
    answer = client.post(f"/petitions/{petition.pk}/do/archive/", {"rule": K.RESULT, "reason": ""})
    assert answer.status_code == 302
    assert ArchiveRecord.objects.get().number in client.get(f"/petitions/{petition.pk}/").content.decode()
    client.post(f"/petitions/{petition.pk}/do/hold/", {"reason": "行政诉讼"})
    assert LegalHold.objects.filter(released_at=None).exists()
    client.post(f"/petitions/{petition.pk}/do/release_hold/", {"reason": "判决生效"})
    assert not LegalHold.objects.filter(released_at=None).exists()


def test_the_run_is_started_by_hand_by_the_city_office_only(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    archived(city)
    assert enter(city.district_officer).post("/retention/run/").status_code == 403
    assert enter(city.officer).post("/retention/run/").status_code == 302
    assert not Job.objects.exists()
    job = keeping.start_due(at=city.at + LATER)
    assert job is not None
    assert keeping.start_due(at=city.at + LATER) is None


def test_notices_of_a_case_without_words_are_still_readable(city: City) -> None:
    record = archived(city)
    erasing.anonymise(record.petition_id, actor=city.officer, at=city.at + LATER)
    assert Notice.objects.filter(petition=record.petition_id).exists()
    assert enter(city.handler).get("/notices/").status_code == 200
