"""Steps on many rows: chosen, previewed without a trace, sent once, reported row by row, taken back where it may be."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from dispatch.actions import jobs, orders
from dispatch.batch import BATCHES, open_to
from dispatch.models import Clock, Job, Notice, WorkOrder
from dispatch.views import batch as views
from petitions import actions, events
from petitions.models import Event, Petition
from tests.city import City, make_order, make_petition, replied
from tests.dispatch.batching import choose, fields_of, row, send, stops
from tests.dispatch.test_views_case import enter

# ---- dispatch ----


def test_dispatch_is_previewed_without_a_trace_then_done_row_by_row(lately: City) -> None:
    first, second, gone = (make_petition(lately) for _i in range(3))
    make_order(lately, petition=gone)
    before = (Event.objects.count(), Notice.objects.count(), WorkOrder.objects.count())
    client, job = choose(lately, lately.dispatcher, "dispatch", [first.pk, second.pk, gone.pk])
    preview = client.get(f"/jobs/{job.pk}/")
    assert (Event.objects.count(), Notice.objects.count(), WorkOrder.objects.count()) == before
    assert [r.controls[0]["value"] for r in preview.context["rows"]][:2] == ["海曙区住建局", "海曙区住建局"]
    found = stops(preview)
    assert found[first.pk] == found[second.pk] == "" and "海曙区住建局" in found[gone.pk]
    assert "海曙区住建局" in preview.context["rows"][0].words
    changed = {f"unit-{row(job, first.pk).pk}": "海曙区综合执法局", f"urgency-{row(job, first.pk).pk}": "urgent"}
    send(client, job, instruction="请尽快联系", **changed)
    assert (job.state, job.done, job.refused) == ("done", 2, 1)
    first.refresh_from_db()
    assert (first.lead_unit, first.urgency) == (lately.enforcement, "urgent")
    assert first.orders.get().instruction == "请尽快联系"
    assert row(job, gone.pk).result == "refused" and row(job, gone.pk).message
    assert Event.objects.get(pk=row(job, second.pk).event_id).kind == "dispatch"


def test_a_unit_nobody_knows_stops_its_row_and_keeps_what_was_typed(lately: City) -> None:
    petition = make_petition(lately)
    client, job = choose(lately, lately.dispatcher, "dispatch", [petition.pk])
    item = row(job, petition.pk)
    client.post(f"/jobs/{job.pk}/send/", fields_of(job, save="1", **{f"unit-{item.pk}": "没有这个单位"}))
    preview = client.get(f"/jobs/{job.pk}/")
    assert "没有这个单位" in stops(preview)[petition.pk]
    assert preview.context["rows"][0].controls[0]["value"] == "没有这个单位"
    send(client, job)
    assert job.refused == 1 and not WorkOrder.objects.exists()


def test_a_second_click_and_a_reload_send_nothing_twice(lately: City) -> None:
    petition = make_petition(lately)
    client, job = choose(lately, lately.dispatcher, "dispatch", [petition.pk])
    for _click in range(3):
        assert client.post(f"/jobs/{job.pk}/send/", fields_of(job, send="1")).url == f"/jobs/{job.pk}/"
    assert WorkOrder.objects.count() == 1 and Job.objects.count() == 1
    assert Event.objects.filter(petition=petition, kind="dispatch").count() == 1


def test_rows_taken_out_are_none_of_it(lately: City) -> None:
    first, second = make_petition(lately), make_petition(lately)
    client, job = choose(lately, lately.dispatcher, "dispatch", [first.pk, second.pk])
    data = fields_of(job, send="1")
    del data[f"in-{row(job, first.pk).pk}"]
    client.post(f"/jobs/{job.pk}/send/", data)
    job.refresh_from_db()
    assert (job.total, job.done) == (1, 1)
    first.refresh_from_db()
    assert first.state == "registered"


def test_giving_up_sends_nothing_and_goes_back_to_the_list(lately: City) -> None:
    petition = make_petition(lately)
    client, job = choose(lately, lately.dispatcher, "dispatch", [petition.pk], next="/petitions/?view=open")
    response = client.post(f"/jobs/{job.pk}/send/", {"drop": "1"})
    job.refresh_from_db()
    assert response.url == "/petitions/?view=open" and job.state == "cancelled"


def test_a_refused_form_keeps_the_selection(lately: City) -> None:
    petition = replied(lately)
    client, job = choose(lately, lately.officer, "note", [petition.pk])
    response = client.post(f"/jobs/{job.pk}/send/", fields_of(job, send="1", text=""))
    assert response.status_code == 422 and len(response.context["rows"]) == 1
    job.refresh_from_db()
    assert job.state == "draft"


# ---- who may ----


def test_the_bar_offers_what_the_role_may_do_and_the_rest_is_refused(city: City) -> None:
    petition = make_petition(city)
    for person in city.people.values():
        offered = {batch.slug for batch in open_to(person)}
        for slug, batch in BATCHES.items():
            assert (slug in offered) == person.may(batch.permission)
            if slug not in offered:
                assert enter(person).post(f"/batch/{slug}/", {"ids": [petition.pk]}).status_code == 403
    assert not open_to(city.conference_officer) and not open_to(city.admin)
    assert {b.slug for b in open_to(city.inspector)} == {"remind"}
    assert {b.slug for b in open_to(city.handler)} == {"sign", "note"}
    assert enter(city.officer).post("/batch/nonsense/", {}).status_code == 404
    assert enter(city.officer).get("/batch/dispatch/").status_code == 405


def test_rows_out_of_sight_are_never_in_a_selection(city: City) -> None:
    near, secret = make_petition(city), make_petition(city, purpose="JK")
    client = enter(city.far_officer)
    assert client.post("/batch/dispatch/", {"ids": [near.pk, secret.pk, "x", "9" * 30]}).url == "/petitions/"
    assert not Job.objects.exists()
    _client, job = choose(city, city.dispatcher, "dispatch", [near.pk, secret.pk])
    assert [item.target_id for item in job.items.all()] == [near.pk]


def test_a_draft_is_its_own_persons_only(city: City) -> None:
    _client, job = choose(city, city.dispatcher, "dispatch", [make_petition(city).pk])
    for person in (city.officer, city.district_officer, city.outsider):
        assert enter(person).get(f"/jobs/{job.pk}/").status_code == 404
        assert enter(person).post(f"/jobs/{job.pk}/send/", fields_of(job, send="1")).status_code == 404
    assert not WorkOrder.objects.exists()


def test_what_became_invisible_since_is_said_and_not_done(city: City) -> None:
    petition = make_petition(city)
    client, job = choose(city, city.district_officer, "note", [petition.pk])
    User.objects.filter(pk=city.district_officer.pk).update(unit=city.far_office)
    assert stops(client.get(f"/jobs/{job.pk}/"))[petition.pk]
    send(client, job, text="记录")
    assert job.refused == 1 and not Event.objects.filter(kind="note").exists()


# ---- all that match ----


def test_all_that_match_are_taken_in_the_order_of_the_list(lately: City, monkeypatch: Any) -> None:
    made = [make_petition(lately) for _i in range(4)]
    other = make_petition(lately, channel="letter")
    where = "view=open&channel=visit&sort=old"
    _client, job = choose(lately, lately.officer, "note", [], all="1", where=where)
    chosen = [item.target_id for item in job.items.order_by("position")]
    assert chosen == [p.pk for p in made] and other.pk not in chosen
    monkeypatch.setattr(views, "CAP", 3)
    client, cut = choose(lately, lately.officer, "note", [], all="1", where=where)
    assert cut.total == 3
    assert "3" in next(str(m) for m in client.get(f"/jobs/{cut.pk}/").context["messages"])


def test_a_selection_of_many_is_leafed_through_and_keeps_its_changes(lately: City, monkeypatch: Any) -> None:
    monkeypatch.setattr(views, "SIZE", 2)
    made = [make_petition(lately) for _i in range(3)]
    gone = make_petition(lately)
    actions.withdraw(gone.pk, reason="撤回", actor=lately.officer, at=lately.at)
    client, job = choose(lately, lately.dispatcher, "dispatch", [*(p.pk for p in made), gone.pk])
    first = client.get(f"/jobs/{job.pk}/")
    assert first.context["pages"] == 2 and first.context["blocked"] == 1
    assert len(first.context["blocked_elsewhere"]) == 1
    shown = [r.item.pk for r in first.context["rows"]]
    data = {"shown": shown, **{f"in-{pk}": "1" for pk in shown}, f"unit-{shown[0]}": "海曙区综合执法局", "go": "2"}
    assert client.post(f"/jobs/{job.pk}/send/", data).url == f"/jobs/{job.pk}/?page=2"
    client.post(f"/jobs/{job.pk}/send/", {"send": "1", "page": "2"})
    made[0].refresh_from_db()
    assert made[0].lead_unit == lately.enforcement
    job.refresh_from_db()
    assert (job.done, job.refused) == (3, 1)


def test_many_rows_go_to_a_worker(lately: City, monkeypatch: Any) -> None:
    monkeypatch.setattr(views, "AT_ONCE", 1)
    made = [make_petition(lately) for _i in range(2)]
    client, job = choose(lately, lately.dispatcher, "dispatch", [p.pk for p in made])
    send(client, job)
    assert job.state == "waiting"
    jobs.drain(now=timezone.now)
    job.refresh_from_db()
    assert (job.state, job.done) == ("done", 2)


# ---- undo ----


def dispatched(city: City, count: int = 2) -> tuple[Any, Job, list[Petition]]:
    made = [make_petition(city) for _i in range(count)]
    client, job = choose(city, city.dispatcher, "dispatch", [p.pk for p in made])
    return client, send(client, job), made


def test_a_dispatch_is_taken_back_by_a_step_of_its_own_and_the_clock_runs_on(lately: City) -> None:
    made = make_petition(lately)
    due = Clock.objects.get(petition=made, policy__key="D01_route").due_at
    client, job = choose(lately, lately.dispatcher, "dispatch", [made.pk])
    send(client, job)
    assert client.get(f"/jobs/{job.pk}/").context["may_undo"]
    client.post(f"/jobs/{job.pk}/undo/")
    made.refresh_from_db()
    assert (made.state, made.lead_unit) == ("registered", None)
    assert made.orders.get().state == "cancelled"
    clock = Clock.objects.get(petition=made, policy__key="D01_route")
    assert (clock.state, clock.due_at) == ("running", due) and made.next_due_at == due
    kinds = list(Event.objects.filter(petition=made).order_by("seq").values_list("kind", flat=True))
    assert kinds == ["register", "dispatch", "order.recall", "take_back"]
    assert events.verify(made.pk) is None
    assert row(job, made.pk).result == "undone"
    assert Notice.objects.filter(kind="recalled", recipient=lately.handler).exists()
    # It may be dispatched again.
    make_order(lately, petition=made, at=timezone.now())


def test_what_the_unit_has_begun_stays_and_the_rest_goes_back(lately: City) -> None:
    client, job, (signed, free) = dispatched(lately)
    orders.sign(signed.orders.get().pk, actor=lately.handler, at=timezone.now())
    client.post(f"/jobs/{job.pk}/undo/")
    assert [row(job, p.pk).result for p in (signed, free)] == ["done", "undone"]
    assert not client.get(f"/jobs/{job.pk}/").context["may_undo"]


def test_a_unit_that_signs_meanwhile_wins_over_the_undo(lately: City) -> None:
    _client, job, (petition,) = dispatched(lately, 1)
    undo = jobs.start("undo", [petition.pk], params={}, actor=lately.dispatcher, at=timezone.now(), parent=job)
    orders.sign(petition.orders.get().pk, actor=lately.handler, at=timezone.now())
    jobs.drain(now=timezone.now)
    undo.refresh_from_db()
    assert undo.refused == 1 and row(job, petition.pk).result == "done"
    assert petition.orders.get().state == "in_hand"


def test_after_half_an_hour_it_is_a_recall_not_an_undo(lately: City) -> None:
    client, job, made = dispatched(lately)
    late = timezone.now() - timedelta(minutes=31)
    job.items.update(at=late)
    WorkOrder.objects.update(dispatched_at=late)
    assert not client.get(f"/jobs/{job.pk}/").context["may_undo"]
    client.post(f"/jobs/{job.pk}/undo/")
    assert WorkOrder.objects.filter(state="waiting").count() == len(made)


def test_one_row_is_undone_alone_and_only_by_who_did_it(lately: City) -> None:
    client, job, (first, second) = dispatched(lately)
    only = {"ids": [row(job, first.pk).pk]}
    assert enter(lately.officer).post(f"/jobs/{job.pk}/undo/", only).status_code == 403
    assert enter(lately.district_officer).post(f"/jobs/{job.pk}/undo/", only).status_code == 404
    client.post(f"/jobs/{job.pk}/undo/", only)
    assert [row(job, p.pk).result for p in (first, second)] == ["undone", "done"]
    undo = Job.objects.get(parent=job)
    assert "交办" in client.get(f"/jobs/{undo.pk}/").content.decode()
    client.post(f"/jobs/{job.pk}/undo/", only)
    assert Job.objects.filter(parent=job).count() == 1


def test_a_single_dispatch_offers_the_way_back(lately: City) -> None:
    petition = make_petition(lately)
    client = enter(lately.dispatcher)
    data = {"lead": lately.housing.pk, "urgency": "normal", "version": petition.version}
    page = client.post(f"/petitions/{petition.pk}/do/dispatch/", data, follow=True).content.decode()
    assert f"/petitions/{petition.pk}/do/take_back/" in page
    client.post(f"/petitions/{petition.pk}/do/take_back/", {"reason": "派错单位"})
    petition.refresh_from_db()
    assert petition.state == "registered"


def test_taking_back_is_refused_to_others_and_when_nothing_is_there(lately: City) -> None:
    order = make_order(lately, at=timezone.now())
    assert (
        enter(lately.handler).post(f"/petitions/{order.petition_id}/do/take_back/", {"reason": "x"}).status_code == 403
    )
    assert enter(lately.outsider).get(f"/petitions/{order.petition_id}/do/take_back/").status_code == 404
