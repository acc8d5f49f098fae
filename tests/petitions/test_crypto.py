import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from petitions.crypto import blind_index, mask_name, mask_number, normalise
from petitions.models import Petitioner
from tests.city import City, make_petition


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("周小琴", "周*琴"),
        ("林强", "林*"),
        ("李", "李"),
        ("", ""),
        ("欧阳小燕", "欧**燕"),
        ("宁波某某有限公司", "宁波****公司"),
        ("𠮷田", "𠮷*"),
    ],
)
def test_a_name_is_masked(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [("13812345127", "138****5127"), ("330203190001010013", "330203********0013"), ("87654321", "******21"), ("", "")],
)
def test_a_number_is_masked(number: str, masked: str) -> None:
    assert mask_number(number) == masked


@given(st.text(alphabet=st.characters(exclude_characters="*"), min_size=5, max_size=30))
def test_a_mask_never_shows_the_middle(name: str) -> None:
    stripped = name.strip()
    if len(stripped) >= 5:
        assert mask_name(stripped) != stripped


def test_blind_indexes_tell_kinds_apart_and_ignore_spelling() -> None:
    assert blind_index("phone", "+86 138-1234-5127") == blind_index("phone", "13812345127")
    assert blind_index("id", "33020319000101001x") == blind_index("id", "33020319000101001X")
    assert blind_index("name", "13812345127") != blind_index("phone", "13812345127")
    assert blind_index("name", "  ") == ""
    assert normalise("name", " 周 小琴") == "周小琴"


def test_an_encrypted_column_refuses_to_be_searched(city: City) -> None:
    make_petition(city)
    with pytest.raises(TypeError):
        Petitioner.objects.filter(name__contains="周").exists()


def test_rotation_moves_every_identity_to_the_new_key(city: City, settings) -> None:
    make_petition(city)
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, old]
    settings.INDEX_KEY = "another"
    call_command("rotate_keys", verbosity=0)
    settings.FIELD_KEYS = [new]
    person = Petitioner.objects.get()
    assert person.name == "周小琴"
    assert person.phone_index == blind_index("phone", "13812345127")
    settings.FIELD_KEYS = [old]
    with pytest.raises(InvalidToken):
        Petitioner.objects.get()
