"""The ledger: pauses and extensions are asked, decided, ended, and never by somebody who may not."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from dispatch.actions import ledger, orders, sweep
from dispatch.clocks import city_day, end_of_day
from dispatch.models import Clock, Extension, Notice, Pause, PendingRung, Policy, Proposal, WorkOrder
from petitions import events
from petitions.actions import withdraw
from petitions.attachments import store_all
from petitions.models import Event
from petitions.states import Refused
from tests.city import City, make_order, make_petition

DAY = timedelta(days=1)
REASON = "等待市检测中心出具电梯检测报告。"


@pytest.fixture
def order(city: City) -> WorkOrder:
    made = make_order(city, petition=make_petition(city, purpose="QT"))
    orders.record_contact(made.pk, means="phone", said="已联系", actor=city.people["handler"], at=city.at)
    return orders.assign(made.pk, handler=city.people["handler"], actor=city.people["leader"], at=city.at)


def feedback(order: WorkOrder) -> Clock:
    return Clock.objects.get(order=order, policy__key="O_feedback_7d")


def ask(city: City, order: WorkOrder, *, at=None, days: int = 10, document: bool = True, **more) -> Pause:
    at = at or city.at
    fields = {"ground": "expert", "reason": REASON, "until": city_day(at + days * DAY), **more}
    _order, event = ledger.ask_pause(order.pk, actor=city.people["handler"], at=at, **fields)
    if document:
        upload = SimpleUploadedFile("委托书.txt", "委托检测".encode())
        store_all(order.petition_id, [upload], actor=city.people["handler"], at=at, event=event)
    return Pause.objects.get(order=order, state="asked")


def grant(city: City, order: WorkOrder, *, at=None) -> WorkOrder:
    return ledger.grant_pause(order.pk, actor=city.people["officer"], at=at or city.at)


def ask_more(city: City, order: WorkOrder, *, at=None, amount: int = 5) -> Extension:
    reason = "维修配件需从外地调运，已下单。"
    fields = {"clock": feedback(order).pk, "amount": amount, "reason": reason}
    ledger.ask_extension(order.pk, actor=city.people["handler"], at=at or city.at, **fields)
    return Extension.objects.get(order=order, state="asked")


# ---- pauses ----


def test_a_pause_stops_the_promise_and_ends_by_itself_on_the_agreed_day(city: City, order: WorkOrder) -> None:
    due = feedback(order).due_at
    ask(city, order)
    assert feedback(order).state == "running"
    order = grant(city, order)
    assert (order.state, feedback(order).state) == ("paused", "paused")
    assert not PendingRung.objects.filter(clock_id=feedback(order).pk).exists()
    pause = Pause.objects.get(order=order)
    assert (pause.state, pause.decided_by, pause.paused_at) == ("running", city.people["officer"], city.at)
    assert ledger.resume_due(at=pause.until - timedelta(seconds=1)) == 0
    # A day late: it still counts from the agreed end.
    assert ledger.resume_due(at=pause.until + DAY) == 1
    assert ledger.resume_due(at=pause.until + DAY) == 0
    pause.refresh_from_db()
    assert (pause.state, pause.ended_at, pause.ended_by) == ("ended", pause.until, None)
    assert feedback(order).due_at == due + 10 * DAY
    assert WorkOrder.objects.get(pk=order.pk).state == "in_hand"
    assert Event.objects.filter(petition=order.petition, kind="order.resume").count() == 1
    assert events.verify(order.petition_id) is None


def test_the_office_ends_a_pause_before_its_time(city: City, order: WorkOrder) -> None:
    ask(city, order)
    grant(city, order)
    ledger.resume(order.pk, remark="报告已出", actor=city.people["officer"], at=city.at + 3 * DAY)
    pause = Pause.objects.get(order=order)
    assert (pause.state, pause.ended_by) == ("ended", city.people["officer"])
    assert ledger.resume_due(at=city.at + 60 * DAY) == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ground": "hearing"}, "ground"),
        ({"ground": "busy"}, "ground"),
        ({"ground": "unreached"}, "ground"),
        ({"reason": "短"}, "reason"),
        ({"until": None}, "until"),
    ],
)
def test_only_grounds_of_the_list_stop_a_clock(city: City, order: WorkOrder, changes: dict, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        ask(city, order, **changes)
    assert refusal.value.field == field
    assert not Pause.objects.exists()


def test_out_of_reach_needs_three_documented_tries(city: City, order: WorkOrder) -> None:
    for hour in range(3):
        at = city.at + timedelta(hours=hour)
        fields = {"means": "phone", "said": "无人接听", "result": "unreached"}
        orders.record_contact(order.pk, actor=city.people["handler"], at=at, **fields)
    ask(city, order, ground="unreached", document=False)
    assert grant(city, order).state == "paused"


def test_a_ground_without_its_document_is_not_granted(city: City, order: WorkOrder) -> None:
    ask(city, order, document=False)
    with pytest.raises(Refused):
        grant(city, order)
    assert feedback(order).state == "running"


def test_a_refusal_says_why_and_changes_no_clock(city: City, order: WorkOrder) -> None:
    ask(city, order)
    with pytest.raises(Refused):
        ledger.refuse_pause(order.pk, remark=" ", actor=city.people["officer"], at=city.at)
    ledger.refuse_pause(order.pk, remark="检测不影响先行维修", actor=city.people["officer"], at=city.at)
    assert Pause.objects.get(order=order).state == "refused"
    assert feedback(order).generation == 1
    assert Notice.objects.filter(kind="pause_refused", recipient=city.people["handler"], channel="inapp").exists()
    # It may be asked for again.
    ask(city, order)


@pytest.mark.parametrize("who", ["handler", "leader", "outsider", "far_officer", "inspector"])
def test_only_the_office_pauses(city: City, order: WorkOrder, who: str) -> None:
    ask(city, order)
    with pytest.raises(Refused) as refusal:
        ledger.grant_pause(order.pk, actor=city.people[who], at=city.at)
    assert refusal.value.code == "forbidden"


def test_what_has_passed_can_no_longer_rest(city: City, order: WorkOrder) -> None:
    late = feedback(order).due_at + timedelta(seconds=1)
    with pytest.raises(Refused) as refusal:
        ask(city, order, at=late)
    assert refusal.value.code == "nothing"


@pytest.mark.parametrize(("before", "is_late"), [(timedelta(hours=10), True), (2 * DAY, False)])
def test_a_pause_in_the_last_tenth_is_shown_to_supervision(
    city: City, order: WorkOrder, before: timedelta, is_late: bool
) -> None:
    at = feedback(order).due_at - before
    pause = ask(city, order, at=at)
    grant(city, order, at=at)
    pause.refresh_from_db()
    assert pause.is_late is is_late
    found = Proposal.objects.filter(trigger="late_pause", order=order)
    assert found.exists() is is_late
    if is_late:
        assert found.get().facts["rules"] == ["O_feedback_7d"]


def test_a_legal_period_runs_on_while_the_order_rests(city: City) -> None:
    order = make_order(city)
    orders.record_contact(order.pk, means="phone", said="已联系", actor=city.people["handler"], at=city.at)
    legal = Clock.objects.get(order=order, policy__key="D03_notify_transferred")
    ask(city, order)
    grant(city, order)
    legal.refresh_from_db()
    assert (legal.state, legal.generation) == ("running", 1)


def test_a_withdrawn_petition_leaves_no_pause_open(city: City, order: WorkOrder) -> None:
    ask(city, order)
    grant(city, order)
    withdraw(order.petition_id, reason="信访人撤回", actor=city.people["officer"], at=city.at + DAY)
    pause = Pause.objects.get(order=order)
    assert (pause.state, pause.ended_at) == ("ended", city.at + DAY)
    assert not Clock.objects.filter(order=order, state__in=["running", "paused"]).exists()
    assert ledger.resume_due(at=city.at + 60 * DAY) == 0


def test_a_hearing_is_in_the_ledger_with_its_article(city: City) -> None:
    Policy.objects.filter(key="D01_route").update(pause_moves=["hold_hearing"], resume_moves=["end_hearing"])
    petition = make_petition(city)
    clock = Clock.objects.get(petition=petition, policy__key="D01_route")
    from django.db import transaction

    from accounts.actors import Actor
    from dispatch.actions import clocks
    from petitions import actions

    def moved(move: str, at) -> None:
        with transaction.atomic():
            row = actions.lock(petition.pk)
            clocks.petition_moved(row, move, actor=Actor.of(city.people["officer"]), at=at)
            ledger.hearing_moved(row, move, actor=Actor.of(city.people["officer"]), at=at)

    moved("hold_hearing", city.at)
    pause = Pause.objects.get(petition=petition)
    assert (pause.state, pause.ground, "第三十六条" in pause.source) == ("running", "hearing", True)
    moved("end_hearing", city.at + 5 * DAY)
    pause.refresh_from_db()
    clock.refresh_from_db()
    assert (pause.state, clock.state, clock.paused_for) == ("ended", "running", 5 * DAY)


# ---- extensions ----


def test_the_hub_extends_a_promise_and_the_petitioner_is_told(city: City, order: WorkOrder) -> None:
    due = feedback(order).due_at
    entry = ask_more(city, order)
    assert Notice.objects.filter(kind="extension_asked", recipient=city.people["officer"]).exists()
    told = "配件调运需时，办理期限延长五日。"
    for told_how, words in (("", told), ("phone", " "), ("nobody", told)):
        with pytest.raises(Refused):
            ledger.extend(
                order.pk, extension=entry, told_how=told_how, told=words, actor=city.people["officer"], at=city.at
            )
    ledger.extend(order.pk, extension=entry, told_how="phone", told=told, actor=city.people["officer"], at=city.at)
    entry.refresh_from_db()
    assert (entry.state, entry.new_due_at, entry.told_at) == ("granted", due + 5 * DAY, city.at)
    assert feedback(order).due_at == due + 5 * DAY
    event = Event.objects.get(petition=order.petition, kind="order.extend")
    assert event.words.text == told
    assert WorkOrder.objects.get(pk=order.pk).next_due_at == due + 5 * DAY


def test_more_than_the_rule_allows_is_not_even_asked(city: City, order: WorkOrder) -> None:
    with pytest.raises(Refused) as refusal:
        ask_more(city, order, amount=8)
    assert refusal.value.field == "amount"


def test_nothing_is_asked_or_granted_past_due(city: City, order: WorkOrder) -> None:
    entry = ask_more(city, order)
    late = feedback(order).due_at + timedelta(minutes=1)
    with pytest.raises(Refused) as refusal:
        ledger.extend(order.pk, extension=entry, told_how="phone", told="延长", actor=city.people["officer"], at=late)
    assert refusal.value.code == "clock_past_due"
    ledger.refuse_extension(order.pk, extension=entry, remark="已超期", actor=city.people["officer"], at=late)
    with pytest.raises(Refused) as refusal:
        ask_more(city, order, at=late)
    assert refusal.value.field == "clock"


@pytest.mark.parametrize("who", ["leader", "handler", "outsider", "far_officer"])
def test_a_promise_is_not_the_units_to_extend(city: City, order: WorkOrder, who: str) -> None:
    entry = ask_more(city, order)
    with pytest.raises(Refused) as refusal:
        ledger.extend(order.pk, extension=entry, told_how="phone", told="延长", actor=city.people[who], at=city.at)
    assert refusal.value.code == "forbidden"


def test_a_legal_period_is_the_heads_of_the_unit_to_extend(city: City, order: WorkOrder) -> None:
    """Regulation on Petition Work, art. 34."""
    Policy.objects.filter(key="O_feedback_7d").update(extend_permission="dispatch.extend_legal")
    entry = ask_more(city, order)
    step = {"extension": entry, "told_how": "letter", "told": "延长五日", "at": city.at}
    for who in ("officer", "handler", "other_leader"):
        with pytest.raises(Refused):
            ledger.extend(order.pk, actor=city.people[who], **step)
    ledger.extend(order.pk, actor=city.people["leader"], **step)
    entry.refresh_from_db()
    assert entry.decided_by == city.people["leader"]


def test_feeding_back_settles_what_was_asked(city: City, order: WorkOrder) -> None:
    ask_more(city, order)
    orders.feed_back(
        order.pk, outcome="solved", findings="已经修好并检验合格。", actor=city.people["handler"], at=city.at
    )
    assert Extension.objects.get(order=order).state == "dropped"


# ---- pages ----


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.StaffBackend")
    return client


def test_the_steps_stand_where_somebody_can_take_them(city: City, order: WorkOrder) -> None:
    unit, office, outsider = (client_of(city.people[who]) for who in ("handler", "officer", "outsider"))
    case = reverse("petition", args=[order.petition_id])
    ask_url = reverse("order_act", args=[order.pk, "ask_pause"])
    decide_url = reverse("order_act", args=[order.pk, "decide_pause"])
    assert decide_url not in office.get(case).content.decode()
    assert ask_url in unit.get(case).content.decode()
    assert outsider.get(ask_url).status_code == 404
    assert unit.get(decide_url).status_code == 403
    no_document = unit.post(ask_url, {"ground": "expert", "reason": REASON, "until": "2099-01-01"})
    assert no_document.status_code == 422
    file = SimpleUploadedFile("委托书.txt", "委托检测".encode())
    Clock.objects.update(due_at=end_of_day(city_day(city.at + 900 * DAY)))
    sent = unit.post(ask_url, {"ground": "expert", "reason": REASON, "until": "2099-01-01", "documents": file})
    assert sent.status_code == 302
    assert decide_url in office.get(case).content.decode()
    page = office.get(decide_url).content.decode()
    assert REASON in page and "委托书.txt" in page
    Clock.objects.exclude(policy__key="O_feedback_7d").update(state="cancelled")
    assert office.post(decide_url, {"decision": "grant"}).status_code == 302
    assert WorkOrder.objects.get(pk=order.pk).state == "paused"
    orders_tab = office.get(case, {"tab": "orders"}).content.decode()
    assert "ledger" in orders_tab and REASON in orders_tab
    assert "sla--paused" in unit.get(reverse("unit_console"), {"tab": "paused"}).content.decode()


def test_an_extension_is_asked_and_decided_on_its_pages(city: City, order: WorkOrder) -> None:
    unit, office = client_of(city.people["handler"]), client_of(city.people["officer"])
    Clock.objects.update(due_at=end_of_day(city_day(city.at + 900 * DAY)))
    url = reverse("order_act", args=[order.pk, "ask_extension"])
    fields = {"clock": feedback(order).pk, "amount": 3, "reason": "维修配件需从外地调运。"}
    assert unit.post(url, fields).status_code == 302
    url = reverse("order_act", args=[order.pk, "decide_extension"])
    entry = Extension.objects.get(order=order)
    assert "维修配件" in office.get(url).content.decode()
    assert office.post(url, {"extension": entry.pk, "decision": "grant"}).status_code == 422
    sent = office.post(url, {"extension": entry.pk, "decision": "grant", "told_how": "phone", "told": "延长三日"})
    assert sent.status_code == 302
    entry.refresh_from_db()
    assert entry.state == "granted"


def test_the_queue_shows_each_who_must_decide(city: City, order: WorkOrder) -> None:
    ask(city, order)
    assert order.number in client_of(city.people["officer"]).get("/orders/?tab=decide").content.decode()
    assert order.number not in client_of(city.people["far_officer"]).get("/orders/?tab=decide").content.decode()
    assert "tab=decide" in client_of(city.people["officer"]).get("/").content.decode()


# ---- two at once ----


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_end_a_pause_once() -> None:
    from tests.city import build_city

    city = build_city()
    order = make_order(city, petition=make_petition(city, purpose="QT"))
    orders.record_contact(order.pk, means="phone", said="已联系", actor=city.people["handler"], at=city.at)
    ask(city, order)
    grant(city, order)
    barrier, ended = Barrier(3), []

    def run() -> None:
        barrier.wait()
        ended.append(ledger.resume_due(at=city.at + 60 * DAY))
        connection.close()

    threads = [Thread(target=run) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == [0, 0, 1]
    assert Event.objects.filter(petition=order.petition, kind="order.resume").count() == 1
    sweep.sweep(at=city.at + 60 * DAY)
