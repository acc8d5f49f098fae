"""The kinds of long-standing matters, read from matters.toml, and the words one file has of its kind."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from accounts.models import Area
from config.demo_city import places

_TEXT = Path(__file__).parent / "matters.toml"


@dataclass(frozen=True)
class Kind:
    """One kind: whose it is, how many people bring it, and what everybody writes about it."""

    key: str
    force: str
    class_code: str
    duty: str
    group: tuple[int, int]
    titles: tuple[str, ...]
    words: dict[str, str]


@lru_cache(maxsize=1)
def kinds() -> tuple[Kind, ...]:
    """Every kind, in a fixed order."""
    rows = tomllib.loads(_TEXT.read_text(encoding="utf-8"))
    return tuple(
        Kind(
            key=key,
            force=raw.pop("force"),
            class_code=raw.pop("class"),
            duty=raw.pop("duty"),
            group=tuple(raw.pop("group")),
            titles=tuple(raw.pop("titles").split("|")),
            words=raw,
        )
        for key, raw in rows.items()
    )


@dataclass(frozen=True)
class Story:
    """The words of one file: its kind's, with places and numbers of its own."""

    kind: Kind
    town: Area
    slots: dict[str, Any]
    title: str
    people: int

    def word(self, name: str) -> str:
        return self.kind.words[name].format_map(self.slots)


def tell(rng: Random, kind: Kind, town: Area, district: Area, years: int) -> Story:
    """A story of this kind in a town, `years` old."""
    slots = places.place_slots(rng, town, district)
    is_rural = kind.force == "rural" or (kind.key in {"title_deeds", "restructured_firm"} and rng.random() < 0.4)
    people = rng.randint(*kind.group)
    slots |= {"place": slots["village"].removesuffix("村") if is_rural else slots["estate"], "k": years, "n": people}
    title = rng.choice(kind.titles).format_map(slots)
    return Story(kind, town, slots, title, people)
