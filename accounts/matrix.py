"""The permission tables as one readable table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role, Scope, full_matrix

APP_LABELS: dict[str, Promise] = {
    "accounts": _("People and units"),
    "petitions": _("Petitions"),
    "dispatch": _("Work orders and deadlines"),
    "backlog": _("Backlog"),
    "insights": _("Statistics"),
    "gateway": _("Other systems"),
    "portal": _("Citizens' own access"),
}

# Words for the matrix page only. A permission without words shows its key, so a new one is never hidden.
PERMISSION_LABELS: dict[str, Promise] = {
    "accounts.manage": _("Keep users, units and dictionaries"),
    "accounts.people": _("Enter the absences of others"),
    "petitions.register": _("Register a petition"),
    "petitions.view_deliberation": _("Read the deliberation, votes and report of a hearing"),
    "petitions.view": _("Read petitions"),
    "petitions.slip": _("Print the slip with the query code of others' registrations"),
    "petitions.reveal": _("Lift the mask from an identity, with a reason"),
    "petitions.note": _("Add notes and files"),
    "petitions.records": _("Read the work record book"),
    "petitions.write_record": _("Write in the work record book"),
    "petitions.tick": _("Tick steps of the checklist"),
    "petitions.checklists": _("Keep the checklists of steps"),
    "petitions.access_log": _("Read who looked at what"),
    "petitions.amend": _("Correct a registration"),
    "petitions.name_persons": _("Name the persons for a restricted matter"),
    "petitions.ask_recusal": _("Ask that somebody keep out of a matter"),
    "petitions.decide_recusal": _("Decide on a recusal"),
    "petitions.view_recusals": _("Read who is recused and why"),
    "petitions.answer": _("Answer at once"),
    "petitions.lead_out": _("Lead to another legal route"),
    "petitions.reply": _("Reply to the petitioner"),
    "petitions.rate": _("Record a rating"),
    "petitions.put_right": _("Report what was put right after a bad rating"),
    "petitions.rework": _("Send back for rework"),
    "petitions.close": _("Close a petition"),
    "petitions.withdraw": _("Record a withdrawal"),
    "petitions.merge": _("Merge petitions"),
    "petitions.reopen": _("Reopen a petition"),
    "petitions.report_up": _("Report a grave and urgent matter upwards"),
    "petitions.archive": _("Put ended cases into the archive"),
    "petitions.hold": _("Place and lift legal holds"),
    "petitions.retention": _("Read the archive, its periods and its proofs"),
    "petitions.anonymise": _("Remove personal words before the daily run does"),
    "petitions.archive_rules": _("Set the archive periods"),
    "portal.send_link": _("Send or show the petitioner a link"),
    "portal.new_code": _("Give the petitioner a new query code"),
    "dispatch.dispatch": _("Dispatch work orders"),
    "dispatch.recall": _("Recall a work order"),
    "dispatch.view": _("Read work orders"),
    "dispatch.sign": _("Sign for a work order"),
    "dispatch.ask_return": _("Ask to return a work order"),
    "dispatch.decide_return": _("Decide a return"),
    "dispatch.delegate": _("Give sub-orders to units below"),
    "dispatch.check_below": _("Check sub-orders"),
    "dispatch.consult": _("Call a consultation"),
    "dispatch.opine": _("Give the unit's opinion in a consultation"),
    "dispatch.rule": _("Rule on a consultation"),
    "dispatch.assign": _("Assign a handler"),
    "dispatch.contact": _("Record contact with the petitioner"),
    "dispatch.feed_back": _("Feed back the result"),
    "dispatch.check": _("Check the feedback"),
    "dispatch.call_back": _("Call the petitioner back"),
    "dispatch.explain": _("Record how an unsolved matter was explained"),
    "dispatch.verify": _("Verify the outcome with the petitioner"),
    "dispatch.cancel": _("Cancel a work order"),
    "dispatch.remind": _("Remind a unit of a work order"),
    "dispatch.answer_reminder": _("Answer a reminder"),
    "dispatch.view_findings": _("Read what was found for supervision"),
    "dispatch.view_supervision": _("Read supervision orders"),
    "dispatch.supervise": _("Confirm findings, issue supervision orders"),
    "dispatch.supervise_decide": _("Accept or send back the answer to a supervision order"),
    "dispatch.supervise_high": _("List, summon for a talk, circulate criticism"),
    "dispatch.answer_supervision": _("Answer a supervision order"),
    "dispatch.view_suggestions": _("Read formal suggestions"),
    "dispatch.suggest": _("Make formal suggestions"),
    "dispatch.answer_suggestion": _("Answer a formal suggestion"),
    "dispatch.drill": _("Look through the escalation ladder"),
    "dispatch.drill_send": _("Send a test along the escalation ladder"),
    "dispatch.channels": _("Keep a unit's notification channels"),
    "dispatch.deliveries": _("Read the delivery log"),
    "dispatch.quiet_hours": _("Set the office's quiet hours"),
    "dispatch.limits": _("Set the limits of “no matter more than twice” and the rules of talks and callbacks"),
    "dispatch.ask_pause": _("Ask to pause a work order"),
    "dispatch.decide_pause": _("Pause and resume a work order"),
    "dispatch.ask_extension": _("Ask for more time"),
    "dispatch.extend": _("Extend a service promise"),
    "dispatch.extend_legal": _("Extend a legal period"),
    "dispatch.rules": _("Read deadline rules and calendar"),
    "dispatch.prepare_rules": _("Prepare a change of a deadline rule"),
    "dispatch.approve_rules": _("Confirm a change of a deadline rule"),
    "dispatch.reports": _("Read annual reports"),
    "dispatch.file_report": _("File the annual report"),
    "dispatch.calendar": _("Edit the working calendar"),
    "dispatch.catalogue": _("Keep the catalogue of duties and deadlines"),
    "insights.view": _("Look at statistics"),
    "insights.export": _("Export statistics, logged"),
}


@dataclass(frozen=True)
class Row:
    """One permission; `scopes` has one cell per role, None where the role does not hold it."""

    key: str
    label: str | Promise
    scopes: list[tuple[Role, Scope | None]]


@dataclass(frozen=True)
class Group:
    """The permissions of one room."""

    label: str | Promise
    rows: list[Row]


def _rows(table: Iterable[tuple[str, dict[Role, Scope]]]) -> Iterator[Row]:
    for key, holders in table:
        yield Row(key, PERMISSION_LABELS.get(key, key), [(role, holders.get(role)) for role in Role])


def matrix_groups() -> list[Group]:
    """Every registered permission, grouped by room in the order the rooms registered."""
    grouped = groupby(full_matrix().items(), key=lambda item: item[0].split(".", 1)[0])
    return [Group(APP_LABELS.get(app, app), list(_rows(table))) for app, table in grouped]
