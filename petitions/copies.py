"""The copies of personal words this room keeps, and how each is emptied (`petitions.retention`)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Q
from django.http import QueryDict

from accounts.models import AccessLog
from petitions.erasure import cover_room, words_of_model
from petitions.models import (
    Attachment,
    EventText,
    Petition,
    PreviewPage,
    RepeatSuggestion,
    SavedView,
    SearchEntry,
    new_query_code,
)
from petitions.retention import register_copy

# What stands in place of the words. Chinese in every language: it is data of the case, not of the interface.
MARK = "（已依法匿名化）"
# Columns of a petition that hold nobody's words.
_PLAIN = frozenset({"close_type", "end_way", "next_due_key", "supervision_level", "route"})
_MARKED = ("summary", "content")
# The index folds brackets to half width and sets texts apart by a sign of their own.
_ONLY_MARKS = f"^[()（）\x1f{MARK.strip('（）')}]*$"
Ids = Sequence[int]


def forget_file(path: str) -> None:
    """Delete a stored file once the transaction stands; what fails is found by the check and tried again."""
    if path:
        transaction.on_commit(lambda: default_storage.delete(path), robust=True)


# ---- the petition itself ----


def _empty_petition() -> dict[str, Any]:
    return {**words_of_model(Petition, _PLAIN), **dict.fromkeys(_MARKED, MARK)}


def _petition(petition_ids: Ids, _at: datetime) -> int:
    rows = Petition.objects.filter(pk__in=petition_ids)
    changed = rows.update(**_empty_petition(), is_open_to_public=False)
    for pk in petition_ids:
        # The slip in somebody's drawer opens nothing any more.
        Petition.objects.filter(pk=pk).update(query_code=new_query_code())
    # "The same person as in …" would say who it was as long as the other case is kept.
    changed += Petition.objects.filter(repeat_of__in=petition_ids).update(repeat_of=None)
    changed += rows.filter(repeat_of__isnull=False).update(repeat_of=None)
    return changed + _likenesses(petition_ids).delete()[0]


def _likenesses(petition_ids: Ids) -> "models.QuerySet[RepeatSuggestion]":
    return RepeatSuggestion.objects.filter(Q(petition__in=petition_ids) | Q(earlier__in=petition_ids))


def _petition_left(petition_ids: Ids) -> int:
    full = Q()
    for name, empty in _empty_petition().items():
        full |= ~Q(**{f"{name}": empty}) if empty is not None else Q(**{f"{name}__isnull": False})
    linked = Petition.objects.filter(repeat_of__in=petition_ids).count() + _likenesses(petition_ids).count()
    return linked + Petition.objects.filter(full, pk__in=petition_ids).count()


# ---- the words beside the chain ----


def _event_words(petition_ids: Ids, _at: datetime) -> int:
    return EventText.objects.filter(event__petition__in=petition_ids).delete()[0]


def _event_words_left(petition_ids: Ids) -> int:
    return EventText.objects.filter(event__petition__in=petition_ids).count()


# ---- files and their previews ----

_FOLDERS = ("attachments", "previews", "documents")


def stored_files(petition_id: int) -> list[str]:
    """Every file in the storage that belongs to a petition, also those no row points to."""
    return [path for folder in _FOLDERS for path in files_below(f"{folder}/{petition_id}")]


def files_below(folder: str) -> list[str]:
    """Every file in the storage under a folder, at any depth."""
    try:
        folders, files = default_storage.listdir(folder)
    except (FileNotFoundError, NotADirectoryError, NotImplementedError):
        return []
    deeper = [path for name in folders for path in files_below(f"{folder}/{name}")]
    return [f"{folder}/{name}" for name in files] + deeper


def erase_files(rows: "models.QuerySet[Attachment]", at: datetime) -> int:
    """Remove these files' bytes, names and previews; the rows stay with size, type and digest."""
    changed = 0
    for row in rows.filter(erased_at=None):
        forget_file(str(row.file.name))
        for page in row.preview_pages.all():
            forget_file(str(page.file.name))
        changed += 1
    PreviewPage.objects.filter(attachment__in=rows.values("pk")).delete()
    fields = {"name": "", "file": "", "scan_finding": "", "preview": Attachment.Preview.NONE}
    rows.filter(erased_at=None).update(**fields, erased_at=at)
    return changed


