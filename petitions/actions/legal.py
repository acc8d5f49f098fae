"""The legal life of a petition: notices, delivery, review, re-review, hearing (Regulation, arts. 22-36).

Each step is a row of the move table; the periods that belong to it are clocks of the room above, which also refuses a
request for review whose 30 days have run out.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.models import User
from petitions.actions.access import involve
from petitions.actions.moves import lock, move
from petitions.models import Petition, Purpose
from petitions.routes import Route
from petitions.states import Refused, State


class Delivery(TextChoices):
    """How a letter reached the petitioner (domain-facts §1.8)."""

    BY_HAND = "by_hand", gettext_lazy("Handed over against signature")
    POST = "post", gettext_lazy("Registered post")
    ELECTRONIC = "electronic", gettext_lazy("Electronically, receipt confirmed")
    OTHER = "other", gettext_lazy("Other")


class NoLonger(TextChoices):
    """Why a matter is no longer accepted (domain-facts §1.10)."""

    RUNNING = "running", gettext_lazy("It is being handled within its period")
    ENDED = "ended", gettext_lazy("It has already ended")
    REREVIEWED = "rereviewed", gettext_lazy("Re-review is done, same facts and reasons (Regulation, art. 36)")


def _words(text: str, sentence: str, field: str) -> str:
    if not text.strip():
        raise Refused(sentence, field=field)
    return text.strip()


def report_up(
    petition_id: int, *, to: str, text: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Record that a grave or urgent matter was reported to a higher organ (arts. 31, 46). `to`: who was told."""
    to = _words(to, _("Please write who was told."), "to")
    text = _words(text, _("Please write what was reported."), "text")
    return move(petition_id, "report_up", actor=actor, at=at, text=text, data={"to": to}, version=version)


