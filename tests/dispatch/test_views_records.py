"""The record book and the steps in the browser's eyes: tab, forms, refusals, one's own book, the checklists."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLog
from petitions.actions import Entry, write_rapport, write_record
from petitions.models import CheckedStep, ChecklistTemplate, Petition, RapportNote, RecordEntry
from petitions.reference.steps import load_steps
from tests.city import City, make_order, make_petition

BACKEND = "accounts.backends.StaffBackend"


def as_(city: City, key: str) -> Client:
    client = Client()
    client.force_login(city.people[key], backend=BACKEND)
    return client


@pytest.fixture
def case(city: City) -> Petition:
    load_steps(at=city.at - timedelta(days=30))
    return make_order(city).petition


def form(**changes: str) -> dict[str, str]:
    return {"entry_type": "visit", "happened_at": "2026-11-16T10:00", "progress": "现场查看电梯。", **changes}


def write(city: City, case: Petition, **changes) -> RecordEntry:
    fields = {"entry_type": "visit", "happened_at": city.at, "progress": "现场查看电梯。", **changes}
    return write_record(case.pk, entry=Entry(**fields), actor=city.handler, at=timezone.now())[0]


def test_an_entry_is_written_on_its_tab_and_stands_there(city: City, case: Petition) -> None:
    client = as_(city, "handler")
    url = reverse("petition", args=[case.pk]) + "?tab=record"
    assert client.get(url).status_code == 200
    answer = client.post(reverse("record_new", args=[case.pk]), form(next_step="催物业", next_on="2026-11-20"))
    assert answer.status_code == 302 and answer["Location"] == f"{url}#entry-1"
    page = client.get(url).content.decode()
    assert "现场查看电梯。" in page and "催物业" in page


def test_a_refused_entry_keeps_what_was_typed(city: City, case: Petition) -> None:
    client = as_(city, "handler")
    answer = client.post(reverse("record_new", args=[case.pk]), form(promise_due="2020-01-01", promise="修好"))
    page = answer.content.decode()
    assert answer.status_code == 422 and "现场查看电梯。" in page and "承诺时限须晚于今天" in page
    assert not RecordEntry.objects.exists()


def test_the_number_of_statements_does_not_grow_with_the_entries(
    city: City, case: Petition, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    client, url = as_(city, "handler"), reverse("petition", args=[case.pk]) + "?tab=record"
    write(city, case)
    client.get(url)
    with django_assert_max_num_queries(70) as one:
        client.get(url)
    write(city, case)
    write(city, case)
    with django_assert_num_queries(len(one)):
        client.get(url)


def test_who_may_not_read_the_book_has_no_tab(city: City, case: Petition) -> None:
    for key in ("dispatcher",):
        client = as_(city, key)
        assert client.get(reverse("petition", args=[case.pk]) + "?tab=record").status_code == 404
        assert "?tab=record" not in client.get(reverse("petition", args=[case.pk])).content.decode()


def test_the_inspector_reads_and_has_no_form(city: City, case: Petition) -> None:
    write(city, case)
    client = as_(city, "inspector")
    page = client.get(reverse("petition", args=[case.pk]) + "?tab=record").content.decode()
    assert "现场查看电梯。" in page and "new-entry" not in page
    assert client.post(reverse("record_new", args=[case.pk]), form()).status_code == 404


def test_correcting_and_adding(city: City, case: Petition) -> None:
    entry, client = write(city, case), as_(city, "handler")
    url = reverse("record_edit", args=[case.pk, entry.entry_no])
    assert "现场查看电梯。" in client.get(url).content.decode()
    assert client.post(url, form(progress="现场查看电梯和机房。")).status_code == 302
    assert client.post(reverse("record_amend", args=[case.pk, 1]), {"text": "物业已到场。"}).status_code == 302
    entry.refresh_from_db()
    assert (entry.progress, entry.amendments.get().text) == ("现场查看电梯和机房。", "物业已到场。")


def test_a_colleague_cannot_correct_it(city: City, case: Petition) -> None:
    entry = write(city, case)
    answer = as_(city, "leader").post(reverse("record_edit", args=[case.pk, entry.entry_no]), form())
    assert answer.status_code == 422 and "只有记录人本人" in answer.content.decode()


def test_a_promise_is_settled_from_the_book(city: City, case: Petition) -> None:
    due = (timezone.localdate() + timedelta(days=5)).isoformat()
    client = as_(city, "handler")
    client.post(reverse("record_new", args=[case.pk]), form(promise="五日内修好", promise_due=due))
    assert "五日内修好" in client.get(reverse("record_book") + "?view=promises").content.decode()
    answer = client.post(reverse("promise_end", args=[case.pk, 1]), {"outcome": "kept", "words": "已修好"})
    assert answer.status_code == 302 and RecordEntry.objects.get().promise_outcome == "kept"
    assert "五日内修好" not in client.get(reverse("record_book") + "?view=promises").content.decode()


def test_my_book_holds_my_entries_by_day_and_finds_their_words(
    city: City, case: Petition, django_assert_max_num_queries, django_assert_num_queries
) -> None:
    write(city, case)
    other = make_petition(city, summary="另一件")
    write_record(
        other.pk,
        entry=Entry(entry_type="phone", happened_at=city.at, progress="电话沟通供暖。"),
        actor=city.officer,
        at=city.at,
    )
    client, url = as_(city, "handler"), reverse("record_book")
    page = client.get(url).content.decode()
    assert "现场查看电梯。" in page and "供暖" not in page
    assert "现场查看电梯。" in client.get(url + "?q=电梯").content.decode()
    assert "现场查看电梯。" not in client.get(url + "?q=供暖").content.decode()
    with django_assert_max_num_queries(30) as one:
        client.get(url)
    write(city, case)
    write(city, case)
    with django_assert_num_queries(len(one)):
        client.get(url)


def test_next_steps_stand_beside_the_book_until_they_are_struck_off(city: City, case: Petition) -> None:
    write(city, case, next_step="催物业安装主板", next_on=city.at.date())
    client = as_(city, "handler")
    assert "催物业安装主板" in client.get(reverse("record_book") + "?view=next").content.decode()
    client.post(reverse("record_next_done", args=[case.pk, 1]), {"next": reverse("record_book")})
    assert "催物业安装主板" not in client.get(reverse("record_book") + "?view=next").content.decode()


@pytest.mark.parametrize("key", ["agent", "dispatcher", "inspector", "reviewer", "admin"])
def test_who_writes_in_no_book_has_none(city: City, key: str) -> None:
    assert as_(city, key).get(reverse("record_book")).status_code == 403


def test_rapport_notes_are_shown_to_their_author_and_logged(city: City, case: Petition) -> None:
    client, url = as_(city, "handler"), reverse("rapport", args=[case.pk])
    answer = client.post(url, {"text": "喜欢聊种花", "basis": "consent", "reason": "当面同意"})
    assert answer.status_code == 302
    assert "喜欢聊种花" in client.get(url).content.decode()
    assert AccessLog.objects.filter(action="rapport", user=city.handler).count() == 2
    for key in ("officer", "leader", "conference_officer"):
        assert "喜欢聊种花" not in as_(city, key).get(url).content.decode()
    for key in ("inspector", "dispatcher", "outsider", "admin"):
        assert as_(city, key).get(url).status_code == 404


def test_a_forbidden_word_is_named_and_what_was_typed_stays(city: City, case: Petition) -> None:
    answer = as_(city, "handler").post(
        reverse("rapport", args=[case.pk]), {"text": "有高血压要慢慢说", "basis": "consent", "reason": "当面同意"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422 and "涉及健康" in page and "有高血压要慢慢说" in page
    assert not RapportNote.objects.exists()


def test_nobody_elses_note_is_deleted_by_its_address(city: City, case: Petition) -> None:
    note = write_rapport(case.pk, text="喜欢聊种花", basis="consent", reason="当面同意", actor=city.handler, at=city.at)
    url = reverse("rapport_drop", args=[case.pk, note.pk])
    assert as_(city, "officer").post(url).status_code == 404
    assert as_(city, "handler").post(url).status_code == 302 and not RapportNote.objects.exists()


def test_steps_are_ticked_left_out_and_taken_back(city: City, case: Petition) -> None:
    client, tab = as_(city, "handler"), reverse("petition", args=[case.pk]) + "?tab=steps"
    assert "7/26" in client.get(tab).content.decode()
    assert client.post(reverse("step_tick", args=[case.pk, 15])).status_code == 422
    client.post(reverse("step_tick", args=[case.pk, 15]), {"words": "方案第2稿"})
    client.post(reverse("step_leave_out", args=[case.pk, 19]), {"words": "无调解意愿"})
    page = client.get(tab).content.decode()
    assert "9/26" in page and "方案第2稿" in page and "无调解意愿" in page
    client.post(reverse("step_untick", args=[case.pk, 15]))
    assert CheckedStep.objects.filter(petition=case, step__number=15).count() == 0


def test_an_administrator_edits_the_checklist_and_versions_stand(city: City, case: Petition) -> None:
    client = as_(city, "officer")
    template = ChecklistTemplate.objects.get(purpose="")
    url = reverse("checklist_edit", args=[template.pk])
    assert client.get(url).status_code == 200
    data = {"form-TOTAL_FORMS": "3", "form-INITIAL_FORMS": "0", "reason": "精简"}
    rows = [("2", "核对身份", "on"), ("1", "热情接待", "on"), ("3", "", "")]
    for number, (place, label, active) in enumerate(rows):
        data |= {f"form-{number}-place": place, f"form-{number}-label": label, f"form-{number}-is_active": active}
    answer = client.post(url, data)
    saved = ChecklistTemplate.objects.get(purpose="", replaced_at=None)
    assert answer["Location"] == reverse("checklist_edit", args=[saved.pk])
    assert [step.label for step in saved.steps.all()] == ["热情接待", "核对身份"]
    page = client.get(answer["Location"]).content.decode()
    assert "精简" in page and reverse("checklist_edit", args=[template.pk]) in page


def test_a_checklist_of_its_own_starts_from_the_general_one(city: City, case: Petition) -> None:
    client = as_(city, "officer")
    page = client.get(reverse("checklist_new") + "?class=03").content.decode()
    assert "热情接待，让座安顿" in page
    own = ChecklistTemplate.objects.get(purpose="ZX")
    assert client.get(reverse("checklist_new") + "?purpose=ZX")["Location"] == reverse("checklist_edit", args=[own.pk])


@pytest.mark.parametrize("key", ["dispatcher", "handler", "inspector", "district_officer"])
def test_others_keep_no_checklists(city: City, case: Petition, key: str) -> None:
    client = as_(city, key)
    assert client.get(reverse("checklists")).status_code == 403
    template = ChecklistTemplate.objects.get(purpose="")
    assert client.get(reverse("checklist_edit", args=[template.pk])).status_code == 404