def _files(petition_ids: Ids, at: datetime) -> int:
    changed = erase_files(Attachment.objects.filter(petition__in=petition_ids), at)
    # What else lies there is looked for once the transaction stands, when no lock waits for the storage.
    keys = list(petition_ids)
    transaction.on_commit(lambda: _clear(keys), robust=True)
    return changed


def _clear(petition_ids: Ids) -> None:
    for pk in petition_ids:
        for path in stored_files(pk):
            default_storage.delete(path)


def _files_left(petition_ids: Ids) -> int:
    rows = Attachment.objects.filter(petition__in=petition_ids, erased_at=None).count()
    return rows + sum(len(stored_files(pk)) for pk in petition_ids)


# ---- the text index ----


def _search(petition_ids: Ids, _at: datetime) -> int:
    # What is left of the texts is taken in again by itself: their tables tell the index of every change.
    return SearchEntry.objects.filter(petition__in=petition_ids).delete()[0]


def _search_left(petition_ids: Ids) -> int:
    return SearchEntry.objects.filter(petition__in=petition_ids).exclude(text__regex=_ONLY_MARKS).count()


# ---- what people saved: filters that name the person ----


def _named(petition_ids: Ids) -> set[str]:
    words: set[str] = set()
    for petition in Petition.objects.filter(pk__in=petition_ids).prefetch_related("petitioners"):
        words.add(petition.source_ref)
        for person in petition.petitioners.all():
            words |= {person.name, person.phone, person.id_no}
    return {word for word in words if len(word) > 1}


def _saved_views(petition_ids: Ids, _at: datetime) -> int:
    words, changed = _named(petition_ids), 0
    if not words:
        return 0
    # Views keep their filters as an address: only those that quote one of the words leave the database.
    quoting = Q()
    for word in words:
        quoting |= Q(query__contains=quote_plus(word)) | Q(query__contains=word)
    for view in SavedView.objects.filter(quoting):
        query = QueryDict(view.query, mutable=True)
        for key in [key for key, values in query.lists() if any(word in value for word in words for value in values)]:
            del query[key]
        if query.urlencode() != QueryDict(view.query).urlencode():
            SavedView.objects.filter(pk=view.pk).update(query=query.urlencode())
            changed += 1
    return changed


# ---- who looked: the record stays, without what it quotes ----


def _log(petition_ids: Ids) -> "models.QuerySet[AccessLog]":
    quoted = ~Q(detail="") | ~Q(reason="")
    return AccessLog.objects.filter(quoted, target__in=[f"petition:{pk}" for pk in petition_ids])


def _access_log(petition_ids: Ids, _at: datetime) -> int:
    return _log(petition_ids).update(detail="", reason="")


def register_copies() -> None:
    """Called when the room starts."""
    cover_room(
        "petitions",
        keep={
            "EventHead.hash",
            "CheckedStep.by_label",
            "Document.kind",
            "Document.subject",
            "Document.number",
            "Document.series",
            "DocumentVersion.digest",
            "DocumentVersion.pdf_sha256",
            "DocumentVersion.docx_sha256",
            "DocumentVersion.missing",
            "SignOff.step",
            "SignOff.by_label",
            "Rating.reasons",
            "RepeatSuggestion.terms",
            "CareCheck.offered",
            "Erasure.counts",
            "Erasure.left",
            "Erasure.before",
            "Erasure.after",
            "ReviewRequest.delivered_way",
            "ReviewRequest.grounds",
        },
    )
    # Once the words are gone nobody can tell any more which filter named them: nothing to find.
    register_copy("saved_views", anonymise=_saved_views, find=lambda _ids: 0, order=10)
    register_copy("access_log", anonymise=_access_log, find=lambda ids: _log(ids).count(), order=20)
    register_copy("files", anonymise=_files, find=_files_left, order=65, is_stored=True)
    register_copy("event_words", anonymise=_event_words, find=_event_words_left, order=70)
    register_copy("petition", anonymise=_petition, find=_petition_left, order=80)
    register_copy("search", anonymise=_search, find=_search_left, order=90)
