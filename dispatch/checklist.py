"""What the closing checklist asks of the work, each open point with what to do next (domain-facts §9.2 no. 13)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from dispatch import talks
from dispatch.models import BadRating, ContactRecord, WorkOrder
from dispatch.states import TAKEN_BACK, OrderState
from petitions.actions import ChecklistItem
from petitions.models import Petition

_CHECKED = frozenset({OrderState.CHECKED, OrderState.CALLED_BACK, OrderState.DONE})


def work_items(petition: Petition) -> list[ChecklistItem]:
    """Fed back, checked, spoken with, explained, called back, verified, and a bad rating put right."""
    rows = WorkOrder.objects.filter(petition=petition).select_related("unit").order_by("seq")
    if petition.reopened_at:
        # Work on the old facts does not close the new ones.
        rows = rows.filter(dispatched_at__gte=petition.reopened_at)
    done = list(rows.prefetch_related("contacts", "feedbacks", "callbacks", "explanations"))
    done = [order for order in done if order.state not in TAKEN_BACK]
    for order in done:
        order.petition = petition
    lead = next((order for order in reversed(done) if order.is_lead), None)
    items = [*_work(done), *_report(done), *_talks(petition, done, lead)]
    return [*items, *_bad_rating(petition)]


def _work(done: Sequence[WorkOrder]) -> list[ChecklistItem]:
    waiting = [order for order in done if not order.fed_back_at]
    unchecked = [order for order in done if order.fed_back_at and order.state not in _CHECKED]
    names = _(", ").join(str(order.unit) for order in waiting)
    first = waiting[0].pk if waiting else None
    help_text = _("Waiting for %(who)s") % {"who": names} if names else ""
    if not done:
        help_text = _("Dispatch it first.")
    is_fed_back = bool(done) and not waiting
    fed_back = ChecklistItem("fed_back", _("Fed back by every unit"), is_fed_back, help_text, "feed_back", first)
    return [
        fed_back,
        ChecklistItem(
            "checked",
            _("Feedback checked by the office"),
            bool(done) and all(order.state in _CHECKED for order in done),
            _("Check whether every demand has been answered.") if unchecked else "",
            "check",
            unchecked[0].pk if unchecked else None,
        ),
    ]


def _report(done: Sequence[WorkOrder]) -> list[ChecklistItem]:
    """The closing report of what was assigned (art. 22); a transfer owes none."""
    owed = [order for order in done if order.mode == WorkOrder.Mode.ASSIGN]
    if not owed:
        return []
    lacking = next((order for order in owed if order.reported_at is None), None)
    help_text = _("The unit files it within the term of the assignment.") if lacking else ""
    label = _("Closing report of the assignment filed")
    return [
        ChecklistItem("reported", label, lacking is None, help_text, "report_closing", lacking.pk if lacking else None)
    ]


def _talks(petition: Petition, done: Sequence[WorkOrder], lead: WorkOrder | None) -> list[ChecklistItem]:
    rule, exempt = talks.rule_for(petition), talks.exemption(petition)
    handling = ContactRecord.Stage.HANDLING
    spoken = exempt if exempt or rule.handling else _("Not needed for this class.")
    owed = None if spoken or any(talks.held(order, handling) for order in done) else lead
    items = [
        ChecklistItem(
            "contacted",
            _("The unit spoke with the petitioner"),
            bool(spoken) or (bool(done) and owed is None),
            spoken or (_("The unit records the talk, or its tries.") if owed or not done else ""),
            "contact",
            owed.pk if owed else None,
        )
    ]
    explaining = [order for order in done if talks.needs_explanation(order)]
    if explaining:
        lacking = [order for order in explaining if not order.explanations.all()]
        items.append(
            ChecklistItem(
                "explained",
                _("Explained to the person why it is not solved"),
                not lacking,
                _("Record who explained it, when, how, on which legal basis, and what the person says.")
                if lacking
                else "",
                "explain",
                lacking[0].pk if lacking else None,
            )
        )
    return [*items, _callback(lead, rule.callback, exempt), *_verification(petition, lead)]


def _callback(lead: WorkOrder | None, is_needed: bool, exempt: str) -> ChecklistItem:
    excuse = exempt if exempt or is_needed else _("Not needed for this class.")
    is_done = bool(excuse) or bool(lead and lead.called_back_at)
    help_text = excuse
    if lead and not excuse and is_done and talks.held(lead, ContactRecord.Stage.CALLBACK) == "tried":
        help_text = _("Tried; not reached.")
    elif not is_done:
        help_text = _("Call the person; three unanswered calls at different times count as tried.")
    return ChecklistItem(
        "called_back", _("Petitioner called back"), is_done, help_text, "call_back", lead.pk if lead else None
    )


def _verification(petition: Petition, lead: WorkOrder | None) -> list[ChecklistItem]:
    if lead is None or not talks.needs_verification(petition, lead):
        return []
    state = talks.held(lead, ContactRecord.Stage.VERIFICATION)
    help_text = _("Tried; not reached.") if state == "tried" else ""
    if not state:
        help_text = _("After a rework, or when it stays unsolved, the office speaks with the person before closing.")
    return [ChecklistItem("verified", _("Outcome verified with the petitioner"), bool(state), help_text, "verify")]


def _bad_rating(petition: Petition) -> list[ChecklistItem]:
    bad = BadRating.objects.filter(petition=petition, ended_at=None).order_by("-id").first()
    if bad is None:
        return []
    label = _("Bad rating put right and rated once more")
    if bad.called_at is None and not bad.is_reworked and bad.put_right_at is None:
        return [ChecklistItem("bad_rating", label, False, _("Call the person about the bad rating."), "bad_called")]
    if bad.put_right_at is None:
        return [ChecklistItem("bad_rating", label, False, _("Report what was put right."), "put_right")]
    return [ChecklistItem("bad_rating", label, False, _("Ask for the one rating more."), "rerate")]
