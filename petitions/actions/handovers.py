"""Hand-over between petition offices (Regulation on Petition Work, art. 24): asked, taken over or refused, ruled.

The fifteen days of registration and routing run on through all of it: a dispute is not the citizen's delay.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Area, Unit, User
from petitions.actions.access import involve, release
from petitions.actions.moves import GUARDS, lock, move
from petitions.models import HandOver, Petition
from petitions.states import Refused

State = HandOver.State
OPEN = (State.ASKED, State.REFUSED)


def settle(row: HandOver, state: str, **changes: object) -> HandOver:
    """The one place where a hand-over changes its state; the caller holds its lock and the petition's."""
    row.state = state
    for attribute, value in changes.items():
        setattr(row, attribute, value)
    row.save()
    return row


@transaction.atomic
def hand_over(
    petition_id: int,
    *,
    to_office: Unit,
    area: Area,
    reason: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> HandOver:
    """Ask another petition office to take a matter over that lies in its district.

    Raises Refused without a reason, for a unit that is no other petition office, for a place outside its district, for
    an accusation, and while a unit has the matter in hand or another request is open.
    """
    who = Actor.of(actor)
    if len(reason.strip()) < 4:
        raise Refused(_("Please say why the other office is in charge; it reads exactly this."), field="reason")
    petition = lock(petition_id)
    _check_office(petition, to_office, area)
    if HandOver.objects.filter(petition=petition, state__in=OPEN).exists():
        raise Refused(_("A hand-over of this petition is open already."), code="open_hand_over")
    data = {"to": to_office.pk, "name": to_office.short_name, "area": area.pk}
    petition = move(
        petition_id,
        "hand_over",
        actor=who,
        at=at,
        data=data,
        text=reason.strip(),
        changes={"hand_over_state": State.ASKED},
        version=version,
    )
    # The receiving office reads before it answers.
    involve(petition_id, unit=to_office, at=at, reason="hand_over")
    return HandOver.objects.create(
        petition=petition,
        from_office=petition.register_unit,
        to_office=to_office,
        area=area,
        reason=reason.strip(),
        asked_at=at,
        asked_by=who.user,
    )


def _check_office(petition: Petition, to_office: Unit, area: Area) -> None:
    if to_office.kind != Unit.Kind.PETITION_OFFICE or not to_office.is_active:
        raise Refused(_("Choose a petition office."), field="to_office")
    if to_office.pk == petition.register_unit_id:
        raise Refused(_("This office has the petition already."), field="to_office")
    seat = to_office.area.district_id or to_office.area_id
    if to_office.area.kind != Area.Kind.CITY and (area.district_id or area.pk) != seat:
        raise Refused(_("This place does not lie in the district of the office chosen."), field="area")
    if petition.is_restricted:
        raise Refused(
            _("An accusation reaches named persons only; name the person instead of handing it over."),
            code="restricted",
        )


def _lock_open(petition_id: int, wanted: str) -> HandOver:
    petition = lock(petition_id)
    row = HandOver.objects.select_for_update(of=("self",)).filter(petition=petition, state=wanted).first()
    if row is None:
        raise Refused(_("No hand-over waits for this."), code="nothing")
    return row


def _check_receiver(row: HandOver, who: Actor) -> None:
    if who.is_system or (who.unit is not None and who.unit.pk == row.to_office_id):
        return
    raise Refused(_("Only the office that was asked answers."), code="forbidden")


_ANSWERED: dict[str, object] = {"hand_over_state": ""}


def _gone_over(row: HandOver) -> dict[str, object]:
    """What a petition that goes over changes: whose it is, and where it lies."""
    return {
        **_ANSWERED,
        "register_unit": row.to_office,
        "area": row.area,
        "district_id": row.area.district_id or row.area_id,
    }


@transaction.atomic
def take_over(
    petition_id: int, *, remark: str = "", actor: User | Actor, at: datetime, version: int | None = None
) -> HandOver:
    """The office asked takes the matter over; its periods run on. Raises Refused for anybody else's answer."""
    row, who = _lock_open(petition_id, State.ASKED), Actor.of(actor)
    _check_receiver(row, who)
    data = {"from": row.from_office_id, "name": row.to_office.short_name}
    more = {"changes": _gone_over(row), "version": version}
    move(petition_id, "take_over", actor=who, at=at, data=data, text=remark.strip(), **more)  # type: ignore[arg-type]
    return settle(row, State.ACCEPTED, answer=remark.strip(), answered_at=at, answered_by=who.user)


@transaction.atomic
def refuse_over(
    petition_id: int, *, remark: str, actor: User | Actor, at: datetime, version: int | None = None
) -> HandOver:
    """The office asked does not take it; the dispute goes to the office above both (art. 24)."""
    if len(remark.strip()) < 4:
        raise Refused(_("Please say why; the other office and the office above read it."), field="remark")
    row, who = _lock_open(petition_id, State.ASKED), Actor.of(actor)
    _check_receiver(row, who)
    data = {"name": row.from_office.short_name}
    changes = {"hand_over_state": State.REFUSED}
    move(petition_id, "refuse_over", actor=who, at=at, data=data, text=remark.strip(), changes=changes, version=version)
    return settle(row, State.REFUSED, answer=remark.strip(), answered_at=at, answered_by=who.user)


@transaction.atomic
def rule_over(
    petition_id: int,
    *,
    goes: bool,
    remark: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> HandOver:
    """The city office rules a refused hand-over; the ruling is final. Raises Refused without grounds."""
    if len(remark.strip()) < 4:
        raise Refused(_("A ruling names its grounds; both offices read it."), field="remark")
    row, who = _lock_open(petition_id, State.REFUSED), Actor.of(actor)
    name = (row.to_office if goes else row.from_office).short_name
    more = {"changes": _gone_over(row) if goes else _ANSWERED, "version": version}
    data = {"goes": goes, "name": name, "from": row.from_office_id}
    move(petition_id, "rule_over", actor=who, at=at, data=data, text=remark.strip(), **more)  # type: ignore[arg-type]
    if not goes:
        release(petition_id, unit=row.to_office, at=at)
    state = State.RULED if goes else State.KEPT
    return settle(row, state, ruling=remark.strip(), ruled_at=at, ruled_by=who.user)


@transaction.atomic
def drop_over(
    petition_id: int, *, remark: str, actor: User | Actor, at: datetime, version: int | None = None
) -> HandOver:
    """The handing office takes its request back before it is answered. Raises Refused without a reason."""
    if len(remark.strip()) < 4:
        raise Refused(_("Please say why; the other office reads it."), field="remark")
    row, who = _lock_open(petition_id, State.ASKED), Actor.of(actor)
    if not who.is_system and (who.unit is None or who.unit.pk != row.from_office_id):
        raise Refused(_("Only the office that asked takes its request back."), code="forbidden")
    data = {"name": row.to_office.short_name}
    move(petition_id, "drop_over", actor=who, at=at, data=data, text=remark.strip(), changes=_ANSWERED, version=version)
    release(petition_id, unit=row.to_office, at=at)
    return settle(row, State.TAKEN_BACK, answered_at=at)


def matter_ended(petition: Petition, at: datetime) -> None:
    """A hand-over still open when the matter itself ends is taken back; the caller holds the petition's lock."""
    for row in HandOver.objects.select_for_update(of=("self",)).filter(petition=petition, state__in=OPEN):
        release(petition.pk, unit=row.to_office, at=at)
        settle(row, State.TAKEN_BACK, answered_at=row.answered_at or at)
    if petition.hand_over_state:
        Petition.objects.filter(pk=petition.pk).update(hand_over_state="")
        petition.hand_over_state = ""


def require_none_open(petition: Petition) -> None:
    """Raises Refused while it is not settled which office has the matter: nobody decides it meanwhile (art. 24)."""
    if not petition.hand_over_state:
        return
    if petition.hand_over_state == State.REFUSED:
        raise Refused(
            _("The hand-over to another office was refused and waits for the ruling of the city office."),
            code="open_hand_over",
        )
    raise Refused(
        _("Another office has been asked to take this petition over. Take that back first, or wait for its answer."),
        code="open_hand_over",
    )


# What one of the two offices would decide as if the matter were its own.
HELD = frozenset(
    {
        "dispatch",
        "accept",
        "not_accept",
        "no_longer_accept",
        "lead_out",
        "send_up",
        "answer_at_once",
        "lay_before",
        "name_lead",
    }
)
for _name in HELD:
    GUARDS.setdefault(_name, []).append(require_none_open)


def open_hand_over(petition: Petition) -> HandOver | None:
    """The hand-over of a petition that waits for its answer or a ruling."""
    rows = HandOver.objects.filter(petition=petition, state__in=OPEN)
    return rows.select_related("from_office", "to_office", "area").first()
