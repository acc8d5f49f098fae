"""Identity data at rest: blind indexes for exact search, masks (PIPL 51; domain-facts §7.2).

The encrypted field itself stands one room below, since people's second factors need it too (`accounts.crypto`).
"""

import hmac

from django.conf import settings


def blind_index(kind: str, value: str) -> str:
    """Keyed digest (HMAC-SHA256, 128 bits, hex) of a normalised value; empty for an empty value.

    `kind` ("name", "phone", "id") keeps equal texts of different kinds apart.
    """
    normal = normalise(kind, value)
    if not normal:
        return ""
    return hmac.digest(settings.INDEX_KEY.encode(), f"{kind}:{normal}".encode(), "sha256").hex()[:32]


def keyed_digest(kind: str, text: str) -> str:
    """Keyed digest (HMAC-SHA256, 256 bits, hex) of a text exactly as it stands, to know it again without keeping it."""
    return hmac.digest(settings.INDEX_KEY.encode(), f"{kind}:{text}".encode(), "sha256").hex()


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
