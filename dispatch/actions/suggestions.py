"""The only code that writes the three suggestions and their written answers (Regulation on Petition Work, art. 40)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from accounts.roles import Scope
from dispatch.actions import clocks
from dispatch.actions.clocks import Subject
from dispatch.actions.supervision import next_serial
from dispatch.actions.supervision_notices import tell_addressee, tell_author
from dispatch.calendar import CITY_TIME
from dispatch.models import Policy, Suggestion, SuggestionEvent, SupervisionOrder
from dispatch.supervision import ADDRESSEE_WORDS, ADDRESSEES, SUGGESTION_MOVES, SuggestionKind, Verdict
from petitions.models import Petition
from petitions.states import Refused, check_move


@transaction.atomic
def issue(
    *,
    kind: str,
    addressee: Unit,
    issue: str,
    evidence: str,
    proposal: str,
    petitions: Iterable[Petition] = (),
    supervision: SupervisionOrder | None = None,
    actor: User | Actor,
    at: datetime,
) -> Suggestion:
    """Make a suggestion; its written answer is due by the rule D12_suggestion (thirty days).

    Raises Refused when the kind may not be addressed to this unit, the unit lies outside the office's reach, words are
    missing, or it would tell the line complained of.
    """
    who, linked = Actor.of(actor), list(petitions)
    _check_words({"issue": (issue, 4), "evidence": (evidence, 10), "proposal": (proposal, 10)})
    _check_addressee(kind, addressee, who)
    _check_petitions(linked, addressee, who)
    year = at.astimezone(CITY_TIME).year
    made = Suggestion.objects.create(
        year=year,
        serial=next_serial(Suggestion, year),
        kind=kind,
        addressee=addressee,
        issue=issue.strip(),
        evidence=evidence.strip(),
        proposal=proposal.strip(),
        supervision=supervision,
        issuing_unit=who.unit,
        issued_by=who.user,
        issued_at=at,
    )
    made.petitions.set(linked)
    _follow(made, "issue", who, at)
    tell_addressee(made, "suggested", key=f"suggestion:{made.pk}:issue", at=at)
    return made


def _check_words(words: dict[str, tuple[str, int]]) -> None:
    for field, (text, least) in words.items():
        if len(text.strip()) < least:
            raise Refused(_("Please write a little more here."), field=field)


def _check_addressee(kind: str, addressee: Unit, who: Actor) -> None:
    scope = Scope.CITY if who.is_system else who.scope_for("dispatch.suggest")
    if scope is None:
        raise Refused(_("Your role may not make formal suggestions."), code="forbidden")
    if not Unit.objects.filter(ADDRESSEES[kind], pk=addressee.pk).exists():
        raise Refused(
            _("“%(kind)s” goes to %(whom)s.")
            % {"kind": SuggestionKind(kind).label, "whom": ADDRESSEE_WORDS[SuggestionKind(kind)]},
            field="addressee",
        )
    if who.unit is not None and who.unit.pk == addressee.pk:
        raise Refused(_("A suggestion goes to another body than the one that makes it."), field="addressee")
    if scope == Scope.AREA and who.unit is not None:
        own = who.unit.area.district_id or who.unit.area_id
        if (addressee.area.district_id or addressee.area_id) != own:
            raise Refused(
                _("A district office addresses bodies of its own district. Ask the city office."), field="addressee"
            )


def _check_petitions(linked: list[Petition], addressee: Unit, who: Actor) -> None:
    for petition in linked:
        if not Petition.objects.visible_to(who).filter(pk=petition.pk).exists():
            raise Refused(_("One of the petitions is not within your reach."), field="petitions", code="forbidden")
        respondent = petition.respondent_unit if petition.is_restricted else None
        if respondent is not None and addressee.is_in_line_with(respondent):
            sentence = _("This unit is complained of, or stands above or below it. Choose another.")
            raise Refused(sentence, field="addressee")


def _follow(row: Suggestion, name: str, who: Actor, at: datetime, text: str = "") -> SuggestionEvent:
    """History and clocks of a step."""
    subject = Subject(Policy.Subject.SUGGESTION, row.pk, row.addressee, asker=row.issued_by)
    clocks.subject_moved(subject, name, actor=who, at=at)
    return SuggestionEvent.objects.create(
        suggestion=row, at=at, move=name, actor=who.user, actor_label=who.label[:60], unit=who.unit, text=text
    )


@transaction.atomic
def move(
    suggestion_id: int,
    name: str,
    *,
    actor: User | Actor,
    at: datetime,
    text: str = "",
    changes: dict[str, Any] | None = None,
    version: int | None = None,
) -> tuple[Suggestion, SuggestionEvent]:
    """Take one step of the suggestion's move table: the only place that assigns `Suggestion.state`."""
    who = Actor.of(actor)
    rows = Suggestion.objects.select_for_update(of=("self",)).select_related("addressee", "issued_by")
    row = rows.get(pk=suggestion_id)
    if version is not None and version != row.version:
        raise Refused(
            _("Somebody else has changed this suggestion meanwhile. Please look at it again and repeat the step."),
            code="stale",
        )
    step = check_move(SUGGESTION_MOVES, name, row.state, row.get_state_display())
    if not Suggestion.objects.within(who, step.permission).filter(pk=suggestion_id).exists():
        raise Refused(_("Your role may not do this for this suggestion."), code="forbidden")
    row.state = step.target or row.state
    for attribute, value in (changes or {}).items():
        setattr(row, attribute, value)
    row.version += 1
    row.save()
    return row, _follow(row, name, who, at, text)


