"""The 26 steps: ticked by what happens, by hand the rest; cases keep the version they were registered under (§9.3)."""

from datetime import timedelta

import pytest
from django.db import transaction

from accounts.actors import Actor
from dispatch.actions import take_back
from petitions import actions
from petitions.actions import Entry, StepDraft, save_checklist, tick, untick, write_record
from petitions.checklists import count_of, progress_of, versions
from petitions.documents.kinds import KINDS
from petitions.events import record
from petitions.models import Checklist, ChecklistTemplate, Event, Petition
from petitions.reference.steps import build_steps, load_steps
from petitions.states import Refused
from tests.city import City, make_order, make_petition, replied


@pytest.fixture
def steps(city: City) -> None:
    load_steps(at=city.at - timedelta(days=30))


def done(petition: Petition) -> set[str]:
    found = progress_of(petition)
    assert found is not None
    return {line.step.key for line in found.lines if line.is_done}


def test_there_are_twenty_six_and_every_event_named_is_an_event() -> None:
    from dispatch.timeline import LOOKS

    rows = build_steps()
    assert [row.number for row in rows] == list(range(1, 27)) and len({row.key for row in rows}) == 26
    named = {kind for row in rows for kind in row.events if not kind.startswith("record.")}
    papers = {kind for kind in named if kind.startswith("document.")}
    assert named - papers <= set(LOOKS)
    for kind in papers:
        step, _dot, paper = kind.rpartition(".")
        assert step in LOOKS and paper in KINDS and len(kind) <= 32


def test_the_opinion_ticks_its_draft_and_its_sign_off(city: City, steps: None) -> None:
    petition = make_petition(city)
    facts = {"document": 1, "kind": "handling_opinion"}
    with transaction.atomic():
        record(petition.pk, "document.submit", actor=Actor.of(city.officer), at=city.at, data=facts)
        record(
            petition.pk, "document.sign", actor=Actor.of(city.officer), at=city.at, data={**facts, "kind": "receipt"}
        )
    assert "draft" in done(petition) and "sign_off" not in done(petition)


def test_loading_twice_makes_nothing_new(city: City, steps: None) -> None:
    assert ChecklistTemplate.objects.count() == 2
    assert load_steps(at=city.at) is None


def test_registration_ticks_its_own_and_writes_no_row(city: City, steps: None) -> None:
    petition = make_petition(city)
    assert done(petition) == {"write_down", "register", "duplicate", "classify", "urgency"}
    assert count_of(Petition.objects.select_related("checklist", "content_class").get(pk=petition.pk)) == (5, 26)
    assert not Checklist.objects.exists()


def test_a_letter_needs_no_reception(city: City, steps: None) -> None:
    petition = make_petition(city, channel="letter")
    assert {"greet"} <= done(petition)
    found = progress_of(petition)
    assert found is not None and found.lines[0].is_left_out


def test_what_happens_ticks_its_steps_with_who_and_when(city: City, steps: None) -> None:
    petition = replied(city)
    assert {"competence", "transfer", "contact", "rating"} <= done(petition)
    found = progress_of(petition)
    assert found is not None
    contact = next(line for line in found.lines if line.step.key == "contact")
    assert (contact.by, contact.at) == (city.handler, city.at + timedelta(minutes=30))
    kept = Checklist.objects.get(petition=petition)
    assert (kept.done, kept.total) == (found.done, 26)


def test_an_entry_in_the_record_book_ticks_the_step_of_its_kind(city: City, steps: None) -> None:
    petition = make_petition(city)
    entry = Entry(entry_type="visit", happened_at=city.at, progress="现场查看。")
    write_record(petition.pk, entry=entry, actor=city.officer, at=city.at)
    assert "visit" in done(petition)


def test_a_dispatch_taken_back_takes_its_ticks_with_it(city: City, steps: None) -> None:
    order = make_order(city)
    assert "transfer" in done(order.petition)
    take_back.take_back(order.petition_id, reason="派错单位", actor=city.officer, at=city.at + timedelta(minutes=1))
    assert "transfer" not in done(order.petition)
    assert Checklist.objects.get(petition=order.petition_id).done == 5


