"""What a notice says. Numbers and names of rules only: never case text (domain-facts §1.17)."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy

from dispatch.policies import RUNG_LABELS

if TYPE_CHECKING:
    from dispatch.models import Notice

_TITLES = {
    "return_asked": gettext_lazy("Return of %(number)s is asked"),
    "return_accepted": gettext_lazy("Return of %(number)s was accepted"),
    "return_rejected": gettext_lazy("Return of %(number)s was rejected"),
    "return_allowed": gettext_lazy("A late return of %(number)s is allowed"),
    "lead_changed": gettext_lazy("The lead of %(number)s has changed"),
    "consult": gettext_lazy("Your opinion on %(number)s is asked"),
    "opined": gettext_lazy("Opinion on %(number)s given"),
    "ruled": gettext_lazy("Consultation on %(number)s is ruled"),
    "consultation_dropped": gettext_lazy("Consultation on %(number)s was dropped"),
    "dispatched": gettext_lazy("New work order %(number)s"),
    "assigned": gettext_lazy("Work order %(number)s has been assigned to you"),
    "fed_back": gettext_lazy("Feedback on %(number)s waits for your check"),
    "sent_back": gettext_lazy("Feedback on %(number)s was sent back"),
    "recalled": gettext_lazy("Work order %(number)s was recalled"),
    "cancelled": gettext_lazy("Work order %(number)s was cancelled"),
    "rework": gettext_lazy("Petition %(number)s is to be reworked"),
    "recurred": gettext_lazy("%(number)s is raised again, time %(n)s"),
    "raised_again": gettext_lazy("What you handled as %(number)s is raised again"),
    "raised_twice": gettext_lazy("%(number)s goes to supervision after its rework"),
    "review_asked": gettext_lazy("Review of %(number)s has been asked for"),
    "review_decided": gettext_lazy("Review of %(number)s is decided"),
    "deadline": gettext_lazy("%(rung)s: %(rule)s of %(number)s"),
}
_BODIES = {
    "return_asked": gettext_lazy("Please decide within one working day; the unit's clocks run on until then."),
    "return_accepted": gettext_lazy("The matter has been taken from the unit. Nothing more is to be done."),
    "return_rejected": gettext_lazy("The matter stays with the unit, finally. Please read the reasons and go on."),
    "return_allowed": gettext_lazy("The hub allows the unit to object although its time is over."),
    "lead_changed": gettext_lazy("Please look who leads now; all deadlines stay."),
    "consult": gettext_lazy("Please give your unit's opinion within two working days."),
    "opined": gettext_lazy("All units have answered, or one more has. Please look whether you can rule."),
    "ruled": gettext_lazy("The ruling binds the units named in it; the order is final."),
    "consultation_dropped": gettext_lazy("No opinion is needed any more."),
    "dispatched": gettext_lazy("Please sign for it, speak with the petitioner, and feed back in time."),
    "assigned": gettext_lazy("Please speak with the petitioner and feed back in time."),
    "fed_back": gettext_lazy("Please check whether every demand has been answered."),
    "sent_back": gettext_lazy("Please read what is missing and feed back again; the deadline has not changed."),
    "recalled": gettext_lazy("It has been given to another unit. Nothing more is to be done."),
    "cancelled": gettext_lazy("The petition was withdrawn or merged. Nothing more is to be done."),
    "rework": gettext_lazy("The petitioner says it is not done. A second rework goes to supervision."),
    "recurred": gettext_lazy("The same person raises the same matter again. Please read it yourself."),
    "raised_again": gettext_lazy("The petitioner says it is not settled. Please read your earlier reply again."),
    "raised_twice": gettext_lazy("No matter more than twice: the rework did not settle it. Supervision decides now."),
    "review_asked": gettext_lazy("Please decide within the legal period of 30 days."),
    "review_decided": gettext_lazy("Please read the opinion on the case page."),
    "deadline": gettext_lazy("Due %(due)s. Please act now or explain to your office."),
}


@dataclass(frozen=True)
class Sentence:
    title: str
    body: str


def sentence(notice: "Notice") -> Sentence:
    """Title and body in the active language."""
    number = notice.order.number if notice.order_id and notice.order else ""
    if not number and notice.petition:
        number = notice.petition.short_number
    words = {"number": number, "rung": "", "rule": "", "due": "", "n": notice.params.get("n", "")}
    if notice.kind == "deadline":
        params = notice.params
        words["rung"] = str(RUNG_LABELS.get(params["rung"], params["rung"]))
        words["rule"] = params["name_en"] if get_language() == "en" else params["name"]
        words["due"] = date_format(localtime(datetime.fromisoformat(params["due_at"])), "Y-m-d H:i")
    title = _TITLES.get(notice.kind, gettext_lazy("Notice on %(number)s"))
    body = _BODIES.get(notice.kind, "")
    return Sentence(title=str(title) % words, body=str(body) % words)
