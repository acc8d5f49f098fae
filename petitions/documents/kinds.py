"""The kinds of documents as data (domain-facts §1.8): series, placeholders, sign-off chain, what calls for them.

A later room registers kinds of its own with `register_kind`, from its `ready()`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Place:
    """One placeholder of a kind: `{{ name }}` in its wording.

    `is_entry`: somebody fills it in; the others come from the case. `widget`: line, text, date, matters. `sample` is
    what the preview of a template shows; invented, for administrators see no case (domain-facts §4.2).
    """

    name: str
    label: Promise | str
    sample: Any
    is_entry: bool = True
    is_required: bool = True
    widget: str = "line"
    help: Promise | str = ""
    # Masked for readers to whom the identity is not open.
    is_personal: bool = False


@dataclass(frozen=True)
class ChainStep:
    """One signature of the chain; `head_label` is what it is called for a major matter."""

    key: str
    label: Promise
    permission: str
    head_label: Promise | None = None


CHECK = ChainStep("check", pgettext_lazy("document", "Check"), "petitions.document_check")
SIGN = ChainStep("sign", _("Signature of the deputy head"), "petitions.document_sign", _("Signature of the head"))

# What an entry starts with: `fill(petition, actor) -> values`.
Filler = Callable[[Any, Any], Mapping[str, Any]]


def _nothing(_petition: Any, _actor: Any) -> Mapping[str, Any]:
    return {}


def _always(_petition: Any) -> bool:
    return True


@dataclass(frozen=True)
class DocumentKind:
    """One kind of document. Its wording stands in petitions/documents/texts.py until an administrator edits it."""

    key: str
    label: Promise
    # 甬信「告」〔2026〕12号; empty: the kind carries no number.
    series: str
    places: tuple[Place, ...]
    # Title and wording as shipped.
    title: str
    body: str
    chain: tuple[ChainStep, ...] = (SIGN,)
    # Nobody gives two signatures of the chain, the drafter's pen included.
    is_four_eyes: bool = False
    # The petitioner may read it once it is issued.
    is_for_citizen: bool = True
    # "lead": the handling unit gives it; "actor": the organ of whoever drafts it.
    organ: str = "actor"
    # It goes to a unit, not to the petitioner.
    is_to_unit: bool = False
    # letter (red head, number, addressee, seal), form (receipt, record), cover.
    layout: str = "letter"
    # Moves of the petition after which the office owes this document.
    called_for_by: tuple[str, ...] = ()
    # Which matters a move calls for it in; anybody may still draft it for another.
    applies: Callable[[Any], bool] = _always
    fill: Filler = _nothing
    # Sentences about what is missing besides empty places: `check(values, body, organ) -> [(field, sentence)]`.
    checks: tuple[Callable[[Mapping[str, Any], str, str], list[tuple[str, str]]], ...] = ()
    # Where it stands in the file of the case (archive order).
    place: int = 50
    # Drafted by a person on the case page (False: only by the system or another page).
    is_offered: bool = True
    permission: str = "petitions.document_draft"
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def all_places(self) -> tuple[Place, ...]:
        """Its own placeholders and those of every case."""
        from petitions.documents.places import CASE_PLACES

        return (*self.places, *CASE_PLACES)

    @property
    def entries(self) -> tuple[Place, ...]:
        """What somebody has to fill in."""
        return tuple(place for place in self.all_places if place.is_entry)

    @property
    def names(self) -> frozenset[str]:
        """The placeholders its wording may use."""
        return frozenset(place.name for place in self.all_places)

    def sample(self) -> dict[str, Any]:
        """An invented case for previews."""
        return {place.name: place.sample for place in self.all_places}


KINDS: dict[str, DocumentKind] = {}


def register_kind(kind: DocumentKind) -> DocumentKind:
    """Make a kind known. Raises ValueError when another has its key or its wording uses unknown placeholders."""
    from petitions.documents.filling import unknown_places

    if kind.key in KINDS and KINDS[kind.key] != kind:
        raise ValueError(f"the kind of document {kind.key} is taken")
    unknown = unknown_places(kind, f"{kind.title}\n{kind.body}")
    if unknown:
        raise ValueError(f"{kind.key} uses unknown placeholders: {', '.join(unknown)}")
    KINDS[kind.key] = kind
    return kind


def kinds_called_for(move: str) -> list[DocumentKind]:
    """The kinds a move of the petition calls for."""
    return [kind for kind in KINDS.values() if move in kind.called_for_by]
