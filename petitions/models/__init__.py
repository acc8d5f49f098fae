"""Models of this room, each family in a file of its own."""

from petitions.models.checklists import CheckedStep, Checklist, ChecklistStep, ChecklistTemplate
from petitions.models.drafts import Draft, SavedView, Submission
from petitions.models.events import Event, EventHead, EventText
from petitions.models.files import Attachment, HeldFile, PreviewPage, Scan, attachment_path
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
from petitions.models.records import CareCheck, RapportNote, RecordAmendment, RecordEntry
from petitions.models.recusals import Recusal
from petitions.models.repeats import RepeatSuggestion
from petitions.models.retention import (
    ArchiveRecord,
    ArchiveRule,
    ArchiveSerial,
    Erasure,
    LegalHold,
    period_words,
)
from petitions.models.search import SearchEntry

__all__ = [
    "NO_DEADLINE",
    "QUERY_CODE_ALPHABET",
    "Adoption",
    "ArchiveRecord",
    "ArchiveRule",
    "ArchiveSerial",
    "Attachment",
    "CareCheck",
    "Channel",
    "CheckedStep",
    "Checklist",
    "ChecklistStep",
    "ChecklistTemplate",
    "ContentClass",
    "CrossKind",
    "Draft",
    "Erasure",
    "Event",
    "EventHead",
    "EventText",
    "HandOver",
    "HeldFile",
    "Involvement",
    "LegalHold",
    "Petition",
    "Petitioner",
    "PreviewPage",
    "Purpose",
    "RapportNote",
    "Rating",
    "RecordAmendment",
    "RecordEntry",
    "Recusal",
    "RepeatSuggestion",
    "SavedView",
    "Scan",
    "SearchEntry",
    "Sensitivity",
    "Submission",
    "Urgency",
    "attachment_path",
    "new_query_code",
    "period_words",
]
