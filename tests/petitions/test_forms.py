"""The registration form: what it refuses and what comes out."""

from datetime import date

import pytest

from accounts.models import Unit
from petitions.forms import RegistrationForm, class_choices, propose_summary, town_choices
from petitions.models import ContentClass
from tests.city import VALID_ID, make_petition

TODAY = date(2026, 11, 16)


def typed(city, **changes):
    fields = {
        "once": "a",
        "channel": "visit",
        "petition_date": "2026-11-16",
        "party_type": "person",
        "name": "周小琴",
        "phone": "138 1234 5127",
        "id_type": "111",
        "id_no": VALID_ID,
        "content": "三号楼电梯停运两个月。请求尽快修复。",
        "purpose": "QJ",
        "content_class": str(city.classes["0303"].pk),
        "urgency": "normal",
        "district": str(city.areas["330203"].pk),
        "headcount": "1",
    }
    return {**fields, **changes}


def form(city, who=None, **changes):
    return RegistrationForm(typed(city, **changes), user=who or city.officer, today=TODAY)


def test_it_makes_a_registration(city):
    sent = form(city, town=str(city.areas["330203001"].pk), is_confidential="on", affected_count="30", headcount="5")
    assert sent.is_valid(), sent.errors
    made = sent.registration(city.city_office)
    assert made.summary == "三号楼电梯停运两个月"
    assert made.area == city.areas["330203001"]
    assert made.sensitivity == "confidential"
    assert (made.headcount, made.affected_count) == (5, 30)
    assert (made.person.phone, made.person.sex, made.person.id_no) == ("13812345127", "male", VALID_ID)
    assert made.register_unit == city.city_office


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id_no": "330203190001010012"}, "id_no"),
        ({"id_no": "330203190002290010"}, "id_no"),
        ({"id_no": "123"}, "id_no"),
        ({"id_type": "usc", "id_no": "91350100M000100Y44"}, "id_no"),
        ({"id_type": ""}, "id_type"),
        ({"phone": "12"}, "phone"),
        ({"name": ""}, "name"),
        ({"petition_date": "2026-11-17"}, "petition_date"),
        ({"petition_date": "2006-11-16"}, "petition_date"),
        ({"occurred_on": "2026-12-01"}, "occurred_on"),
        ({"content": "  "}, "content"),
        ({"headcount": "0"}, "headcount"),
        ({"headcount": "9", "affected_count": "3"}, "affected_count"),
        ({"district": ""}, "district"),
        ({"respondent_unit": "查无此单位"}, "respondent_unit"),
        ({"respondent_unit": "局"}, "respondent_unit"),
        ({"urgency": "whenever"}, "urgency"),
        ({"repeat_of": "999999"}, "repeat_of"),
    ],
)
def test_it_refuses_at_the_field(city, changes, field):
    sent = form(city, **changes)
    assert not sent.is_valid()
    assert list(sent.errors) == [field]


def test_it_takes_what_is_odd_but_right(city):
    assert form(city, id_no="11010519491231002x").is_valid()
    assert form(city, id_type="usc", id_no="91350100m000100y43", party_type="legal_person").is_valid()
    assert form(city, name="", phone="", id_no="", is_anonymous="on").is_valid()
    assert form(city, phone="0574-87654321").is_valid()


def test_a_town_decides_its_district_and_must_lie_in_it(city):
    alone = form(city, district="", town=str(city.areas["330203001"].pk))
    assert alone.is_valid(), alone.errors
    wrong = form(city, district=str(city.areas["330225"].pk), town=str(city.areas["330203001"].pk))
    assert list(wrong.errors) == ["town"]


def test_a_head_with_classes_below_it_is_too_little(city):
    assert list(form(city, content_class=str(city.classes["03"].pk)).errors) == ["content_class"]
    assert form(city, content_class=str(city.classes["99"].pk)).is_valid()


def test_a_district_officer_registers_for_the_own_district(city):
    there = str(city.areas["330225"].pk)
    assert list(form(city, who=city.district_officer, district=there).errors) == ["district"]
    assert RegistrationForm.defaults(city.district_officer, TODAY)["district"] == city.areas["330203"].pk


def test_the_one_complained_of_is_kept_for_accusations_only(city):
    plain = form(city, respondent_unit="海曙区住建局", respondent="某某")
    assert plain.is_valid()
    assert (plain.registration(city.city_office).respondent_unit, plain.registration(city.city_office).respondent) == (
        None,
        "",
    )
    accusing = form(city, purpose="JK", respondent_unit="330203-HOUSING", respondent="某某")
    assert accusing.is_valid()
    assert accusing.registration(city.city_office).respondent_unit == city.housing
    Unit.objects.filter(pk=city.housing.pk).update(name="海曙区住房和城乡建设局")
    part = form(city, purpose="JK", respondent_unit="住房和城乡")
    assert part.is_valid()
    assert part.cleaned_data["respondent_unit"] == city.housing


def test_a_repeat_points_only_to_what_the_clerk_may_see(city):
    earlier = make_petition(city)
    assert form(city, repeat_of=str(earlier.pk)).is_valid()
    there = str(city.areas["330225"].pk)
    assert list(form(city, who=city.far_officer, district=there, repeat_of=str(earlier.pk)).errors) == ["repeat_of"]


def test_it_proposes_a_summary_from_the_first_sentence():
    assert propose_summary("电梯坏了。物业不修。") == "电梯坏了"
    assert propose_summary("长" * 90) == "长" * 59 + "…"
    assert propose_summary("") == ""


def test_classes_are_grouped_by_head_and_can_be_searched(city):
    groups = dict(class_choices()[1:])
    assert [label for _pk, label in groups["城乡建设"]] == ["03 城乡建设", "0303 住房保障与房地产"]
    chosen = str(city.classes["99"].pk)
    found = [pk for _head, rows in class_choices("房地产", always=chosen)[1:] for pk, _label in rows]
    assert set(found) == {str(city.classes["0303"].pk), chosen}
    ContentClass.objects.filter(code="0303").update(is_active=False)
    assert str(city.classes["0303"].pk) not in str(class_choices())


def test_towns_stand_under_their_district_until_one_is_chosen(city):
    both = [city.areas["330203"], city.areas["330225"]]
    town = (str(city.areas["330203001"].pk), "南门街道")
    assert town_choices(both)[1:] == [("海曙区", [town])]
    assert town_choices(both, str(city.areas["330203"].pk))[1:] == [town]
    assert town_choices(both, str(city.areas["330225"].pk))[1:] == []
