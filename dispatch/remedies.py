"""Which steps of review and hearing mean something now; the request and the hearing are read once for a petition."""

from collections.abc import Callable, Sequence

from dispatch.models import WorkOrder
from petitions.finality import terminated_before
from petitions.models import Hearing, Petition, ReviewRequest
from petitions.states import State
from petitions.states.reviews import HearingState, ReviewState

_REVIEWING = frozenset({State.IN_REVIEW, State.IN_REREVIEW})
# The first of these that may be taken comes next while a review runs.
NEXT_IN_REVIEW = ("end_hearing", "sit_hearing", "admit_review", "decide_review")


def hearing_of(petition: Petition) -> Hearing | None:
    """The hearing asked for, set or in session."""
    if "_hearing" not in petition.__dict__:
        petition.__dict__["_hearing"] = Hearing.objects.open().filter(petition=petition).first()
    found: Hearing | None = petition.__dict__["_hearing"]
    return found


def review_of(petition: Petition) -> ReviewRequest | None:
    """The newest request; None where there was none."""
    if "_review" not in petition.__dict__:
        petition.__dict__["_review"] = ReviewRequest.objects.filter(petition=petition).first()
    found: ReviewRequest | None = petition.__dict__["_review"]
    return found


def _stands(petition: Petition, *states: str) -> bool:
    row = review_of(petition) if petition.state in _REVIEWING or petition.round or petition.review_level else None
    return row is not None and row.state in states


def _opens(petition: Petition) -> bool:
    row = review_of(petition)
    return row is not None and row.is_current(petition)


def _hears(petition: Petition, *states: str) -> bool:
    row = hearing_of(petition)
    return row is not None and row.state in states


def raises_what_ended(petition: Petition) -> bool:
    """Whether a fresh petition repeats, without new facts, a matter whose procedure has ended (Regulation, art. 36)."""
    if petition.state != State.REGISTERED or petition.repeat_of is None or petition.new_facts_at is not None:
        return False
    return bool(petition.repeat_of.end_way) or terminated_before(petition) is not None


Sense = Callable[[Petition, Sequence[WorkOrder]], bool]

REMEDIES_SENSE: dict[str, Sense] = {
    "ask_review": lambda p, orders: p.lead_unit_id is not None and p.review_level < 2 and not p.is_terminated,
    "admit_review": lambda p, orders: _stands(p, ReviewState.ASKED),
    "refuse_review": lambda p, orders: _stands(p, ReviewState.ASKED),
    "appoint_investigators": lambda p, orders: _stands(p, ReviewState.ASKED, ReviewState.ADMITTED),
    "decide_review": lambda p, orders: p.hearing_since is None and _stands(p, ReviewState.ADMITTED),
    "deliver_review": lambda p, orders: _stands(p, ReviewState.DECIDED) and _opens(p),
    "ask_hearing": lambda p, orders: hearing_of(p) is None,
    "hold_hearing": lambda p, orders: p.hearing_since is None,
    "decline_hearing": lambda p, orders: _hears(p, HearingState.ASKED),
    "postpone_hearing": lambda p, orders: _hears(p, HearingState.SET),
    "sit_hearing": lambda p, orders: _hears(p, HearingState.SET),
    "drop_hearing": lambda p, orders: _hears(p, HearingState.ASKED, HearingState.SET),
    "end_hearing": lambda p, orders: _hears(p, HearingState.SITTING),
    "settle": lambda p, orders: p.lead_unit_id is not None and not p.end_way,
    "end_without_successor": lambda p, orders: p.end_way not in {"no_successor", "settled", "certified", "rereviewed"},
    "certify": lambda p, orders: not p.is_terminated and p.end_way not in {"settled", "no_successor"},
}
