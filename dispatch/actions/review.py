"""What the clocks' room adds to review and re-review: the 30 days of the request, the term after it, who is told."""

from collections.abc import Iterable
from datetime import datetime

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import Role
from dispatch.actions import clocks
from dispatch.actions.notices import notify
from dispatch.models import Clock, Policy
from petitions.actions import reviews
from petitions.models import Petition, ReviewRequest, Stage
from petitions.states.reviews import ReviewState

# The right to ask, by its rule (domain-facts §1.13), and the stage it opens.
STAGES = {"D06_review_req": Stage.REVIEW, "D08_rereview_req": Stage.REREVIEW}
_RULES = {str(stage): key for key, stage in STAGES.items()}
REDO = "V02_redo"
_OFFICE = (Role.CITY_OFFICER, Role.DISTRICT_OFFICER, Role.DISPATCHER)


def window(petition: Petition, stage: str) -> datetime | None:
    """Until when this stage may be asked for (UTC); None where the opinion was never delivered and no period ran.

    What ran for an opinion that no longer stands does not count.
    """
    if stage == Stage.REVIEW and petition.delivered_at is None:
        return None
    if stage == Stage.REREVIEW:
        last = ReviewRequest.objects.filter(petition=petition).exclude(outcome="").first()
        if last is None or last.state != ReviewState.DELIVERED:
            return None
    rows = Clock.objects.filter(petition=petition, order__isnull=True, policy__key=_RULES[stage])
    return rows.order_by("-id").values_list("due_at", flat=True).first()


def asked(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """Nobody sits above without having acted on the case: the office is told to name somebody."""
    row = reviews.open_request(petition.pk)
    # The reviewer is named after this move; who is not known yet is told by `named`.
    if not _proposed(row):
        people = User.objects.filter(unit=petition.register_unit, is_active=True, role__in=_OFFICE)
        _tell(people, "review_unclaimed", petition, at)


def _proposed(row: ReviewRequest) -> bool:
    last = row.petition.events.filter(kind=f"ask_{row.stage}").order_by("-seq").first()
    return last is not None and "reviewer" in last.data


def decided(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """Tell the office that registered the matter and the unit whose opinion it was."""
    _tell(parties(petition), "review_decided", petition, at)


def refused(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """The same people hear that the opinion stands."""
    _tell(parties(petition), "review_refused", petition, at)


def parties(petition: Petition) -> Iterable[User]:
    """The office that registered the matter and the head of the unit whose opinion it is."""
    units = [pk for pk in (petition.register_unit_id, petition.lead_unit_id) if pk]
    return User.objects.filter(is_active=True, unit__in=units, role__in=[*_OFFICE, Role.UNIT_ADMIN])


def _tell(people: Iterable[User], kind: str, petition: Petition, at: datetime) -> None:
    notify(people, kind=kind, petition=petition, key=f"review:{petition.pk}:{petition.version}", at=at)


def named(row: ReviewRequest, people: Iterable[User], *, is_lead: bool, at: datetime) -> None:
    """Tell whoever has just been named; the first of them is asked to decide."""
    kind = "review_asked" if is_lead else "review_named"
    notify(people, kind=kind, petition=row.petition, key=f"review:{row.pk}:{row.petition.version}:{kind}", at=at)


def set_term(petition: Petition, move: str, *, actor: Actor, at: datetime) -> None:
    """The review opinion names the term to decide anew: the rule's days, and what it gives beyond them."""
    if move not in {"revoke_review", "revoke_rereview"}:
        return
    row = ReviewRequest.objects.filter(petition=petition).exclude(outcome="").first()
    clock = (
        Clock.objects.select_for_update(of=("self",))
        .select_related("policy")
        .filter(petition=petition, policy__key=REDO, state=Clock.State.RUNNING)
        .order_by("-id")
        .first()
    )
    if row is None or clock is None or not row.term or row.term <= clock.policy.length:
        return
    amount = min(row.term - clock.policy.length, clock.policy.extend_max)
    if amount > 0:
        clocks.turn(clock, "extend", at=at, actor=actor, amount=amount, reason="review opinion")
        clocks.refresh(petition)


def term_range() -> tuple[int, int]:
    """The shortest and the longest term to decide anew, in days, by the rule in force."""
    rule = Policy.objects.filter(key=REDO, is_current=True).first()
    return (rule.length, rule.length + rule.extend_max) if rule is not None else (15, 60)


# What ends a review before its opinion: a hearing still open falls with it.
LEFT = frozenset({"refuse_review", "refuse_rereview", "drop_review", "drop_rereview"})
CONSEQUENCES = {
    "ask_review": asked,
    "ask_rereview": asked,
    "decide_review": decided,
    "change_review": decided,
    "revoke_review": decided,
    "decide_rereview": decided,
    "change_rereview": decided,
    "revoke_rereview": decided,
    "refuse_review": refused,
    "refuse_rereview": refused,
}
