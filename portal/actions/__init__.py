"""The only code that writes this room's tables."""

from portal.actions.links import AT_COUNTER, LIFE, end_link, issue, open_link, renew_code
from portal.actions.messages import answered, deliver, letter_issued, phone_of, remind, send_link
from portal.actions.unsent import drop_unsent, keep_unsent, purge_unsent, unsent

__all__ = [
    "AT_COUNTER",
    "LIFE",
    "answered",
    "deliver",
    "drop_unsent",
    "end_link",
    "issue",
    "keep_unsent",
    "letter_issued",
    "open_link",
    "phone_of",
    "purge_unsent",
    "remind",
    "renew_code",
    "send_link",
    "unsent",
]
