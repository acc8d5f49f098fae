"""Registering through the API: once per key, once per number at the source, every fault named."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from gateway import actions, api, idempotency, intake
from gateway.intake import default_summary
from gateway.models import IdempotencyRecord
from petitions.models import Petition, Petitioner
from tests.gateway.conftest import Caller, body


def test_a_post_registers_the_petition_with_its_clock_and_history(hotline: Any, city: Any) -> None:
    answer = hotline.post("/petitions", body(source_ref="GD-1"))
    assert answer.status_code == 201
    petition = Petition.objects.get()
    assert answer["Location"] == f"/api/v1/petitions/{petition.pk}"
    assert answer["ETag"] == '"1"'
    given = answer.json()
    assert given["number"] == petition.number
    assert given["query_code"] == petition.query_code
    assert given["next_due_at"] is not None
    assert (petition.channel, petition.register_unit) == ("hotline", city.units["hotline"])
    assert petition.next_due_key == "D01_route"
    assert petition.events.get().actor_label == hotline.client.name
    assert petition.clocks.count() == 1


def test_identities_are_stored_and_come_back_masked(hotline: Any) -> None:
    pk = hotline.post("/petitions", body()).json()["id"]
    person = hotline.get(f"/petitions/{pk}").json()["petitioners"][0]
    assert person["name"] == "周*琴"
    assert person["phone"] == "138****5127"
    assert Petitioner.objects.get().phone == "13812345127"
    assert "13812345127" not in hotline.get(f"/petitions/{pk}").content.decode()


def test_content_and_place_are_enough(hotline: Any) -> None:
    answer = hotline.post("/petitions", {"content": "路灯不亮。", "area": "330203"})
    assert answer.status_code == 201, answer.content
    given = answer.json()
    assert given["is_anonymous"] is True
    assert given["summary"] == "路灯不亮"
    assert given["category"]["code"] in {"03", "99"}


def test_a_summary_is_made_without_identity_and_telephone_numbers() -> None:
    text = "我是330203190001010013，电话13812345127，0574-87654321。电梯坏了。"
    made = default_summary(text)
    assert not any(ch.isdigit() for ch in made)
    assert len(default_summary("长" * 200)) == 80
    assert default_summary("13812345127") == "—"


def test_every_bad_field_is_named_at_once_with_its_pointer(hotline: Any) -> None:
    bad = body(
        area="000000",
        category="zz",
        urgency="now",
        headcount=0,
        petition_date=str(timezone.localdate() + timedelta(days=2)),
        colour="red",
        petitioner={"name": "周小琴", "phone": "12", "id_no": "330203190001010014", "age": 3},
    )
    del bad["content"]
    answer = hotline.post("/petitions", bad)
    assert answer.status_code == 422
    found = {error["pointer"]: error["code"] for error in answer.json()["errors"]}
    assert found == {
        "/content": "required",
        "/area": "unknown_code",
        "/category": "unknown_code",
        "/urgency": "invalid_choice",
        "/headcount": "min_value",
        "/petition_date": "date",
        "/colour": "unknown_field",
        "/petitioner/phone": "phone",
        "/petitioner/id_no": "identity_number",
        "/petitioner/age": "unknown_field",
    }
    assert Petition.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"headcount": 5, "affected_count": 2}, "/affected_count"),
        ({"is_anonymous": False, "petitioner": {}}, "/petitioner/name"),
        ({"area": "330200"}, "/area"),
        ({"content": "x\u0000y"}, "/content"),
        ({"petitioner": "周小琴"}, "/petitioner"),
        ({"petitioner": {"party_type": "legal_person", "id_no": "91330200144052095A"}}, "/petitioner/id_no"),
        ({"occurred_on": "1900-01-01"}, "/occurred_on"),
    ],
)
def test_contradictions_are_named(hotline: Any, changes: dict[str, Any], pointer: str) -> None:
    answer = hotline.post("/petitions", body(**changes))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_the_same_number_at_the_source_is_the_same_petition(hotline: Any) -> None:
    first = hotline.post("/petitions", body(source_ref="GD-1"))
    second = hotline.post("/petitions", body(source_ref="GD-1", content="改过的内容，同一件事。"))
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["id"] == first.json()["id"]
    assert second["Location"] == first["Location"]
    assert Petition.objects.count() == 1


def test_a_repeated_post_uses_up_no_number(hotline: Any) -> None:
    first = hotline.post("/petitions", body(source_ref="GD-1")).json()
    hotline.post("/petitions", body(source_ref="GD-1"))
    third = hotline.post("/petitions", body(source_ref="GD-2")).json()
    assert int(third["number"][-7:-1]) == int(first["number"][-7:-1]) + 1


def test_another_channel_may_use_the_same_number(hotline: Any, caller: Any) -> None:
    hotline.post("/petitions", body(source_ref="GD-1"))
    assert caller(channel="qr").post("/petitions", body(source_ref="GD-1")).status_code == 201


def test_a_number_taken_by_somebody_else_is_told_without_data(hotline: Any, caller: Any) -> None:
    hotline.post("/petitions", body(source_ref="GD-1"))
    answer = caller(unit="transport").post("/petitions", body(source_ref="GD-1"))
    assert answer.status_code == 409
    assert "number" not in answer.json()


def test_a_post_without_a_key_for_repetition_is_refused(hotline: Any) -> None:
    answer = hotline.post("/petitions", body(), key="-")
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/idempotency_key_missing"
    assert hotline.post("/petitions", body(), key="two words").status_code == 400
    assert hotline.post("/petitions", body(), key="k" * 256).status_code == 400


def test_the_same_key_gives_the_same_bytes_again(hotline: Any) -> None:
    first = hotline.post("/petitions", body(), key="a-1")
    again = hotline.post("/petitions", body(), key='"a-1"')
    assert again.content == first.content
    assert (again.status_code, again["Location"], again["ETag"]) == (201, first["Location"], first["ETag"])
    assert again["Idempotency-Replayed"] == "true"
    assert again["Content-Type"] == first["Content-Type"]
    assert "Idempotency-Replayed" not in first
    assert Petition.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(hotline: Any) -> None:
    hotline.post("/petitions", body(), key="a-1")
    answer = hotline.post("/petitions", body(demand="x"), key="a-1")
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/idempotency_key_reused"


def test_the_same_key_of_another_client_is_another_key(hotline: Any, caller: Any) -> None:
    hotline.post("/petitions", body(), key="a-1")
    assert caller().post("/petitions", body(), key="a-1").status_code == 201


def test_a_refused_post_leaves_its_key_free(hotline: Any) -> None:
    assert hotline.post("/petitions", {"content": "x"}, key="a-1").status_code == 422
    assert hotline.post("/petitions", body(), key="a-1").status_code == 201


def test_a_fault_on_our_side_leaves_nothing_and_the_retry_does_the_work(
    hotline: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any) -> str:
        raise RuntimeError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(api, "etag", broken)
        answer = hotline.post("/petitions", body(), key="a-1")
    assert answer.status_code == 500
    assert "disk full" not in answer.content.decode()
    assert Petition.objects.count() == 0
    assert hotline.post("/petitions", body(), key="a-1").status_code == 201


def test_answers_older_than_a_week_are_forgotten(hotline: Any) -> None:
    hotline.post("/petitions", body(), key="a-1")
    now = timezone.now()
    assert actions.purge_idempotency(at=now + timedelta(days=6, hours=23)) == 0
    assert actions.purge_idempotency(at=now + timedelta(days=7, seconds=5)) == 1
    assert not IdempotencyRecord.objects.exists()


def in_thread(work: Any) -> threading.Thread:
    """Run `work` in a thread that closes its connections."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
