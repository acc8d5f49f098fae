"""The only code that writes this room's tables."""

from portal.actions.links import LIFE, end_link, issue, open_link, renew_code
from portal.actions.messages import answered, deliver, letter_issued, phone_of, remind, send_link

__all__ = [
    "LIFE",
    "answered",
    "deliver",
    "end_link",
    "issue",
    "letter_issued",
    "open_link",
    "phone_of",
    "remind",
    "renew_code",
    "send_link",
]
