"""After the settlement: strike-off, observation, rebound, taking up again, the legal end (domain-facts §3.9).

A matter raised again is not yet a rebound: Yongqing proposes it, people decide (docs/adr/0034).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from backlog.actions import command, grounds, matter, moves, tasking
from backlog.actions.acceptance import Kind, legal_ends
from backlog.models import AcceptanceStep, BacklogCase, CaseEvent, CaseLink
from backlog.states import CASE_MOVES, CaseState, SettlementWay
from dispatch.clocks import city_day
from dispatch.rulebook import policies
from petitions.actions.repeats import chain_of
from petitions.models import Petition
from petitions.states import Refused

OBSERVATION = "B_observation"
SHORTEST, LONGEST = 30, 730
DEFAULT = 180
# Certified or struck off, and still under observation.
WATCHED = Q(state=CaseState.CERTIFIED) | Q(state=CaseState.STRUCK_OFF, observed_at=None)


def observation_days() -> int:
    """The length of the observation by the rule in force, in calendar days."""
    rule = next((rule for rule in policies() if rule.key == OBSERVATION), None)
    return rule.length if rule is not None else DEFAULT


@transaction.atomic
def strike_off(
    case_id: int,
    *,
    days: int | None = None,
    text: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> BacklogCase:
    """Strike a certified case off (销号); it is observed for so many days, by the rule unless given. Raises Refused."""
    who, case = Actor.of(actor), grounds.hold_one(case_id)
    moves.allow(case, "strike_off", who, version=version)
    if days is not None and not SHORTEST <= days <= LONGEST:
        text_ = _("Choose from %(least)d to %(most)d days.")
        raise Refused(text_ % {"least": SHORTEST, "most": LONGEST}, field="days")
    until = city_day(at) + timedelta(days=days or observation_days())
    changes = {"struck_off_at": at, "observe_until": until, "observed_at": None}
    data = {"until": until.isoformat(), "round": case.round}
    return moves.move(
        case_id, "strike_off", actor=who, at=at, data=data, text=text.strip(), changes=changes, version=version
    )


def may_end(case: BacklogCase, at: datetime) -> bool:
    """Whether the observation may be ended by now."""
    return case.observed_at is None and (case.observe_until is None or case.observe_until <= city_day(at))


@transaction.atomic
def observe(
    case_id: int,
    *,
    text: str,
    uploads: Sequence[UploadedFile] = (),
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> AcceptanceStep:
    """End the observation: nothing came up. What is raised later is a matter of its own, with a file of its own.

    Raises Refused before its last day, when it has ended already, and while a proposal of a rebound waits.
    """
    who, case = Actor.of(actor), grounds.hold_one(case_id)
    moves.allow(case, "observe", who, version=version)
    text = grounds.words(text, _("Write what the observation has shown."), "text")
    if case.observed_at is not None:
        raise Refused(_("The observation has ended already."), code="observed")
    if case.observe_until is not None and city_day(at) < case.observe_until:
        day = case.observe_until.isoformat()
        raise Refused(
            _("It is observed until %(day)s. It ends on that day at the earliest.") % {"day": day}, code="early"
        )
    if proposals(case):
        raise Refused(_("A petition raised again waits for your decision: is it a rebound?"), code="proposed")
    document = grounds.keep(case, uploads, actor=who, at=at)
    changes = {"observed_at": at}
    case = moves.move(
        case_id, "observe", actor=who, at=at, text=text, changes=changes, document=document, version=version
    )
    return AcceptanceStep.objects.create(
        case=case, round=case.round, kind=Kind.OBSERVE, is_passed=True, text=text, document=document, by=who.user, at=at
    )


# ---- raised again ----


def raised_again(petition: Petition, *, actor: Actor, at: datetime) -> list[BacklogCase]:
    """A petition was found to repeat an earlier one: propose a rebound on the watched cases the matter belongs to.

    Runs in the transaction of the registration, which holds the petition's lock. Class A is left out: it belongs to no
    backlog case.
    """
    if petition.is_restricted or petition.repeat_of_id is None:
        return []
    if not BacklogCase.objects.filter(WATCHED).exists():
        return []
    tellings = [pk for pk in chain_of(petition.pk) if pk != petition.pk]
    rows = CaseLink.objects.filter(petition__in=tellings).values("case_id")
    found = []
    for key in BacklogCase.objects.filter(WATCHED, pk__in=rows).order_by("pk").values_list("pk", flat=True):
        case = moves.lock(key)
        # Decided on meanwhile: the registration goes on.
        is_watched = case.state in CASE_MOVES["raised_again"].sources and case.observed_at is None
        if not is_watched or petition.pk in _raised(case):
            continue
        data = {"petition": petition.pk, "number": petition.number}
        moved = moves.move(case.pk, "raised_again", actor=Actor.system(), at=at, data=data)
        grounds.tell([*grounds.district_office(moved), moved.leader], moved, "backlog_rebounded", at)
        found.append(moved)
    return found


def _raised(case: BacklogCase) -> dict[int, CaseEvent]:
    """The petitions found to raise this round's matter again, with the event that says so."""
    since = case.events.filter(move__in=["accept", "relist"]).order_by("-id").values_list("id", flat=True).first() or 0
    rows = case.events.filter(move="raised_again", id__gt=since).order_by("id")
    # Without a petition it spoke of what is an accusation by now (`command.close_restricted`).
    return {row.data["petition"]: row for row in rows if row.data.get("petition")}


def proposals(case: BacklogCase) -> list[CaseEvent]:
    """Proposals of a rebound nobody has decided on."""
    raised = _raised(case)
    if not raised:
        return []
    rows = case.events.filter(move__in=["no_rebound", "rebound"], id__gt=min(row.pk for row in raised.values()))
    decided = {row.data.get("petition") for row in rows}
    return [row for pk, row in raised.items() if pk not in decided]