def notify_receipt(
    petition_id: int, *, text: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Tell the petitioner of receipt, route and procedure (art. 23). Raises Refused without words or anonymous."""
    text = _words(text, _("Please write what the petitioner was told."), "text")
    with transaction.atomic():
        _reachable(lock(petition_id))
        changes = {"notified_at": at}
        return move(petition_id, "notify_receipt", actor=actor, at=at, text=text, changes=changes, version=version)


def accept(petition_id: int, *, text: str, actor: User | Actor, at: datetime, version: int | None = None) -> Petition:
    """Give notice of acceptance; starts the legal handling period (arts. 31(6), 34).

    Raises Refused for other purposes than settlement and appeal, and the second time.
    """
    text = _words(text, _("Please write what the petitioner was told."), "text")
    with transaction.atomic():
        petition = lock(petition_id)
        if petition.purpose not in {Purpose.SETTLE, Purpose.APPEAL}:
            raise Refused(
                _("Only requests to settle and appeals are accepted as petitions proper (Regulation, art. 31(6)).")
            )
        if petition.route not in {"", Route.PETITION}:
            raise Refused(
                _("It is led into another route (%(route)s); acceptance belongs to the petition procedure, art. 31(6).")
                % {"route": petition.get_route_display()},
                code="other_route",
            )
        if petition.accepted_at is not None:
            raise Refused(_("This petition has been accepted already."), code="accepted")
        changes = {"accepted_at": at, "notified_at": petition.notified_at or at}
        return move(petition_id, "accept", actor=actor, at=at, text=text, changes=changes, version=version)


def _reachable(petition: Petition) -> None:
    if petition.is_anonymous:
        raise Refused(_("The petitioner is anonymous: there is nobody to tell (Regulation, art. 23)."))


def not_accept(
    petition_id: int, *, grounds: str, remedy: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Give notice of non-acceptance, with grounds and the way that is open (art. 23). Raises Refused without either."""
    grounds = _words(grounds, _("A refusal names its grounds; the petitioner reads them."), "grounds")
    remedy = _words(remedy, _("A refusal says which way is open instead; the petitioner reads it."), "remedy")
    changes = {"close_type": "not_accepted", "closed_at": at, "notified_at": at}
    text = f"{grounds}\n\n{remedy}"
    return move(petition_id, "not_accept", actor=actor, at=at, text=text, changes=changes, version=version)


def no_longer_accept(
    petition_id: int, *, ground: str, explanation: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Give notice that the same matter is no longer accepted (art. 36). Raises Refused without an explanation."""
    text = _words(explanation, _("A refusal names its grounds; the petitioner reads them."), "explanation")
    changes = {"close_type": "no_longer", "closed_at": at, "notified_at": at}
    data = {"ground": ground}
    return move(
        petition_id, "no_longer_accept", actor=actor, at=at, data=data, text=text, changes=changes, version=version
    )


def deliver_opinion(
    petition_id: int,
    *,
    way: str,
    remark: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Petition:
    """Record that the written opinion has reached the petitioner; from here the 30 days for review run (art. 35)."""
    with transaction.atomic():
        petition = lock(petition_id)
        _reachable(petition)
        if petition.delivered_at is not None:
            raise Refused(_("The delivery of this opinion is recorded already."), code="delivered")
        changes = {"delivered_at": at}
        data = {"way": way}
        return move(
            petition_id,
            "deliver_opinion",
            actor=actor,
            at=at,
            data=data,
            text=remark.strip(),
            changes=changes,
            version=version,
        )


def ask_review(
    petition_id: int,
    *,
    reviewer: User,
    request: str,
    excuse: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Petition:
    """Register a request for review (复查, art. 35) or, once reviewed, for re-review (复核, art. 36).

    `excuse`: force majeure that kept the petitioner from asking in time. Raises Refused for a reviewer who does not sit
    above the unit that gave the opinion, after re-review, and (by the clocks' room) after the 30 days.
    """
    request = _words(request, _("Please write what the petitioner asks for and why."), "request")
    with transaction.atomic():
        petition = lock(petition_id)
        if petition.review_level >= 2:
            raise Refused(
                _("Re-review is done; on the same facts and reasons the matter is no longer accepted (art. 36)."),
                code="final",
            )
        _check_reviewer(petition, reviewer)
        name = "ask_rereview" if petition.review_level == 1 and petition.state == State.CLOSED else "ask_review"
        data = {"reviewer": reviewer.pk, "name": reviewer.name, "excused": bool(excuse.strip())}
        text = "\n\n".join(part for part in (request, excuse.strip()) if part)
        moved = move(petition_id, name, actor=actor, at=at, data=data, text=text, version=version)
        involve(petition_id, user=reviewer, at=at, reason=name)
        return moved


def _check_reviewer(petition: Petition, reviewer: User) -> None:
    """The organ one level above decides (art. 35); the review body of a government sits with its petition office."""
    unit, handled_by = reviewer.unit, petition.lead_unit
    if unit is None or handled_by is None:
        raise Refused(_("No unit has given an opinion that could be reviewed."), field="reviewer")
    seat = unit.parent if unit.kind == unit.Kind.PETITION_OFFICE and unit.parent else unit
    is_above = handled_by.path.startswith(seat.path) and handled_by.pk not in {seat.pk, unit.pk}
    if not is_above and handled_by.parent_id is not None:
        raise Refused(
            _("Review belongs to the organ above %(unit)s; %(name)s does not sit there.")
            % {"unit": handled_by, "name": reviewer},
            field="reviewer",
        )


def decide_review(
    petition_id: int,
    *,
    outcome: str,
    opinion: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Petition:
    """Give the opinion of review or re-review: `outcome` "uphold", or "revoke", which sends the matter back.

    Raises Refused without an opinion, or while a hearing is open.
    """
    opinion = _words(opinion, _("Please write the opinion; the petitioner and the unit read it."), "opinion")
    with transaction.atomic():
        petition = lock(petition_id)
        if petition.hearing_since is not None:
            raise Refused(_("A hearing is open; conclude it first."), code="hearing")
        stage = "rereview" if petition.state == State.IN_REREVIEW else "review"
        changes: dict[str, object] = {"review_level": 2 if stage == "rereview" else 1}
        if outcome == "uphold":
            changes |= {"close_type": "terminated" if stage == "rereview" else "reviewed"}
        else:
            changes |= {
                "replied_at": None,
                "delivered_at": None,
                "closed_at": None,
                "close_type": "",
                "review_level": 0,
                # What is done from now on is rated anew.
                "round": petition.round + 1,
            }
        name = f"{'decide' if outcome == 'uphold' else 'revoke'}_{stage}"
        return move(petition_id, name, actor=actor, at=at, text=opinion, changes=changes, version=version)


def hold_hearing(
    petition_id: int, *, panel: str, subject: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Open a hearing (arts. 31(6), 36). In re-review its time is not counted. Raises Refused while one is open."""
    subject = _words(subject, _("Please write what the hearing is about."), "subject")
    with transaction.atomic():
        if lock(petition_id).hearing_since is not None:
            raise Refused(_("A hearing is open already."), code="hearing")
        return move(
            petition_id,
            "hold_hearing",
            actor=actor,
            at=at,
            data={"panel": panel.strip()[:200]},
            text=subject,
            changes={"hearing_since": at},
            version=version,
        )


def end_hearing(
    petition_id: int, *, conclusion: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Conclude the hearing with its finding. Raises Refused when none is open."""
    conclusion = _words(conclusion, _("Please write what the hearing concluded."), "conclusion")
    with transaction.atomic():
        if lock(petition_id).hearing_since is None:
            raise Refused(_("No hearing is open."), code="hearing")
        changes = {"hearing_since": None}
        return move(petition_id, "end_hearing", actor=actor, at=at, text=conclusion, changes=changes, version=version)
