"""Each kind of step on many rows: letters, closing, notes, urgency, orders; and what the preview costs."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.roles import Role
from dispatch.actions import orders, supervision
from dispatch.batch import open_to
from dispatch.batch.letters import PLACES, fill, form_of_address
from dispatch.views import batch as views
from petitions import actions
from petitions.actions import Person
from petitions.models import Event, Petition
from petitions.states import Refused
from tests.city import City, fed_back, make_order, make_petition, replied
from tests.dispatch.batching import choose, fields_of, row, send, stops
from tests.dispatch.test_views_case import enter

# ---- reply, close, note, urgency ----


def ready_to_reply(city: City) -> Petition:
    order = fed_back(city, at=city.at)
    orders.check(order.pk, passes=True, actor=city.officer, at=city.at + timedelta(hours=3))
    answers = {"solved": "yes", "level": 5}
    orders.call_back(order.pk, result="reached", answers=answers, actor=city.officer, at=city.at + timedelta(hours=4))
    return order.petition


def test_each_petitioner_gets_their_own_letter(lately: City) -> None:
    first, second, unready = ready_to_reply(lately), ready_to_reply(lately), make_order(lately).petition
    client, job = choose(lately, lately.officer, "reply", [first.pk, second.pk, unready.pk])
    preview = client.get(f"/jobs/{job.pk}/")
    letters = {r.item.target_id: r.letter for r in preview.context["rows"]}
    assert first.number in letters[first.pk] and second.number in letters[second.pk]
    assert "电梯主板已更换" in letters[first.pk] and "周同志" in letters[first.pk]
    assert stops(preview)[unready.pk]
    own = f"letter-{row(job, second.pk).pk}"
    send(client, job, text="{称呼}：{编号}的事项已办结，请知悉。", **{own: "您单独收到的答复，事项已经办结。"})
    assert (job.done, job.refused) == (2, 1)
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.reply_text == f"周同志：{first.number}的事项已办结，请知悉。"
    assert second.reply_text == "您单独收到的答复，事项已经办结。"
    assert not client.get(f"/jobs/{job.pk}/").context["may_undo"]


@pytest.mark.parametrize(
    "text",
    ["尊敬的{姓名}：您好，事项已办结。", "尊敬的【姓名】：您好，事项已办结。", "办理情况：{}，请您知悉。"],
)
def test_a_place_nobody_fills_blocks_the_letter(lately: City, text: str) -> None:
    petition = ready_to_reply(lately)
    client, job = choose(lately, lately.officer, "reply", [petition.pk])
    client.post(f"/jobs/{job.pk}/send/", fields_of(job, save="1", text=text))
    assert stops(client.get(f"/jobs/{job.pk}/"))[petition.pk]
    send(client, job, text=text)
    petition.refresh_from_db()
    assert job.refused == 1 and petition.state == "handling"


def test_a_letter_never_tells_more_of_the_name_than_the_mask(city: City) -> None:
    cases = {
        "周小琴": "周同志",
        "林强": "林同志",
        "欧阳修": "信访人",
        "阿卜杜拉": "信访人",
        "John": "信访人",
        "": "信访人",
    }
    for name, expected in cases.items():
        petition = make_petition(city, person=Person(name=name, phone="13812345127"))
        assert form_of_address(petition) == expected
    company = make_petition(city, person=Person(name="宁波某某公司", party_type="legal_person"))
    assert form_of_address(company) == "贵单位"
    assert form_of_address(make_petition(city, is_anonymous=True, person=Person())) == "信访人"


def test_every_place_of_a_letter_is_filled_or_refused(city: City) -> None:
    petition = make_petition(city)
    for key, (word, _label, value) in PLACES.items():
        for place in (f"{{{key}}}", f"{{{word}}}", f"｛{word}｝"):
            if value(petition):
                assert fill(place, petition) == value(petition)
            else:
                with pytest.raises(Refused):
                    fill(place, petition)


def test_only_complete_petitions_are_closed(lately: City) -> None:
    ready, unrated = replied(lately), replied(lately)
    actions.rate(ready.pk, office=3, unit=3, comment="", actor=lately.officer, at=timezone.now())
    client, job = choose(lately, lately.officer, "close", [ready.pk, unrated.pk])
    found = stops(client.get(f"/jobs/{job.pk}/"))
    assert not found[ready.pk] and found[unrated.pk]
    send(client, job, remark="成批办结")
    assert [row(job, p.pk).result for p in (ready, unrated)] == ["done", "refused"]
    ready.refresh_from_db()
    assert ready.state == "closed"


def test_a_note_is_withdrawn_by_an_entry_and_stays_readable(lately: City) -> None:
    petition = make_petition(lately)
    client, job = choose(lately, lately.officer, "note", [petition.pk])
    send(client, job, text="{编号}已电话核实")
    note = Event.objects.get(petition=petition, kind="note")
    assert note.words.text == f"{petition.number}已电话核实"
    client.post(f"/jobs/{job.pk}/undo/")
    entry = Event.objects.get(petition=petition, kind="withdraw_note")
    assert entry.data["of"] == note.seq and Event.objects.filter(pk=note.pk).exists()
    with pytest.raises(Refused):
        actions.withdraw_note(petition.pk, event_id=note.pk, reason="再次", actor=lately.officer, at=timezone.now())
    other = actions.add_note(petition.pk, kind="note", text="x", actor=lately.dispatcher, at=timezone.now())
    with pytest.raises(Refused):
        actions.withdraw_note(petition.pk, event_id=other.pk, reason="别人的", actor=lately.officer, at=timezone.now())
    page = client.get(f"/petitions/{petition.pk}/").content.decode()
    assert "已电话核实" in page


def test_urgency_is_set_while_nobody_handles_it_and_set_back(lately: City) -> None:
    petition, handled = make_petition(lately), make_order(lately).petition
    client, job = choose(lately, lately.dispatcher, "urgency", [petition.pk, handled.pk])
    assert stops(client.get(f"/jobs/{job.pk}/"))[handled.pk]
    send(client, job, urgency="urgent")
    petition.refresh_from_db()
    assert (petition.urgency, job.done, job.refused) == ("urgent", 1, 1)
    client.post(f"/jobs/{job.pk}/undo/")
    petition.refresh_from_db()
    assert petition.urgency == "normal"
    with pytest.raises(Refused):
        actions.set_urgency(petition.pk, urgency="normal", actor=lately.officer, at=timezone.now())
    with pytest.raises(Refused):
        actions.set_urgency(petition.pk, urgency="nonsense", actor=lately.officer, at=timezone.now())


# ---- orders ----


def test_many_are_signed_and_one_refusal_holds_up_no_other(lately: City) -> None:
    first, second, signed = (make_order(lately, at=lately.at) for _i in range(3))
    orders.sign(signed.pk, actor=lately.leader, at=lately.at)
    foreign = make_order(lately, at=lately.at, lead=lately.enforcement)
    ids = [first.pk, signed.pk, second.pk, foreign.pk]
    client, job = choose(lately, lately.handler, "sign", ids, **{"from": "orders"})
    assert [item.target_id for item in job.items.order_by("position")] == [first.pk, signed.pk, second.pk]
    send(client, job)
    assert (job.done, job.refused) == (2, 1)
    foreign.refresh_from_db()
    assert foreign.state == "waiting"


def test_a_leader_gives_many_to_one_person_and_takes_them_back(lately: City) -> None:
    first, second = make_order(lately, at=lately.at), make_order(lately, at=lately.at)
    orders.assign(first.pk, handler=lately.handler, actor=lately.leader, at=lately.at)
    client, job = choose(lately, lately.leader, "assign", [first.pk, second.pk], **{"from": "orders"})
    bad = client.post(f"/jobs/{job.pk}/send/", fields_of(job, send="1", handler=lately.outsider.pk))
    assert bad.status_code == 422
    send(client, job, handler=lately.colleague.pk)
    assert job.done == 2
    client.post(f"/jobs/{job.pk}/undo/")
    first.refresh_from_db()
    second.refresh_from_db()
    # Nobody had the second before: it stays where it is.
    assert (first.handler, second.handler) == (lately.handler, lately.colleague)


def test_many_units_are_reminded_and_one_reminded_already_is_said(lately: City) -> None:
    first, second = make_order(lately, at=lately.at), make_order(lately, at=lately.at)
    supervision.remind(first.pk, actor=lately.officer, at=lately.at + timedelta(hours=1))
    client, job = choose(lately, lately.dispatcher, "remind", [first.petition_id, second.petition_id])
    send(client, job, text="请抓紧办理")
    assert (row(job, first.pk).result, row(job, second.pk).result) == ("refused", "done")
    assert "海曙区住建局" in row(job, first.pk).message
    assert second.reminders.get().text == "请抓紧办理"


def test_from_the_worklist_a_step_on_orders_takes_the_orders_it_can(lately: City) -> None:
    waiting, signed = make_order(lately, at=lately.at), make_order(lately, at=lately.at)
    orders.sign(signed.pk, actor=lately.leader, at=lately.at)
    _client, job = choose(lately, lately.leader, "sign", [signed.petition_id, waiting.petition_id])
    assert [item.target_id for item in job.items.all()] == [waiting.pk]


def test_all_of_a_tab_are_taken(lately: City) -> None:
    made = {make_order(lately, at=lately.at).pk for _i in range(3)}
    _client, job = choose(lately, lately.leader, "sign", [], all="1", where="tab=to_sign", **{"from": "orders"})
    assert {item.target_id for item in job.items.all()} == made


def test_every_role_sees_the_bars_it_may_use(lately: City) -> None:
    make_order(lately, at=timezone.now())
    for person in lately.people.values():
        if person.role == Role.SYSTEM_ADMIN or not person.may("petitions.view"):
            continue
        page = enter(person).get("/petitions/?view=open")
        offered = {action.url for action in page.context["bulk"]}
        assert offered == {f"/batch/{batch.slug}/" for batch in open_to(person)}


def test_the_preview_costs_the_same_questions_for_the_page_whatever_lies_beyond(
    lately: City, monkeypatch: Any, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(views, "SIZE", 1)
    made = [make_petition(lately) for _i in range(6)]
    client, job = choose(lately, lately.officer, "note", [p.pk for p in made])
    client.get(f"/jobs/{job.pk}/")
    with django_assert_max_num_queries(30):
        client.get(f"/jobs/{job.pk}/")
