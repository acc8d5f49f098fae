"""Drafting: a document begins with the wording in force and what the case says; every change is a new version."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from petitions.actions.documents.moves import check_version, kind_of, lock_document, move, record, require_on, round_of
from petitions.actions.moves import lock, require
from petitions.documents.filling import unknown_places
from petitions.documents.kinds import DocumentKind, kinds_called_for
from petitions.documents.places import case_values
from petitions.documents.wording import wording_of
from petitions.models import Document, DocumentVersion, Letterhead, Petition
from petitions.states import Refused
from petitions.states.documents import OPEN_DOCUMENT_STATES


@transaction.atomic
def draft(
    petition_id: int,
    kind: str,
    *,
    values: Mapping[str, Any] | None = None,
    unit: Unit | None = None,
    addressee_unit: Unit | None = None,
    is_major: bool = False,
    subject: str = "",
    actor: User | Actor,
    at: datetime,
) -> Document:
    """Begin a document of a kind: the wording in force, what the case says, and `values` over that.

    `unit`: the organ that gives it, when it is not the drafter's own (Yongqing itself drafts for others). Raises
    Refused for an unknown kind, a second open one, and an addressee in the line complained of.
    """
    who, row = Actor.of(actor), kind_of(kind)
    petition = lock(petition_id)
    require(petition, row.permission, who)
    organ = _organ(row, petition, who, unit)
    open_ones = Document.objects.filter(
        petition=petition, kind=kind, subject=subject, unit=organ, state__in=OPEN_DOCUMENT_STATES
    )
    if open_ones.exists():
        raise Refused(_("A document of this kind is being prepared already; go on with that one."), code="exists")
    check_addressee(petition, row, addressee_unit)
    document = Document.objects.create(
        petition=petition,
        kind=kind,
        subject=subject,
        round=round_of(petition, kind),
        title=row.title,
        unit=organ,
        addressee_unit=addressee_unit,
        is_major=is_major,
        drafter=who.user,
        drafted_at=at,
    )
    title, body = wording_of(row)
    known = {**row.fill(petition, Actor(label=organ.name, unit=organ)), **(values or {})}
    add_version(document, title=title, body=body, entries=known, who=who, at=at, note="")
    record(document, "draft", who, at)
    return document


def _organ(kind: DocumentKind, petition: Petition, who: Actor, given: Unit | None) -> Unit:
    if who.is_system:
        return given or petition.lead_unit or petition.register_unit
    own = who.unit
    if own is None:
        raise Refused(_("Documents are given by an organ; you belong to none."), code="forbidden")
    if kind.organ == "lead" and petition.lead_unit is not None and petition.lead_unit_id != own.pk:
        raise Refused(
            _("The handling opinion is given by %(unit)s, which handles the matter.") % {"unit": petition.lead_unit},
            code="forbidden",
        )
    return own


def check_addressee(petition: Petition, kind: DocumentKind, unit: Unit | None) -> None:
    """No accusation goes to the unit complained of, nor above or below it (domain-facts §1.17)."""
    if unit is None:
        return
    if not kind.is_to_unit:
        raise Refused(_("This document goes to the petitioner."), field="addressee_unit")
    respondent = petition.respondent_unit if petition.is_restricted else None
    if respondent is not None and unit.is_in_line_with(respondent):
        sentence = _("This unit is complained of, or stands above or below it. Choose another.")
        raise Refused(sentence, field="addressee_unit")


def add_version(
    document: Document,
    *,
    title: str,
    body: str,
    entries: Mapping[str, Any],
    who: Actor,
    at: datetime,
    note: str,
    fixed: Mapping[str, Any] | None = None,
) -> DocumentVersion:
    """Keep the document as it stands now. What the case says is taken anew; `fixed` (number, date) is laid over it."""
    kind = kind_of(document.kind)
    head = Letterhead.objects.filter(unit=document.unit).first()
    own = {name: value for name, value in entries.items() if name in {place.name for place in kind.entries}}
    addressee = document.addressee_unit.name if document.addressee_unit else ""
    case = case_values(
        document.petition,
        organ=head.name if head else document.unit.name,
        contact=head.contact if head else "",
        addressee=addressee,
    )
    values = json.dumps({**case, **own, **(fixed or {})}, ensure_ascii=False, sort_keys=True)
    last = document.versions.aggregate(last=Max("no"))["last"] or 0
    return DocumentVersion.objects.create(
        document=document,
        no=last + 1,
        title=title,
        body=body,
        values_text=values,
        digest=hashlib.sha256(f"{title}\n{body}\n{values}".encode()).hexdigest(),
        made_by=who.user,
        made_at=at,
        note=note[:200],
    )


def check_wording(kind: DocumentKind, title: str, body: str) -> None:
    """Refuse an empty title and placeholders the kind does not have."""
    if not title.strip():
        raise Refused(_("A document needs a title."), field="title")
    unknown = unknown_places(kind, f"{title}\n{body}")
    if unknown:
        words = {"names": _(", ").join(unknown), "known": _(", ").join(sorted(kind.names))}
        raise Refused(_("There is no placeholder %(names)s. Known here: %(known)s.") % words, field="body")


@transaction.atomic
def amend(
    document_id: int,
    *,
    values: Mapping[str, Any] | None = None,
    title: str | None = None,
    body: str | None = None,
    addressee_unit: Unit | None = None,
    is_major: bool | None = None,
    note: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Document:
    """Change a draft: entries, this document's wording, addressee. What changes nothing makes no version."""
    who = Actor.of(actor)
    document = lock_document(document_id)
    check_version(document, version)
    require_on(document, "petitions.document_draft", who)
    kind, before = kind_of(document.kind), document.current
    title = (before.title if title is None else title).strip()
    body = before.body if body is None else body.replace("\r\n", "\n").strip()
    check_wording(kind, title, body)
    check_addressee(document.petition, kind, addressee_unit)
    changes: dict[str, Any] = {"drafter": who.user}
    if addressee_unit is not None:
        changes["addressee_unit"] = document.addressee_unit = addressee_unit
    if is_major is not None:
        changes["is_major"] = is_major
    entries = {**before.values, **(values or {})}
    is_same = title == before.title and body == before.body and entries == before.values
    if is_same and addressee_unit is None and is_major in {None, document.is_major}:
        return document
    add_version(document, title=title, body=body, entries=entries, who=who, at=at, note=note)
    return move(document_id, "amend", actor=who, at=at, changes=changes)