@transaction.atomic
def answer(
    suggestion_id: int, *, verdict: str, reasons: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Suggestion:
    """The written answer: adopted, in part, or not, with reasons. An answer that comes late still counts as one."""
    if verdict not in Verdict.values:
        raise Refused(_("Say whether the suggestion is adopted."), field="verdict")
    _check_words({"reasons": (reasons, 10)})
    who = Actor.of(actor)
    changes = {"verdict": verdict, "answer": reasons.strip(), "answered_at": at, "answered_by": who.user}
    row, event = move(suggestion_id, "answer", actor=who, at=at, text=reasons.strip(), changes=changes, version=version)
    tell_author(row, "suggestion_answered", key=f"suggestion:{row.pk}:{event.pk}", at=at)
    return row


def follow_up(
    suggestion_id: int, *, text: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Suggestion:
    """Record what came of an answered suggestion."""
    _check_words({"text": (text, 4)})
    changes = {"follow_up": text.strip(), "followed_up_at": at}
    return move(suggestion_id, "follow_up", actor=actor, at=at, text=text.strip(), changes=changes, version=version)[0]


@transaction.atomic
def publish(
    suggestion_id: int, *, is_published: bool, actor: User | Actor, at: datetime, version: int | None = None
) -> Suggestion:
    """Publish an answered suggestion, or hide it again. One on a class A matter is never published."""
    restricted = Petition.objects.filter(is_restricted=True, suggestions=suggestion_id).exists()
    if is_published and restricted:
        raise Refused(_("It rests on an accusation (class A), which is never made public."), field="is_published")
    return move(suggestion_id, "publish", actor=actor, at=at, changes={"is_published": is_published}, version=version)[
        0
    ]


@transaction.atomic
def withdraw(
    suggestion_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Suggestion:
    """Take a suggestion back that has not been answered."""
    _check_words({"reason": (reason, 4)})
    row, event = move(
        suggestion_id,
        "withdraw",
        actor=actor,
        at=at,
        text=reason.strip(),
        changes={"withdrawn_at": at},
        version=version,
    )
    tell_addressee(row, "suggestion_withdrawn", key=f"suggestion:{row.pk}:{event.pk}", at=at)
    return row
