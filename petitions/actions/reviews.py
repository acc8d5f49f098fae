"""Review (复查) and re-review (复核) of an opinion (Regulation on Petition Work, arts. 28, 35, 36).

A request is asked for, admitted or not, investigated by two persons at least, decided and delivered. Every step is a
move of the petition; the periods are clocks of the room above, which also says until when the right is open.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions import organs
from petitions.actions.access import involve
from petitions.actions.moves import lock, move
from petitions.models import (
    EndWay,
    Hearing,
    Involvement,
    Outcome,
    Petition,
    ReviewGround,
    ReviewInvestigator,
    ReviewRequest,
    Stage,
)
from petitions.models.reviews import STILL_OPEN
from petitions.signals import investigators_named
from petitions.states import Refused, State, check_step
from petitions.states.reviews import OPEN_REVIEWS, REVIEW_STEPS, ReviewState

# Until when the right to ask is open, by the room that keeps the clocks: None where no period has run.
WINDOWS: list[Callable[[Petition, str], datetime | None]] = []
# The shortest and the longest term to decide anew, in days, by the room that keeps the clocks.
TERMS: list[Callable[[], tuple[int, int]]] = []
TEAM = 2
# Articles a late request is held against.
_ARTICLES = {Stage.REVIEW: "35", Stage.REREVIEW: "36"}


@dataclass(frozen=True)
class Right:
    """What the petitioner may ask for now. `stage` is empty when nothing; `until` is UTC, None where no period runs."""

    stage: str = ""
    until: datetime | None = None


def right_of(petition: Petition) -> Right:
    """Whether review or re-review may be asked for, and until when."""
    is_answered = petition.state in {State.REPLIED, State.CLOSED} and petition.lead_unit_id is not None
    if petition.review_level >= 2 or not is_answered or petition.end_way not in STILL_OPEN:
        return Right()
    stage = Stage.REREVIEW if petition.review_level == 1 else Stage.REVIEW
    return Right(stage, _window(petition, stage))


def deadline(petition: Petition) -> datetime | None:
    """The last moment (UTC) at which review or re-review may be asked for; None when none runs."""
    return right_of(petition).until


def _window(petition: Petition, stage: str) -> datetime | None:
    found = (window(petition, stage) for window in WINDOWS)
    return next((until for until in found if until is not None), None)


def open_request(petition_id: int) -> ReviewRequest:
    """The request that is asked for or admitted. Raises Refused when none is open."""
    found = ReviewRequest.objects.select_for_update(of=("self",)).filter(petition=petition_id, state__in=OPEN_REVIEWS)
    row = found.select_related("petition", "target_unit").first()
    if row is None:
        raise Refused(_("No review is open."), code="no_review")
    return row


def advance(request: ReviewRequest, step: str) -> ReviewRequest:
    """The one place where a request changes its state. The caller holds the petition's lock and has taken its move."""
    request.state = check_step(REVIEW_STEPS, step, request.state, request.get_state_display())
    request.save()
    return request