def test_by_hand_with_evidence_where_it_is_asked_for(city: City, steps: None) -> None:
    petition = make_petition(city)
    with pytest.raises(Refused) as refusal:
        tick(petition.pk, number=15, actor=city.officer, at=city.at)
    assert refusal.value.field == "words"
    tick(petition.pk, number=15, words="办理方案第2稿", actor=city.officer, at=city.at)
    with pytest.raises(Refused) as refusal:
        tick(petition.pk, number=15, words="再来", actor=city.officer, at=city.at)
    assert refusal.value.code == "done"
    assert Event.objects.get(petition=petition, kind="tick").data["step"] == 15


def test_left_out_only_with_a_reason(city: City, steps: None) -> None:
    petition = make_petition(city)
    with pytest.raises(Refused):
        tick(petition.pk, number=19, is_applicable=False, actor=city.officer, at=city.at)
    row = tick(petition.pk, number=19, words="一方无调解意愿", is_applicable=False, actor=city.officer, at=city.at)
    assert not row.is_applicable and "mediate" in done(petition)


def test_what_was_ticked_by_hand_can_be_unticked_and_what_happened_cannot(city: City, steps: None) -> None:
    order = make_order(city)
    tick(order.petition_id, number=5, actor=city.officer, at=city.at)
    untick(order.petition_id, number=5, actor=city.officer, at=city.at)
    assert "confirm" not in done(order.petition)
    with pytest.raises(Refused) as refusal:
        untick(order.petition_id, number=12, actor=city.officer, at=city.at)
    assert refusal.value.code == "not_by_hand"


@pytest.mark.parametrize("who", ["inspector", "reviewer", "admin", "outsider", "lead_official"])
def test_who_does_not_work_on_it_ticks_nothing(city: City, steps: None, who: str) -> None:
    petition = make_petition(city)
    with pytest.raises(Refused) as refusal:
        tick(petition.pk, number=5, actor=city.people[who], at=city.at)
    assert refusal.value.code == "forbidden"


def drafts(*keys: str) -> list[StepDraft]:
    return [StepDraft(key=key, label=f"步骤{key}") for key in keys]


def test_a_case_keeps_the_version_of_its_registration(city: City, steps: None) -> None:
    old = make_petition(city)
    later = city.at + timedelta(days=1)
    save_checklist(content_class=None, purpose="", steps=drafts("a", "b"), reason="精简", actor=city.officer, at=later)
    new = make_petition(city, at=later, summary="另一件事项的摘要")
    assert [progress_of(p).total for p in (old, new)] == [26, 2]  # type: ignore[union-attr]
    assert ChecklistTemplate.objects.filter(purpose="", replaced_at=None).get().version == 2


def test_the_nearest_class_wins_then_the_purpose(city: City, steps: None) -> None:
    make = {"steps": drafts("a"), "reason": "", "actor": city.officer, "at": city.at - timedelta(days=1)}
    save_checklist(content_class=city.classes["03"], purpose="", **make)
    found = [progress_of(make_petition(city)), progress_of(make_petition(city, content_class=city.classes["99"]))]
    assert [item.total for item in found if item] == [1, 26]
    enquiry = progress_of(make_petition(city, content_class=city.classes["99"], purpose="ZX"))
    assert enquiry is not None and enquiry.total == 20


def test_a_change_has_a_reason_and_a_permission(city: City, steps: None) -> None:
    make = {"content_class": None, "purpose": "", "steps": drafts("a"), "at": city.at}
    with pytest.raises(Refused) as refusal:
        save_checklist(reason=" ", actor=city.officer, **make)
    assert refusal.value.field == "reason"
    with pytest.raises(Refused) as refusal:
        save_checklist(reason="精简", actor=city.dispatcher, **make)
    assert refusal.value.code == "forbidden"


def test_an_office_without_a_checklist_works_as_before(city: City) -> None:
    petition = replied(city)
    assert versions() == [] and progress_of(petition) is None and not Checklist.objects.exists()


def test_closing_does_not_wait_for_it(city: City, steps: None) -> None:
    petition = replied(city)
    actions.rate(petition.pk, office=3, unit=3, comment="", actor=city.officer, at=city.at + timedelta(hours=6))
    closed = actions.close(petition.pk, remark="已办结", actor=city.officer, at=city.at + timedelta(hours=7))
    assert closed.state == "closed" and "close" in done(closed) and "archive" not in done(closed)
