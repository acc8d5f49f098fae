"""From a version to what is set on paper: plain strings and lists, the same for PDF, Word and the page on screen."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from petitions.crypto import mask_name, mask_number
from petitions.documents.filling import HEADING, fill
from petitions.documents.fonts import printable
from petitions.documents.kinds import KINDS, DocumentKind
from petitions.states.documents import DocumentState

if TYPE_CHECKING:
    from petitions.models import Document, DocumentVersion, Petition

SECOND = re.compile(r"（[一二三四五六七八九十\d]{1,3}）.*")
_MARKS = {
    DocumentState.DRAFT: "草稿　未经签发不得使用",
    DocumentState.IN_REVIEW: "送审稿　未经签发不得使用",
    DocumentState.SIGNED: "签发稿　未编号不得使用",
    DocumentState.VOID: "已作废",
}


@dataclass(frozen=True)
class Paper:
    """What is set: `source` names the typst file, `data` its input; `missing` are characters no font has."""

    source: str
    data: dict[str, Any]
    missing: tuple[str, ...] = field(default=())


def paper_of(document: "Document", version: "DocumentVersion", *, is_masked: bool = False) -> Paper:
    """A version of a document as it goes on paper; masked for readers to whom the identity is not open."""
    kind = KINDS[document.kind]
    values = version.values
    marks = [_MARKS.get(DocumentState(document.state), "")]
    if is_masked:
        marks.append("脱敏件")
    return compose(
        kind,
        title=version.title,
        body=version.body,
        values=values,
        is_to_unit=kind.is_to_unit,
        mark="　".join(filter(None, marks)),
        hidden=personal_words(document.petition, kind, values) if is_masked else (),
    )


def sample_paper(kind: DocumentKind, *, title: str, body: str) -> Paper:
    """A wording with an invented case, for the administrator's preview."""
    values = {**kind.sample(), "number": f"甬信{kind.series}〔2026〕12号" if kind.series else ""}
    if kind.is_to_unit:
        values["addressee"] = "海曙区住房和城乡建设局"
    return compose(kind, title=title, body=body, values=values, is_to_unit=kind.is_to_unit, mark="样张　内容虚构")


def compose(
    kind: DocumentKind,
    *,
    title: str,
    body: str,
    values: Mapping[str, Any],
    is_to_unit: bool,
    mark: str,
    hidden: Iterable[str] = (),
) -> Paper:
    """Fill the wording in and lay it out for the kind's form; the words `hidden` are masked wherever they stand."""
    labels = {place.name: str(place.label) for place in kind.all_places}
    optional = {place.name for place in kind.all_places if not place.is_required}
    addressee = str(values.get("addressee", ""))
    number = str(values.get("number") or values.get("own_number") or "")
    data: dict[str, Any] = {
        "head": str(values.get("organ", "")),
        "number": number,
        "series": bool(kind.series),
        "title": fill(title, values, labels, optional),
        "to": addressee,
        "paragraphs": paragraphs_of(fill(body, values, labels, optional)),
        "organ": str(values.get("organ", "")),
        "date": str(values.get("issue_date", "")),
        # Only a letter carries a seal, and never a drawn one: the paper says where it goes.
        "seal": kind.layout == "letter",
        "contact": str(values.get("organ_contact", "")),
        "attachments": list(values.get("attachments") or []),
        "copies": str(values.get("copies_to", "")),
        "mark": mark,
        "signers": list(kind.extra.get("signers", ())),
        "is_cover": kind.layout == "cover",
        "rows": [[labels[place.name], str(values.get(place.name, "") or "—")] for place in kind.places],
    }
    source = {"letter": "letter", "record": "record"}.get(kind.layout, "table")
    # Masked first: a name with a rare character is no longer that name once it is printed as a code.
    return printed(Paper(source, _each(data, hider(hidden))))


def paragraphs_of(text: str) -> list[dict[str, str]]:
    """One paragraph a line; headings of the first level are told apart by their numeral."""
    rows = []
    for line in text.split("\n"):
        line = line.strip()
        if not line:
            continue
        kind = "h1" if HEADING.fullmatch(line) else "h2" if SECOND.fullmatch(line) else "p"
        rows.append({"kind": kind, "text": line})
    return rows


def printed(paper: Paper) -> Paper:
    """The paper with every string made printable, and the characters that had to be written as codes."""
    missing: list[str] = []

    def clean(text: str) -> str:
        shown, left = printable(text)
        missing.extend(left)
        return shown

    data = _each(paper.data, clean)
    return Paper(paper.source, data, (*paper.missing, *dict.fromkeys(missing)))


def _each(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _each(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_each(item, change) for item in value]
    return value


def personal_words(
    petition: "Petition", kind: DocumentKind | None = None, values: Mapping[str, Any] | None = None
) -> list[str]:
    """What a masked copy may not say: names, telephones, papers and addresses of all who signed, and of the values."""
    found = {petition.query_code}
    for person in petition.petitioners.all():
        found |= {person.name, person.phone, person.id_no, person.address}
    if kind is not None:
        names = {place.name for place in kind.all_places if place.is_personal}
        if kind.is_to_unit:
            names.discard("addressee")
        found |= {str((values or {}).get(name, "")) for name in names}
    return sorted({words.strip() for words in found} - {"", "匿名信访人"})


def hider(words: Iterable[str]) -> Callable[[str], str]:
    """A function that masks these words in a text, also where blanks or, in numbers, hyphens were typed between."""
    masks = []
    # The longest first: an address may hold a name.
    for word in sorted({"".join(word.split()) for word in words}, key=len, reverse=True):
        digits = sum(char.isdigit() for char in word)
        is_number = digits >= 5 and digits * 2 > len(word) and not re.search(r"[\u4e00-\u9fff]", word)
        if is_number:
            word = re.sub(r"[-－—()（）]", "", word)
        if len(word) < 2:
            continue
        between = r"[\s\-－—()（）]*" if is_number else r"\s*"
        mask = mask_number(word) if is_number else mask_name(word) if len(word) <= 4 else word[:1] + "＊" * 5
        pattern = re.compile(between.join(map(re.escape, word)), re.IGNORECASE)
        masks.append((pattern, mask.replace("\\", r"\\")))

    def hide(text: str) -> str:
        for pattern, mask in masks:
            text = pattern.sub(mask, text)
        return text

    return hide
