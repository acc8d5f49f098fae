"""One submission with several matters becomes several petitions (domain-facts §1.7; Regulation, art. 22)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Area, User
from petitions import events
from petitions.actions.moves import allow, lock, move
from petitions.actions.registration import Person, Registration, Signer, next_keys, register_many
from petitions.models import Attachment, ContentClass, Petition, Petitioner, Purpose
from petitions.states import Refused

MAX_PARTS = 10


@dataclass(frozen=True)
class Part:
    """One matter split off. What is left empty is as in the submission."""

    summary: str
    content: str
    content_class: ContentClass
    demand: str = ""
    purpose: str = ""
    route: str = ""
    area: Area | None = None
    # Files of the submission that belong to this matter, by id.
    files: Sequence[int] = ()


def split(
    petition_id: int,
    *,
    parts: Sequence[Part],
    reason: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> list[Petition]:
    """Register each part under a number of its own, with the people and the files that belong to it.

    The periods of the parts run from the day the submission was registered: splitting wins nobody time. Raises Refused
    without a reason or parts, for a part without words, and for a matter that has ended.
    """
    who = Actor.of(actor)
    if len(reason.strip()) < 4:
        raise Refused(_("Please say why the submission is split."), field="reason")
    if not 1 <= len(parts) <= MAX_PARTS:
        raise Refused(_("Name one to %(n)d matters to split off.") % {"n": MAX_PARTS}, field="parts")
    for number, part in enumerate(parts, start=1):
        if len(part.content.strip()) < 4 or not part.summary.strip():
            raise Refused(_("Matter %(n)d needs a summary and its content.") % {"n": number}, field="parts")
    # Imported late: keeping a file locks the petition through this package.
    from petitions.attachments import ReadyUpload, forget_laid, lay_copies

    laid: dict[int, list[ReadyUpload]] = {}
    try:
        # Before anything is locked: a slow storage holds up neither the case nor the numbers of the day.
        for key, part in zip(next_keys(len(parts)), parts, strict=True):
            # Files are copied, not shared: each matter keeps and later anonymises its own.
            rows = Attachment.objects.filter(petition=petition_id, pk__in=part.files, erased_at=None).order_by("id")
            laid[key] = lay_copies(key, rows)
        return _split(petition_id, parts, laid, reason.strip(), who, at, version)
    except BaseException:
        for files in laid.values():
            forget_laid(files)
        raise


@transaction.atomic
def _split(
    petition_id: int,
    parts: Sequence[Part],
    laid: Mapping[int, Sequence[UploadedFile]],
    reason: str,
    who: Actor,
    at: datetime,
    version: int | None,
) -> list[Petition]:
    from petitions.attachments import store_all

    petition = lock(petition_id)
    # Asked here: where nothing is told on the submission there is no move that would ask it.
    allow(petition, "split", who, version=version)
    people = list(Petitioner.objects.filter(petition=petition, withdrawn_at=None).order_by("-is_main", "id"))
    registrations = [_registration(petition, people, part, key) for key, part in zip(laid, parts, strict=True)]
    children = register_many(registrations, actor=who, at=at)
    for child in children:
        store_all(child.pk, laid[child.pk], actor=who, at=at)
    hidden = [] if petition.is_restricted else [child for child in children if child.is_restricted]
    told = [child for child in children if child not in hidden]
    if told:
        data = {"parts": [{"petition": c.pk, "number": c.number} for c in told], "count": len(told)}
        move(petition_id, "split", actor=who, at=at, data=data, text="" if hidden else reason)
    # An accusation leaves no trace on a case that others read, the unit complained of perhaps: neither its number nor
    # that it is there, nor why (domain-facts §1.17). Its own file says where it came from.
    source = {"petition": petition.pk, "number": petition.number}
    for child in hidden:
        events.record(child.pk, "split_off", actor=who, at=at, data=source, text=reason)
    return children


def _registration(petition: Petition, people: Sequence[Petitioner], part: Part, key: int) -> Registration:
    purpose = part.purpose or petition.purpose
    accuses = purpose == Purpose.ACCUSE
    main = _person(people[0]) if people else Person()
    signers = [Signer(_person(row), row.role) for row in people[1:]]
    return Registration(
        channel=petition.channel,
        summary=part.summary.strip(),
        content=part.content.strip(),
        content_class=part.content_class,
        area=part.area or petition.area,
        petition_date=petition.petition_date,
        register_unit=petition.register_unit,
        person=main,
        signers=signers,
        purpose=purpose,
        route=part.route,
        urgency=petition.urgency,
        sensitivity=petition.sensitivity if accuses or not petition.is_restricted else "confidential",
        address=petition.address,
        demand=part.demand.strip(),
        occurred_on=petition.occurred_on,
        headcount=petition.headcount,
        affected_count=petition.affected_count,
        is_anonymous=petition.is_anonymous,
        respondent_unit=petition.respondent_unit if accuses else None,
        respondent=petition.respondent if accuses else "",
        key=key,
        parent=petition if accuses == petition.is_restricted else None,
        received_at=petition.registered_at,
        # Told apart from the submission by hand: nobody is asked whether it repeats it.
        new_matter=_("Split off from one submission."),
    )


def _person(row: Petitioner) -> Person:
    return Person(
        name=row.name,
        party_type=row.party_type,
        id_type=row.id_type,
        id_no=row.id_no,
        phone=row.phone,
        address=row.address,
        sex=row.sex,
        contact_preference=row.contact_preference,
    )
