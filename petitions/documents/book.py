"""The whole file of a case as one PDF: cover, contents with page numbers, sheet, papers, record, attachments.

The parts are named first and set one by one, so that a long file shows its progress; then they are bound. What is no
PDF and no picture is listed, not bound. Order: domain-facts §1.18, "what a file holds".
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.utils.translation import override
from PIL import Image, ImageOps, UnidentifiedImageError
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from accounts.models import User
from petitions.actions.documents.filing import document_pdf
from petitions.documents.composing import Paper, hider, personal_words, printed
from petitions.documents.kinds import KINDS
from petitions.documents.places import case_values, chinese_date
from petitions.documents.receipts import receipt_paper
from petitions.documents.rendering import pdf_of
from petitions.models import ArchiveRecord, Attachment, Delivery, Document, Petition, RecordEntry
from petitions.states import Refused

# Registered for heic once: phones send it.
MOST_PAGES = 2000
_A4 = (1240, 1754)


@dataclass(frozen=True)
class Leaf:
    """One part of the file, set: title, number and date for the contents; `pdf` None for what is only listed."""

    title: str
    number: str = ""
    date: str = ""
    pdf: bytes | None = None
    note: str = ""


def parts_of(petition: Petition, user: User) -> list[dict[str, Any]]:
    """What the file holds for this person, in its order, as plain data a job can keep."""
    parts: list[dict[str, Any]] = [{"type": "sheet", "id": petition.pk}]
    issued = Document.objects.visible_to(user).filter(petition=petition, issued_at__isnull=False)
    papers = list(issued.exclude(state="void"))
    for paper in sorted(papers, key=lambda row: (KINDS[row.kind].place, row.issued_at, row.pk)):
        parts.append({"type": "document", "id": paper.pk})
        receipts = Delivery.objects.filter(document=paper).order_by("pk")
        parts += [{"type": "receipt", "id": row.pk} for row in receipts]
    if RecordEntry.objects.filter(petition=petition).exists():
        parts.append({"type": "record", "id": petition.pk})
    files = Attachment.objects.filter(petition=petition, erased_at=None)
    parts += [{"type": "attachment", "id": row.pk} for row in files]
    return [*parts, {"type": "course", "id": petition.pk}]


def leaf_of(part: Mapping[str, Any], *, is_masked: bool, at: datetime) -> Leaf:
    """Set one part. Raises Refused only for what must stop the whole (a filed paper that was changed)."""
    makers = {
        "sheet": _sheet,
        "document": _document,
        "receipt": _receipt,
        "record": _record,
        "attachment": _attachment,
        "course": _course,
    }
    with override("zh-hans"):
        return makers[part["type"]](int(part["id"]), is_masked, at)


def _sheet(petition_id: int, is_masked: bool, at: datetime) -> Leaf:
    petition = _petition(petition_id)
    data = {
        "head": "",
        "title": "信访事项登记表",
        "mark": "脱敏件" if is_masked else "",
        "rows": sheet_rows(petition, is_masked=is_masked),
        "signers": ["登记人"],
        "is_cover": False,
    }
    pdf = pdf_of(printed(Paper("table", data)), at=at)
    return Leaf("信访事项登记表", petition.number, chinese_date(petition.registered_at), pdf)


def _petition(petition_id: int) -> Petition:
    joined = ("district", "area", "content_class__parent", "lead_unit", "register_unit", "registrar", "respondent_unit")
    return Petition.objects.select_related(*joined).get(pk=petition_id)


def sheet_rows(petition: Petition, *, is_masked: bool) -> list[list[str]]:
    """The registration sheet (domain-facts §7.1), row by row, in Chinese."""
    values = case_values(petition, organ="", contact="", addressee="")
    people = list(petition.petitioners.order_by("-is_main", "pk"))
    main = people[0] if people else None
    rows = [["登记编号", petition.number], ["登记日期", values["received_on"]], ["信访形式", values["channel"]]]
    if main is not None and not petition.is_anonymous:
        rows += [
            ["信访人", main.name_masked if is_masked else main.name],
            ["证件号码", main.id_masked if is_masked else main.id_no],
            ["联系电话", main.phone_masked if is_masked else main.phone],
            ["住址", "＊＊＊" if is_masked else main.address],
        ]
        others = [person.name_masked if is_masked else person.name for person in people[1:]]
        if others:
            rows.append(["联名人", "、".join(others)])
    else:
        rows.append(["信访人", "匿名"])
    rows += [
        ["信访人数", values["headcount"]],
        ["信访目的", str(petition.get_purpose_display())],
        ["内容分类", values["content_class"]],
        ["问题属地", values["place"]],
        ["概况", petition.summary],
        ["信访内容", petition.content],
        ["主要诉求", petition.demand],
        ["登记单位", petition.register_unit.name],
        ["登记人", petition.registrar.name if petition.registrar else ""],
        ["承办单位", values["handling_unit"]],
        ["办理状态", str(petition.get_state_display())],
    ]
    hide = hider(personal_words(petition) if is_masked else ())
    return [[label, hide(value) or "—"] for label, value in rows]


def _document(document_id: int, is_masked: bool, _at: datetime) -> Leaf:
    document = Document.objects.select_related("petition", "unit").get(pk=document_id)
    version = document.current
    version.document = document
    pdf = document_pdf(version, is_masked=is_masked)
    leaf = Leaf(document.title, document.number, chinese_date(document.issued_at), pdf)
    return _veiled(leaf, document.petition) if is_masked else leaf


def _receipt(delivery_id: int, is_masked: bool, at: datetime) -> Leaf:
    row = Delivery.objects.select_related("document__unit", "document__petition").get(pk=delivery_id)
    pdf = pdf_of(receipt_paper(row, is_masked=is_masked), at=at)
    leaf = Leaf(f"送达回证（{row.document.title}）", row.document.number, chinese_date(row.delivered_at), pdf)
    return _veiled(leaf, row.document.petition) if is_masked else leaf


def _veiled(leaf: Leaf, petition: Petition) -> Leaf:
    """The leaf with its title masked: it stands in the contents, in the index and beside the row of the job."""
    return replace(leaf, title=hider(personal_words(petition))(leaf.title))


def _record(petition_id: int, is_masked: bool, at: datetime) -> Leaf:
    rows = RecordEntry.objects.filter(petition=petition_id).select_related("author").order_by("entry_no")
    entries = []
    for row in rows:
        said = [row.cause, row.facts_found, getattr(row, "progress", ""), getattr(row, "next_step", "")]
        entries.append(
            [
                chinese_date(row.happened_at),
                f"{row.author.name}\n{row.get_entry_type_display()}",
                "\n".join(filter(None, said)) or "—",
            ]
        )
    return Leaf(
        "工作记录簿",
        "",
        "",
        _listed("工作记录簿", ["日期", "记录人和类型", "内容"], entries, petition_id, is_masked, at),
    )


def _course(petition_id: int, is_masked: bool, at: datetime) -> Leaf:
    from petitions.states import MOVES
    from petitions.states.documents import DOCUMENT_MOVES

    entries = []
    petition = Petition.objects.get(pk=petition_id)
    for event in petition.events.select_related("unit", "words").order_by("seq"):
        name = event.kind.removeprefix("document.")
        row = DOCUMENT_MOVES.get(name) if event.kind.startswith("document.") else MOVES.get(event.kind)
        who = f"{event.actor_label}\n{event.unit.short_name if event.unit else ''}".strip()
        words = getattr(event, "words", None)
        label = str(row.label) if row else event.kind
        number = event.data.get("number", "") if isinstance(event.data, dict) else ""
        said = "\n".join(filter(None, [f"{label} {number}".strip(), words.text if words else ""]))
        entries.append([chinese_date(event.at), who, said])
    return Leaf("办理过程", "", "", _listed("办理过程", ["日期", "经办", "事项"], entries, petition_id, is_masked, at))


def _listed(
    title: str, columns: Sequence[str], entries: list[list[str]], petition_id: int, is_masked: bool, at: datetime
) -> bytes:
    if is_masked:
        hide = hider(personal_words(Petition.objects.get(pk=petition_id)))
        entries = [[hide(cell) for cell in row] for row in entries]
    data = {"title": title, "mark": "", "columns": list(columns), "entries": entries}
    return pdf_of(printed(Paper("list", data)), at=at)


def _attachment(attachment_id: int, is_masked: bool, _at: datetime) -> Leaf:
    row = Attachment.objects.select_related("petition").get(pk=attachment_id)
    day = chinese_date(row.uploaded_at)
    if is_masked:
        # What is on a photographed letter or an identity card cannot be masked.
        return _veiled(Leaf(row.name, "", day, None, "脱敏件不附，见原卷"), row.petition)
    if not row.is_open:
        return Leaf(row.name, "", day, None, "未通过病毒扫描，未入卷")
    if not default_storage.exists(str(row.file.name)):
        return Leaf(row.name, "", day, None, "文件缺失")
    with row.file.open("rb") as file:
        content = file.read()
    if row.content_type == "application/pdf":
        pdf, note = _checked_pdf(content)
    elif row.content_type.startswith("image/"):
        pdf, note = _picture(content)
    else:
        pdf, note = None, "非PDF、非图片，见电子附件"
    return Leaf(row.name, "", day, pdf, note)


def _checked_pdf(content: bytes) -> tuple[bytes | None, str]:
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            return None, "文件有密码，未入卷"
        if len(reader.pages) > MOST_PAGES:
            return None, f"超过{MOST_PAGES}页，未入卷"
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return None, "文件损坏，未入卷"
    return content, ""


def _picture(content: bytes) -> tuple[bytes | None, str]:
    """The picture on a page of A4, turned as it was taken."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    try:
        with Image.open(io.BytesIO(content)) as picture:
            shown = ImageOps.exif_transpose(picture).convert("RGB")
            shown.thumbnail((_A4[0] - 160, _A4[1] - 160))
            page = Image.new("RGB", _A4, "white")
            page.paste(shown, ((_A4[0] - shown.width) // 2, (_A4[1] - shown.height) // 2))
            out = io.BytesIO()
            page.save(out, "PDF", resolution=150)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return None, "图片损坏，未入卷"
    return out.getvalue(), ""


def bind(
    petition_id: int, leaves: Sequence[Leaf], *, is_masked: bool, at: datetime
) -> tuple[bytes, list[dict[str, Any]]]:
    """Cover, contents and leaves as one PDF with continuous page numbers; and the contents as data."""
    petition = _petition(petition_id)
    counts = [len(PdfReader(io.BytesIO(leaf.pdf)).pages) if leaf.pdf else 0 for leaf in leaves]
    cover = _cover(petition, leaves, sum(counts), is_masked=is_masked, at=at)
    front = 1 + len(PdfReader(io.BytesIO(_contents(_entries(leaves, counts, 2), at))).pages)
    entries = _entries(leaves, counts, front + 1)
    writer = PdfWriter()
    for content in (cover, _contents(entries, at), *(leaf.pdf for leaf in leaves if leaf.pdf)):
        try:
            writer.append(io.BytesIO(content))
        except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
            raise Refused("A part of the file cannot be bound.") from error
    for entry in entries:
        if entry["page"]:
            writer.add_outline_item(title=entry["title"], page_number=entry["page"] - 1)
    _number(writer)
    writer.compress_identical_objects()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue(), entries


def _entries(leaves: Sequence[Leaf], counts: Sequence[int], first: int) -> list[dict[str, Any]]:
    rows, page = [], first
    for number, (leaf, count) in enumerate(zip(leaves, counts, strict=True), start=1):
        rows.append(
            {
                "no": number,
                "number": leaf.number,
                "title": leaf.title,
                "note": leaf.note,
                "date": leaf.date,
                "page": page if count else 0,
                "pages": count,
            }
        )
        page += count
    return rows


def _contents(entries: Sequence[Mapping[str, Any]], at: datetime) -> bytes:
    data = {
        "title": "卷内目录",
        "mark": "",
        "columns": ["序号", "文号", "题名", "日期", "页号"],
        "entries": [
            [
                str(row["no"]),
                row["number"],
                f"{row['title']}（{row['note']}）" if row["note"] else row["title"],
                row["date"],
                str(row["page"]) if row["page"] else "—",
            ]
            for row in entries
        ],
    }
    return pdf_of(printed(Paper("contents", data)), at=at)


def _cover(petition: Petition, leaves: Sequence[Leaf], pages: int, *, is_masked: bool, at: datetime) -> bytes:
    archived = ArchiveRecord.objects.filter(petition=petition).first()
    main = petition.petitioners.filter(is_main=True).first()
    name = "匿名" if main is None or petition.is_anonymous else main.name_masked if is_masked else main.name
    unit = petition.lead_unit or petition.register_unit
    rows = [
        ["登记编号", petition.number],
        ["信访人", name],
        ["信访事项", petition.summary],
        ["承办单位", unit.name],
        ["登记日期", chinese_date(petition.registered_at)],
        ["办结日期", chinese_date(petition.closed_at) or "—"],
        ["档号", archived.number if archived else "—"],
        ["保管期限", str(archived.period) if archived else "—"],
        ["件数", str(len(leaves))],
        ["页数", f"正文{pages}页"],
    ]
    hide = hider(personal_words(petition) if is_masked else ())
    data = {
        "head": petition.register_unit.name,
        "title": "信访卷宗",
        "mark": "脱敏件" if is_masked else "",
        "rows": [[label, hide(value)] for label, value in rows],
        "signers": ["立卷人", "检查人"],
        "is_cover": True,
    }
    return pdf_of(printed(Paper("table", data)), at=at)


def _number(writer: PdfWriter) -> None:
    """The page of the file in the upper right corner of every page, whatever number the paper itself carries."""
    total = len(writer.pages)
    sizes = [(float(page.mediabox.width), float(page.mediabox.height)) for page in writer.pages]
    stamps = PdfReader(io.BytesIO(pdf_of(Paper("numbers", {"sizes": sizes, "total": total, "title": "页码"}))))
    for page, stamp in zip(writer.pages, stamps.pages, strict=True):
        if page.rotation:
            page.transfer_rotation_to_content()
        page.merge_page(stamp)
