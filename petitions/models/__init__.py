"""Models of this room, each family in a file of its own."""

from petitions.models.checklists import CheckedStep, Checklist, ChecklistStep, ChecklistTemplate
from petitions.models.documents import (
    Delivery,
    Document,
    DocumentSeries,
    DocumentTemplate,
    DocumentVersion,
    Letterhead,
    SignOff,
)
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
from petitions.models.search import SearchEntry, SearchPending

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
    "Delivery",
    "Document",
    "DocumentSeries",
    "DocumentTemplate",
    "DocumentVersion",
    "Draft",
    "EndWay",
    "Erasure",
    "Event",
    "EventHead",
    "EventText",
    "HandOver",
    "Hearing",
    "HearingMember",
    "HearingSide",
    "HearingTurn",
    "HeldFile",
    "Involvement",
    "LegalHold",
    "Letterhead",
    "Outcome",
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
    "ReviewGround",
    "ReviewInvestigator",
    "ReviewRequest",
    "SavedView",
    "Scan",
    "SearchEntry",
    "SearchPending",
    "Sensitivity",
    "SignOff",
    "Stage",
    "Submission",
    "Urgency",
    "attachment_path",
    "new_query_code",
    "period_words",
]