class TestAtTheSameTime:
    """Real transactions in real threads."""

    @pytest.fixture
    def hotline(self, transactional_db: None) -> Caller:
        from tests.city import build_city

        at, city = timezone.now(), build_city()
        client = actions.create_client(
            "race", channel="hotline", unit=city.units["hotline"], scopes=["petitions:write", "petitions:read"], at=at
        )
        return Caller(client, actions.issue_key(client, at=at).text)

    def test_the_second_of_two_with_one_key_hears_that_the_first_is_running(
        self, hotline: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        inside, go_on = threading.Event(), threading.Event()
        real = intake.register

        def slow(*args: Any, **options: Any) -> Petition:
            inside.set()
            go_on.wait(10)
            return real(*args, **options)

        monkeypatch.setattr(intake, "register", slow)
        answers: list[Any] = []
        thread = in_thread(lambda: answers.append(hotline.post("/petitions", body(), key="a-1")))
        inside.wait(10)
        second = hotline.post("/petitions", body(), key="a-1")
        go_on.set()
        thread.join(10)
        assert second.status_code == 409
        assert second.json()["type"] == "/problems/in_flight"
        assert answers[0].status_code == 201
        assert hotline.post("/petitions", body(), key="a-1").content == answers[0].content
        assert Petition.objects.count() == 1

    def test_many_with_one_key_register_once(self, hotline: Caller) -> None:
        answers: list[Any] = []
        threads = [in_thread(lambda: answers.append(hotline.post("/petitions", body(), key="a-1"))) for _i in range(6)]
        for thread in threads:
            thread.join(30)
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
        assert Petition.objects.count() == 1

    def test_many_with_one_number_at_the_source_register_once(self, hotline: Caller) -> None:
        answers: list[Any] = []
        threads = [
            in_thread(lambda: answers.append(hotline.post("/petitions", body(source_ref="GD-1")))) for _i in range(6)
        ]
        for thread in threads:
            thread.join(30)
        assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 200, 201]
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert Petition.objects.count() == 1

    def test_a_loser_of_the_race_waits_for_the_winner_and_finds_its_petition(
        self, hotline: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looked: list[Any] = []
        real = intake._existing

        def late(client: Any, ref: str) -> Any:
            found = real(client, ref)
            if not looked:
                looked.append(found)
                # Between the first look and the insert another system's post is committed.
                in_thread(lambda: hotline.post("/petitions", body(source_ref="GD-1"))).join(30)
            return found

        monkeypatch.setattr(intake, "_existing", late)
        answer = hotline.post("/petitions", body(source_ref="GD-1"))
        assert answer.status_code == 200
        assert Petition.objects.count() == 1

    def test_a_worker_killed_before_the_commit_leaves_the_key_free(
        self, hotline: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def killed(*_args: Any, **_options: Any) -> None:
            with transaction.get_connection().cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pid = cursor.fetchone()[0]
            with connections.create_connection("default").cursor() as other:
                other.execute("SELECT pg_terminate_backend(%s)", [pid])
                other.connection.close()
            connection.ensure_connection()
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")

        with monkeypatch.context() as patch:
            patch.setattr(intake, "register", killed)
            answer = hotline.post("/petitions", body(), key="a-1")
        assert answer.status_code == 503
        assert answer["Retry-After"]
        connection.close()
        again = hotline.post("/petitions", body(), key="a-1")
        assert again.status_code == 201
        assert json.loads(again.content)["id"] == Petition.objects.get().pk

    def test_an_answer_committed_behind_our_back_is_found_after_all(
        self, hotline: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = hotline.post("/petitions", body(), key="a-1")
        real, blind = idempotency._take, [True]

        def late(place: Any) -> Any:
            return None if blind and blind.pop() else real(place)

        monkeypatch.setattr(idempotency, "_take", late)
        again = hotline.post("/petitions", body(), key="a-1")
        assert again.content == first.content
        assert again["Idempotency-Replayed"] == "true"
        assert Petition.objects.count() == 1
