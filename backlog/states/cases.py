"""The life of a backlog case (domain-facts §3.5, §3.8, §3.9)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from petitions.states import Move


class CaseState(models.TextChoices):
    NOMINATED = "nominated", _("Nominated")
    DECLINED = "declined", pgettext_lazy("backlog", "Not taken up")
    LISTED = "listed", _("Unresolved")
    WORKING = "working", _("In resolution")
    APPLIED = "applied", _("Settled, waiting for the lead official")
    SIGNED = "signed", _("Signed, waiting for the district check")
    CHECKED = "checked", _("Checked, waiting for the city sample")
    CERTIFIED = "certified", _("Settled, certified")
    STRUCK_OFF = "struck_off", _("Struck off")
    REBOUNDED = "rebounded", _("Rebounded")
    ENDED = "ended", _("Legally ended")


# Still to be settled: the stock (存量).
OPEN_CASE_STATES = frozenset(
    {
        CaseState.LISTED,
        CaseState.WORKING,
        CaseState.APPLIED,
        CaseState.SIGNED,
        CaseState.CHECKED,
        CaseState.REBOUNDED,
    }
)
# Settled (化解): certified by the city office, or ended by law.
SETTLED_STATES = frozenset({CaseState.CERTIFIED, CaseState.STRUCK_OFF, CaseState.ENDED})
# Ever taken up: the denominator of every rate.
LISTED_STATES = OPEN_CASE_STATES | SETTLED_STATES

CASE_TONES = {
    CaseState.NOMINATED: "blue",
    CaseState.DECLINED: "grey",
    CaseState.LISTED: "red",
    CaseState.WORKING: "brand",
    CaseState.APPLIED: "amber",
    CaseState.SIGNED: "amber",
    CaseState.CHECKED: "teal",
    CaseState.CERTIFIED: "green",
    CaseState.STRUCK_OFF: "green",
    CaseState.REBOUNDED: "red",
    CaseState.ENDED: "violet",
}


class Source(models.TextChoices):
    """How a case came to be nominated."""

    RULE = "rule", _("found by a rule")
    HAND = "hand", _("nominated by hand")
    SUPERIOR = "superior", _("assigned by a superior")


class Reasonableness(models.TextChoices):
    REASONABLE = "reasonable", _("Reasonable")
    PARTLY = "partly", _("Partly reasonable")
    UNREASONABLE = "unreasonable", _("Unreasonable")


class Stage(models.IntegerChoices):
    """The five renewals (五个重新), in their order (§3.5)."""

    RESPONSIBILITY = 1, _("Responsibility fixed again")
    RECEPTION = 2, _("Petitioner received again")
    FACTS = 3, _("Facts sorted again")
    PLAN = 4, _("New plan made")
    SETTLEMENT = 5, _("Settled again")


class Duty(models.TextChoices):
    """The five duties of a lead official (五包, §3.3). None is a measure against a person (§0.2)."""

    KNOW = "know", _("Know the case")
    PERSUADE = "persuade", _("Explain and persuade")
    SOLVE = "solve", _("Solve it")
    HELP = "help", _("Help in hardship")
    END = "end", _("End the dispute")


class SettlementWay(models.TextChoices):
    """How it was settled (化解方式, §3.8)."""

    POLICY = "policy", _("Policy carried out")
    COMPENSATION = "compensation", _("Compensation")
    MEDIATION = "mediation", _("Mediation or agreement")
    JUDICIAL = "judicial", _("Judicial route")
    HEARING = "hearing", _("Hearing")
    REVIEW = "review", _("Ended by review and re-review")
    AID = "aid", _("Social or judicial aid")
    EXPLANATION = "explanation", _("Explained and understood")
    WITHDRAWN = "withdrawn", _("Withdrawn by the petitioner")


_OPEN = frozenset(OPEN_CASE_STATES)
# The file is written on until the city certifies, and while it is watched.
_KEPT = frozenset({CaseState.NOMINATED, *OPEN_CASE_STATES, CaseState.CERTIFIED, CaseState.STRUCK_OFF})
_TO_ACCEPT = frozenset({CaseState.APPLIED, CaseState.SIGNED, CaseState.CHECKED})
_AT_WORK = frozenset({CaseState.LISTED, CaseState.WORKING})
# Settled, and watched for a rebound.
_WATCHED = frozenset({CaseState.CERTIFIED, CaseState.STRUCK_OFF})

_ROWS = (
    Move(
        "accept",
        _("Take up as a backlog case"),
        _("took the case up"),
        frozenset({CaseState.NOMINATED}),
        CaseState.LISTED,
        "backlog.accept",
    ),
    Move(
        "decline",
        _("Do not take up"),
        _("did not take the case up"),
        frozenset({CaseState.NOMINATED}),
        CaseState.DECLINED,
        "backlog.accept",
    ),
    Move("assess", _("Write the file"), _("wrote on the file"), _KEPT, None, "backlog.write"),
    Move("link", _("Link a petition"), _("linked a petition"), _KEPT, None, "backlog.write"),
    Move("unlink", _("Take a petition off the file"), _("took a petition off the file"), _KEPT, None, "backlog.write"),
    Move("place", _("Set district, force and units"), _("set who works on it"), _KEPT, None, "backlog.accept"),
    Move("progress", _("Report progress"), _("reported progress"), _AT_WORK, None, "backlog.write"),
    Move("milestone", _("Plan milestones"), _("changed the milestones"), _OPEN, None, "backlog.plan"),
    Move("agree", _("Record the agreement"), _("recorded the agreement"), _OPEN, None, "backlog.write"),
    Move("lead", _("Name the lead official"), _("named the lead official"), _OPEN, None, "backlog.command"),
    Move("assist", _("Name assisting officials"), _("named assisting officials"), _OPEN, None, "backlog.command"),
    Move(
        "hand_over",
        _("Hand over to another official"),
        _("handed the case over"),
        _KEPT,
        None,
        "backlog.command",
    ),
    Move(
        "take_over",
        _("Confirm the hand-over"),
        _("confirmed the hand-over"),
        _KEPT,
        None,
        "backlog.lead",
    ),
    Move("duty", _("Record a duty done"), _("recorded a duty"), _OPEN, None, "backlog.lead"),
    Move("instruct", _("Give an instruction"), _("gave an instruction"), _OPEN, None, "backlog.lead"),
    # Written by the meeting when it is closed.
    Move(
        "discuss",
        _("Discuss in a weekly dispatch"),
        _("discussed the case in a weekly dispatch"),
        frozenset(LISTED_STATES),
        None,
        "backlog.run_meeting",
    ),
    Move("task", _("Give a task"), _("gave a task"), _OPEN, None, "backlog.assign_task"),
    # Written with the reception itself (backlog.actions.receiving).
    Move("receive", _("Record a reception"), _("received the petitioner"), _KEPT, None, "backlog.run_reception"),
    Move(
        "renew",
        _("Record a renewal"),
        _("finished a renewal"),
        _AT_WORK,
        CaseState.WORKING,
        "backlog.write",
    ),
    Move("hear", _("Ask for a hearing"), _("asked for a hearing"), _AT_WORK, None, "backlog.write"),
    Move(
        "apply",
        _("Apply for acceptance"),
        _("applied for acceptance"),
        frozenset({CaseState.WORKING}),
        CaseState.APPLIED,
        "backlog.apply",
    ),
    Move(
        "sign",
        _("Sign the application"),
        _("signed the application"),
        frozenset({CaseState.APPLIED}),
        CaseState.SIGNED,
        "backlog.sign",
    ),
    Move(
        "check",
        _("Record the district check"),
        _("checked file and callback"),
        frozenset({CaseState.SIGNED}),
        CaseState.CHECKED,
        "backlog.check",
    ),
    Move(
        "certify",
        _("Certify"),
        _("certified the settlement"),
        frozenset({CaseState.CHECKED}),
        CaseState.CERTIFIED,
        "backlog.certify",
    ),
    Move(
        "send_back",
        _("Send back"),
        _("sent the application back"),
        _TO_ACCEPT,
        CaseState.WORKING,
        "backlog.check",
    ),
    # The lead official's and the city's own sending back, where the office that checks has no say.
    Move(
        "sign_back",
        _("Do not sign"),
        _("did not sign and sent it back"),
        frozenset({CaseState.APPLIED}),
        CaseState.WORKING,
        "backlog.sign",
    ),
    Move(
        "certify_back",
        _("Do not certify"),
        _("did not certify and sent it back"),
        frozenset({CaseState.CHECKED}),
        CaseState.WORKING,
        "backlog.certify",
    ),
    Move(
        "strike_off",
        _("Strike off"),
        _("struck the case off"),
        frozenset({CaseState.CERTIFIED}),
        CaseState.STRUCK_OFF,
        "backlog.certify",
    ),
    Move(
        "observe",
        _("End the observation"),
        _("ended the observation"),
        frozenset({CaseState.STRUCK_OFF}),
        None,
        "backlog.check",
    ),
    # Found by Yongqing: a linked petition was raised again. People decide whether it is a rebound (docs/adr/0034).
    Move("raised_again", _("Raised again"), _("found it raised again"), _WATCHED, None, "backlog.check"),
    Move("no_rebound", _("Not a rebound"), _("found it no rebound"), _WATCHED, None, "backlog.check"),
    Move(
        "rebound",
        _("Record a rebound"),
        _("found that it rebounded"),
        _WATCHED,
        CaseState.REBOUNDED,
        "backlog.check",
    ),
    Move(
        "relist",
        _("Take up again"),
        _("took the case up again"),
        frozenset({CaseState.REBOUNDED}),
        CaseState.LISTED,
        "backlog.accept",
    ),
    Move(
        "end_legally",
        _("Record the legal end"),
        _("recorded that it ended by law"),
        _AT_WORK | {CaseState.REBOUNDED},
        CaseState.ENDED,
        "backlog.certify",
    ),
)
CASE_MOVES = {row.name: row for row in _ROWS}
