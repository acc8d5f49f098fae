from datetime import date

import pytest

from petitions.identity import check_organisation_code, check_phone, parse_resident_id

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("number", "born", "sex"),
    [
        ("11010519491231002X", date(1949, 12, 31), "female"),
        ("11010519491231002x", date(1949, 12, 31), "female"),
        ("330203190001010013", date(1900, 1, 1), "male"),
        ("330203 19000101 0021", date(1900, 1, 1), "female"),
    ],
)
def test_a_valid_number_tells_birth_and_sex(number: str, born: date, sex: str) -> None:
    found = parse_resident_id(number, today=TODAY)
    assert (found.birth_date, found.sex) == (born, sex)


@pytest.mark.parametrize(
    "number",
    [
        "330203190002290010",  # check digit right, but 1900 was no leap year
        "110105194912310021",  # wrong check digit
        "440524188001010014",  # the standard's own example, born 1880
        "33020319000101001",
        "33020319000101001Z",
        "33020320991231001X",
        "",
    ],
)
def test_a_wrong_number_is_refused_with_a_sentence(number: str) -> None:
    with pytest.raises(ValueError, match=r"\w+"):
        parse_resident_id(number, today=TODAY)


def test_the_fifteen_digit_form_is_kept_as_old() -> None:
    found = parse_resident_id("330203490101001", today=TODAY)
    assert found.is_old_form and found.birth_date == date(1949, 1, 1)


def test_an_unknown_address_code_is_no_reason_to_refuse() -> None:
    # 330204 (江东区) was merged in 2016; its people still carry the number (domain-facts §4.3).
    prefix = "33020419491231002"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    check = "10X98765432"[sum(int(d) * w for d, w in zip(prefix, weights, strict=True)) % 11]
    assert parse_resident_id(prefix + check, today=TODAY).sex == "female"


def test_an_organisation_code_is_checked() -> None:
    assert check_organisation_code("91350100m000100y43") == "91350100M000100Y43"
    for wrong in ("91350100M000100Y44", "9135", "91350100M000100YI3"):
        with pytest.raises(ValueError, match=r"\w+"):
            check_organisation_code(wrong)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("138 1234 5127", "13812345127"),
        ("+86 13812345127", "13812345127"),
        ("0574-87654321", "0574-87654321"),
        ("12345", "12345"),
    ],
)
def test_a_phone_number_is_cleaned(raw: str, clean: str) -> None:
    assert check_phone(raw) == clean


@pytest.mark.parametrize("raw", ["1234", "23812345127", "138123451278", "abc"])
def test_a_wrong_phone_number_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match=r"\w+"):
        check_phone(raw)
