"""One system of a shared channel with a mapping and a count of its own."""

from typing import Any

import pytest
from django.test import Client

from gateway.actions import channels as actions
from gateway.models import ChannelMapping, InboundItem
from tests.city import City
from tests.gateway.conftest import body
from tests.gateway.test_channels import DOCUMENT, message


class TestOneClient:
    """Departments' own systems share the channel `online`, and neither shape nor count."""

    THEIRS: dict[str, Any] = {
        "fields": [
            {"to": "source_ref", "from": ["编号"]},
            {"to": "content", "from": ["内容"]},
            {"to": "area", "from": ["属地"]},
            {"to": "category", "from": ["类别"], "default": "0303"},
        ],
        "status_out": {"registered": "已收到"},
    }

    @pytest.fixture
    def transport(self, caller: Any) -> Any:
        return caller(unit="transport", channel="online")

    def test_it_is_read_with_its_own_mapping_and_the_others_with_the_channels(
        self, housing: Any, transport: Any, city: City
    ) -> None:
        officer = city.people["officer"]
        actions.save_mapping("online", DOCUMENT, actor=officer, at=city.at)
        actions.save_mapping("online", self.THEIRS, client=transport.client, actor=officer, at=city.at)
        theirs = {"编号": "W-1", "内容": "公交站台破损。", "属地": "南门街道"}
        made = transport.post("/inbound/online", theirs)
        assert (made.status_code, made.json()["status"]) == (201, "已收到"), made.content
        ours = housing.post("/inbound/online", message())
        assert (ours.status_code, ours.json()["status"]) == (201, "已受理")
        # The same number of two departments is two matters, and each reads its own.
        assert made.json()["petition"] != ours.json()["petition"]
        assert transport.get("/inbound/online/W-1").json()["petition"] == made.json()["petition"]
        assert housing.get("/inbound/online/W-1").json()["petition"] == ours.json()["petition"]
        assert transport.post("/inbound/online", theirs).status_code == 200
        actions.drop_mapping("online", transport.client, actor=officer, at=city.at)
        assert transport.get("/inbound/online/W-1").json()["status"] == "已受理"
        assert ChannelMapping.history.filter(client=transport.client).count() == 2

    def test_a_word_is_remembered_where_the_message_was_read(self, transport: Any, city: City) -> None:
        officer = city.people["officer"]
        actions.save_mapping("online", DOCUMENT, actor=officer, at=city.at)
        actions.save_mapping("online", self.THEIRS, client=transport.client, actor=officer, at=city.at)
        odd = {"编号": "W-1", "内容": "公交站台破损。", "属地": "南门街道", "类别": "站台"}
        assert transport.post("/inbound/online", odd).status_code == 202
        actions.place(InboundItem.objects.get().pk, {"category": "0303"}, remember=True, actor=officer, at=city.at)
        own = ChannelMapping.objects.get(client=transport.client)
        assert own.document["values"] == {"category": {"站台": "0303"}}
        assert ChannelMapping.objects.get(client=None).document == DOCUMENT

    def test_the_rest_numbers_of_two_departments_do_not_meet(self, housing: Any, transport: Any) -> None:
        made = [each.post("/petitions", body(source_ref="2026-1")) for each in (housing, transport, housing)]
        assert [answer.status_code for answer in made] == [201, 201, 200]
        assert made[0].json()["id"] == made[2].json()["id"]
        assert made[0].json()["source_ref"] == "2026-1"
        found = transport.get("/petitions?source_ref=2026-1").json()["items"]
        assert [row["id"] for row in found] == [made[1].json()["id"]]

    def test_the_page_gives_a_system_its_own_and_takes_it_away(
        self, transport: Any, hotline: Any, city: City, client: Client
    ) -> None:
        actions.save_mapping("online", DOCUMENT, actor=city.people["officer"], at=city.at)
        client.force_login(city.people["officer"], backend="accounts.backends.StaffBackend")
        address = f"/gateway/channels/online/?client={transport.client.pk}"
        # It begins with what holds for the system now.
        assert "order.title" in client.get(address).content.decode()
        assert client.get(f"/gateway/channels/online/?client={hotline.client.pk}").status_code == 404
        rows = {"to": ["source_ref", "content", "area"], "from": ["no", "text", "place"]}
        rows |= {name: ["", "", ""] for name in ("join", "format", "default")}
        assert client.post(address, rows)["Location"] == address
        assert ChannelMapping.objects.get(client=transport.client).document["fields"][1]["from"] == ["text"]
        assert ChannelMapping.objects.get(client=None).document == DOCUMENT
        assert client.post(address, {"drop": "1"}).status_code == 302
        assert not ChannelMapping.objects.filter(client=transport.client).exists()
