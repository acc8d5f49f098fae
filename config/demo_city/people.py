"""Invented people of the demo city. Their telephone numbers begin with 1990000; their identity numbers are made up."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random

from petitions.actions import Person
from petitions.models import Petitioner

_TEXTS = Path(__file__).parent / "texts" / "names.toml"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@lru_cache(maxsize=1)
def _parts() -> dict[str, list[str]]:
    """Parts of names by kind; surnames are single characters, the rest is split at blanks."""
    raw = tomllib.loads(_TEXTS.read_text(encoding="utf-8"))
    return {kind: list(text) if kind == "surnames" else text.split() for kind, text in raw.items()}


@dataclass(frozen=True)
class Someone:
    """An invented person as the slots and the registration need them."""

    name: str
    sex: str


def someone(rng: Random) -> Someone:
    """A common surname with a given name of one sex."""
    sex = rng.choice(["male", "female"])
    return Someone(rng.choice(_parts()["surnames"]) + rng.choice(_parts()["men" if sex == "male" else "women"]), sex)


def petitioner(rng: Random, district: str, address: str) -> Person:
    """A petitioner with a telephone; about half show an identity card."""
    who = someone(rng)
    number = identity_number(rng, district, who.sex) if rng.random() < 0.5 else ""
    return Person(
        name=who.name,
        sex=who.sex,
        phone=f"1990000{rng.randrange(10_000):04d}",
        id_type=Petitioner.IdType.RESIDENT if number else "",
        id_no=number,
        address=address,
    )


def identity_number(rng: Random, district: str, sex: str) -> str:
    """A number that passes GB 11643-1999 for a birthday between 1945 and 2004."""
    born = date(1945, 1, 1) + timedelta(days=rng.randrange(59 * 365))
    sequence = rng.randrange(1, 499) * 2 + (sex == "male")
    digits = f"{district}{born:%Y%m%d}{sequence % 1000:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return digits + "10X98765432"[total % 11]


def firm(rng: Random) -> str:
    return rng.choice(_parts()["firm_names"]) + rng.choice(_parts()["firm_kinds"])


def shop(rng: Random) -> str:
    return rng.choice(_parts()["shops"])
