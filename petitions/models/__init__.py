"""Models of this room, each family in a file of its own."""

from petitions.models.drafts import Draft, SavedView, Submission
from petitions.models.events import Event, EventHead, EventText
from petitions.models.files import Attachment, attachment_path
from petitions.models.handovers import HandOver
from petitions.models.people import Involvement, Petitioner
from petitions.models.petition import (
    NO_DEADLINE,
    QUERY_CODE_ALPHABET,
    Adoption,
    Channel,
    ContentClass,
    CrossKind,
    Petition,
    Purpose,
    Sensitivity,
    Urgency,
    new_query_code,
)
from petitions.models.ratings import Rating
from petitions.models.repeats import RepeatSuggestion
from petitions.models.search import SearchEntry

__all__ = [
    "NO_DEADLINE",
    "QUERY_CODE_ALPHABET",
    "Adoption",
    "Attachment",
    "Channel",
    "ContentClass",
    "CrossKind",
    "Draft",
    "Event",
    "EventHead",
    "EventText",
    "HandOver",
    "Involvement",
    "Petition",
    "Petitioner",
    "Purpose",
    "Rating",
    "RepeatSuggestion",
    "SavedView",
    "SearchEntry",
    "Sensitivity",
    "Submission",
    "Urgency",
    "attachment_path",
    "new_query_code",
]
