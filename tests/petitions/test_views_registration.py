"""Registering by hand: the form, its parts, drafts, and the slip."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLog
from petitions.indexing import index_pending
from petitions.models import Attachment, Draft, Petition
from tests.city import VALID_ID, make_order, make_petition

URL = "/petitions/new/"
TEXT = "三号楼电梯停运两个月，老人出行困难，请求尽快修复。"


@pytest.fixture
def as_user(client):
    def sign_in(user):
        client.force_login(user, backend="accounts.backends.StaffBackend")
        return client

    return sign_in


def typed(city, **changes):
    fields = {
        "once": "0123456789abcdef",
        "step": "register",
        "channel": "visit",
        "petition_date": timezone.localdate().isoformat(),
        "party_type": "person",
        "name": "周小琴",
        "phone": "13812345127",
        "id_type": "111",
        "id_no": VALID_ID,
        "content": TEXT,
        "purpose": "QJ",
        "content_class": str(city.classes["0303"].pk),
        "urgency": "normal",
        "district": str(city.areas["330203"].pk),
        "town": str(city.areas["330203001"].pk),
        "headcount": "1",
    }
    return {key: value for key, value in {**fields, **changes}.items() if value is not None}


def sentences(answer):
    return [str(message) for message in answer.wsgi_request._messages]


def test_who_may_register_and_who_may_not(city, as_user):
    for user in (city.officer, city.dispatcher, city.agent, city.district_officer, city.leader):
        assert as_user(user).get(URL).status_code == 200, user.role
    for user in (city.handler, city.inspector, city.admin, city.reviewer):
        for answer in (
            as_user(user).get(URL),
            as_user(user).post(URL, typed(city)),
            as_user(user).post("/petitions/new/duplicates/"),
        ):
            assert answer.status_code == 403, user.role
    assert not Petition.objects.exists()


def test_a_fresh_form_has_what_is_sensible(city, as_user):
    form = as_user(city.agent).get(URL).context["form"]
    assert form["channel"].value() == "hotline"
    assert form["petition_date"].value() == timezone.localdate()
    assert form["once"].value()
    form = as_user(city.district_officer).get(URL).context["form"]
    assert form["channel"].value() == "visit"
    assert form["district"].value() == city.areas["330203"].pk
    assert form["once"].value() != as_user(city.officer).get(URL).context["form"]["once"].value()


def test_it_registers_and_leads_to_the_case(city, as_user):
    answer = as_user(city.officer).post(URL, typed(city, repeat_of="", new_matter="另一件事"))
    petition = Petition.objects.get()
    assert answer["Location"] == reverse("petition", args=[petition.pk])
    assert petition.register_unit == city.city_office
    assert (petition.summary, petition.area.code) == (TEXT.rstrip("。"), "330203001")
    person = petition.petitioners.get()
    assert (person.name, person.sex) == ("周小琴", "male")
    said = sentences(answer)[0]
    assert petition.number in said and petition.query_code in said and f"/petitions/{petition.pk}/slip/" in said


def test_register_and_next_opens_an_empty_form(city, as_user):
    client = as_user(city.officer)
    answer = client.post(URL, typed(city, step="next", repeat_of="", new_matter="另一件事"))
    assert answer["Location"] == URL
    assert not client.get(URL).context["form"]["name"].value()


def test_a_second_click_registers_nothing(city, as_user):
    client = as_user(city.officer)
    client.post(URL, typed(city, repeat_of="", new_matter="另一件事"))
    again = client.post(URL, typed(city, repeat_of="", new_matter="另一件事"))
    assert Petition.objects.count() == 1
    assert again["Location"] == reverse("petition", args=[Petition.objects.get().pk])
    client.post(URL, typed(city, repeat_of="", new_matter="另一件事", once="another"))
    assert Petition.objects.count() == 2


def test_a_refused_form_keeps_everything_typed_and_names_the_fields(city, as_user):
    answer = as_user(city.officer).post(URL, typed(city, id_no="330203190001010012", name="", demand="要求赔偿"))
    assert answer.status_code == 422
    html = answer.content.decode()
    assert TEXT in html and "要求赔偿" in html and "330203190001010012" in html
    assert 'href="#id_id_no_field"' in html and 'href="#id_name_field"' in html
    assert list(answer.context["form"].errors) == ["id_no", "name"]
    assert not Petition.objects.exists()
    # A refused form may be sent again.
    assert as_user(city.officer).post(URL, typed(city, repeat_of="", new_matter="另一件事")).status_code == 302


def test_the_same_source_number_is_refused_at_its_field(city, as_user):
    make_petition(city, channel="hotline", source_ref="N-17")
    answer = as_user(city.officer).post(
        URL, typed(city, channel="hotline", source_ref="N-17", repeat_of="", new_matter="另一件事")
    )
    assert list(answer.context["form"].errors) == ["source_ref"]


def test_an_accusation_leaves_the_sight_of_who_registered_it(city, as_user):
    sent = typed(
        city,
        purpose="JK",
        respondent_unit="330203-HOUSING",
        respondent="某副局长",
        repeat_of="",
        new_matter="另一件事",
    )
    answer = as_user(city.agent).post(URL, sent)
    petition = Petition.objects.get()
    assert petition.is_restricted and petition.respondent_unit == city.housing
    assert answer["Location"] == reverse("worklist")
    assert petition.query_code in sentences(answer)[0] and "slip" not in sentences(answer)[0]
    assert as_user(city.agent).get(reverse("petition_slip", args=[petition.pk])).status_code == 404
    named = as_user(city.officer).post(URL, {**sent, "once": "b"})
    assert named["Location"] == reverse("petition", args=[Petition.objects.latest("pk").pk])


def test_files_come_with_it_or_nothing_does(city, as_user):
    good = SimpleUploadedFile("说明.txt", "电梯停运说明".encode())
    as_user(city.officer).post(URL, typed(city, files=[good], repeat_of="", new_matter="另一件事"))
    assert Attachment.objects.get().name == "说明.txt"
    bad = SimpleUploadedFile("x.exe", b"MZ")
    answer = as_user(city.officer).post(URL, typed(city, files=[bad], once="b", repeat_of="", new_matter="另一件事"))
    assert list(answer.context["form"].errors) == ["files"]
    assert Petition.objects.count() == 1


# ---- hints ----


def test_it_shows_earlier_petitions_of_the_same_person_before_registering_again(city, as_user):
    earlier = make_petition(city, content=TEXT, summary=TEXT)
    answer = as_user(city.officer).post(URL, typed(city))
    assert answer.status_code == 422
    assert answer.context["asks_to_look"]
    assert earlier.short_number in answer.content.decode()
    assert Petition.objects.count() == 1
    answer = as_user(city.officer).post(URL, typed(city, repeat_of=str(earlier.pk)))
    assert answer.status_code == 302
    assert Petition.objects.latest("pk").repeat_of == earlier
    assert Petition.objects.get(pk=earlier.pk).state == "registered"


def test_the_hint_stays_inside_what_the_clerk_may_see(city, as_user):
    earlier = make_petition(city, content=TEXT)
    index_pending()
    url = reverse("duplicate_hint")
    seen = as_user(city.officer).post(url, typed(city)).content.decode()
    assert earlier.short_number in seen
    assert f'value="{earlier.pk}"' in seen
    for user in (city.far_officer, city.agent):
        assert earlier.short_number not in as_user(user).post(url, typed(city)).content.decode(), user.role
    assert earlier.short_number in as_user(city.officer).get(url, typed(city)).content.decode()


def test_the_hint_keeps_what_was_chosen(city, as_user):
    earlier = make_petition(city, content=TEXT)
    html = (
        as_user(city.officer).post(reverse("duplicate_hint"), typed(city, repeat_of=str(earlier.pk))).content.decode()
    )
    assert f'value="{earlier.pk}" checked' in html


def part(client, name, data):
    return client.post(reverse("registration_part", args=[name]), data).content.decode()


def test_the_parts_follow_what_is_typed(city, as_user):
    client = as_user(city.officer)
    assert "1900-01-01" in part(client, "paper_hint", typed(city))
    assert "bad" in part(client, "paper_hint", typed(city, id_no="330203190001010012"))
    towns = part(client, "town_field", typed(city, district=str(city.areas["330225"].pk), town=""))
    assert "南门街道" not in towns
    assert "南门街道" in part(client, "town_field", typed(city, town=""))
    assert "open" in part(client, "accused", typed(city, purpose="JK")).split(">")[0]
    assert "open" not in part(client, "accused", typed(city)).split(">")[0]
    chips = part(client, "suggest", typed(city, content="闻到燃气泄漏的味道，开发商延期交房，房产证办不出来"))
    assert f'value="{city.classes["0303"].pk}"' in chips and "extra_urgent" in chips
    picked = part(client, "class_select", typed(city, content_class="", pick_class=str(city.classes["99"].pk)))
    assert f'value="{city.classes["99"].pk}" selected' in picked
    assert 'value="urgent" ' in part(client, "urgency_field", typed(city, pick_urgency="urgent"))
    assert client.post(reverse("registration_part", args=["passwords"])).status_code == 404


def test_units_are_offered_by_name(city, as_user):
    html = as_user(city.agent).get(reverse("unit_options"), {"respondent_unit": "住建"}).content.decode()
    assert "海曙区住建局" in html
    assert "option" not in as_user(city.agent).get(reverse("unit_options"), {"respondent_unit": "局"}).content.decode()


def test_looking_again_works_without_a_script(city, as_user):
    make_petition(city, content=TEXT)
    answer = as_user(city.officer).post(URL, typed(city, step="check", name="周小琴"))
    assert answer.status_code == 200
    assert answer.context["candidates"]
    assert TEXT in answer.content.decode()
    picked = as_user(city.officer).post(
        URL, typed(city, step=None, content_class="", pick_class=str(city.classes["99"].pk))
    )
    assert picked.context["form"]["content_class"].value() == str(city.classes["99"].pk)
    assert Petition.objects.count() == 1


# ---- drafts ----


def test_a_draft_is_kept_encrypted_for_its_writer_only(city, as_user):
    url = reverse("draft_save", args=["petition_new"])
    assert as_user(city.officer).post(url, typed(city)).status_code == 204
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM petitions_draft")
        stored = cursor.fetchone()[0]
    assert "周小琴" not in stored and "%E5" not in stored and "13812345127" not in stored
    mine = as_user(city.officer).get(URL)
    assert mine.context["form"]["name"].value() == "周小琴"
    assert mine.context["form"]["once"].value() != "0123456789abcdef"
    assert mine.context["draft_saved_at"]
    other = as_user(city.dispatcher).get(URL)
    assert not other.context["form"]["name"].value()
    as_user(city.dispatcher).post(reverse("draft_discard", args=["petition_new"]))
    assert Draft.objects.count() == 1
    assert as_user(city.officer).post(reverse("draft_discard", args=["petition_new"]))["Location"] == URL
    assert not Draft.objects.exists()


def test_a_draft_is_replaced_and_ends_with_the_registration(city, as_user):
    url, client = reverse("draft_save", args=["petition_new"]), as_user(city.officer)
    client.post(url, typed(city, name="周"))
    client.post(url, typed(city))
    assert Draft.objects.count() == 1
    client.post(URL, typed(city, repeat_of="", new_matter="另一件事"))
    assert not Draft.objects.exists()
    # A save that was under way when the form was sent comes too late.
    assert client.post(url, typed(city)).status_code == 204
    assert not Draft.objects.exists()


def test_a_draft_too_large_to_be_typed_is_refused(city, as_user):
    answer = as_user(city.officer).post(reverse("draft_save", args=["petition_new"]), {"content": "长" * 60000})
    assert answer.status_code == 413


def test_words_are_kept_only_where_retention_finds_them(city, as_user):
    order = make_order(city)
    mine, step = f"note:{order.petition_id}", f"feed_back:{order.pk}"

    def save(user, key):
        return as_user(user).post(reverse("draft_save", args=[key]), {"text": "未发出的话"}).status_code

    assert [save(city.leader, key) for key in (mine, step)] == [204, 204]
    unknown = [
        *("anything", f"petition_new:{order.petition_id}", f"diary:{order.petition_id}", "note:", "note:x", "k" * 61),
        *(
            f"note:0{order.petition_id}",
            f"note:{order.petition_id}:2",
            "note:987654321",
            "note:１",
            "feed_back:987654321",
        ),
    ]
    assert [save(city.leader, key) for key in unknown] == [404] * len(unknown)
    assert [save(city.outsider, key) for key in (mine, step)] == [404, 404]
    assert set(Draft.objects.values_list("key", flat=True)) == {mine, step}


def test_the_slip_says_number_and_code_to_who_registers(city, as_user, settings):
    petition = make_petition(city)
    url = reverse("petition_slip", args=[petition.pk])
    html = as_user(city.officer).get(url).content.decode()
    assert petition.number in html and petition.query_code in html
    assert as_user(city.far_officer).get(url).status_code == 404
    for masked in (city.inspector, city.dispatcher):
        assert as_user(masked).get(url).status_code == 403
    proxied = {"headers": {"X-Forwarded-For": "203.0.113.9"}}
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    as_user(city.officer).get(url, **proxied)
    rows = AccessLog.objects.filter(action="code", target=f"petition:{petition.pk}").order_by("pk")
    assert [(row.user, row.subject, row.ip) for row in rows] == [
        (city.officer, petition.pk, "127.0.0.1"),
        (city.officer, petition.pk, "203.0.113.9"),
    ]


def test_the_slip_of_a_case_is_not_the_handling_units_but_its_own_registrars(city, as_user):
    foreign = make_order(city).petition
    own = make_petition(city, register_unit=city.housing, actor=city.leader)
    assert Petition.objects.visible_to(city.leader).filter(pk=foreign.pk).exists()
    seen = [as_user(city.leader).get(reverse("petition_slip", args=[p.pk])).status_code for p in (foreign, own)]
    assert seen == [403, 200]


def test_a_whole_number_typed_by_who_sees_identities_masked_is_logged_once(city, as_user):
    make_petition(city)
    number = {"phone": "13812345127", "id_no": VALID_ID, "content": "电梯停运两个月，请求尽快处理，老人出行困难。"}
    for _again in range(2):
        answer = as_user(city.dispatcher).post("/petitions/new/duplicates/", number).content.decode()
    rows = AccessLog.objects.filter(user=city.dispatcher, action="search", target="person")
    assert rows.count() == 2
    assert not [row for row in rows if number["phone"] in row.detail or VALID_ID in row.detail]
    assert "26-" in answer and "st--violet" not in answer and "<small" not in answer


def test_who_may_lift_the_mask_leaves_no_trace_at_registration(city, as_user):
    as_user(city.officer).post("/petitions/new/duplicates/", {"phone": "13812345127", "id_no": VALID_ID})
    assert not AccessLog.objects.exists()