@transaction.atomic
def request(
    petition_id: int,
    *,
    request: str,
    facts: str = "",
    new_facts: str = "",
    agent: str = "",
    excuse: str = "",
    reviewer: User | None = None,
    uploads: Iterable[UploadedFile] = (),
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> ReviewRequest:
    """Register a request for review or, once reviewed, for re-review: at the counter, or by the citizen.

    `reviewer` None: the nearest one above who has not acted on the case is proposed. `excuse`: force majeure that kept
    the petitioner from asking in time. Raises Refused without words, after the end, after the 30 days, and for a
    reviewer who does not sit above or has acted on the case.
    """
    who, words = Actor.of(actor), _words(request, _("Please write what the petitioner asks for and why."), "request")
    # Imported late: keeping a file locks the petition through this package.
    from petitions.attachments import lay_ready

    files = lay_ready(petition_id, uploads, actor=who)
    petition = lock(petition_id)
    stage, until = _open_right(petition, at, excuse)
    if reviewer is not None:
        organs.check_reviewer(petition, stage, reviewer)
    else:
        free = organs.reviewers_above(petition, stage)
        reviewer = next((person for person in free if _could_see(petition, person, at)), None)
    row = ReviewRequest.objects.create(
        petition=petition,
        stage=stage,
        round=petition.round,
        opinion_under_review=_attacked_words(petition, stage),
        received_at=_received(petition, stage),
        asked_at=at,
        asked_by=who.user,
        is_by_citizen=bool(who.matters),
        agent=agent.strip()[:60],
        window_ends_at=until,
        is_in_time=until is None or at <= until,
        excuse=excuse.strip(),
        lapse=petition.end_way,
        lapsed_at=petition.ended_at,
        request=words,
        facts=facts.strip(),
        new_facts=new_facts.strip(),
        target_unit=organs.organ_for(petition, stage, reviewer),
    )
    _ask(row, reviewer, who, at, version)
    _keep(petition_id, files, who, at)
    return row


def _open_right(petition: Petition, at: datetime, excuse: str) -> tuple[str, datetime | None]:
    """Stage and end of the period. Raises Refused where the right is gone."""
    if petition.review_level >= 2 or petition.is_terminated:
        raise Refused(
            _("Re-review is done; on the same facts and reasons the matter is no longer accepted (art. 36)."),
            code="final",
        )
    stage = Stage.REREVIEW if petition.review_level == 1 and petition.state == State.CLOSED else Stage.REVIEW
    if petition.end_way not in STILL_OPEN:
        raise Refused(_("The matter has ended: %(way)s.") % {"way": petition.end_label}, code="ended")
    until = _window(petition, stage)
    if until is not None and at > until and not excuse.strip():
        raise Refused(
            _(
                "The 30 days for this request ended on %(due)s (Regulation, art. %(article)s). "
                "Only force majeure excuses a late one; say so."
            )
            % {"due": f"{localtime(until):%Y-%m-%d}", "article": _ARTICLES[stage]},
            field="excuse",
            code="lapsed",
        )
    return stage, until


def _attacked_words(petition: Petition, stage: str) -> str:
    if stage == Stage.REREVIEW:
        last = _last_decided(petition)
        return (last.new_opinion or last.opinion) if last else ""
    return petition.reply_text


def _received(petition: Petition, stage: str) -> datetime | None:
    last = _last_decided(petition) if stage == Stage.REREVIEW else None
    return last.delivered_at if last else petition.delivered_at


def _last_decided(petition: Petition) -> ReviewRequest | None:
    return ReviewRequest.objects.filter(petition=petition).exclude(outcome="").first()


def _ask(row: ReviewRequest, reviewer: User | None, who: Actor, at: datetime, version: int | None) -> None:
    data: dict[str, Any] = {"request": row.pk, "organ": row.target_unit.name, "excused": bool(row.excuse)}
    if reviewer is not None:
        data |= {"reviewer": reviewer.pk, "name": reviewer.name}
    text = "\n\n".join(part for part in (row.request, row.facts, row.new_facts, row.excuse) if part)
    changes = {"end_way": "", "ended_at": None}
    name = f"ask_{row.stage}"
    row.petition = move(row.petition_id, name, actor=who, at=at, data=data, text=text, changes=changes, version=version)
    if reviewer is not None:
        _name(row, [reviewer], who, at, is_lead=True)


def _keep(petition_id: int, files: Sequence[UploadedFile], who: Actor, at: datetime) -> None:
    from petitions.attachments import store_all

    if files:
        event = Petition.objects.get(pk=petition_id).events.order_by("-seq").first()
        store_all(petition_id, files, actor=who, at=at, event=event)


@transaction.atomic
def appoint(
    petition_id: int,
    *,
    investigators: Iterable[User],
    reason: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> ReviewRequest:
    """Name who investigates; whoever is left out goes. Raises Refused for one who may not, or fewer than two."""
    who, petition = Actor.of(actor), lock(petition_id)
    row = open_request(petition.pk)
    people = list(investigators)
    data = {"request": row.pk, "people": [person.name for person in people]}
    _check_team(row, people)
    move(petition_id, "appoint_investigators", actor=who, at=at, data=data, text=reason, version=version)
    _set_team(row, people, who, at)
    return row


def _check_team(row: ReviewRequest, people: list[User]) -> None:
    if len({person.pk for person in people}) < TEAM:
        raise Refused(
            _("A review is investigated by two persons at least; name another."), field="investigators", code="team"
        )
    allowed = {user.pk for user in organs.investigators_at(row.target_unit, row)}
    organs.check_impartial(row.petition, people, before=row.asked_at, field="investigators")
    for person in people:
        if person.pk not in allowed:
            raise Refused(
                _("%(name)s does not sit at %(organ)s, which reviews this.")
                % {"name": person.name, "organ": row.target_unit},
                field="investigators",
                code="not_above",
            )


def _set_team(row: ReviewRequest, people: list[User], who: Actor, at: datetime) -> None:
    wanted = {person.pk for person in people}
    for left in row.investigators.filter(left_at=None).exclude(user__in=wanted):
        left.left_at = at
        left.save(update_fields=["left_at"])
        # Whoever was let in as investigator only has no more business with the case.
        Involvement.objects.filter(petition=row.petition_id, user=left.user_id, unit=None, reason=_LET_IN).delete()
    _name(row, people, who, at, is_lead=False)


_LET_IN = "investigator"


def _could_see(petition: Petition, person: User, at: datetime) -> bool:
    """Whether naming would let the person in: not those recused, and not the line complained of (arts. 28, 30)."""
    point = transaction.savepoint()
    try:
        involve(petition.pk, user=person, at=at, reason=_LET_IN)
        sees = Petition.objects.visible_to(person).filter(pk=petition.pk).exists()
    except Refused:
        sees = False
    transaction.savepoint_rollback(point)
    return sees


def _name(row: ReviewRequest, people: Iterable[User], who: Actor, at: datetime, *, is_lead: bool) -> None:
    fresh = []
    for person in people:
        _seat, is_new = ReviewInvestigator.objects.get_or_create(
            request=row,
            user=person,
            left_at=None,
            defaults={"is_lead": is_lead, "named_at": at, "named_by": who.user},
        )
        involve(row.petition_id, user=person, at=at, reason=_LET_IN)
        # The unit complained of, its line, and whoever is recused stay out, named or not (arts. 28, 30).
        if not Petition.objects.visible_to(person).filter(pk=row.petition_id).exists():
            raise Refused(
                _("%(name)s may not see this case and cannot review it; name somebody else.") % {"name": person.name},
                field="reviewer",
                code="recused",
            )
        if is_new:
            fresh.append(person)
    if fresh:
        investigators_named.send(ReviewRequest, request=row, people=fresh, is_lead=is_lead, at=at)


@transaction.atomic
def admit(
    petition_id: int,
    *,
    investigators: Iterable[User],
    reason: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> ReviewRequest:
    """Admit the request and name its investigators, two at least. Raises Refused as `appoint` does."""
    who, petition = Actor.of(actor), lock(petition_id)
    row, people = open_request(petition.pk), list(investigators)
    _check_team(row, people)
    data = {"request": row.pk, "people": [person.name for person in people]}
    move(petition_id, "admit_review", actor=who, at=at, data=data, text=reason.strip(), version=version)
    row.admitted_at, row.admitted_by, row.admission_reason = at, who.user, reason.strip()
    _set_team(row, people, who, at)
    return advance(row, "admit")


@transaction.atomic
def refuse(
    petition_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> ReviewRequest:
    """Do not admit the request; the opinion stands and what is left of the 30 days runs on. Needs a reason."""
    who, petition = Actor.of(actor), lock(petition_id)
    text = _words(reason, _("A refusal names its grounds; the petitioner reads them."), "reason")
    row = open_request(petition.pk)
    row.admitted_by, row.admission_reason, row.decided_at = who.user, text, at
    advance(row, "refuse")
    _fall(row, "refuse", text, who, at, version)
    return row


@transaction.atomic
def drop(
    petition_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> ReviewRequest:
    """The petitioner takes the request back, not the petition; the opinion stands. Needs how it was told."""
    who, petition = Actor.of(actor), lock(petition_id)
    text = _words(reason, _("Please note why and how the petitioner withdrew."), "reason")
    row = open_request(petition.pk)
    _no_hearing(petition)
    advance(row, "drop")
    _fall(row, "drop", text, who, at, version)
    return row


def _fall(row: ReviewRequest, verb: str, text: str, who: Actor, at: datetime, version: int | None) -> None:
    """The petition's move when a request comes to nothing: a lapse it had lifted stands again, as of its own day."""
    changes = {"end_way": row.lapse, "ended_at": row.lapsed_at}
    data, name = {"request": row.pk}, f"{verb}_{row.stage}"
    move(row.petition_id, name, actor=who, at=at, data=data, text=text, changes=changes, version=version)


def _no_hearing(petition: Petition) -> None:
    if petition.hearing_since is not None:
        raise Refused(_("A hearing is open; conclude it first."), code="hearing")
    if Hearing.objects.open().filter(petition=petition).exists():
        raise Refused(_("A hearing has been asked for; decide on it first."), code="hearing")


@transaction.atomic
def decide(
    petition_id: int,
    *,
    outcome: str,
    opinion: str,
    grounds: Iterable[str] = (),
    new_opinion: str = "",
    term: int | None = None,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> ReviewRequest:
    """Give the opinion of review or re-review: uphold, change (the organ's own opinion stands in), or revoke.

    `term`: days in which the unit decides anew after "revoke"; the room of the clocks counts them. Raises Refused
    without an opinion, without grounds where the opinion falls, before admission, without two investigators, and
    while a hearing is open.
    """
    who, petition = Actor.of(actor), lock(petition_id)
    text = _words(opinion, _("Please write the opinion; the petitioner and the unit read it."), "opinion")
    _no_hearing(petition)
    row = open_request(petition.pk)
    if row.state != ReviewState.ADMITTED:
        raise Refused(_("Decide first whether the request is admitted, and name who investigates."), code="admission")
    if row.investigators.filter(left_at=None).count() < TEAM:
        raise Refused(_("A review is investigated by two persons at least; name another."), code="team")
    fallen = _check_outcome(outcome, list(grounds), new_opinion, term)
    row.outcome, row.opinion, row.grounds = outcome, text, fallen
    row.new_opinion, row.term = (new_opinion.strip(), None) if outcome == Outcome.CHANGE else ("", None)
    if outcome == Outcome.REVOKE:
        row.term = term
    row.decided_at, row.decided_by = at, who.user
    advance(row, "decide")
    _conclude(row, who, at, version)
    return row


def _check_outcome(outcome: str, grounds: list[str], new_opinion: str, term: int | None) -> list[str]:
    if outcome not in Outcome.values:
        raise Refused(_("Choose an outcome."), field="outcome")
    if outcome == Outcome.UPHOLD:
        return []
    known = [ground for ground in ReviewGround.values if ground in grounds]
    if not known:
        raise Refused(_("An opinion falls on named grounds; choose at least one."), field="grounds", code="grounds")
    if outcome == Outcome.CHANGE:
        _words(new_opinion, _("“Changed” gives the new opinion itself; please write it."), "new_opinion")
    else:
        _check_term(term)
    return known


def _check_term(term: int | None) -> None:
    if not term:
        raise Refused(_("“Revoked” sets a term in which the unit decides anew."), field="term", code="term")
    for bounds in TERMS:
        least, most = bounds()
        if not least <= term <= most:
            raise Refused(
                _("Give a term between %(least)d and %(most)d days.") % {"least": least, "most": most},
                field="term",
                code="term",
            )


_VERBS = {Outcome.UPHOLD: "decide", Outcome.CHANGE: "change", Outcome.REVOKE: "revoke"}


def _conclude(row: ReviewRequest, who: Actor, at: datetime, version: int | None) -> None:
    """The petition's move that goes with the outcome."""
    petition, is_last = row.petition, row.stage == Stage.REREVIEW
    changes: dict[str, object] = {"review_level": 2 if is_last else 1}
    if row.outcome == Outcome.REVOKE:
        # What is done from now on is answered, delivered and rated anew, and may be reviewed anew.
        changes = {
            "replied_at": None,
            "delivered_at": None,
            "closed_at": None,
            "close_type": "",
            "review_level": 0,
            "round": petition.round + 1,
        }
    else:
        changes["close_type"] = "terminated" if is_last else "reviewed"
    data: dict[str, Any] = {"request": row.pk, "grounds": row.grounds}
    if row.term:
        data["term"] = row.term
    text = "\n\n".join(part for part in (row.opinion, row.new_opinion) if part)
    name = f"{_VERBS[Outcome(row.outcome)]}_{row.stage}"
    move(row.petition_id, name, actor=who, at=at, data=data, text=text, changes=changes, version=version)


@transaction.atomic
def deliver(
    petition_id: int,
    *,
    way: str,
    remark: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> ReviewRequest:
    """Record that the review opinion reached the petitioner: from here the 30 days for re-review run (art. 36).

    Delivered re-review ends the matter: on the same facts and reasons nobody takes it up again (art. 36).
    """
    petition = lock(petition_id)
    row = _last_decided(petition)
    if row is None or row.state != ReviewState.DECIDED or not row.is_current(petition):
        raise Refused(_("There is no review opinion to deliver."), code="no_review")
    return record_delivery(row, way, remark.strip(), Actor.of(actor), at, version=version)


def record_delivery(
    row: ReviewRequest,
    way: str,
    text: str,
    who: Actor,
    at: datetime,
    *,
    version: int | None = None,
    permission: str = "",
) -> ReviewRequest:
    """The petition's move that goes with the delivery of this opinion; the caller holds the petition's lock."""
    row.delivered_at, row.delivered_way = at, way
    advance(row, "deliver")
    pk, name, data = row.petition_id, row.delivery_move, {"request": row.pk, "way": way}
    changes: dict[str, object] = {"end_way": EndWay.REREVIEWED, "ended_at": at} if name == "deliver_rereview" else {}
    move(pk, name, actor=who, at=at, data=data, text=text, changes=changes, version=version, permission=permission)
    return row


def matter_ended(petition: Petition) -> None:
    """A request still open when the matter itself ends is taken back with it; the caller holds the petition's lock."""
    for row in ReviewRequest.objects.filter(petition=petition, state__in=OPEN_REVIEWS):
        advance(row, "drop")


def _words(text: str, sentence: str, field: str) -> str:
    if not text.strip():
        raise Refused(sentence, field=field)
    return text.strip()
