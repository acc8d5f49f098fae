"""Acceptance and strike-off (验收销号, domain-facts §3.9): applied, signed, checked, certified, struck off, watched.

Each step writes its row with the facts it rests on. A signed promise not to petition is asked for nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.models import User
from backlog.actions import command, grounds, moves, renewals
from backlog.models import AcceptanceStep, Assessment, BacklogCase
from backlog.states import CaseState, SettlementWay
from dispatch.actions.opening import staff
from petitions.models import Petition
from petitions.states import Refused

Kind = AcceptanceStep.Kind
# Each by another person than those before.
_WAY = (Kind.APPLY, Kind.SIGN, Kind.CHECK, Kind.CERTIFY)


class Basis(models.TextChoices):
    """What the settlement rests on (§3.9 b)."""

    AGREEMENT = "agreement", gettext_lazy("Agreement signed and performed")
    LEGAL_END = "legal_end", gettext_lazy("Legal end reached")
    EXPLAINED = "explained", gettext_lazy("Explained; the person has accepted it or withdrawn")


class Help(models.TextChoices):
    """Help in hardship (§3.9 c)."""

    GIVEN = "given", gettext_lazy("Help was given")
    NOT_DUE = "not_due", gettext_lazy("No hardship that calls for help")


class Called(models.TextChoices):
    """What the callback of the district came to."""

    CONFIRMED = "confirmed", gettext_lazy("The person confirms it")
    PARTLY = "partly", gettext_lazy("The person confirms it in part")
    UNREACHED = "unreached", gettext_lazy("Not reached after three calls")
    DENIED = "denied", gettext_lazy("The person says it is not settled")


class Sample(models.TextChoices):
    """How the city has looked."""

    FILE = "file", gettext_lazy("File read")
    CALL = "call", gettext_lazy("Person called")
    VISIT = "visit", gettext_lazy("Place visited")


@dataclass(frozen=True)
class Application:
    """The checklist (a)–(e) of §3.9 with its evidence. Days are days of the city; ratings run from 1 to 5, None: not
    given. (e), the complete file, is looked up and not claimed."""

    facts_clear: str
    basis: str
    basis_evidence: str
    help: str
    help_evidence: str
    informed_on: date
    rating: int | None
    way: str

    def as_facts(self) -> dict[str, Any]:
        """As the step keeps it."""
        return {
            "facts_clear": self.facts_clear.strip(),
            "basis": self.basis,
            "basis_evidence": self.basis_evidence.strip(),
            "help": self.help,
            "help_evidence": self.help_evidence.strip(),
            "informed_on": self.informed_on.isoformat(),
            "rating": self.rating,
            "way": self.way,
        }


def last_step(case: BacklogCase, kind: str) -> AcceptanceStep | None:
    """The latest step of a kind in this round."""
    rows = case.acceptance.filter(round=case.round, kind=kind)
    return rows.select_related("by", "document").order_by("-id").first()


def done_before(case: BacklogCase, kind: str, user: User | None) -> str:
    """Which earlier step of this round the person took, '' for none: four eyes look at a settlement, step by step."""
    if user is None:
        return ""
    for earlier in _WAY[: _WAY.index(kind)]:
        step = last_step(case, earlier)
        if step is not None and step.by_id == user.pk:
            return earlier
    return ""


def _check_eyes(case: BacklogCase, kind: str, who: Actor) -> None:
    """Refuse a judgement on what the person has written, signed or checked themselves."""
    words = {
        Kind.APPLY: _("The application was made by you; somebody else has to take this step."),
        Kind.SIGN: _("The application was signed by you; somebody else has to take this step."),
        Kind.CHECK: _("The application was checked by you; somebody else has to take this step."),
    }
    earlier = "" if who.is_system else done_before(case, kind, who.user)
    if earlier:
        raise Refused(words[Kind(earlier)], code="same_person")


def _write(case: BacklogCase, kind: str, text: str, who: Actor, at: datetime, **more: Any) -> AcceptanceStep:
    more = {"is_passed": True, **more}
    return AcceptanceStep.objects.create(case=case, round=case.round, kind=kind, text=text, by=who.user, at=at, **more)


# ---- the unit applies ----


def file_gaps(case: BacklogCase) -> list[str]:
    """What the file lacks before anybody can apply (§3.9 e), as sentences: renewals, blanks, open tasks."""
    found = []
    stages = renewals.missing_stages(case)
    if stages:
        found.append(_("Renewals not done yet: %(stages)s.") % {"stages": _(", ").join(stages)})
    empty = renewals.blanks(case, [field for fields in renewals.FILE_FIELDS.values() for field in fields])
    if empty:
        found.append(_("Blank on the file: %(fields)s.") % {"fields": _(", ").join(empty)})
    if case.leader_id is None:
        found.append(_("Nobody leads this case yet. Name the lead official."))
    tasks = command.open_tasks(case)
    if tasks:
        names = _("; ").join(f"{task.text[:20]} ({task.unit})" for task in tasks[:3])
        found.append(_("Open tasks: %(n)d – %(tasks)s. Finish or drop them first.") % {"n": len(tasks), "tasks": names})
    return found


def basis_gaps(case: BacklogCase, basis: str) -> list[str]:
    """What the file lacks for what the settlement is said to rest on (§3.9 b)."""
    row = Assessment.objects.filter(case=case).first() or Assessment(case=case)
    if basis == Basis.AGREEMENT:
        if row.agreed_on is None:
            return [_("The agreement is not recorded: text and day of signature.")]
        if row.performed_on is None:
            return [_("The agreement is not recorded as performed. Record how and when.")]
    if basis == Basis.LEGAL_END and not legal_ends(case):
        return [_("None of the linked petitions has reached its legal end.")]
    return []


def legal_ends(case: BacklogCase) -> list[Petition]:
    """The linked petitions whose legal life has ended (re-review, settlement, lapse of the periods)."""
    return list(Petition.objects.filter(backlog_links__case=case).exclude(end_way="").order_by("pk"))


@transaction.atomic
def apply(
    case_id: int,
    *,
    application: Application,
    text: str,
    uploads: Sequence[UploadedFile] = (),
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> AcceptanceStep:
    """The unit applies for acceptance with the checklist (a)–(e); the lead official is asked to sign.

    Raises Refused naming all that is missing: renewals of this round, blanks on the file, open tasks, evidence.
    """
    who, case = Actor.of(actor), grounds.hold_one(case_id)
    moves.allow(case, "apply", who, version=version)
    gaps = [*file_gaps(case), *basis_gaps(case, application.basis)]
    if gaps:
        raise Refused(" ".join(gaps), code="incomplete")
    _check_evidence(application, uploads, at)
    text = grounds.words(text, _("Sum up how it was settled."), "text", least=10)
    document = grounds.keep(case, uploads, actor=who, at=at)
    data = {"round": case.round, "basis": application.basis, "way": application.way}
    changes = {"applied_at": at}
    case = moves.move(
        case_id, "apply", actor=who, at=at, data=data, text=text, changes=changes, document=document, version=version
    )
    step = _write(case, Kind.APPLY, text, who, at, facts=application.as_facts(), document=document)
    grounds.tell([case.leader], case, "backlog_waits", at)
    return step


def _check_evidence(application: Application, uploads: Sequence[UploadedFile], at: datetime) -> None:
    say = _("Say what shows it.")
    grounds.words(application.facts_clear, say, "facts_clear")
    grounds.words(application.basis_evidence, say, "basis_evidence")
    grounds.words(application.help_evidence, say, "help_evidence")
    grounds.check_day(application.informed_on, at, field="informed_on")
    if application.basis not in Basis.values:
        raise Refused(_("Say what the settlement rests on."), field="basis")
    if application.basis == Basis.EXPLAINED and not uploads:
        raise Refused(_("Attach what the person has written or said about it."), field="files")
    if application.way not in SettlementWay.values:
        raise Refused(_("Choose the way of settlement."), field="way")
    if application.rating is not None and not 1 <= application.rating <= 5:
        raise Refused(_("Ratings run from 1 to 5."), field="rating")


# ---- the lead official signs, the district checks, the city certifies ----


@transaction.atomic
def sign(
    case_id: int, *, text: str = "", actor: User | Actor, at: datetime, version: int | None = None
) -> AcceptanceStep:
    """The lead official signs the application, nobody else; the district office is asked to check."""
    who, case = Actor.of(actor), grounds.hold_one(case_id)
    moves.allow(case, "sign", who, version=version)
    _check_leads(case, who)
    _check_eyes(case, Kind.SIGN, who)
    case = moves.move(case_id, "sign", actor=who, at=at, text=text.strip(), version=version)
    step = _write(case, Kind.SIGN, text.strip(), who, at)
    grounds.tell(grounds.district_office(case), case, "backlog_waits", at)
    return step


def _check_leads(case: BacklogCase, who: Actor) -> None:
    if not who.is_system and (who.user is None or who.user.pk != case.leader_id):
        raise Refused(_("Only the lead official signs: %(person)s.") % {"person": case.leader}, code="not_leader")


@transaction.atomic
def check(
    case_id: int,
    *,
    called: str,
    said: str,
    rating: int | None = None,
    text: str,
    uploads: Sequence[UploadedFile] = (),
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> AcceptanceStep:
    """The district has read the file and called the person back; the city is asked to certify.

    `called` is a `Called`; where the person says it is not settled the application goes back, not on. Raises Refused.
    """
    who, case = Actor.of(actor), grounds.hold_one(case_id)
    moves.allow(case, "check", who, version=version)
    _check_eyes(case, Kind.CHECK, who)
    text = grounds.words(text, _("Write what you found in the file."), "text", least=10)
    said = grounds.words(said, _("Write what came of the call."), "said")
    if called == Called.DENIED:
        raise Refused(_("The person says it is not settled. Send the application back with reasons."), field="called")
    document = grounds.keep(case, uploads, actor=who, at=at)
    case = moves.move(
        case_id, "check", actor=who, at=at, data={"called": called}, text=text, document=document, version=version
    )
    facts = {"called": Called(called).value, "said": said, "rating": rating}
    step = _write(case, Kind.CHECK, text, who, at, facts=facts, document=document)
    grounds.tell(grounds.city_office(), case, "backlog_waits", at)
    return step


@transaction.atomic
def certify(
    case_id: int,
    *,
    sample: str,
    way: str,
    text: str,
    uploads: Sequence[UploadedFile] = (),
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> AcceptanceStep:
    """The city has sampled or visited and certifies the settlement (审核认定办结), in the way it counts from now on.

    Raises Refused while tasks are open, and for a way of settlement there is not.
    """
    who, case = Actor.of(actor), grounds.hold_one(case_id)
    moves.allow(case, "certify", who, version=version)
    _check_eyes(case, Kind.CERTIFY, who)
    text = grounds.words(text, _("Write what you found."), "text")
    if way not in SettlementWay.values:
        raise Refused(_("Choose the way of settlement."), field="way")
    if command.open_tasks(case):
        raise Refused(_("Tasks of this case are still open. Have them finished or dropped first."), code="open_tasks")
    document = grounds.keep(case, uploads, actor=who, at=at)
    changes = {"settled_at": at, "way": way}
    data = {"sample": sample, "way": way, "round": case.round}
    case = moves.move(
        case_id, "certify", actor=who, at=at, data=data, text=text, changes=changes, document=document, version=version,
        is_progress=True,
    )  # fmt: skip
    step = _write(case, Kind.CERTIFY, text, who, at, facts={"sample": Sample(sample).value}, document=document)
    grounds.tell([case.leader, *_people(case)], case, "backlog_waits", at)
    return step


BACK = {
    CaseState.APPLIED: (("sign_back", Kind.SIGN), ("send_back", Kind.SIGN)),
    CaseState.SIGNED: (("send_back", Kind.CHECK),),
    CaseState.CHECKED: (("certify_back", Kind.CERTIFY), ("send_back", Kind.CERTIFY)),
}


@transaction.atomic
def send_back(
    case_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> AcceptanceStep:
    """Whoever is to sign, check or certify sends the application back with reasons; the unit applies again.

    Raises Refused without reasons, and for somebody whose step it is not.
    """
    who, case = Actor.of(actor), grounds.hold_one(case_id)
    reason = grounds.words(reason, _("Say what is missing."), "reason")
    rows = BACK.get(CaseState(case.state), (("send_back", Kind.CHECK),))
    refusals = []
    for name, kind in rows:
        try:
            moves.allow(case, name, who, version=version)
        except Refused as refusal:
            refusals.append(refusal)
            continue
        data = {"step": kind.value, "round": case.round}
        moved = moves.move(case_id, name, actor=who, at=at, data=data, text=reason, version=version)
        step = _write(moved, kind, reason, who, at, is_passed=False)
        grounds.tell([*_people(moved), _applicant(moved), moved.leader], moved, "backlog_sent_back", at)
        return step
    raise refusals[-1]


def _people(case: BacklogCase) -> list[User]:
    return staff(case.lead_unit) if case.lead_unit is not None else []


def _applicant(case: BacklogCase) -> User | None:
    step = last_step(case, Kind.APPLY)
    return step.by if step is not None else None
