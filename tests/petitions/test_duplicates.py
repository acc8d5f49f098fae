"""Who may have raised the same matter before."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.actions import Person
from petitions.duplicates import bigrams, candidates, candidates_for, runs, similarity
from petitions.indexing import index_pending
from petitions.phrases import fold
from tests.city import VALID_ID, draft, make_petition

TEXT = "我们小区三号楼电梯自九月起停运，物业一直未修，老人出行困难，请求尽快处理。"
OTHER = "东门农贸市场每天凌晨四点卸货，噪声很大，附近居民无法休息。"


def stranger(**changes):
    return Person(**{"name": "林强", "phone": "13900001111", **changes})


def test_it_finds_the_same_person_by_name_and_phone_or_by_paper(city):
    earlier = make_petition(city, content=OTHER, summary="市场噪声")
    for person in (Person(name="周小琴", phone="138 1234 5127"), Person(id_no=VALID_ID)):
        found = candidates(person, TEXT, who=city.officer)
        assert [(c.petition, c.is_same_person) for c in found] == [(earlier, True)]


def test_a_name_or_a_phone_alone_is_nobody(city):
    make_petition(city, content=OTHER, summary="市场噪声")
    assert candidates(Person(name="周小琴"), "", who=city.officer) == []
    assert candidates(Person(phone="13812345127"), "", who=city.officer) == []


def test_it_finds_much_the_same_words_of_somebody_else(city):
    earlier = make_petition(city)
    make_petition(city, content=OTHER, summary="市场噪声", person=stranger())
    index_pending()
    found = candidates(stranger(phone="13700002222"), f"{TEXT}已经反映过物业。", who=city.officer)
    assert [c.petition for c in found] == [earlier]
    assert found[0].similarity > 0.6
    assert found[0].percent > 60
    assert not found[0].is_same_person


def test_the_same_person_with_the_same_matter_comes_first(city):
    other_matter = make_petition(city, content=OTHER, summary="市场噪声")
    somebody_else = make_petition(city, person=stranger())
    same = make_petition(city, at=city.at + timedelta(hours=1))
    index_pending()
    found = candidates(draft(city).person, TEXT, who=city.officer)
    assert found[0].petition == same
    assert {c.petition for c in found} == {same, somebody_else, other_matter}
    assert len(candidates(draft(city).person, TEXT, who=city.officer, limit=2)) == 2


def test_it_tells_nobody_of_what_they_may_not_see(city):
    make_petition(city)
    accusation = make_petition(city, purpose="JK", actor=city.officer)
    index_pending()
    assert candidates(draft(city).person, TEXT, who=city.far_officer) == []
    assert accusation not in [c.petition for c in candidates(draft(city).person, TEXT, who=city.dispatcher)]
    assert accusation in [c.petition for c in candidates(draft(city).person, TEXT, who=city.officer)]


def test_it_looks_from_a_registered_petition_without_finding_itself(city):
    earlier, petition = make_petition(city), make_petition(city)
    index_pending()
    assert [c.petition for c in candidates_for(petition, who=city.officer)] == [earlier]


def test_an_anonymous_matter_is_compared_by_its_words_only(city):
    earlier = make_petition(city, is_anonymous=True, person=Person())
    petition = make_petition(city, is_anonymous=True, person=Person())
    index_pending()
    assert [(c.petition, c.is_same_person) for c in candidates_for(petition, who=city.officer)] == [(earlier, False)]


@pytest.mark.parametrize("text", ["", "。。。", "电梯", "' || ! & <-> :*", "\\", "a" * 5000, "''''''''"])
def test_no_text_breaks_it(city, text):
    make_petition(city)
    index_pending()
    candidates(stranger(), text, who=city.officer)


@given(st.text(), st.text())
def test_likeness_is_a_share_and_the_same_both_ways(first, second):
    one, two = bigrams(first), bigrams(second)
    assert 0 <= similarity(one, two) == similarity(two, one) <= 1
    assert similarity(one, one) == (1 if one else 0)


@given(st.text())
def test_it_looks_for_few_pieces_of_the_text(text):
    pieces = runs(text)
    assert len(pieces) <= 24
    assert len(set(pieces)) == len(pieces)
    assert all(piece in fold(text) for piece in pieces)


def test_anonymous_accusations_of_one_person_are_laid_beside_each_other_for_named_persons(city):
    fields = {"purpose": "JK", "is_anonymous": True, "person": Person(), "respondent_unit": city.transport}
    first = make_petition(city, content="某科长收受红包，群众意见很大。", respondent="甲某", **fields)
    other = make_petition(city, content="某科长收受红包，群众意见很大。", respondent="乙某", **fields)
    again = make_petition(city, content="甲某又收了施工队的红包。", respondent="甲 某", **fields)
    found = {c.petition.pk: c.likeness.identity for c in candidates_for(again, who=city.officer)}
    assert found[first.pk] == "accused"
    assert found.get(other.pk, "") == ""
    assert candidates_for(again, who=city.dispatcher) == []


def test_a_signer_who_has_withdrawn_makes_nobody_the_same_person(city):
    first = make_petition(city)
    first.petitioners.update(withdrawn_at=city.at)
    again = make_petition(city, summary="路灯不亮", content="路灯三周不亮")
    assert not any(c.is_same_person for c in candidates_for(first, who=city.officer))
    assert again.pk
