"""How likely two petitions are one matter of one person (同人 + 同事, domain-facts §1.11). Pure; people decide.

The score is identity × (text, class, place): without the same person nothing is a repeat, however alike the words; with
the same person, words alone do not make the matter the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from petitions.crypto import blind_index, home_index

# What a match of identity weighs. A telephone may be a family's, so a number alone counts half.
IDENTITY = {"paper": 1.0, "name_phone": 0.95, "name_home": 0.85, "accused": 0.8, "phone": 0.5}
IDENTITY_WORDS = {
    "paper": gettext_lazy("same paper"),
    "name_phone": gettext_lazy("same name and phone"),
    "name_home": gettext_lazy("same name and home address"),
    # Anonymous accusations: whoever is complained of stands for the person (domain-facts §1.11).
    "accused": gettext_lazy("anonymous, same one complained of"),
    "phone": gettext_lazy("same phone, other name"),
}
# From here on it is the same person; below, somebody who shares a telephone.
SAME_PERSON = 0.8
TEXT, CLASS, PLACE = 0.6, 0.2, 0.2
# Two tellings of one matter rarely share more than this part of their bigrams: it counts as the full likeness.
FULL_TEXT = 0.6
# From this score on a repeat is suspected and a person asked. Chosen on labelled messages (docs/repeats.md): where
# class and district agree, three suspicions of four are right and half of the repeats are found; 0.5 found a third.
SUSPECTED = 0.4
# Class and town alone reach that score. Below this likeness of words one person's matters are mostly different ones.
LEAST_TEXT = 0.15


class Known(Protocol):
    """A person's blind indexes: a stored petitioner, or marks made from what is typed."""

    @property
    def id_index(self) -> str: ...
    @property
    def name_index(self) -> str: ...
    @property
    def phone_index(self) -> str: ...
    @property
    def home_index(self) -> str: ...


@dataclass(frozen=True)
class Marks:
    """The blind indexes of one person."""

    id_index: str = ""
    name_index: str = ""
    phone_index: str = ""
    home_index: str = ""

    @classmethod
    def typed(cls, person: Any) -> "Marks":
        """Of a person as taken down (petitions.actions.Person)."""
        return cls(
            blind_index("id", person.id_no),
            blind_index("name", person.name),
            blind_index("phone", person.phone),
            home_index(person.name, person.address),
        )


def identity_of(mine: Iterable[Known], theirs: Known) -> str:
    """The strongest way in which any of these people is that one: a key of IDENTITY, or ''. Joint signers count."""
    found = {key for person in mine for key in _ways(person, theirs)}
    return next((key for key in IDENTITY if key in found), "")


def _ways(one: Known, other: Known) -> Iterable[str]:
    has_name = bool(one.name_index) and one.name_index == other.name_index
    has_phone = bool(one.phone_index) and one.phone_index == other.phone_index
    if one.id_index and one.id_index == other.id_index:
        yield "paper"
    if has_name and has_phone:
        yield "name_phone"
    if one.home_index and one.home_index == other.home_index:
        yield "name_home"
    if has_phone:
        yield "phone"


class Matter(Protocol):
    """What is compared besides words: where it is and what kind."""

    @property
    def content_class_id(self) -> int: ...
    @property
    def area_id(self) -> int: ...
    @property
    def district_id(self) -> int: ...


@dataclass(frozen=True)
class Likeness:
    """A score with the terms it is made of."""

    # Key of IDENTITY, '' for another person.
    identity: str
    # Share of common bigrams, 0–1.
    text: float
    is_same_class: bool = False
    # "town", "district" or "".
    place: str = ""

    @property
    def is_same_person(self) -> bool:
        return IDENTITY.get(self.identity, 0) >= SAME_PERSON

    @property
    def is_suspicious(self) -> bool:
        """Alike enough to ask a person whether it is a repeat."""
        return self.text >= LEAST_TEXT and self.score >= SUSPECTED

    @property
    def score(self) -> float:
        """0–1."""
        place = {"town": 1.0, "district": 0.5}.get(self.place, 0.0)
        matter = TEXT * min(1.0, self.text / FULL_TEXT) + CLASS * self.is_same_class + PLACE * place
        return IDENTITY.get(self.identity, 0.0) * matter

    @property
    def percent(self) -> int:
        return round(100 * self.score)

    @property
    def terms(self) -> dict[str, Any]:
        """As it is stored with a suggestion."""
        return {
            "identity": self.identity,
            "text": round(100 * self.text),
            "same_class": self.is_same_class,
            "place": self.place,
        }

    @property
    def words(self) -> list[str]:
        """The terms for people."""
        return words_of(self.terms)


def words_of(terms: dict[str, Any]) -> list[str]:
    """Stored terms for people, the weightiest first."""
    found = [str(IDENTITY_WORDS[terms["identity"]])] if terms.get("identity") in IDENTITY_WORDS else []
    found.append(_("%(n)d %% of the words alike") % {"n": terms.get("text", 0)})
    if terms.get("same_class"):
        found.append(_("same class"))
    if terms.get("place"):
        found.append(_("same town") if terms["place"] == "town" else _("same district"))
    return found


def likeness(identity: str, text: float, one: Matter | None, other: Matter) -> Likeness:
    """The score of one pair. `one` None: class and place are not known yet."""
    if one is None:
        return Likeness(identity, text)
    place = "town" if one.area_id == other.area_id else "district" if one.district_id == other.district_id else ""
    return Likeness(identity, text, one.content_class_id == other.content_class_id, place)


def indexes(people: Sequence[Known], name: str) -> list[str]:
    """The filled values of one index."""
    return sorted({getattr(person, name) for person in people} - {""})
