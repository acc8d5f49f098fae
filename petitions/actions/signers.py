"""Joint petitions: representatives and joint signers beside the main petitioner (domain-facts §1.4)."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions import events
from petitions.actions.moves import lock, require
from petitions.actions.registration import SUSPICIONS, Signer, build_petitioner
from petitions.actions.representatives import check_representatives
from petitions.inserts import insert
from petitions.models import Petition, Petitioner
from petitions.states import Refused

Role = Petitioner.Role
MAX_SIGNERS = 2000


@transaction.atomic
def add_signers(petition_id: int, *, signers: Sequence[Signer], actor: User | Actor, at: datetime) -> list[Petitioner]:
    """Add persons to a petition; the head-count grows where more have signed than it says.

    Raises Refused without anybody, for a closed matter, for more representatives than the Regulation allows
    (art. 20), and for somebody who has signed already.
    """
    who = Actor.of(actor)
    petition = lock(petition_id)
    require(petition, "petitions.sign", who)
    if not petition.is_open:
        raise Refused(_("This petition has ended; nobody signs it any more."), code="ended")
    if petition.is_anonymous:
        raise Refused(_("An anonymous petition has no named signers."), field="rows", code="anonymous")
    if not signers:
        raise Refused(_("Please name at least one person."), field="rows")
    counts = _counts(petition)
    if counts["all"] + len(signers) > MAX_SIGNERS:
        raise Refused(_("A petition holds at most %(n)d signers.") % {"n": MAX_SIGNERS}, field="rows", code="too_many")
    headcount = max(petition.headcount, counts["all"] + len(signers))
    delegates = counts["delegates"] + sum(signer.role == Role.REPRESENTATIVE for signer in signers)
    check_representatives(headcount, delegates)
    rows = [build_petitioner(petition, signer.person, signer.role) for signer in signers]
    _check_twice(petition, rows)
    rows = insert(rows)
    for look in SUSPICIONS:
        # Same person: one signer is enough (domain-facts §1.11).
        look([petition], rows, at)
    _count(petition, headcount, at)
    data = {"added": len(rows), "signers": counts["all"] + len(rows), "headcount": headcount}
    events.record(petition_id, "add_signers", actor=who, at=at, data=data)
    return rows


@transaction.atomic
def set_role(petition_id: int, *, petitioner_id: int, role: str, actor: User | Actor, at: datetime) -> Petitioner:
    """Make a signer a representative, or back. Raises Refused for the main petitioner and past the cap."""
    who = Actor.of(actor)
    petition = lock(petition_id)
    require(petition, "petitions.sign", who)
    row = Petitioner.objects.filter(petition=petition, pk=petitioner_id, withdrawn_at=None).first()
    if row is None or row.role == Role.MAIN or role not in {Role.REPRESENTATIVE, Role.SIGNER}:
        raise Refused(_("Choose a signer of this petition."), field="petitioner_id")
    if role == Role.REPRESENTATIVE and row.role != role:
        check_representatives(petition.headcount, _counts(petition)["delegates"] + 1)
    row.role = role
    row.save(update_fields=["role"])
    events.record(petition_id, "set_signer_role", actor=who, at=at, data={"petitioner": row.pk, "role": role})
    return row


def _counts(petition: Petition) -> dict[str, int]:
    rows = Petitioner.objects.filter(petition=petition, withdrawn_at=None)
    return rows.aggregate(all=Count("pk"), delegates=Count("pk", filter=Q(role=Role.REPRESENTATIVE)))


def _count(petition: Petition, headcount: int, at: datetime) -> None:
    affected = max(petition.affected_count, headcount)
    Petition.objects.filter(pk=petition.pk).update(headcount=headcount, affected_count=affected, updated_at=at)


def _check_twice(petition: Petition, rows: Sequence[Petitioner]) -> None:
    """One person signs once: the paper, or name with phone, tells."""
    there = Petitioner.objects.filter(petition=petition, withdrawn_at=None)
    known = {mark for row in there.only("id_index", "name_index", "phone_index") for mark in _marks(row)}
    for row in rows:
        found = _marks(row)
        if known & found:
            raise Refused(
                _("%(name)s has signed this petition already.") % {"name": row.name_masked}, field="rows", code="twice"
            )
        known |= found


def _marks(row: Petitioner) -> set[tuple[str, ...]]:
    marks: set[tuple[str, ...]] = set()
    if row.id_index:
        marks.add(("id", row.id_index))
    if row.name_index and row.phone_index:
        marks.add(("phone", row.name_index, row.phone_index))
    return marks


# Later rooms that keep copies of names hear of a signer who has taken theirs back.
WITHDRAWN: list[Callable[[Petition, Petitioner, datetime], None]] = []


@transaction.atomic
def withdraw_signer(
    petition_id: int, *, petitioner_id: int, reason: str, actor: User | Actor, at: datetime
) -> Petitioner:
    """One of several takes their name back; the petition goes on with the others. The last one ends it by `withdraw`.

    When the main petitioner goes, the first representative, else the first signer, takes that place. Raises Refused
    without a reason, for somebody who is not among the signers, and for the last one.
    """
    if not reason.strip():
        raise Refused(_("Please note why and how the petitioner withdrew."), field="reason")
    who = Actor.of(actor)
    petition = lock(petition_id)
    require(petition, "petitions.withdraw", who)
    left = list(Petitioner.objects.filter(petition=petition, withdrawn_at=None).order_by("id"))
    row = next((one for one in left if one.pk == petitioner_id), None)
    if row is None or not petition.is_open:
        raise Refused(_("Choose a signer of this petition."), field="petitioner_id")
    others = [one for one in left if one.pk != petitioner_id]
    if not others:
        raise Refused(
            _("Nobody else has signed: record the withdrawal of the petition instead."),
            field="petitioner_id",
            code="last_signer",
        )
    was_main = row.role == Role.MAIN
    row.role, row.withdrawn_at = Role.SIGNER, at
    row.save(update_fields=["role", "withdrawn_at"])
    label = petition.petitioner_label
    if was_main:
        heir = next((one for one in others if one.role == Role.REPRESENTATIVE), others[0])
        heir.role = Role.MAIN
        heir.save(update_fields=["role"])
        label = heir.name_masked
    headcount = max(1, petition.headcount - 1)
    Petition.objects.filter(pk=petition_id).update(headcount=headcount, petitioner_label=label, updated_at=at)
    for tell in WITHDRAWN:
        tell(petition, row, at)
    data = {"petitioner": row.pk, "left": len(others)}
    events.record(petition_id, "withdraw_signer", actor=who, at=at, data=data, text=reason.strip())
    return row
