"""The kinds of rows that are counted."""

from dispatch.models import BadRating, Callback, Clock, WorkOrder
from insights.indicators.base import Subject
from petitions.models import Petition, Rating

PETITION = Subject("petition", Petition.objects.all, "lead_unit_id", "")
ORDER = Subject("order", WorkOrder.objects.all, "unit_id", "petition__", "")
# A clock is counted for the unit that owes.
CLOCK = Subject("clock", Clock.objects.all, "unit_id", "petition__", "order__")
CALLBACK = Subject("callback", Callback.objects.all, "order__unit_id", "order__petition__", "order__")
RATING = Subject("rating", Rating.objects.all, "petition__lead_unit_id", "petition__")
# The law's own deadlines run on the petition, whichever office registered it: they are the responsible unit's.
LEGAL_CLOCK = Subject("clock", Clock.objects.all, "petition__lead_unit_id", "petition__")
# The windows in which petitioners are asked for a rating.
WINDOW = Subject("clock", lambda: Clock.objects.filter(policy__key="R_window"), "petition__lead_unit_id", "petition__")
# The unit or, when only the office was rated badly, the office that puts it right.
BAD_RATING = Subject("bad_rating", BadRating.objects.all, "unit_id", "petition__")
