"""The mandatory talks (Beilun's rule, domain-facts §9.2 no. 13): while handling, at the callback, at verification.

| stage | before | needed | counts as held |
|---|---|---|---|
| handling | feedback | unless the class's rule says no | reached; declined; enough tries, with an explanation |
| callback | reply | lead order, unless the rule says no | answered; declined; enough tries |
| verification | closing | after a rework; unsolved or only explained | reached; declined; enough tries |

Nobody can be spoken with on an anonymous matter, nor where neither telephone nor address is known: exempt, in words.
Tries within one clock hour count once: three calls in a row are one try.
"""

from collections.abc import Iterable
from datetime import datetime
from time import monotonic
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from dispatch.models import Callback, Clock, ContactRecord, Feedback, TalkRule, WorkOrder
from dispatch.states import TAKEN_BACK
from dispatch.twice import limits
from petitions.models import Petition
from petitions.states import State

Row = TypeVar("Row", Callback, Feedback)
CITY_TIME = ZoneInfo("Asia/Shanghai")
UNRESOLVED = frozenset({Feedback.Outcome.UNSOLVED, Feedback.Outcome.EXPLAINED})
_CACHE_SECONDS = 30
_cached: list[tuple[float, dict[str, TalkRule]]] = []


def rules() -> dict[str, TalkRule]:
    """The rules in force by class code; '' for all others."""
    if not _cached or _cached[0][0] < monotonic():
        rows = TalkRule.objects.select_related("content_class")
        found = {row.content_class.code if row.content_class else "": row for row in rows}
        _cached[:] = [(monotonic() + _CACHE_SECONDS, found)]
    return _cached[0][1]


def forget_talk_rules() -> None:
    """Read the rules afresh: after an edit in this process, and between tests."""
    _cached.clear()


def rule_for(petition: Petition) -> TalkRule:
    """The rule of the petition's class, else of the class above it, else the general one."""
    found, code = rules(), petition.content_class.code
    keys = [code[:length] for length in range(len(code), 0, -2)]
    return next((found[key] for key in [*keys, ""] if key in found), TalkRule())


def exemption(petition: Petition) -> str:
    """Why nobody can be spoken with, in words; '' when somebody can."""
    if petition.is_anonymous:
        return _("Not needed: anonymous.")
    # Asked several times while one checklist is made; who signs does not change meanwhile.
    if "_can_be_reached" not in petition.__dict__:
        known = petition.petitioners.values_list("phone_index", "home_index", "contact_preference")
        petition.__dict__["_can_be_reached"] = any(any(row) for row in known)
    reached: bool = petition.__dict__["_can_be_reached"]
    return "" if reached else _("Not needed: neither telephone nor address is known.")


def distinct_tries(moments: Iterable[datetime]) -> int:
    """Tries that count: those within one clock hour count once."""
    return len({moment.astimezone(CITY_TIME).strftime("%Y%m%d%H") for moment in moments})


def held(order: WorkOrder, stage: str) -> str:
    """How the talk of a stage stands: "held", "tried", or '' when it is owed. The callback stands on its own rows."""
    if stage == ContactRecord.Stage.CALLBACK:
        if order.called_back_at is None:
            return ""
        last = newest(order.callbacks.all())
        return "tried" if last and last.result not in _TOLD else "held"
    rows = [(row.result, row.at) for row in order.contacts.all() if row.stage == stage]
    if any(result != ContactRecord.Result.UNREACHED for result, _at in rows):
        return "held"
    return "tried" if distinct_tries(at for _result, at in rows) >= limits().call_tries else ""


def newest(rows: Iterable[Row]) -> Row | None:
    """The last of dated rows, without a query where they are prefetched."""
    return max(rows, key=lambda row: (row.at, row.pk), default=None)


_TOLD = frozenset({Callback.Result.REACHED, Callback.Result.REFUSED})


def last_lead(petition: Petition) -> WorkOrder | None:
    """The newest lead order that was not cancelled."""
    rows = WorkOrder.objects.filter(petition=petition, is_lead=True).exclude(state__in=TAKEN_BACK)
    return rows.select_related("unit").order_by("-seq").first()


def outcome_of(order: WorkOrder) -> str:
    """The outcome the unit fed back last; '' before it has."""
    last = newest(order.feedbacks.all())
    return last.outcome if last else ""


def needs_explanation(order: WorkOrder) -> bool:
    """Whether an explanation record is owed before the reply: unsolved or groundless, and somebody to explain it to."""
    # The unit that gave a sub-order explains the whole.
    return order.parent_id is None and outcome_of(order) in UNRESOLVED and not exemption(order.petition)


def needs_verification(petition: Petition, order: WorkOrder) -> bool:
    """Whether the office speaks with the person once more before closing."""
    rule = rule_for(petition)
    if exemption(petition):
        return False
    after_rework = rule.verify_rework and petition.rework_count > 0
    unsolved = rule.verify_unsolved and outcome_of(order) in UNRESOLVED
    return rule.verify_always or after_rework or unsolved


def window_lapsed(petition: Petition) -> bool:
    """Whether the time to rate the answer that stands has run out (超期未评价). One query.

    The window is a right: lapsed it is cancelled, and while the answer stands nothing else cancels it.
    """
    if petition.state != State.REPLIED or petition.replied_at is None:
        return False
    windows = Clock.objects.filter(petition=petition, policy__key="R_window", started_at__gte=petition.replied_at)
    return windows.order_by("-id").values_list("state", flat=True).first() == Clock.State.CANCELLED


def rating_excuse(petition: Petition) -> str:
    """Why the person cannot rate: nobody to ask, declined at the callback, or tried often enough; '' otherwise."""
    reason = exemption(petition)
    if reason:
        return reason
    if window_lapsed(petition):
        return _("Not rated: the petitioner did not rate within the window.")
    order = last_lead(petition)
    last = newest(order.callbacks.all()) if order and order.called_back_at else None
    if last is None or last.result == Callback.Result.REACHED:
        return ""
    if last.result == Callback.Result.REFUSED:
        return _("Not rated: the person declined at the callback.")
    return _("Not rated: not reached in %(n)d tries.") % {"n": limits().call_tries}
