"""The entry criteria: who changes them, and the finder that proposes what they hit."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import Role
from backlog import entry
from backlog.actions import matter
from backlog.actions.nominate import nominate
from backlog.models import EntryRule
from backlog.states import Source
from dispatch.actions.notices import notify
from petitions.models import Petition
from petitions.states import Refused

logger = logging.getLogger(__name__)
HIGHEST = 9_999
# So many are proposed in one go: an office decides on them one by one, and the night brings the next.
BY_HAND, BY_NIGHT = 50, 200


@dataclass(frozen=True)
class Found:
    """What a run of the finder did."""

    proposed: int
    # Hit, but left for the next run.
    waiting: int


@transaction.atomic
def save_rules(
    wanted: Mapping[str, tuple[int, bool]], *, actor: User | Actor, at: datetime, reason: str = ""
) -> list[EntryRule]:
    """Set threshold and force of the criteria, by kind; those that change, with who, when and why in their history.

    Raises Refused naming the field at fault (`threshold_<kind>`).
    """
    who = Actor.of(actor)
    if who.scope_for("backlog.entry_rules") is None:
        raise Refused(_("Your role may not change the entry criteria."), code="forbidden")
    changed = []
    for rule in EntryRule.objects.select_for_update().filter(kind__in=list(wanted)):
        threshold, is_active = wanted[rule.kind]
        lowest = entry.CRITERIA[rule.kind].lowest
        if not lowest <= threshold <= HIGHEST:
            words = {"low": lowest, "high": HIGHEST}
            raise Refused(_("Give a number from %(low)d to %(high)d.") % words, field=f"threshold_{rule.kind}")
        if (threshold, is_active) == (rule.threshold, rule.is_active):
            continue
        rule.threshold, rule.is_active = threshold, is_active
        history: Any = rule
        history._history_user, history._history_date, history._change_reason = who.user, at, reason.strip()[:100]
        rule.save()
        changed.append(rule)
    return changed


def find(*, actor: User | Actor, at: datetime, size: int = BY_NIGHT) -> Found:
    """Propose what the criteria in force hit, those raised longest ago first, each in a transaction of its own.

    One statement a criterion finds them; a petition that meanwhile came onto a file is passed over. The offices are
    told once for all.
    """
    who = Actor.of(actor)
    if who.scope_for("backlog.entry_rules") is None:
        raise Refused(_("Your role may not run the finder."), code="forbidden")
    found = entry.candidates(at)
    districts: dict[int, int] = {}
    tried = 0
    # What is refused takes nobody's place: the next one is tried until so many are proposed.
    for pk in entry.first(found):
        if sum(districts.values()) >= size:
            break
        tried += 1
        try:
            district = _propose(pk, found[pk], at)
        except Exception:
            # One petition that cannot be read must not keep all others off the list, night after night.
            logger.exception("The finder cannot propose petition %s", pk)
            continue
        if district is not None:
            districts[district] = districts.get(district, 0) + 1
    _tell(districts, at)
    return Found(sum(districts.values()), len(found) - tried)


def _propose(petition_id: int, hits: list[dict[str, object]], at: datetime) -> int | None:
    """The district of the case proposed; None where the matter cannot be on the list any more."""
    petition = Petition.objects.get(pk=petition_id)
    system = Actor.system("backlog")
    for title in (matter.plain_title(petition), str(petition.content_class.name)):
        try:
            case = nominate(
                petition_id, title=title, reason="", source=Source.RULE, hits=hits, actor=system, at=at, tells=False
            )
        except Refused as refusal:
            if refusal.field != "title":
                return None
        else:
            return case.district_id
    return None


def _tell(districts: Mapping[int, int], at: datetime) -> None:
    """One notice for everybody who decides: how many wait in their district, or in the city."""
    if not districts:
        return
    link = reverse("backlog") + "?view=accept"
    day = at.strftime("%Y%m%d%H%M")
    people = User.objects.filter(is_active=True)
    officers = people.filter(role=Role.DISTRICT_OFFICER).select_related("unit__area")
    for person in officers:
        area = person.unit.area if person.unit else None
        count = districts.get((area.district_id or area.pk) if area else 0, 0)
        if count:
            _notice(person, count, f"found:{day}:{person.pk}", link, at)
    total = sum(districts.values())
    for person in people.filter(role=Role.CONFERENCE_OFFICER):
        _notice(person, total, f"found:{day}:{person.pk}", link, at)


def _notice(person: User, count: int, key: str, link: str, at: datetime) -> None:
    notify([person], kind="backlog_found", key=key, at=at, params={"count": count, "link": link})
