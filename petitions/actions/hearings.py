"""Hearings (听证) on major, complicated or difficult matters (Regulation on Petition Work, arts. 31(6), 36; §1.15).

Asked for, decided, set with panel and date, held with a record turn by turn, concluded by vote, and published where it
may be. Every step is a move of the petition; at re-review the time from decision to end is not counted.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from petitions import organs
from petitions.actions.access import involve
from petitions.actions.moves import GUARDS, lock, move, require, touch
from petitions.models import (
    Hearing,
    HearingMember,
    HearingSide,
    HearingTurn,
    Petition,
    ReviewRequest,
)
from petitions.states import Refused, check_step
from petitions.states.reviews import HEARING_STEPS, OPEN_REVIEWS, HearingState

# The last day on which notice still runs when it is given now, by the room that keeps the rules; None: no such rule.
NOTICE_PERIODS: list[Callable[[Petition, datetime], datetime | None]] = []
# Matters of these legal routes are heard there, not here (domain-facts §1.15).
HEARD_ELSEWHERE = frozenset({"litigation", "arbitration", "reconsideration"})
MOST_WORDS = 50_000
_PANEL = (HearingMember.Part.CHAIR, HearingMember.Part.PANEL)


@dataclass(frozen=True)
class Seat:
    """One person to be seated: a user, or a name with what they are. `part` is a HearingMember.Part."""

    part: str
    user: User | None = None
    name: str = ""
    standing: str = ""


def open_hearing(petition_id: int) -> Hearing:
    """The hearing asked for, set or in session. Raises Refused when there is none."""
    row = (
        Hearing.objects.open()
        .select_for_update(of=("self",))
        .select_related("petition", "review")
        .filter(petition=petition_id)
        .first()
    )
    if row is None:
        raise Refused(_("No hearing is open."), code="hearing")
    found: Hearing = row
    return found


def advance(hearing: Hearing, step: str) -> Hearing:
    """The one place where a hearing changes its state. The caller holds the petition's lock and has taken its move."""
    hearing.state = check_step(HEARING_STEPS, step, hearing.state, hearing.get_state_display())
    hearing.save()
    return hearing


def _words(text: str, sentence: str, field: str) -> str:
    if not text.strip():
        raise Refused(sentence, field=field)
    return text.strip()[:MOST_WORDS]


def side_of(actor: Actor) -> str:
    """For whom somebody asks who does not say so."""
    if actor.matters:
        return HearingSide.PETITIONER
    is_unit = actor.unit is not None and actor.unit.kind not in {Unit.Kind.PETITION_OFFICE, Unit.Kind.GOVERNMENT}
    return HearingSide.UNIT if is_unit else HearingSide.ORGAN


