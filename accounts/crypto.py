"""Columns that are ciphertext at rest, under FIELD_KEYS (docs/operations.md, "Rotate keys"). Every room uses these."""

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
