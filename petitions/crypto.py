"""Identity data at rest: encrypted fields, blind indexes for exact search, masks (PIPL 51; domain-facts §7.2)."""

import hmac
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    """The current cipher: the first of FIELD_KEYS encrypts, all of them decrypt."""
    return _cipher(tuple(settings.FIELD_KEYS))


class EncryptedTextField(models.TextField):
    """Text that is ciphertext in the database and plain in Python. It cannot be filtered on: use a blind index."""

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt; the empty string stays empty so that 'no phone' needs no key."""
        value = super().get_prep_value(value)
        return cipher().encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        """Decrypt. Raises cryptography.fernet.InvalidToken when no key fits."""
        return cipher().decrypt(value.encode()).decode() if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        """Refuse every comparison but emptiness: ciphertext differs each time, a filter on it would silently miss."""
        if lookup_name not in {"isnull", "exact"}:
            raise TypeError("An encrypted field cannot be searched; use its blind index.")
        return super().get_lookup(lookup_name)


def blind_index(kind: str, value: str) -> str:
    """Keyed digest (HMAC-SHA256, 128 bits, hex) of a normalised value; empty for an empty value.

    `kind` ("name", "phone", "id") keeps equal texts of different kinds apart.
    """
    normal = normalise(kind, value)
    if not normal:
        return ""
    return hmac.digest(settings.INDEX_KEY.encode(), f"{kind}:{normal}".encode(), "sha256").hex()[:32]


def home_index(name: str, address: str) -> str:
    """The blind index of name and home address together; empty unless both are known."""
    if not name.strip() or not address.strip():
        return ""
    return blind_index("home", f"{normalise('name', name)}|{normalise('address', address)}")


def normalise(kind: str, value: str) -> str:
    """One spelling per value: no blanks; digits only for phones (without +86); upper case for numbers of papers."""
    value = "".join(value.split())
    if kind == "phone":
        digits = "".join(ch for ch in value if ch.isdigit())
        return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
    return value.upper() if kind == "id" else value.casefold()


def mask_name(name: str) -> str:
    """周小琴 → 周*琴, 林强 → 林*, 宁波某某公司 → 宁波****公司."""
    name = name.strip()
    if len(name) <= 1:
        return name
    if len(name) == 2:
        return name[0] + "*"
    if len(name) <= 4:
        return name[0] + "*" * (len(name) - 2) + name[-1]
    return name[:2] + "*" * min(4, len(name) - 4) + name[-2:]


def mask_number(number: str) -> str:
    """13812345127 → 138****5127; 330203199001010013 → 330203********0013; short numbers keep only the last two."""
    number = number.strip()
    if len(number) >= 15:
        return number[:6] + "*" * (len(number) - 10) + number[-4:]
    if len(number) >= 9:
        return number[:3] + "*" * (len(number) - 7) + number[-4:]
    return "*" * max(0, len(number) - 2) + number[-2:]