@transaction.atomic
def ask(
    petition_id: int,
    *,
    subject: str,
    side: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Hearing:
    """Ask for a hearing: the petitioner, the unit, or the organ that decides. Raises Refused while one is open, and
    for matters that are heard in court, arbitration or reconsideration."""
    who, petition = Actor.of(actor), lock(petition_id)
    text = _words(subject, _("Please write what the hearing is about."), "subject")
    _may_be_heard(petition)
    row = Hearing.objects.create(
        petition=petition,
        review=ReviewRequest.objects.filter(petition=petition, state__in=OPEN_REVIEWS).first(),
        asked_at=at,
        asked_by=who.user,
        side=side if side in HearingSide.values and not who.matters else side_of(who),
        subject=text,
    )
    data = {"hearing": row.pk, "side": row.side}
    move(petition_id, "ask_hearing", actor=who, at=at, data=data, text=text, version=version)
    return row


def _may_be_heard(petition: Petition) -> None:
    if Hearing.objects.open().filter(petition=petition).exists():
        raise Refused(_("A hearing is open already."), code="hearing")
    if getattr(petition, "route", "") in HEARD_ELSEWHERE:
        raise Refused(
            _("Matters for court, arbitration or reconsideration are heard there, not here."), code="heard_elsewhere"
        )


@transaction.atomic
def decline(petition_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None) -> Hearing:
    """Decide that no hearing is held. Needs a reason; whoever asked reads it."""
    who, _petition = Actor.of(actor), lock(petition_id)
    text = _words(reason, _("A refusal names its grounds; the petitioner reads them."), "reason")
    row = open_hearing(petition_id)
    advance(row, "decline")
    row.decided_at, row.decided_by, row.decision = at, who.user, text
    row.save()
    move(petition_id, "decline_hearing", actor=who, at=at, data={"hearing": row.pk}, text=text, version=version)
    return row


@transaction.atomic
def hold(
    petition_id: int,
    *,
    subject: str = "",
    held_at: datetime,
    place: str,
    seats: Sequence[Seat],
    is_public: bool = True,
    closed_reason: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Hearing:
    """Decide that a hearing is held: date, place, panel. What nobody asked for, the organ opens itself (`subject`).

    Raises Refused for a date inside the notice period, a closed hearing without a reason, and a panel that may not sit.
    """
    who, petition = Actor.of(actor), lock(petition_id)
    row = Hearing.objects.open().filter(petition=petition).first()
    if row is None:
        row = ask(petition_id, subject=subject, side=HearingSide.ORGAN, actor=who, at=at, version=version)
        version = None
    advance(row, "set")
    _check_date(petition, held_at, at)
    if not is_public:
        _words(closed_reason, _("A closed hearing names why: state secrets or privacy."), "closed_reason")
    check_panel(row, seats, petition)
    row.held_at, row.place = held_at, _words(place, _("Please write where it is held."), "place")[:120]
    row.is_public, row.closed_reason = is_public, "" if is_public else closed_reason.strip()[:200]
    row.decided_at, row.decided_by, row.notified_at = at, who.user, at
    row.save()
    _seat(row, seats, at)
    data = {"hearing": row.pk, "held_at": held_at.isoformat(), "panel": _names(seats), "public": is_public}
    changes = {"hearing_since": at}
    move(petition_id, "hold_hearing", actor=who, at=at, data=data, text=row.subject, changes=changes, version=version)
    return row


def _check_date(petition: Petition, held_at: datetime, at: datetime) -> None:
    if held_at <= at:
        raise Refused(_("Choose a date that lies ahead."), field="held_at")
    for period in NOTICE_PERIODS:
        until = period(petition, at)
        if until is not None and held_at <= until:
            raise Refused(
                _("Both sides have notice until the end of %(day)s; choose a later date.")
                % {"day": f"{localtime(until):%Y-%m-%d}"},
                field="held_at",
                code="notice",
            )


def check_panel(hearing: Hearing, seats: Sequence[Seat], petition: Petition) -> None:
    """Who may sit: one chair who does not investigate, chair and panel an odd number of three at least, one clerk of
    none of them, nobody who has acted on the case, nobody twice. Raises Refused."""
    parts = [seat.part for seat in seats]
    panel = [seat for seat in seats if seat.part in _PANEL]
    if parts.count(HearingMember.Part.CHAIR) != 1 or parts.count(HearingMember.Part.CLERK) != 1:
        raise Refused(_("A hearing has one chair and one clerk."), field="chair", code="panel")
    if len(panel) < 3 or len(panel) % 2 == 0:
        raise Refused(
            _("Chair and panel are an odd number, three at least; there are %(n)d.") % {"n": len(panel)},
            field="panel",
            code="panel",
        )
    people = [seat.user.pk for seat in seats if seat.user is not None]
    if len(people) != len(set(people)):
        raise Refused(_("Nobody sits in two parts."), field="panel", code="panel")
    chair = next(seat for seat in seats if seat.part == HearingMember.Part.CHAIR)
    if chair.user is None:
        raise Refused(_("The chair is a member of staff of the organ that holds the hearing."), field="chair")
    if _investigates(hearing, chair.user):
        raise Refused(
            _("%(name)s investigates the case and cannot chair its hearing.") % {"name": chair.user.name},
            field="chair",
            code="investigator",
        )
    sitting = [seat.user for seat in panel if seat.user is not None and not _investigates(hearing, seat.user)]
    before = hearing.review.asked_at if hearing.review else hearing.asked_at
    organs.check_impartial(petition, sitting, before=before, field="panel")


def _investigates(hearing: Hearing, user: User) -> bool:
    review = hearing.review
    return review is not None and review.investigators.filter(user=user, left_at=None).exists()


def _seat(row: Hearing, seats: Sequence[Seat], at: datetime) -> None:
    row.members.all().delete()
    for seat in seats:
        row.members.create(part=seat.part, user=seat.user, name=seat.name[:40], standing=seat.standing[:60])
        if seat.user is None:
            continue
        involve(row.petition_id, user=seat.user, at=at, reason="hearing")
        if not Petition.objects.visible_to(seat.user).filter(pk=row.petition_id).exists():
            raise Refused(
                _("%(name)s may not see this case and cannot sit in its hearing.") % {"name": seat.user.name},
                field="panel",
                code="recused",
            )


def _names(seats: Iterable[Seat]) -> str:
    return ", ".join(seat.user.name if seat.user else seat.name for seat in seats if seat.part in _PANEL)[:200]


@transaction.atomic
def postpone(
    petition_id: int, *, held_at: datetime, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Hearing:
    """Set another date; notice runs anew. Needs a reason."""
    who, petition = Actor.of(actor), lock(petition_id)
    text = _words(reason, _("Please say why the date moves; both sides read it."), "reason")
    row = open_hearing(petition_id)
    if row.state != HearingState.SET:
        raise Refused(_("Only a hearing with a date can be postponed."), code="step")
    _check_date(petition, held_at, at)
    row.held_at, row.notified_at = held_at, at
    row.save()
    data = {"hearing": row.pk, "held_at": held_at.isoformat()}
    move(petition_id, "postpone_hearing", actor=who, at=at, data=data, text=text, version=version)
    return row


@transaction.atomic
def sit(
    petition_id: int,
    *,
    attendance: Mapping[int, bool],
    absence: str = "",
    is_excused: bool = False,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Hearing:
    """Open the session and take attendance (member → there or not).

    The petitioner who asked and is absent without reason has given the hearing up; that is recorded and ends it.
    Raises Refused before the day, and for a panel that is not complete.
    """
    who, _petition = Actor.of(actor), lock(petition_id)
    row = open_hearing(petition_id)
    if row.held_at is not None and localtime(at).date() < localtime(row.held_at).date():
        raise Refused(_("The hearing is not before its day."), code="early")
    members = list(row.members.all())
    for member in members:
        member.attended = bool(attendance.get(member.pk, False))
        member.absence_reason = "" if member.attended else absence.strip()[:200]
        member.save(update_fields=["attended", "absence_reason"])
    if _is_given_up(row, members) and not is_excused:
        return _give_up(row, absence, who, at, version)
    missing = [m for m in members if m.part in (*_PANEL, HearingMember.Part.CLERK) and not m.attended]
    if missing:
        raise Refused(
            _("Chair, panel and clerk must be there; absent: %(names)s. Postpone it.")
            % {"names": ", ".join(m.label for m in missing)},
            code="panel",
        )
    advance(row, "sit")
    row.opened_at = at
    row.save()
    data = {"hearing": row.pk, "absent": [m.label for m in members if not m.attended]}
    move(petition_id, "sit_hearing", actor=who, at=at, data=data, version=version)
    return row


def _is_given_up(row: Hearing, members: Sequence[HearingMember]) -> bool:
    side = [m for m in members if m.part == HearingMember.Part.PETITIONER]
    return row.side == HearingSide.PETITIONER and bool(side) and not any(m.attended for m in side)


def _give_up(row: Hearing, absence: str, who: Actor, at: datetime, version: int | None) -> Hearing:
    advance(row, "give_up")
    row.ended_at, row.end_reason = at, absence.strip()
    row.save()
    data, changes = {"hearing": row.pk}, {"hearing_since": None}
    move(
        row.petition_id,
        "give_up_hearing",
        actor=who,
        at=at,
        data=data,
        text=absence.strip(),
        changes=changes,
        version=version,
    )
    return row


@transaction.atomic
def take_down(
    petition_id: int, *, phase: str, text: str, member: HearingMember | None = None, actor: User | Actor, at: datetime
) -> HearingTurn:
    """Add one turn to the record, or the whole of it at once (phase "whole"). Only while the hearing is in session."""
    who, petition = Actor.of(actor), lock(petition_id)
    require(petition, "petitions.hearing", who)
    row = open_hearing(petition_id)
    if row.state != HearingState.SITTING:
        raise Refused(_("The record is kept while the hearing is in session; take attendance first."), code="step")
    words = _words(text, _("Please write what was said."), "text")
    if phase not in HearingTurn.Phase.values or (member is not None and member.hearing_id != row.pk):
        raise Refused(_("Choose the part of the hearing and who spoke."), field="phase")
    touch(petition, at)
    return HearingTurn.objects.create(hearing=row, phase=phase, member=member, text=words, at=at, by=who.user)


@transaction.atomic
def conclude(
    petition_id: int,
    *,
    conclusion: str,
    votes: Mapping[int, str],
    report: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Hearing:
    """End the hearing with the panel's conclusion: more than half of the panel votes for it. `votes`: member → Vote.

    Raises Refused without a record, without every vote of the panel, and without a majority.
    """
    who, _petition = Actor.of(actor), lock(petition_id)
    text = _words(conclusion, _("Please write what the hearing concluded."), "conclusion")
    row = open_hearing(petition_id)
    if not row.turns.exists():
        raise Refused(_("There is no record yet; take down what was said."), code="record")
    tally = _count(row, votes)
    advance(row, "conclude")
    row.conclusion, row.report, row.ended_at = text, report.strip(), at
    row.save()
    # The record is bound into the chain as it stood when the panel concluded.
    data: dict[str, Any] = {"hearing": row.pk, "votes": tally, "record": record_digest(row)}
    move(
        petition_id,
        "end_hearing",
        actor=who,
        at=at,
        data=data,
        text=text,
        changes={"hearing_since": None},
        version=version,
    )
    return row


def record_digest(row: Hearing) -> str:
    """SHA-256 (hex) over the turns of the record in their order: part, speaker, words, moment."""
    digest = hashlib.sha256()
    for turn in row.turns.order_by("pk"):
        line = f"{turn.phase}|{turn.member_id or ''}|{turn.at.astimezone(UTC).isoformat()}|{turn.text}\n"
        digest.update(line.encode())
    return digest.hexdigest()


def _count(row: Hearing, votes: Mapping[int, str]) -> dict[str, int]:
    panel = list(row.members.filter(part__in=_PANEL))
    tally = dict.fromkeys(HearingMember.Vote.values, 0)
    for member in panel:
        vote = votes.get(member.pk, "")
        if vote not in HearingMember.Vote.values:
            raise Refused(_("Every member of the panel votes; %(name)s has not.") % {"name": member}, field="votes")
        member.vote = vote
        member.save(update_fields=["vote"])
        tally[vote] += 1
    if tally[HearingMember.Vote.FOR] * 2 <= len(panel):
        raise Refused(
            _("A conclusion needs more than half of the panel; write the one that has it."),
            field="conclusion",
            code="majority",
        )
    return tally


@transaction.atomic
def drop(petition_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None) -> Hearing:
    """Whoever asked takes the hearing back before it sits. Needs why."""
    who, _petition = Actor.of(actor), lock(petition_id)
    text = _words(reason, _("Please note why and how it was taken back."), "reason")
    row = open_hearing(petition_id)
    advance(row, "drop")
    row.ended_at, row.end_reason = at, text
    row.save()
    data, changes = {"hearing": row.pk}, {"hearing_since": None}
    move(petition_id, "drop_hearing", actor=who, at=at, data=data, text=text, changes=changes, version=version)
    return row


@transaction.atomic
def publish(
    hearing_id: int, *, text: str, confirmed: bool, actor: User | Actor, at: datetime, version: int | None = None
) -> Hearing:
    """Publish the result (art. 36): the redacted text an officer has read and confirmed.

    Raises Refused for a closed hearing, a restricted matter, and words that name the petitioner.
    """
    who, petition = Actor.of(actor), None
    petition = lock(Hearing.objects.get(pk=hearing_id).petition_id)
    row = Hearing.objects.select_for_update().get(pk=hearing_id)
    words = _words(text, _("Please write the text to be published."), "text")
    if not row.is_public or petition.is_restricted:
        raise Refused(_("The result of a closed hearing, or of a restricted matter, is not published."), code="closed")
    if not confirmed:
        raise Refused(_("Read it once more and confirm that it holds no personal data."), field="confirmed")
    found = named_in(petition, words)
    if found:
        raise Refused(
            _("The text still holds %(what)s of a petitioner; take it out.") % {"what": found},
            field="text",
            code="named",
        )
    advance(row, "publish")
    row.publication, row.published_at, row.published_by = words, at, who.user
    row.save()
    move(petition.pk, "publish_hearing", actor=who, at=at, data={"hearing": row.pk}, version=version)
    return row


def named_in(petition: Petition, text: str) -> str:
    """Which personal data of a petitioner a text still holds, in words; '' for none found."""
    for person in petition.petitioners.all():
        for label, value in (
            (_("the name"), person.name),
            (_("the phone number"), person.phone),
            (_("the number of the paper"), person.id_no),
            (_("the home address"), person.address),
        ):
            if len(value.strip()) > 1 and value.strip() in text:
                return label
    return ""


def require_none_open(petition: Petition) -> None:
    """Raises Refused while a hearing is asked for, set or in session: no answer goes out before it (art. 31(6))."""
    row = Hearing.objects.open().filter(petition=petition).first()
    if row is None and petition.hearing_since is None:
        return
    if row is not None and row.state == HearingState.ASKED:
        raise Refused(
            _("A hearing has been asked for; decide on it or take it back before the answer is given."), code="hearing"
        )
    raise Refused(_("A hearing is open; conclude it or take it back before the answer is given."), code="hearing")


for _name in ("reply", "answer_at_once"):
    GUARDS.setdefault(_name, []).append(require_none_open)


def matter_ended(petition: Petition, at: datetime) -> None:
    """A hearing still open when the matter itself ends falls with it; the caller holds the petition's lock."""
    for row in Hearing.objects.open().filter(petition=petition):
        row.ended_at = at
        advance(row, "end_with_matter")
    if petition.hearing_since is not None:
        Petition.objects.filter(pk=petition.pk).update(hearing_since=None)
        petition.hearing_since = None
