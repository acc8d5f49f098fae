"""The rule about kinds of characters."""

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from accounts.validators import CharacterClassesValidator


@pytest.mark.parametrize("password", ["Abcdefgh1", "abcdefgh-1", "ABCDEFGH-1", "Abc-defghi", "Ab1-"])
def test_three_kinds_of_characters_are_enough(password: str) -> None:
    CharacterClassesValidator().validate(password)


@pytest.mark.parametrize("password", ["", "abcdefgh", "12345678", "abcdefgh1", "ABCDEFGH-", "-------1"])
def test_fewer_are_refused(password: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        CharacterClassesValidator().validate(password)
    assert refusal.value.code == "password_character_classes"


def test_it_says_what_is_missing_and_how_many() -> None:
    with override("en"), pytest.raises(ValidationError) as refusal:
        CharacterClassesValidator().validate("abcdefgh1")
    (message,) = refusal.value.messages
    assert "Add one more" in message
    assert message.endswith("capital letters, other signs such as ! or -.")


def test_chinese_characters_are_letters_of_no_case_and_count_for_nothing() -> None:
    with pytest.raises(ValidationError):
        CharacterClassesValidator().validate("信访信访信访信访a1")


def test_the_help_text_names_the_number() -> None:
    with override("en"):
        assert "at least 2" in CharacterClassesValidator(minimum=2).get_help_text()
