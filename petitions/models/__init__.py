"""Models of this room, each family in a file of its own."""

from petitions.models.drafts import Draft, SavedView, Submission
from petitions.models.events import Event, EventHead, EventText
from petitions.models.files import Attachment, attachment_path
from petitions.models.people import Involvement, Petitioner
from petitions.models.petition import (
    NO_DEADLINE,
    QUERY_CODE_ALPHABET,
    Channel,
    ContentClass,
    Petition,
    Purpose,
    Sensitivity,
    Urgency,
    new_query_code,
)
from petitions.models.ratings import Rating
from petitions.models.repeats import RepeatSuggestion
from petitions.models.reviews import (
    EndWay,
    Hearing,
    HearingMember,
    HearingSide,
    HearingTurn,
    Outcome,
    ReviewGround,
    ReviewInvestigator,
    ReviewRequest,
    Stage,
)
from petitions.models.search import SearchEntry

__all__ = [
    "NO_DEADLINE",
    "QUERY_CODE_ALPHABET",
    "Attachment",
    "Channel",
    "ContentClass",
    "Draft",
    "EndWay",
    "Event",
    "EventHead",
    "EventText",
    "Hearing",
    "HearingMember",
    "HearingSide",
    "HearingTurn",
    "Involvement",
    "Outcome",
    "Petition",
    "Petitioner",
    "Purpose",
    "Rating",
    "RepeatSuggestion",
    "ReviewGround",
    "ReviewInvestigator",
    "ReviewRequest",
    "SavedView",
    "SearchEntry",
    "Sensitivity",
    "Stage",
    "Submission",
    "Urgency",
    "attachment_path",
    "new_query_code",
]
