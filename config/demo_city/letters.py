"""Letters in the demo city: notices and opinions signed, numbered and on their way, through the real actions."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from config.demo_city.world import World
from petitions.actions import documents
from petitions.documents.checks import problems_of
from petitions.documents.places import chinese_date
from petitions.models import Delivery, Document, Petition
from petitions.states import Refused, State
from petitions.states.documents import DocumentState

_ROUTE = "经甄别，该事项属于信访事项，由有权处理的单位按照信访程序办理"
_NEXT = "该单位将自收到转送之日起15日内书面告知您是否受理"
_BASIS = "《信访工作条例》第三十一条、第三十二条"
_SIGNERS = frozenset({Role.UNIT_ADMIN, Role.CITY_OFFICER, Role.DISTRICT_OFFICER})
_WAYS = (Delivery.Way.BY_HAND, Delivery.Way.POST, Delivery.Way.ELECTRONIC)


def write_letters(world: World) -> None:
    """Bring the drafts that the moves called for on their way, each to another point of it; one transaction."""
    at = world.until
    with transaction.atomic():
        notices = Document.objects.filter(state=DocumentState.DRAFT, kind__in=["receipt", "acceptance", "not_accepted"])
        for number, document in enumerate(_some(notices, 9)):
            _try(document, _notice_values(document), at, stop=number % 4)
        opinions = Document.objects.filter(
            state=DocumentState.DRAFT, kind="handling_opinion", petition__state=State.REPLIED
        )
        for number, document in enumerate(_some(opinions, 8)):
            _try(document, _opinion_values(document), at, stop=number % 4)


def _some(rows: Any, count: int) -> Iterable[Document]:
    rows = rows.filter(petition__is_restricted=False, petition__is_anonymous=False)
    return list(rows.select_related("petition__lead_unit__parent", "unit").order_by("-pk")[:count])


def _notice_values(document: Document) -> dict[str, Any]:
    if document.kind == "receipt":
        return {"route": _ROUTE, "next_step": _NEXT}
    return {}


def _opinion_values(document: Document) -> dict[str, Any]:
    petition, unit = document.petition, document.unit
    matter = {
        "request": petition.demand or petition.summary,
        "facts": petition.reply_text,
        "evidence": "现场检查记录、谈话记录",
        "basis": _BASIS,
        "opinion": "support",
        "reason": "已责成有关单位整改到位。",
        "unit": unit.name,
        "until": chinese_date(timezone.localdate(document.drafted_at) + timedelta(days=15)),
    }
    above = unit.parent.name if unit.parent else "上一级机关"
    return {"matters": [matter], "review_organ": above}


def _people(document: Document) -> tuple[list[User], list[User]]:
    """Those of its organ who may draft it, and those who may sign it."""
    users = list(User.objects.filter(unit=document.unit, is_active=True).order_by("pk"))
    rows = Petition.objects.filter(pk=document.petition_id)
    able = [u for u in users if rows.within(u, "petitions.document_draft").exists()]
    return able, [u for u in able if u.role in _SIGNERS]


def _try(document: Document, values: dict[str, Any], at: datetime, *, stop: int) -> None:
    """One letter, or none of it where a rule stands in the way: the demo shows what the rules allow."""
    with suppress(Refused), transaction.atomic():
        _send(document, values, at, stop=stop)


def _send(document: Document, values: dict[str, Any], at: datetime, *, stop: int) -> None:
    """0: submitted; 1: signed and issued; 2: on its way; 3: delivered. What nobody can sign stays a draft."""
    drafters, signers = _people(document)
    others = [person for person in drafters if person not in signers[:1]]
    if not signers or (document.kind == "handling_opinion" and len(others) < 2):
        return
    drafter = others[0] if others else signers[0]
    documents.amend(document.pk, values=values, actor=drafter, at=at)
    document.refresh_from_db()
    if problems_of(document, document.current):
        return
    documents.submit(document.pk, actor=drafter, at=at)
    if stop == 0:
        return
    if document.kind == "handling_opinion":
        documents.sign(document.pk, comment="事实清楚，依据充分", actor=others[1], at=at)
    documents.sign(document.pk, actor=signers[0], at=at)
    documents.issue(document.pk, actor=drafter, at=at)
    if stop == 1:
        return
    way = _WAYS[document.pk % len(_WAYS)] if stop == 2 else Delivery.Way.BY_HAND
    details: dict[str, Any] = {"deliverer": drafter.name, "receiver": "本人", "tracking": f"XA{document.pk:08d}33"}
    documents.deliver(document.pk, way=way, on=at, actor=signers[0], at=at, **details)
