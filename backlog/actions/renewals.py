"""The five renewals (五个重新, domain-facts §3.5), enforced in their order, once a round; a hearing asked for."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.models import User
from backlog.actions import grounds, moves
from backlog.models import Assessment, BacklogCase, Reception, Renewal
from backlog.states import Stage
from dispatch.clocks import city_day
from petitions import actions as petitions
from petitions.actions import hearings
from petitions.models import Hearing, Petition
from petitions.states import Refused

LEAST_TEXT = 10
# A written record of a talk says more than a line.
LEAST_TALK = 30

FILE_FIELDS: dict[int, tuple[tuple[str, Promise], ...]] = {
    Stage.FACTS: (
        ("demands", gettext_lazy("main demands")),
        ("facts", gettext_lazy("facts found")),
        ("legal_position", gettext_lazy("legal position")),
        ("sticking_point", gettext_lazy("sticking point")),
        ("reasonableness", gettext_lazy("reasonableness")),
    ),
    Stage.PLAN: (("plan", gettext_lazy("plan")),),
    Stage.SETTLEMENT: (("outcome", gettext_lazy("outcome")),),
}


def done_stages(case: BacklogCase) -> list[Renewal]:
    """The renewals finished in this round, in their order."""
    return list(case.renewals.filter(round=case.round).select_related("by", "document").order_by("stage"))


def next_stage(case: BacklogCase) -> int | None:
    """The stage that comes next in this round, None when all five are done."""
    done = {row.stage for row in done_stages(case)}
    return next((stage for stage in Stage.values if stage not in done), None)


def missing_stages(case: BacklogCase) -> list[str]:
    """The labels of the renewals this round still lacks: acceptance is refused until there are none."""
    done = {row.stage for row in done_stages(case)}
    return [str(Stage(stage).label) for stage in Stage.values if stage not in done]


def round_began(case: BacklogCase) -> datetime:
    """When this round began (UTC): the case was taken up, or taken up again."""
    last = case.events.filter(move__in=["accept", "relist"]).order_by("-id").values_list("at", flat=True).first()
    return last or case.listed_at or case.nominated_at


def blanks(case: BacklogCase, fields: Sequence[tuple[str, Promise]]) -> list[str]:
    """The labels of what is still blank on the file."""
    row = Assessment.objects.filter(case=case).first() or Assessment(case=case)
    return [str(label) for name, label in fields if not str(getattr(row, name) or "").strip()]


def receptions_since(case: BacklogCase, since: datetime) -> bool:
    """Whether an official has received somebody about this case since then."""
    return Reception.objects.filter(case=case, at__gte=since).exists()


def lacking(case: BacklogCase, stage: int) -> list[str]:
    """What must be there before a stage can be finished, as sentences; empty when nothing is missing."""
    return _LACKING.get(stage, _nothing)(case)


def _nothing(_case: BacklogCase) -> list[str]:
    return []


def _responsibility(case: BacklogCase) -> list[str]:
    found = []
    if case.leader_id is None:
        found.append(_("Nobody leads this case yet. Name the lead official."))
    if case.lead_unit_id is None:
        found.append(_("No unit is responsible yet. Set district, force and units."))
    return found


def _facts(case: BacklogCase) -> list[str]:
    empty = blanks(case, FILE_FIELDS[Stage.FACTS])
    return [_("Write on the file first: %(fields)s.") % {"fields": _(", ").join(empty)}] if empty else []


def _plan(case: BacklogCase) -> list[str]:
    found = [_("Write the plan on the file first.")] if blanks(case, FILE_FIELDS[Stage.PLAN]) else []
    if not case.milestones.filter(dropped_at=None).exists():
        found.append(_("Plan at least one milestone first."))
    return found


def _settlement(case: BacklogCase) -> list[str]:
    return [_("Write the outcome on the file first.")] if blanks(case, FILE_FIELDS[Stage.SETTLEMENT]) else []


_LACKING: dict[int, Callable[[BacklogCase], list[str]]] = {
    Stage.RESPONSIBILITY: _responsibility,
    Stage.FACTS: _facts,
    Stage.PLAN: _plan,
    Stage.SETTLEMENT: _settlement,
}


@transaction.atomic
def renew(
    case_id: int,
    *,
    stage: int,
    done_on: date,
    text: str,
    uploads: Sequence[UploadedFile] = (),
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Renewal:
    """Finish the next of the five renewals: who, on which day, what was done, with which document.

    Raises Refused out of order, before its ground is laid (`lacking`), for a day ahead or before the stage before it,
    and for stage 2 without a reception on record unless the talk is written down or its record attached.
    """
    who, case = Actor.of(actor), grounds.hold_one(case_id)
    moves.allow(case, "renew", who, version=version)
    _check_order(case, stage)
    missing = lacking(case, stage)
    if missing:
        raise Refused(" ".join(missing), code="stage_lacks")
    least = LEAST_TEXT
    if stage == Stage.RECEPTION and not uploads and not receptions_since(case, round_began(case)):
        least = LEAST_TALK
    sentence = (
        _("No reception is on record. Attach the record of the talk, or write it down in at least 30 characters.")
        if least == LEAST_TALK
        else _("Write what was done, in at least ten characters.")
    )
    text = grounds.words(text, sentence, "text", least=least)
    before = case.renewals.filter(round=case.round).order_by("-stage").first()
    grounds.check_day(done_on, at, since=before.done_on if before else city_day(round_began(case)))
    document = grounds.keep(case, uploads, actor=who, at=at)
    data = {"stage": stage, "round": case.round, "done_on": done_on.isoformat()}
    case = moves.move(
        case_id,
        "renew",
        actor=who,
        at=at,
        data=data,
        text=text,
        # They go in order, so the last one tells that all are done.
        changes={"renewed_round": case.round} if stage == Stage.SETTLEMENT else {},
        document=document,
        version=version,
        is_progress=True,
    )
    return Renewal.objects.create(
        case=case, round=case.round, stage=stage, done_on=done_on, text=text, document=document, by=who.user, at=at
    )


def _check_order(case: BacklogCase, stage: int) -> None:
    following = next_stage(case)
    if following is None:
        raise Refused(_("All five renewals of this round are done. Apply for acceptance."), code="all_done")
    if stage != following:
        text = _("The renewals go in order; next comes: %(stage)s.")
        raise Refused(text % {"stage": Stage(following).label}, field="stage", code="stage_order")


# ---- hearing ----


@transaction.atomic
def hear(
    case_id: int,
    *,
    petition: Petition,
    subject: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Hearing:
    """Ask for a hearing in one of the linked petitions, and write it on the case: one step for both.

    Raises Refused for a petition that is not linked, and wherever the petition's own step does
    (`petitions.actions.hearings.ask`).
    """
    who, case = Actor.of(actor), grounds.hold_one(case_id)
    moves.allow(case, "hear", who, version=version)
    if not case.links.filter(petition=petition).exists():
        raise Refused(_("Choose one of the linked petitions."), field="petition")
    petitions.lock(petition.pk)
    made = hearings.ask(petition.pk, subject=subject, actor=who, at=at)
    data = {"petition": petition.pk, "number": petition.number, "hearing": made.pk}
    moves.move(case_id, "hear", actor=who, at=at, data=data, version=version)
    return made
