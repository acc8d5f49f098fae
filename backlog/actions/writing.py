"""What is written on a backlog file: its petitions, who works on it, the assessment, progress, the agreement."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Area, Unit, User
from backlog.actions import matter, moves, papers
from backlog.actions.nominate import check_place
from backlog.models import Assessment, BacklogCase, CaseLink, TaskForce
from backlog.states import CASE_MOVES, CaseState, Reasonableness
from dispatch.actions.clocks import hand_subject_to
from dispatch.clocks import city_day
from dispatch.models import Policy
from petitions.models import Petition
from petitions.states import Refused

# What the file says of the matter (domain-facts §3.2). The agreement has a step of its own.
FIELDS = (
    "demands",
    "facts",
    "legal_position",
    "sticking_point",
    "reasonableness",
    "plan",
    "outcome",
    "follow_up",
)
AGREEMENT = ("agreement", "agreed_on", "performance", "performed_on")
_CLOSED = {CaseState.CERTIFIED, CaseState.STRUCK_OFF}


# ---- petitions of the file ----


@transaction.atomic
def link(
    case_id: int, *, petition: Petition, actor: User | Actor, at: datetime, version: int | None = None
) -> BacklogCase:
    """Add a petition to the file; first day, people and times are counted anew. The petition is locked first.

    Raises Refused for an accusation, for one on a living file, and where the title would name who signed it.
    """
    who = Actor.of(actor)
    row = Petition.objects.select_for_update(of=("self",)).get(pk=petition.pk)
    matter.refuse_unfit(row, field="petition")
    known = matter.living_links([row.pk])
    if known:
        words = {"number": known[0].case.number}
        raise Refused(_("This petition is on the backlog file %(number)s already.") % words, field="petition")
    case = moves.lock(case_id)
    ids = [*matter.petitions_of(case), row.pk]
    try:
        matter.check_title(case.title, [row.pk])
    except Refused as refusal:
        raise Refused(
            _("The title of the file contains a name of somebody who signed this petition. Change the title first."),
            field="petition",
        ) from refusal
    changes = matter.figures_of(ids).changes()
    data = {"petition": row.pk, "number": row.number}
    # Before the move: who commands the case is let into the petition by what hangs on it.
    CaseLink.objects.create(case=case, petition=row, added_at=at, added_by=who.user)
    return moves.move(case_id, "link", actor=who, at=at, changes=changes, data=data, version=version)


@transaction.atomic
def unlink(
    case_id: int,
    *,
    petition: Petition,
    reason: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> BacklogCase:
    """Take a petition off the file again: it was another matter. The main petition stays."""
    if len(reason.strip()) < 4:
        raise Refused(_("Say in a few words why it is another matter."), field="reason")
    Petition.objects.select_for_update(of=("self",)).get(pk=petition.pk)
    case = moves.lock(case_id)
    if petition.pk == case.petition_id:
        raise Refused(_("The main petition cannot be taken off its file."), field="petition")
    rows = CaseLink.objects.filter(case=case, petition=petition)
    if not rows.exists():
        raise Refused(_("This petition is not on the file."), field="petition")
    ids = [pk for pk in matter.petitions_of(case) if pk != petition.pk]
    data = {"petition": petition.pk, "number": petition.number}
    changes = matter.figures_of(ids).changes()
    rows.delete()
    return moves.move(
        case_id, "unlink", actor=actor, at=at, changes=changes, data=data, text=reason.strip(), version=version
    )


def follow_telling(petition: Petition, *, actor: Actor, at: datetime) -> BacklogCase | None:
    """A petition was marked as a repeat: it joins the living file of the matter by itself. None where there is none.

    The caller holds the petition's lock. A settled case is left alone: whether it has rebounded a person says.
    """
    if petition.is_restricted or petition.repeat_of_id is None or matter.living_links([petition.pk]):
        return None
    rows = matter.living_links([petition.repeat_of_id])
    if not rows or rows[0].case.state in _CLOSED:
        return None
    case = moves.lock(rows[0].case_id)
    if case.state in _CLOSED or case.state not in CASE_MOVES["link"].sources:
        # Decided on meanwhile: the registration goes on, and people say what becomes of the telling.
        return None
    ids = [*matter.petitions_of(case), petition.pk]
    CaseLink.objects.create(case=case, petition=petition, added_at=at)
    data = {"petition": petition.pk, "number": petition.number, "is_repeat": True}
    # Nobody is there to choose another title: a name that comes with the telling leaves it at once.
    title = matter.without_names(case.title, [petition.pk]) or str(petition.content_class.name)
    changes = {**matter.figures_of(ids).changes(), "title": title}
    return moves.move(case.pk, "link", actor=Actor.system("backlog"), at=at, changes=changes, data=data)


# ---- who works on it ----


@transaction.atomic
def place(
    case_id: int,
    *,
    title: str,
    district: Area,
    lead_unit: Unit,
    actor: User | Actor,
    at: datetime,
    force: TaskForce | None = None,
    assisting: Sequence[Unit] = (),
    target_on: date | None = None,
    text: str = "",
    version: int | None = None,
) -> BacklogCase:
    """Set title, district, force and units. Running deadlines of the case go to the new responsible unit, dates stay.

    Raises Refused naming the field at fault.
    """
    who = Actor.of(actor)
    case = moves.lock(case_id)
    check_place(case, district, lead_unit, who)
    wanted = {"district": district, "force": force, "lead_unit": lead_unit, "target_on": target_on}
    before = {name: getattr(case, f"{name}_id") for name in ("district", "force", "lead_unit")}
    changes = {"title": matter.check_title(title, matter.petitions_of(case)), **wanted}
    data = {f"{name}_before": pk for name, pk in before.items() if pk != getattr(wanted[name], "pk", None)}
    data["unit"] = lead_unit.pk
    if before["lead_unit"] != lead_unit.pk:
        hand_subject_to(Policy.Subject.BACKLOG, case.pk, lead_unit)
    case = moves.move(
        case_id, "place", actor=who, at=at, changes=changes, data=data, text=text.strip(), version=version
    )
    case.assisting.set([unit for unit in assisting if unit != lead_unit])
    return case


# ---- the file itself ----


@transaction.atomic
def progress(
    case_id: int,
    *,
    text: str,
    actor: User | Actor,
    at: datetime,
    uploads: Sequence[UploadedFile] = (),
    version: int | None = None,
) -> BacklogCase:
    """Report how far the matter is: the report period begins anew, and the case no longer stands still."""
    if len(text.strip()) < 6:
        raise Refused(_("Say what has been done since the last report, and what comes next."), field="text")
    kept = papers.keep(case_id, uploads, actor=actor, at=at)
    return moves.move(
        case_id,
        "progress",
        actor=actor,
        at=at,
        text=text.strip(),
        changes={"progress": text.strip()},
        document=kept[0] if kept else None,
        data={"files": [row.pk for row in kept]} if kept else None,
        version=version,
        is_progress=True,
    )


@transaction.atomic
def assess(
    case_id: int,
    *,
    values: dict[str, str],
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> BacklogCase:
    """Write what the file says of the matter; `values` by names of FIELDS, those not named stay. Who, when and what
    changed is kept. Raises Refused.
    """
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise Refused(_("Your role may not write this part of the file."), field=min(unknown))
    reasonableness = values.get("reasonableness", "")
    if reasonableness and reasonableness not in Reasonableness.values:
        raise Refused(_("Choose reasonable, partly reasonable or unreasonable."), field="reasonableness")
    return _write(case_id, "assess", {name: text.strip() for name, text in values.items()}, actor, at, version)


@transaction.atomic
def agree(
    case_id: int,
    *,
    agreement: str,
    agreed_on: date | None,
    actor: User | Actor,
    at: datetime,
    performance: str = "",
    performed_on: date | None = None,
    uploads: Sequence[UploadedFile] = (),
    version: int | None = None,
) -> BacklogCase:
    """Record what was agreed with the petitioners and how it is performed. A promise not to petition is no agreement
    this file asks for (domain-facts §3.9). Raises Refused naming the field at fault.
    """
    _check_agreement(agreement, agreed_on, performed_on, city_day(at))
    kept = papers.keep(case_id, uploads, actor=actor, at=at)
    values = {
        "agreement": agreement.strip(),
        "agreed_on": agreed_on,
        "performance": performance.strip(),
        "performed_on": performed_on,
    }
    return _write(case_id, "agree", values, actor, at, version, documents=[row.pk for row in kept])


def _check_agreement(agreement: str, agreed_on: date | None, performed_on: date | None, today: date) -> None:
    if len(agreement.strip()) < 6:
        raise Refused(_("Say what was agreed: who does what until when."), field="agreement")
    for name, day in (("agreed_on", agreed_on), ("performed_on", performed_on)):
        if day is not None and day > today:
            raise Refused(_("This day lies ahead. Choose the day on which it happened."), field=name)
    if performed_on is not None and (agreed_on is None or performed_on < agreed_on):
        raise Refused(_("It cannot be performed before it is signed."), field="performed_on")


def _write(
    case_id: int,
    name: str,
    values: dict[str, Any],
    actor: User | Actor,
    at: datetime,
    version: int | None,
    documents: Sequence[int] = (),
) -> BacklogCase:
    """Put values on the assessment, with the names of what changed in the event and the old text in its history."""
    who = Actor.of(actor)
    case = moves.lock(case_id)
    row = Assessment.objects.filter(case=case).first() or Assessment(case=case)
    changed = [field for field, value in values.items() if (getattr(row, field) or "") != (value or "")]
    if not changed and not documents:
        raise Refused(_("Nothing has changed."), code="same")
    data: dict[str, Any] = {"fields": changed}
    if documents:
        data["files"] = list(documents)
    case = moves.move(
        case_id,
        name,
        actor=who,
        at=at,
        data=data,
        version=version,
        is_progress=name == "agree",
    )
    for field, value in values.items():
        setattr(row, field, value)
    history: Any = row
    history._history_user, history._history_date = who.user, at
    row.save()
    return case
