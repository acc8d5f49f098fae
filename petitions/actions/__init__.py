"""The only code that writes petitions. Each action is one transaction with its event; `at` is always a parameter."""

from petitions.actions.access import involve, name_person, release, reveal
from petitions.actions.closing import CLOSING_CHECKS, ChecklistItem, close, closing_checklist
from petitions.actions.course import answer_at_once, lead_out, merge, rate, reopen, reply, rework, withdraw
from petitions.actions.legal import (
    Delivery,
    NoLonger,
    accept,
    ask_review,
    decide_review,
    deliver_opinion,
    end_hearing,
    hold_hearing,
    no_longer_accept,
    not_accept,
    notify_receipt,
)
from petitions.actions.moves import lock, move, require, set_deadlines, touch
from petitions.actions.notes import NOTE_KINDS, add_note
from petitions.actions.registration import (
    CITY_TIME,
    FIRST_DEADLINES,
    SUSPICIONS,
    Person,
    Registration,
    next_serials,
    register,
    register_many,
)
from petitions.actions.repeats import mark_repeat, not_a_repeat, prioritise

__all__ = [
    "CITY_TIME",
    "CLOSING_CHECKS",
    "FIRST_DEADLINES",
    "NOTE_KINDS",
    "SUSPICIONS",
    "ChecklistItem",
    "Delivery",
    "NoLonger",
    "Person",
    "Registration",
    "accept",
    "add_note",
    "answer_at_once",
    "ask_review",
    "close",
    "closing_checklist",
    "decide_review",
    "deliver_opinion",
    "end_hearing",
    "hold_hearing",
    "involve",
    "lead_out",
    "lock",
    "mark_repeat",
    "merge",
    "move",
    "name_person",
    "next_serials",
    "no_longer_accept",
    "not_a_repeat",
    "not_accept",
    "notify_receipt",
    "prioritise",
    "rate",
    "register",
    "register_many",
    "release",
    "reopen",
    "reply",
    "require",
    "reveal",
    "rework",
    "set_deadlines",
    "touch",
    "withdraw",
]