def draft_if_none(
    petition_id: int, kind: str, *, values: Mapping[str, Any], unit: Unit, at: datetime, subject: str = ""
) -> Document | None:
    """The draft a step owes, begun by Yongqing for its organ; None when one is being prepared already."""
    rows = Document.objects.filter(petition=petition_id, kind=kind, subject=subject, unit=unit)
    if rows.filter(state__in=OPEN_DOCUMENT_STATES).exists():
        return None
    return draft(petition_id, kind, values=values, unit=unit, subject=subject, actor=Actor.system(), at=at)


def draft_for_move(petition: Petition, name: str, *, actor: Actor, at: datetime) -> list[Document]:
    """The drafts a move of the petition calls for, begun by Yongqing for the organ that has to give them.

    Called inside the move's transaction. A kind that is being prepared already is taken over into the present round;
    one that has nobody to read it because the petition is anonymous is left alone.
    """
    made = []
    for kind in kinds_called_for(name):
        if not kind.applies(petition):
            continue
        organ = petition.lead_unit if kind.organ == "lead" else actor.unit
        organ = organ or petition.lead_unit or petition.register_unit
        prepared = Document.objects.filter(
            petition=petition, kind=kind.key, subject="", unit=organ, state__in=OPEN_DOCUMENT_STATES
        )
        is_there = prepared.update(round=round_of(petition, kind.key))
        if is_there or (petition.is_anonymous and kind.is_for_citizen):
            continue
        made.append(draft(petition.pk, kind.key, unit=organ, actor=Actor.system(), at=at))
    return made
