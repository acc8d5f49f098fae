"""The proof of a removal as a PDF: one page, no personal words, the digests a backup could be held against."""

import json
from typing import Any

import typst
from django.utils.translation import gettext as _

from petitions.watermark import FONTS

_SOURCE = b"""
#let proof = json(bytes(sys.inputs.proof))
#set page(paper: "a4", margin: 25mm)
#set text(font: ("Noto Serif SC", "Noto Sans SC"), size: 11pt, fallback: false, cjk-latin-spacing: auto)
#align(center, text(size: 18pt, proof.title))
#v(8mm)
#table(columns: (36%, 64%), stroke: 0.4pt + rgb("#8190a4"), inset: 6pt,
  ..proof.lines.map(row => (row.at(0), text(size: 10pt, row.at(1)))).flatten())
#v(6mm)
#text(size: 12pt, proof.heading)
#table(columns: (80%, 20%), stroke: 0.4pt + rgb("#8190a4"), inset: 5pt,
  ..proof.copies.map(row => (row.at(0), align(right, row.at(1)))).flatten())
"""


def proof_lines(proof: dict[str, Any]) -> list[tuple[str, str]]:
    """The proof in words, in the order of the page."""
    left = ", ".join(f"{name} {count}" for name, count in proof["left"].items())
    checked = proof["checked_at"] or _("not yet; it is repeated every night")
    return [
        (_("Petition"), proof["petition"]),
        (_("Archive number"), proof["archive_number"]),
        (_("Kind of file"), proof["rule_label"]),
        (_("Kept until"), proof["keep_until"] or "–"),
        (_("Removed at"), proof["removed_at"]),
        (_("Removed by"), _("System") if proof["removed_by"] == "system" else proof["removed_by"]),
        (_("Digest before"), _spaced(proof["digest_before"])),
        (_("Digest after"), _spaced(proof["digest_after"] or "–")),
        (_("Every copy searched again"), f"{checked} {left}".strip()),
        (_("Event chain"), _("intact") if proof["chain"] == "intact" else proof["chain"]),
        (_("Events without their words"), str(proof["words_removed_from_events"])),
    ]


def _spaced(digest: str) -> str:
    """In groups of eight, so that a line can break and an eye can compare."""
    return " ".join(digest[i : i + 8] for i in range(0, len(digest), 8))


def proof_pdf(proof: dict[str, Any], copies: list[tuple[str, int]]) -> bytes:
    """The page as a PDF."""
    page = {
        "title": _("Proof of the removal of personal words"),
        "heading": _("Rows and files changed in each copy"),
        "lines": proof_lines(proof),
        "copies": [(name, str(count)) for name, count in copies],
    }
    inputs = {"proof": json.dumps(page, ensure_ascii=False)}
    return typst.compile(_SOURCE, format="pdf", font_paths=FONTS, sys_inputs=inputs)
