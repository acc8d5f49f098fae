"""What keeps a document from being submitted, signed or issued: a list of sentences, each at its field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from petitions.documents.filling import UNFILLED, fill, names_in
from petitions.documents.kinds import KINDS, DocumentKind

if TYPE_CHECKING:
    from petitions.models import Document, DocumentVersion


@dataclass(frozen=True)
class Problem:
    """One thing that is missing: the field to mend it at, and what to say."""

    field: str
    sentence: str


def problems_of(document: "Document", version: "DocumentVersion") -> list[Problem]:
    """Everything that is missing in a version of a document, in the order of its form."""
    kind = KINDS[document.kind]
    values = version.values
    found = [Problem("addressee_unit", _("Say which unit it goes to."))] if _lacks_unit(document, kind) else []
    found += [Problem(name, _("“%(label)s” is empty.") % {"label": label}) for name, label in _empty(kind, values)]
    named = {problem.field for problem in found}
    for check in kind.checks:
        found += [Problem(*row) for row in check(values, version.body, document.unit.name) if row[0] not in named]
    return found + _left_open(kind, version, values)


def _lacks_unit(document: "Document", kind: DocumentKind) -> bool:
    return kind.is_to_unit and document.addressee_unit_id is None


def _empty(kind: DocumentKind, values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [
        (place.name, place.label)
        for place in kind.entries
        if place.is_required and place.widget != "matters" and not str(values.get(place.name, "")).strip()
    ]


def _left_open(kind: DocumentKind, version: "DocumentVersion", values: Mapping[str, Any]) -> list[Problem]:
    """Gaps in the wording itself, and entries in which a template's 【…】 was left standing."""
    found = []
    for place in kind.entries:
        value = values.get(place.name, "")
        left = UNFILLED.search(value) if isinstance(value, str) else None
        if left:
            found.append(Problem(place.name, _("“%(place)s” is not filled in yet.") % {"place": left.group()}))
    text = f"{version.title}\n{version.body}"
    labels = {place.name: place.label for place in kind.all_places}
    gaps = {name: values.get(name) or labels.get(name, name) for name in names_in(text)}
    # Only what stands in the wording itself; an empty entry has been named already.
    left = UNFILLED.search(fill(text, dict.fromkeys(gaps, "·"), labels))
    if left:
        found.append(Problem("body", _("“%(place)s” is not filled in yet.") % {"place": left.group()}))
    optional = {place.name for place in kind.all_places if not place.is_required}
    for place in kind.all_places:
        is_used = place.name in names_in(text) and place.name not in optional and not place.is_entry
        if is_used and not str(values.get(place.name, "")).strip():
            found.append(Problem("body", _("The case does not say “%(label)s” yet.") % {"label": place.label}))
    return found
