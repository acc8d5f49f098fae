"""The export package: the whole file, its papers and attachments, the event chain, and a script that verifies it."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from petitions import watermark
from petitions.actions.documents.filing import document_pdf, document_word
from petitions.attachments import clean_name
from petitions.documents.composing import hider, personal_words
from petitions.documents.kinds import KINDS
from petitions.models import Attachment, Document, EventHead, Petition
from petitions.states import Refused

VERIFY = Path(__file__).parent / "package" / "verify.py"
# What one reads at a time, and the attachments of one package: more fits no disk an office carries it away on.
PIECE, MAX_BYTES = 1024 * 1024, 2 * 1024**3


class Packer:
    """Writes a package file by file, so that none but the one under way is in memory, and keeps the checksums."""

    def __init__(self, out: IO[bytes], at: datetime) -> None:
        self.archive = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)
        self.when, self.sums = timezone.localtime(at).timetuple()[:6], dict[str, str]()

    def add(self, name: str, content: bytes) -> None:
        """A file made here."""
        self.copy(name, io.BytesIO(content))

    def copy(self, name: str, file: IO[bytes] | File) -> None:
        """A file that lies open, in pieces."""
        info, digest = zipfile.ZipInfo(name, self.when), hashlib.sha256()
        info.compress_type = zipfile.ZIP_DEFLATED
        with self.archive.open(info, "w") as entry:
            while piece := file.read(PIECE):
                digest.update(piece)
                entry.write(piece)
        self.sums[name] = digest.hexdigest()

    def close(self) -> None:
        """Put the checksums beside the files and end the archive."""
        lines = [f"{digest}  {name}\n" for name, digest in sorted(self.sums.items())]
        self.add("SHA256SUMS", "".join(lines).encode())
        self.archive.close()


def check_total(petition: Petition) -> None:
    """Raises Refused where the attachments of a case are too much for one package."""
    total = sum(row.size for row in _open_files(petition))
    if total > MAX_BYTES:
        raise Refused(
            _(
                "The files of this case come to %(total)s; a package holds at most %(limit)s. "
                "Please download the large ones one by one from the page of the case."
            )
            % {"total": filesizeformat(total), "limit": filesizeformat(MAX_BYTES)},
            code="package_large",
        )


def package_of(
    petition_id: int,
    out: IO[bytes],
    *,
    book: bytes,
    entries: Sequence[Mapping[str, Any]],
    user: User,
    reason: str,
    is_masked: bool,
    at: datetime,
) -> None:
    """Write the zip to `out`. `book` is the bound file, marked already; every PDF bears the mark of who took it out.

    A masked package holds neither attachments nor Word files nor the words of events: what is in them cannot be masked,
    or not without breaking the chain. Raises Refused where the attachments are too much for one package.
    """
    petition = Petition.objects.get(pk=petition_id)
    if not is_masked:
        check_total(petition)
    packer = Packer(out, at)
    packer.add("file.pdf", book)
    listed: list[dict[str, Any]] = []
    for number, document in enumerate(_documents(petition, user), start=1):
        for name, content in _paper(document, number, listed, user=user, is_masked=is_masked, at=at).items():
            packer.add(name, content)
    if not is_masked:
        _attach(packer, petition, listed)
    head = EventHead.objects.get(pk=petition_id)
    packer.add("events.jsonl", _events(petition, is_masked=is_masked))
    index = {
        "petition": petition.number,
        "made_at": at.isoformat(),
        "made_by": f"{user.name} ({user.username})",
        "unit": user.unit.name if user.unit else "",
        "reason": reason,
        "is_masked": is_masked,
        "events": head.seq,
        "head": bytes(head.hash).hex(),
        "contents": list(entries),
        "files": listed,
    }
    packer.add("index.json", json.dumps(index, ensure_ascii=False, indent=1).encode())
    packer.add("index.html", _page(index))
    packer.add("verify.py", VERIFY.read_bytes())
    packer.close()


def _documents(petition: Petition, user: User) -> list[Document]:
    rows = Document.objects.visible_to(user).filter(petition=petition, issued_at__isnull=False)
    return list(rows.select_related("petition", "unit").order_by("issued_at", "pk"))


def _paper(
    document: Document, number: int, listed: list[dict[str, Any]], *, user: User, is_masked: bool, at: datetime
) -> dict[str, bytes]:
    version = document.current
    version.document = document
    pdf = document_pdf(version, is_masked=is_masked)
    # What an archivist calls the paper, not what the program does.
    with override(settings.LANGUAGE_CODE):
        name = f"documents/{number:03d}-{str(KINDS[document.kind].label).replace('/', '／')}"
    made = {f"{name}.pdf": watermark.for_pdf(pdf, user=user, at=at, label=document.number)}
    if not is_masked:
        made[f"{name}.docx"] = document_word(version)
    listed.append(
        {
            "file": f"{name}.pdf",
            "title": hider(personal_words(document.petition))(document.title) if is_masked else document.title,
            "number": document.number,
            "state": document.state,
            "issued_at": document.issued_at.isoformat() if document.issued_at else "",
            "delivered_at": document.delivered_at.isoformat() if document.delivered_at else "",
            # Of the paper as it was filed, without the mark.
            "filed_sha256": version.pdf_sha256,
        }
    )
    return made


def _open_files(petition: Petition) -> list[Attachment]:
    return [row for row in Attachment.objects.filter(petition=petition) if row.is_open]


def _attach(packer: Packer, petition: Petition, listed: list[dict[str, Any]]) -> None:
    for number, row in enumerate(_open_files(petition), start=1):
        if not default_storage.exists(str(row.file.name)):
            continue
        name = f"attachments/{number:03d}-{clean_name(row.name)}"
        with row.file.open("rb") as file:
            packer.copy(name, file)
        listed.append({"file": name, "title": row.name, "filed_sha256": row.sha256})


def _events(petition: Petition, *, is_masked: bool) -> bytes:
    """One line an event: the very bytes that were hashed, the hash, and its words as far as the law has left them.

    A masked package withholds the words; their digest stands in the hashed bytes.
    """
    lines = []
    for event in petition.events.select_related("words").order_by("seq"):
        words = getattr(event, "words", None)
        line: dict[str, Any] = {"seq": event.seq, "hash": bytes(event.hash).hex(), "body": bytes(event.body).decode()}
        text = words.text if words else ""
        if event.text_digest and is_masked:
            line["withheld"] = True
        elif text and hashlib.sha256(text.encode()).hexdigest() == event.text_digest:
            line["text"] = text
        elif event.text_digest:
            # Anonymised by law: its digest stays in the chain.
            line["erased"] = True
        lines.append(json.dumps(line, ensure_ascii=False))
    return ("\n".join(lines) + "\n").encode()


def _page(index: Mapping[str, Any]) -> bytes:
    """The index for people: opens in any browser, loads nothing."""
    contents = "".join(
        f"<tr><td>{row['no']}</td><td>{escape(row['number'])}</td><td>{escape(row['title'])} {escape(row['note'])}</td>"
        f"<td>{escape(row['date'])}</td><td>{row['page'] or '—'}</td></tr>"
        for row in index["contents"]
    )
    files = "".join(
        f'<li><a href="{escape(row["file"], quote=True)}">{escape(row["title"])}</a> '
        f"{escape(row.get('number', ''))} <code>{row['filed_sha256'][:16]}</code></li>"
        for row in index["files"]
    )
    return f"""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(index["petition"])}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>body{{font:16px/1.6 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}}
table{{border-collapse:collapse;width:100%}}td,th{{border:1px solid #999;padding:4px 8px;text-align:left}}</style></head>
<body><h1>信访卷宗 {escape(index["petition"])}</h1>
<p>导出人：{escape(index["made_by"])}　{escape(index["unit"])}　时间：{escape(index["made_at"])}<br>
事由：{escape(index["reason"])}{"　脱敏件" if index["is_masked"] else ""}</p>
<p><a href="file.pdf">全卷 PDF</a></p>
<h2>卷内目录</h2><table><tr><th>序号</th><th>文号</th><th>题名</th><th>日期</th><th>页号</th></tr>{contents}</table>
<h2>文件</h2><ul>{files}</ul>
<h2>办理过程校验</h2><p>事件 {index["events"]} 条，链尾哈希 <code>{index["head"]}</code>。
在本文件夹中运行 <code>python3 verify.py</code> 可离线校验全部文件和事件链。</p></body></html>
""".encode()
