"""What a notice says. Numbers and names of rules only: never case text (domain-facts §1.17)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext

from dispatch.policies import RUNG_LABELS
from dispatch.recipients import WORD_LABELS
from dispatch.supervision import SupervisionLevel

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
    "hand_over_asked": gettext_lazy("You are asked to take %(number)s over"),
    "handed_over": gettext_lazy("Hand-over of %(number)s is decided"),
    "hand_over_refused": gettext_lazy("Hand-over of %(number)s was refused"),
    "hand_over_dropped": gettext_lazy("Hand-over of %(number)s was taken back"),
    "laid_before": gettext_lazy("%(number)s lies before the joint conference"),
    "closing_reported": gettext_lazy("Closing report on %(number)s"),
    "supplemented": gettext_lazy("More material on %(number)s"),
    "bad_rating": gettext_lazy("%(number)s was rated badly"),
    "put_right": gettext_lazy("Bad rating of %(number)s has been put right"),
    "bad_unmended": gettext_lazy("Bad rating of %(number)s goes to supervision"),
    "rules_moved": gettext_lazy("Deadlines of yours have moved"),
    "recurred": gettext_lazy("%(number)s is raised again, time %(n)s"),
    "raised_again": gettext_lazy("What you handled as %(number)s is raised again"),
    "raised_twice": gettext_lazy("%(number)s goes to supervision after its rework"),
    "review_named": gettext_lazy("You investigate the review of %(number)s"),
    "review_unclaimed": gettext_lazy("Nobody reviews %(number)s yet"),
    "review_refused": gettext_lazy("Review of %(number)s was not admitted"),
    "hearing_asked": gettext_lazy("A hearing on %(number)s has been asked for"),
    "hearing_declined": gettext_lazy("No hearing is held on %(number)s"),
    "hearing_set": gettext_lazy("Hearing on %(number)s: date set"),
    "hearing_over": gettext_lazy("The hearing on %(number)s is over"),
    "review_asked": gettext_lazy("Review of %(number)s has been asked for"),
    "review_decided": gettext_lazy("Review of %(number)s is decided"),
    "deadline": gettext_lazy("%(rung)s: %(rule)s of %(number)s"),
    "reminded": gettext_lazy("Reminder no. %(count)s: work order %(number)s"),
    "reminder_answered": gettext_lazy("The reminder of %(number)s was answered"),
    "supervised": gettext_lazy("%(level)s: %(paper)s"),
    "supervision_answered": gettext_lazy("The answer to supervision %(paper)s waits for your check"),
    "supervision_sent_back": gettext_lazy("The answer to supervision %(paper)s was sent back"),
    "supervision_ended": gettext_lazy("Supervision %(paper)s has ended"),
    "supervision_lifted": gettext_lazy("Supervision %(paper)s was lifted"),
    "suggested": gettext_lazy("Formal suggestion %(paper)s"),
    "suggestion_answered": gettext_lazy("Suggestion %(paper)s was answered"),
    "suggestion_withdrawn": gettext_lazy("Suggestion %(paper)s was taken back"),
    "pause_asked": gettext_lazy("A pause of %(number)s is asked for"),
    "paused": gettext_lazy("Work order %(number)s rests"),
    "pause_refused": gettext_lazy("The pause of %(number)s was refused"),
    "resumed": gettext_lazy("Work order %(number)s goes on"),
    "extension_asked": gettext_lazy("More time for %(number)s is asked for"),
    "extended": gettext_lazy("A deadline of %(number)s was extended"),
    "extension_refused": gettext_lazy("More time for %(number)s was refused"),
    "infected": gettext_lazy("A file of %(number)s is infected and locked"),
    "recusal_asked": gettext_lazy("A recusal in %(number)s waits for a decision"),
    "recusal_decided": gettext_lazy("The recusal in %(number)s is decided"),
    "handler_recused": gettext_lazy("The handler of %(number)s is recused"),
    "document_waiting": gettext_lazy("A document of %(number)s waits for your signature"),
    "document_sent_back": gettext_lazy("Your draft for %(number)s was sent back"),
    "document_signed": gettext_lazy("Your draft for %(number)s is signed"),
    "task_given": gettext_lazy("A task has been given to you"),
    "task_reported": gettext_lazy("A task you gave is reported done"),
    "task_sent_back": gettext_lazy("A task came back to you"),
    "task_dropped": gettext_lazy("A task of yours was dropped"),
    "backlog_nominated": gettext_lazy("A matter is proposed for the backlog"),
    "backlog_found": gettext_lazy("The entry criteria propose cases for the backlog: %(count)s"),
    "backlog_taken_up": gettext_lazy("A backlog case is taken up"),
    "backlog_declined": gettext_lazy("Your proposal for the backlog is not taken up"),
    "backlog_lead": gettext_lazy("You take command of a backlog case"),
    "backlog_handed": gettext_lazy("A backlog case is handed over to you"),
    "backlog_waits": gettext_lazy("A backlog case waits for your step"),
    "backlog_sent_back": gettext_lazy("An application for acceptance came back"),
    "backlog_rebounded": gettext_lazy("A settled backlog case has rebounded"),
    "meeting_called": gettext_lazy("You take part in a weekly dispatch"),
    "meeting_off": gettext_lazy("A weekly dispatch is called off"),
    "visit_called": gettext_lazy("You take part in a joint supervision"),
    "visit_off": gettext_lazy("A joint supervision is called off"),
    "reception_set": gettext_lazy("A reception day of yours is set"),
    "drill": gettext_lazy("DRILL, nothing to do: escalation ladder of %(unit)s"),
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
    "rules_moved": gettext_lazy("A rule or the working calendar was changed; see which dates moved and why."),
    "hand_over_asked": gettext_lazy("Please read it and take it over or say why not; its deadlines run on."),
    "handed_over": gettext_lazy("Please see on the case page which office has it now; its deadlines run on."),
    "hand_over_refused": gettext_lazy("The city office rules which office has it; its deadlines run on."),
    "hand_over_dropped": gettext_lazy("Nothing more is to be answered."),
    "laid_before": gettext_lazy("Please name the lead unit; its deadlines run on."),
    "closing_reported": gettext_lazy("The unit has filed the closing report you asked for."),
    "supplemented": gettext_lazy("The petitioner has added something. Please read it on the case page."),
    "rework": gettext_lazy("The petitioner says it is not done. A second rework goes to supervision."),
    "bad_rating": gettext_lazy("Please call within one day, put it right within fifteen, and report what was done."),
    "put_right": gettext_lazy("Please ask the petitioner to rate once more."),
    "bad_unmended": gettext_lazy("It was not put right in time, or is still rated badly. Supervision decides now."),
    "recurred": gettext_lazy("The same person raises the same matter again. Please read it yourself."),
    "raised_again": gettext_lazy("The petitioner says it is not settled. Please read your earlier reply again."),
    "raised_twice": gettext_lazy("No matter more than twice: the rework did not settle it. Supervision decides now."),
    "review_named": gettext_lazy("You are named to investigate with others. Please read the request and the file."),
    "review_unclaimed": gettext_lazy("No reviewer above is free of the case. Please name who investigates."),
    "review_refused": gettext_lazy("The opinion stands. Please read the reasons on the case page."),
    "hearing_asked": gettext_lazy("Please decide within five working days whether it is held."),
    "hearing_declined": gettext_lazy("Please read the reasons on the case page."),
    "hearing_set": gettext_lazy("Please note date, place and your part on the page of the hearing."),
    "hearing_over": gettext_lazy("Please read on its page how it ended."),
    "review_asked": gettext_lazy("Please decide within the legal period of 30 days."),
    "review_decided": gettext_lazy("Please read the opinion on the case page."),
    "deadline": gettext_lazy("Due %(due)s. Please act now or explain to your office."),
    "reminded": gettext_lazy("Please say how far the matter is; the deadline of the work order has not changed."),
    "reminder_answered": gettext_lazy("The unit has told how far the matter is."),
    "supervised": gettext_lazy("Please read what is ordered and answer in writing in time."),
    "supervision_answered": gettext_lazy("Please check whether what was ordered has been done."),
    "supervision_sent_back": gettext_lazy("Please read what is missing and answer again within two working days."),
    "supervision_ended": gettext_lazy("The office has accepted the answer."),
    "supervision_lifted": gettext_lazy("Nothing more is to be answered."),
    "suggested": gettext_lazy("Please answer in writing whether it is adopted."),
    "suggestion_answered": gettext_lazy("Please read the answer and record what comes of it."),
    "suggestion_withdrawn": gettext_lazy("Nothing more is to be answered."),
    "pause_asked": gettext_lazy("Please check ground and document and decide; until then the clock runs."),
    "paused": gettext_lazy("Its service promises rest; legal periods run on. Act as soon as the ground has ended."),
    "pause_refused": gettext_lazy("The clock has not stopped. Please read why, and go on."),
    "resumed": gettext_lazy("The clock runs again. Please see the new deadline."),
    "extension_asked": gettext_lazy("Please decide before the deadline; what has passed cannot be extended."),
    "extended": gettext_lazy("Please see the new deadline. The petitioner has been told."),
    "extension_refused": gettext_lazy("The deadline stands. Please read why."),
    "infected": gettext_lazy("Nobody can open it. Please ask the sender for a clean copy."),
    "task_given": gettext_lazy("Please read it, do it by its day, and report what was done."),
    "task_reported": gettext_lazy("Please confirm it or send it back."),
    "task_sent_back": gettext_lazy("Please read what is missing; its day has not changed."),
    "task_dropped": gettext_lazy("Nothing more is to be done."),
    "backlog_nominated": gettext_lazy("Please take it up or say why not."),
    "backlog_found": gettext_lazy("Please take them up or say why not."),
    "backlog_taken_up": gettext_lazy("Please read the file: who is responsible, until when it is to be settled."),
    "backlog_declined": gettext_lazy("Please read the reason on the file."),
    "backlog_lead": gettext_lazy("Please read the file; the five duties are yours from now on."),
    "backlog_handed": gettext_lazy("Please read the hand-over note and confirm that you have taken over."),
    "backlog_waits": gettext_lazy("Please sign, check or certify it in time, or send it back with reasons."),
    "backlog_sent_back": gettext_lazy("Please read what is missing and apply again."),
    "backlog_rebounded": gettext_lazy("Please look whether it is taken up again."),
    "meeting_called": gettext_lazy("Please see time, link and agenda, and prepare your cases."),
    "meeting_off": gettext_lazy("Please see the reason; you need not attend."),
    "visit_called": gettext_lazy("Please see day, place and cases."),
    "visit_off": gettext_lazy("Please see the reason; you need not attend."),
    "reception_set": gettext_lazy("Please note day and place; citizens may book from now on."),
    "recusal_asked": gettext_lazy("Please decide soon: until then the person concerned goes on working on it."),
    "recusal_decided": gettext_lazy("Please read the decision on the case page."),
    "handler_recused": gettext_lazy("Please give the work order to somebody else; all deadlines stay."),
    "document_waiting": gettext_lazy("Please read it and sign it, or send it back with a reason."),
    "document_sent_back": gettext_lazy("Please read the reason, change the draft and submit it again."),
    "document_signed": gettext_lazy("Please number, issue and deliver it."),
    "drill": gettext_lazy("This is a test of the escalation ladder. If you read it, you can be reached."),
}


# What a kind is called where people choose among them, and the icon it has in the inbox.
KINDS: dict[str, tuple[str | Promise, str]] = {
    "deadline": (gettext_lazy("Deadlines and escalation"), "alarm-clock"),
    "dispatched": (gettext_lazy("New work order"), "inbox"),
    "assigned": (gettext_lazy("Work order assigned"), "user-check"),
    "recusal_asked": (gettext_lazy("Recusal asked for"), "user-x"),
    "recusal_decided": (gettext_lazy("Recusal decided"), "user-x"),
    "handler_recused": (gettext_lazy("Handler recused"), "user-x"),
    "fed_back": (gettext_lazy("Feedback to check"), "clipboard-check"),
    "sent_back": (gettext_lazy("Feedback sent back"), "corner-down-left"),
    "recalled": (gettext_lazy("Work order recalled"), "corner-up-left"),
    "cancelled": (gettext_lazy("Work order cancelled"), "circle-x"),
    "rework": (gettext_lazy("Rework"), "rotate-ccw"),
    "hand_over_asked": (gettext_lazy("Hand-over to answer"), "arrow-left-right"),
    "handed_over": (gettext_lazy("Hand-over decided"), "arrow-left-right"),
    "hand_over_refused": (gettext_lazy("Hand-over refused"), "arrow-left-right"),
    "hand_over_dropped": (gettext_lazy("Hand-over taken back"), "arrow-left-right"),
    "laid_before": (gettext_lazy("Before the joint conference"), "landmark"),
    "closing_reported": (gettext_lazy("Closing report filed"), "file-check"),
    "supplemented": (gettext_lazy("More material handed in"), "paperclip"),
    "return_asked": (gettext_lazy("Return to decide"), "undo-2"),
    "return_accepted": (gettext_lazy("Return accepted"), "gavel"),
    "return_rejected": (gettext_lazy("Return rejected"), "gavel"),
    "return_allowed": (gettext_lazy("Late return allowed"), "calendar-plus"),
    "lead_changed": (gettext_lazy("Lead unit changed"), "arrow-left-right"),
    "consult": (gettext_lazy("Opinion asked in a consultation"), "messages-square"),
    "opined": (gettext_lazy("Opinion given in a consultation"), "message-square-text"),
    "ruled": (gettext_lazy("Consultation ruled"), "gavel"),
    "consultation_dropped": (gettext_lazy("Consultation dropped"), "circle-x"),
    "rules_moved": (gettext_lazy("Deadlines moved by a rule or the calendar"), "calendar-cog"),
    "recurred": (gettext_lazy("Raised again"), "repeat"),
    "raised_again": (gettext_lazy("Raised again after your reply"), "repeat"),
    "raised_twice": (gettext_lazy("To supervision after the rework"), "gavel"),
    "review_asked": (gettext_lazy("Review asked for"), "scale"),
    "review_decided": (gettext_lazy("Review decided"), "scale"),
    "reminded": (gettext_lazy("Reminder of a work order"), "bell-ring"),
    "reminder_answered": (gettext_lazy("Reminder answered"), "message-square-reply"),
    "supervised": (gettext_lazy("Supervision"), "gavel"),
    "supervision_answered": (gettext_lazy("Supervision answered"), "clipboard-check"),
    "supervision_sent_back": (gettext_lazy("Answer to a supervision sent back"), "corner-down-left"),
    "supervision_ended": (gettext_lazy("Supervision ended"), "circle-check"),
    "supervision_lifted": (gettext_lazy("Supervision lifted"), "circle-x"),
    "suggested": (gettext_lazy("Formal suggestion to answer"), "lightbulb"),
    "suggestion_answered": (gettext_lazy("Suggestion answered"), "message-square-reply"),
    "suggestion_withdrawn": (gettext_lazy("Suggestion taken back"), "circle-x"),
    "pause_asked": (gettext_lazy("Pause asked for"), "circle-pause"),
    "paused": (gettext_lazy("Work order paused"), "circle-pause"),
    "pause_refused": (gettext_lazy("Pause refused"), "circle-x"),
    "resumed": (gettext_lazy("Work order resumed"), "circle-play"),
    "extension_asked": (gettext_lazy("More time asked for"), "calendar-plus"),
    "extended": (gettext_lazy("Deadline extended"), "calendar-plus"),
    "extension_refused": (gettext_lazy("Extension refused"), "circle-x"),
    "infected": (gettext_lazy("Virus in a file"), "bug"),
    "task_given": (gettext_lazy("Task to do"), "square-check-big"),
    "task_reported": (gettext_lazy("Task to confirm"), "clipboard-check"),
    "task_sent_back": (gettext_lazy("Task sent back"), "corner-down-left"),
    "task_dropped": (gettext_lazy("Task dropped"), "circle-x"),
    "backlog_nominated": (gettext_lazy("Backlog proposal"), "folder-clock"),
    "backlog_found": (gettext_lazy("Found by the entry criteria"), "search-check"),
    "backlog_taken_up": (gettext_lazy("Backlog case taken up"), "folder-check"),
    "backlog_declined": (gettext_lazy("Proposal not taken up"), "circle-x"),
    "backlog_lead": (gettext_lazy("Command of a backlog case"), "flag"),
    "backlog_handed": (gettext_lazy("Backlog case handed over"), "arrow-left-right"),
    "backlog_waits": (gettext_lazy("Backlog case to decide"), "stamp"),
    "backlog_sent_back": (gettext_lazy("Acceptance sent back"), "corner-down-left"),
    "backlog_rebounded": (gettext_lazy("Rebound"), "rotate-ccw"),
    "meeting_called": (gettext_lazy("Weekly dispatch"), "video"),
    "meeting_off": (gettext_lazy("Weekly dispatch called off"), "video-off"),
    "visit_called": (gettext_lazy("Joint supervision"), "users"),
    "visit_off": (gettext_lazy("Joint supervision called off"), "circle-x"),
    "reception_set": (gettext_lazy("Reception day"), "handshake"),
}
# These always stand in the inbox: nobody can say that a deadline or new work never reached them.
ALWAYS_INAPP = ("deadline", "dispatched", "assigned", "supervised", "suggested", "task_given", "backlog_lead")
_ICONS = {"digest": "layers", "drill": "siren"}

# The page of a clock's subject that is no petition: name of the address, called with the subject's id.
SUBJECT_PAGES: dict[str, str] = {
    "supervision": "supervision",
    "suggestion": "suggestion",
    "office": "annual_report",
    "backlog": "backlog_case",
    "milestone": "milestone",
    "task": "task",
}
DIGEST_LINES = 50


def kind_label(kind: str) -> str:
    """What a kind is called; kinds of other files are known by their title."""
    if kind == "digest":
        return gettext("Digest")
    if kind == "drill":
        return gettext("Drill")
    return str(KINDS[kind][0]) if kind in KINDS else kind


def kind_icon(kind: str) -> str:
    """The icon of a kind in the inbox."""
    return _ICONS.get(kind) or (KINDS[kind][1] if kind in KINDS else "bell")


@dataclass(frozen=True)
class Sentence:
    title: str
    body: str


def sentence(notice: "Notice", *, count: int | None = None) -> Sentence:
    """Title and body in the active language. `count`: how many a digest gathers, when the caller has counted."""
    if notice.kind == "digest":
        return _digest_sentence(notice.members.count() if count is None else count)
    words = _words(notice)
    title = _TITLES.get(notice.kind, gettext_lazy("Notice on %(number)s"))
    body = str(_BODIES.get(notice.kind, "")) % words
    stood_in_for = notice.params.get("in_place_of")
    if stood_in_for:
        reason = gettext("It comes to you because nobody can be reached as: %(desk)s.")
        body = f"{body} {reason % {'desk': WORD_LABELS.get(stood_in_for, stood_in_for)}}"
    return Sentence(title=str(title) % words, body=body)


class _Words(dict[str, Any]):
    """A word a sentence asks for and the notice does not carry is left empty: a message never fails to be read."""

    def __missing__(self, key: str) -> str:
        return ""


def _words(notice: "Notice") -> Mapping[str, Any]:
    number = notice.order.number if notice.order_id and notice.order else ""
    if not number and notice.petition:
        number = notice.petition.short_number
    params = notice.params
    words = _Words(params)
    words["number"] = number or params.get("number") or params.get("unit", "")
    if params.get("level") in SupervisionLevel.values:
        words["level"] = str(SupervisionLevel(params["level"]).label)
    if "rung" in params:
        words["rung"] = str(RUNG_LABELS.get(params["rung"], params["rung"]))
    if "name" in params:
        words["rule"] = params.get("name_en") if get_language() == "en" else params["name"]
    if "due_at" in params:
        words["due"] = date_format(localtime(datetime.fromisoformat(params["due_at"])), "Y-m-d H:i")
    return words


def _digest_sentence(count: int) -> Sentence:
    title = ngettext("%(count)s notice in one", "%(count)s notices in one", count) % {"count": count}
    return Sentence(title, gettext("They came at the same time; open the list and begin with what is most overdue."))


def digest_text(notice: "Notice") -> Sentence:
    """A digest as a mail: a line and a link for each message, the most overdue first; no case text in it."""
    members = list(notice.members.select_related("petition", "order__petition").order_by("id"))
    members.sort(key=lambda m: m.params.get("due_at", "9"))
    lines = [f"· {sentence(m).title}  {settings.PUBLIC_URL}{link_of(m)}" for m in members[:DIGEST_LINES]]
    more = len(members) - DIGEST_LINES
    if more > 0:
        lines.append(ngettext("… and %(count)s more", "… and %(count)s more", more) % {"count": more})
    head = _digest_sentence(len(members))
    inbox = f"{settings.PUBLIC_URL}{reverse('notices')}"
    return Sentence(head.title, "\n".join([head.body, "", *lines, "", inbox, ""]))


def link_of(notice: "Notice") -> str:
    """The path of the page a notice is about: the case at the right tab, or the page of its other subject."""
    link = str(notice.params.get("link", ""))
    if link.startswith("/") and not link.startswith("//"):
        return link
    if notice.petition_id:
        tab = "?tab=orders" if notice.order_id else ""
        return reverse("petition", args=[notice.petition_id]) + tab
    page = SUBJECT_PAGES.get(str(notice.params.get("subject", "")))
    if page:
        try:
            return reverse(page, args=[notice.params["subject_id"]])
        except (NoReverseMatch, KeyError):
            return reverse("notices")
    return reverse("notices")
