"""The kinds of matters of the demo city, read from texts/*.toml, and the filling of their wordings."""

import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from petitions.models import Purpose, Urgency

_TEXTS = Path(__file__).parent / "texts"
_LISTS = {"title", "demand", "contact", "solved", "other", "why", "note", "answer"}


@dataclass(frozen=True)
class Matter:
    """One kind of matter: its class, who handles it, and what everybody says about it."""

    key: str
    class_code: str
    weight: int
    story: tuple[tuple[str, ...], ...]
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # Line of duty that handles it ("TOWN" for the town itself); empty: whatever the dispatch catalogue says.
    unit: str = ""
    purpose: str = Purpose.SETTLE
    urgency: str = Urgency.NORMAL
    # The share brought by five or more people.
    group: float = 0.0
    basis: str = ""
    # Another legal route the matter is led to, instead of being handled.
    route: str = ""
    respondent: str = ""
    # Any wording goes with any other; else the first ones belong together, and so do the second ones.
    mix: bool = False

    @property
    def is_handled(self) -> bool:
        """False for what ends at the office: enquiries, thanks, other routes, accusations."""
        return "solved" in self.words

    @property
    def is_urgent(self) -> bool:
        return self.urgency in {Urgency.URGENT, Urgency.EXTRA}


def _alternatives(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


def _matter(key: str, raw: dict[str, Any]) -> Matter:
    plain = {"unit", "purpose", "urgency", "group", "basis", "route", "respondent", "mix"}
    return Matter(
        key=key,
        class_code=raw["class"],
        weight=raw.get("weight", 1),
        story=tuple(_alternatives(line) for line in raw["story"]),
        words={name: _alternatives(text) for name, text in raw.items() if name in _LISTS},
        **{name: value for name, value in raw.items() if name in plain},
    )


@lru_cache(maxsize=1)
def matters() -> tuple[Matter, ...]:
    """Every kind, in a fixed order."""
    found = []
    for path in sorted(_TEXTS.glob("*.toml")):
        if path.stem not in {"names", "phrases"}:
            found += [_matter(key, raw) for key, raw in tomllib.loads(path.read_text(encoding="utf-8")).items()]
    return tuple(found)


@lru_cache(maxsize=1)
def phrases() -> dict[str, list[str]]:
    """What is said at each step, whatever the matter."""
    return tomllib.loads((_TEXTS / "phrases.toml").read_text(encoding="utf-8"))


def pick(rng: Random, choices: tuple[Matter, ...]) -> Matter:
    """One of these kinds, by weight."""
    return rng.choices(choices, [matter.weight for matter in choices])[0]


@dataclass(frozen=True)
class Teller:
    """Words for one case: alternatives chosen by its own dice, blanks filled with its own names and numbers."""

    matter: Matter
    slots: dict[str, Any]
    rng: Random

    def fill(self, text: str, /, **more: Any) -> str:
        return text.format_map({**self.slots, **more})

    def _one_of(self, wordings: tuple[str, ...]) -> str:
        if self.matter.mix:
            return self.rng.choice(wordings)
        return wordings[self.slots["variant"] % len(wordings)]

    def word(self, name: str) -> str:
        """A text of the matter, for example "contact"; empty when the kind has none."""
        return self.fill(self._one_of(self.matter.words[name])) if name in self.matter.words else ""

    def phrase(self, key: str, /, **more: Any) -> str:
        """A text of phrases.toml."""
        return self.fill(self.rng.choice(phrases()[key]), **more)

    def story(self) -> str:
        """What the person writes: one wording of each part."""
        return "".join(self.fill(self._one_of(part)) for part in self.matter.story)
