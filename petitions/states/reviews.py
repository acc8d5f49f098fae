"""What becomes of a request for review and of a hearing; the moves that lead there are the petition's (remedies.py)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReviewState(models.TextChoices):
    """Where a request for review or re-review stands (domain-facts §1.9)."""

    ASKED = "asked", _("Asked for")
    ADMITTED = "admitted", _("Admitted")
    REFUSED = "refused", _("Not admitted")
    DECIDED = "decided", _("Decided, to be delivered")
    DELIVERED = "delivered", _("Decided and delivered")
    DROPPED = "dropped", _("Taken back")


class HearingState(models.TextChoices):
    """Where a hearing stands (domain-facts §1.15)."""

    ASKED = "asked", _("Asked for")
    DECLINED = "declined", _("Declined")
    SET = "set", _("Date set")
    SITTING = "sitting", _("In session")
    CONCLUDED = "concluded", _("Concluded")
    PUBLISHED = "published", _("Result published")
    GIVEN_UP = "given_up", _("Given up by absence")
    DROPPED = "dropped", _("Taken back")


OPEN_REVIEWS = frozenset({ReviewState.ASKED, ReviewState.ADMITTED})
OPEN_HEARINGS = frozenset({HearingState.ASKED, HearingState.SET, HearingState.SITTING})

# From which states each petition's move may take the request, and the state it leads to.
REVIEW_STEPS: dict[str, tuple[frozenset[str], str]] = {
    "admit": (frozenset({ReviewState.ASKED}), ReviewState.ADMITTED),
    "refuse": (frozenset({ReviewState.ASKED}), ReviewState.REFUSED),
    "decide": (frozenset({ReviewState.ADMITTED}), ReviewState.DECIDED),
    "deliver": (frozenset({ReviewState.DECIDED}), ReviewState.DELIVERED),
    "drop": (OPEN_REVIEWS, ReviewState.DROPPED),
}
HEARING_STEPS: dict[str, tuple[frozenset[str], str]] = {
    "decline": (frozenset({HearingState.ASKED}), HearingState.DECLINED),
    "set": (frozenset({HearingState.ASKED}), HearingState.SET),
    "sit": (frozenset({HearingState.SET}), HearingState.SITTING),
    "conclude": (frozenset({HearingState.SITTING}), HearingState.CONCLUDED),
    "publish": (frozenset({HearingState.CONCLUDED}), HearingState.PUBLISHED),
    "give_up": (frozenset({HearingState.SET}), HearingState.GIVEN_UP),
    "drop": (frozenset({HearingState.ASKED, HearingState.SET}), HearingState.DROPPED),
    # Somebody of the panel is recused: what was set falls, and is decided on anew.
    "break_off": (frozenset({HearingState.SET, HearingState.SITTING}), HearingState.DROPPED),
    # The matter itself has ended under a hearing, or under one in session.
    "end_with_matter": (OPEN_HEARINGS, HearingState.DROPPED),
}

REVIEW_TONES = {
    ReviewState.ASKED: "amber",
    ReviewState.ADMITTED: "blue",
    ReviewState.REFUSED: "grey",
    ReviewState.DECIDED: "violet",
    ReviewState.DELIVERED: "green",
    ReviewState.DROPPED: "grey",
}
HEARING_TONES = {
    HearingState.ASKED: "amber",
    HearingState.DECLINED: "grey",
    HearingState.SET: "blue",
    HearingState.SITTING: "violet",
    HearingState.CONCLUDED: "teal",
    HearingState.PUBLISHED: "green",
    HearingState.GIVEN_UP: "grey",
    HearingState.DROPPED: "grey",
}

# Letters are in Chinese, whatever language the officer reads.
_GROUNDS_IN_CHINESE = {
    "facts": "主要事实不清、证据不足",
    "basis": "适用依据错误",
    "procedure": "违反法定程序",
    "power": "超越或者滥用职权",
    "improper": "处理意见明显不当",
}


def grounds_in_chinese(keys: list[str]) -> str:
    """The grounds on which an opinion fell, as a letter names them."""
    return "；".join(_GROUNDS_IN_CHINESE[key] for key in keys if key in _GROUNDS_IN_CHINESE)