@transaction.atomic
def no_rebound(
    case_id: int, *, petition: Petition, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> BacklogCase:
    """A petition raised again is no rebound: the same facts, or another matter. Raises Refused without a reason."""
    who, case = Actor.of(actor), grounds.hold_one(case_id)
    moves.allow(case, "no_rebound", who, version=version)
    reason = grounds.words(reason, _("Say why it is no rebound."), "reason")
    if petition.pk not in {row.data["petition"] for row in proposals(case)}:
        raise Refused(_("This petition does not wait for a decision."), field="petition")
    data = {"petition": petition.pk, "number": petition.number}
    return moves.move(case_id, "no_rebound", actor=who, at=at, data=data, text=reason, version=version)


@transaction.atomic
def rebound(
    case_id: int,
    *,
    petition: Petition | None = None,
    reason: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> BacklogCase:
    """A settled matter came up again with new facts (反弹): it counts in the stock again.

    `petition` is the one that shows it; it joins the file. Raises Refused after the observation, for class A, and
    without a reason.
    """
    who = Actor.of(actor)
    case = grounds.hold_one(case_id, also=[petition.pk] if petition is not None else [])
    moves.allow(case, "rebound", who, version=version)
    reason = grounds.words(reason, _("Say what has come up again, and what is new in it."), "reason")
    if case.observed_at is not None:
        raise Refused(
            _("Its observation has ended. Propose the matter for the backlog as a case of its own."), code="observed"
        )
    data: dict[str, Any] = {"round": case.round, "way": case.way}
    if petition is not None:
        _check_joins(petition, who)
        data |= {"petition": petition.pk, "number": petition.number}
    changes: dict[str, Any] = {
        "rebounded_at": at,
        "rebounds": case.rebounds + 1,
        "applied_at": None,
        "settled_at": None,
        "way": "",
        "struck_off_at": None,
        "observe_until": None,
    }
    if petition is not None:
        CaseLink.objects.get_or_create(case=case, petition=petition, defaults={"added_at": at, "added_by": who.user})
        changes |= matter.figures_of(matter.petitions_of(case)).changes()
    case = moves.move(
        case_id, "rebound", actor=who, at=at, data=data, text=reason, changes=changes, version=version, is_progress=True
    )
    if petition is not None:
        command.petitions_changed(case, actor=who, at=at)
    people = [case.leader, *grounds.district_office(case), *grounds.city_office()]
    grounds.tell(people, case, "backlog_rebounded", at)
    return case


def _check_joins(petition: Petition, who: Actor) -> None:
    if petition.is_restricted or not Petition.objects.visible_to(who).filter(pk=petition.pk).exists():
        # The same sentence for "may not be seen" and "may not be linked" (domain-facts §1.17).
        raise Refused(
            _("There is no such petition, or more than one. Give year and number, as in 26-000123."), field="petition"
        )


@transaction.atomic
def relist(
    case_id: int, *, reason: str = "", actor: User | Actor, at: datetime, version: int | None = None
) -> BacklogCase:
    """Take a rebounded case up again: a new round, with five renewals and an acceptance of its own."""
    who, case = Actor.of(actor), grounds.hold_one(case_id)
    moves.allow(case, "relist", who, version=version)
    changes = {"round": case.round + 1, "observed_at": None}
    data = {"round": case.round + 1}
    case = moves.move(
        case_id, "relist", actor=who, at=at, data=data, text=reason.strip(), changes=changes, version=version,
        is_progress=True,
    )  # fmt: skip
    grounds.tell([case.leader], case, "backlog_lead", at)
    return case


@transaction.atomic
def end_legally(
    case_id: int,
    *,
    way: str = SettlementWay.REVIEW,
    text: str,
    uploads: Sequence[UploadedFile] = (),
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> BacklogCase:
    """The matter has ended by law (依法终结): by re-review, or by the judgement or award attached.

    Raises Refused without an ended petition or a document. Open tasks are dropped with it.
    """
    who, case = Actor.of(actor), grounds.hold_one(case_id)
    moves.allow(case, "end_legally", who, version=version)
    text = grounds.words(text, _("Write how it ended, and by which document."), "text", least=10)
    if way not in {SettlementWay.REVIEW, SettlementWay.JUDICIAL}:
        raise Refused(_("A legal end is one by re-review or by a judicial route."), field="way")
    ends = legal_ends(case)
    if not uploads and (way == SettlementWay.JUDICIAL or not ends):
        raise Refused(
            _("No linked petition has ended by re-review. Attach the document by which the matter ended."),
            field="files",
        )
    _drop_tasks(case, who, at)
    document = grounds.keep(case, uploads, actor=who, at=at)
    changes = {"settled_at": at, "way": way}
    data = {"way": way, "petitions": [petition.number for petition in ends]}
    return moves.move(
        case_id, "end_legally", actor=who, at=at, data=data, text=text, changes=changes, document=document,
        version=version, is_progress=True,
    )  # fmt: skip


def _drop_tasks(case: BacklogCase, who: Actor, at: datetime) -> None:
    for task in command.open_tasks(case):
        # A consequence, not a judgement: also of what the actor was given to do.
        actor = Actor(who.label, user=who.user, unit=who.unit, is_system=True)
        tasking.drop(task.pk, reason=_("The case has ended by law."), actor=actor, at=at)


def due_to_end(at: datetime) -> QuerySet[BacklogCase]:
    """Struck-off cases whose observation may be ended by now."""
    return BacklogCase.objects.filter(state=CaseState.STRUCK_OFF, observed_at=None, observe_until__lte=city_day(at))
