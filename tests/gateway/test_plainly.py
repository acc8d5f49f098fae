"""The quick reading of a body only ever agrees with the serializer, and reads what usually comes."""

from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError

from gateway.plainly import plain_reader
from gateway.serializers import PersonInput, PetitionInput
from gateway.strict import QUICK, clean
from tests.city import City
from tests.gateway.conftest import body

# Beside whatever JSON can hold: what fields of this kind get, right, nearly right and wrong.
WORDS = st.sampled_from(
    [
        *("", " ", "330203001", " 330203001 ", "330200", "0303", "03", "9", "QJ", "JK", "qj", "normal", "urgent"),
        *("2026-01-02", "2026-1-2", "20260102", "2026-02-30", "1899-01-01", "2999-01-01", "2026-01-02T00:00:00Z"),
        *("13812345127", "+86 138 1234 5127", "12", "330203190001010013", "33020319000101001X", "resident", "person"),
        *("周小琴", "null \0 byte", "长" * 201, "长" * 20_001, "true", "1", "yes", "x\u2028y", "organisation"),
    ]
)
ANY = st.one_of(
    WORDS,
    st.text(max_size=12),
    st.booleans(),
    st.none(),
    st.integers(-2, 10_000_001),
    st.floats(allow_nan=False),
    st.lists(WORDS, max_size=1),
    st.dictionaries(WORDS, WORDS, max_size=1),
)
NAMES = [*PetitionInput._declared_fields, "unknown"]
PERSON_NAMES = [*PersonInput._declared_fields, "unknown"]
PEOPLE = st.dictionaries(st.sampled_from(PERSON_NAMES), ANY, max_size=4)
CHANGES = st.dictionaries(st.sampled_from(NAMES), ANY, max_size=4)


def by_serializer(data: Any) -> dict[str, Any] | None:
    """What the serializer makes of it; None for a refusal."""
    try:
        return dict(PetitionInput().run_validation(data))
    except ValidationError:
        return None


@given(changes=CHANGES, person=st.one_of(st.none(), PEOPLE), left_out=st.sampled_from(["", "content", "area"]))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_quick_reading_agrees_with_the_serializer(
    city: City, changes: dict[str, Any], person: dict[str, Any] | None, left_out: str
) -> None:
    given_body = {**body(), **changes}
    if person is not None:
        given_body["petitioner"] = {**given_body.get("petitioner", {}), **person} if isinstance(
            given_body.get("petitioner"), dict) else person  # fmt: skip
    given_body.pop(left_out, None)
    data = orjson.loads(orjson.dumps(given_body))
    quick = QUICK[PetitionInput](data)
    assert quick is None or quick == by_serializer(data)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"source_ref": "GD-1", "summary": "电梯", "demand": "修好", "purpose": "ZX", "urgency": "urgent"},
        {"petition_date": "2026-01-02", "occurred_on": None, "headcount": 3, "affected_count": 5},
        {"petitioner": {"name": " 周小琴 ", "phone": "0574-87654321", "address": "南门", "party_type": "person"}},
        {"petitioner": {}, "is_anonymous": True, "is_open_to_public": True, "is_confidential": False, "address": " "},
    ],
)
def test_what_usually_comes_is_read_quickly(city: City, changes: dict[str, Any]) -> None:
    data = body(**changes)
    quick = QUICK[PetitionInput](data)
    assert quick is not None
    assert quick == by_serializer(data)


def test_what_is_refused_is_refused_in_the_serializers_words(city: City) -> None:
    broken = body(area="nowhere", headcount=0, strange=1, petitioner={"phone": "12"})
    with pytest.raises(ValidationError) as by_clean:
        clean(PetitionInput, broken)
    with pytest.raises(ValidationError) as plain:
        PetitionInput().run_validation(broken)
    assert by_clean.value.get_full_details() == plain.value.get_full_details()


@pytest.mark.parametrize("data", [None, [], "text", 5, {"content": "half a \ud800 character", "area": "330203"}])
def test_what_is_no_plain_object_is_left_to_the_serializer(city: City, data: Any) -> None:
    assert plain_reader(PetitionInput)(data) is None
