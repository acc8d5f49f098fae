"""The fields of a mapping, and what is wrong with one, in the words of who edits it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gateway.channels.mapping import Fault

LABELS = {
    "source_ref": gettext_lazy("Number at the source"),
    "summary": gettext_lazy("Summary"),
    "content": gettext_lazy("Content"),
    "demand": gettext_lazy("Demand"),
    "address": gettext_lazy("Address of the problem"),
    "petitioner": gettext_lazy("Petitioner"),
    "petitioner.name": gettext_lazy("Name of the petitioner"),
    "petitioner.phone": gettext_lazy("Telephone of the petitioner"),
    "petitioner.id_no": gettext_lazy("Identity number of the petitioner"),
    "petitioner.address": gettext_lazy("Address of the petitioner"),
    "petitioner.contact_preference": gettext_lazy("How to reach the petitioner"),
    "petitioner.party_type": gettext_lazy("Kind of petitioner"),
    "petitioner.id_type": gettext_lazy("Kind of identity paper"),
    "purpose": gettext_lazy("Purpose"),
    "category": gettext_lazy("Content class"),
    "area": gettext_lazy("Place of the problem"),
    "urgency": gettext_lazy("Urgency"),
    "line": gettext_lazy("Line that was dialled"),
    "petition_date": gettext_lazy("Date of the petition"),
    "occurred_on": gettext_lazy("Happened on"),
    "headcount": gettext_lazy("Persons"),
    "affected_count": gettext_lazy("Persons affected"),
    "is_anonymous": gettext_lazy("Anonymous"),
    "is_open_to_public": gettext_lazy("May be published"),
    "is_confidential": gettext_lazy("Confidential"),
    "status": gettext_lazy("Status at the source"),
}

FAULTS = {
    "bad_expression": gettext_lazy("“%(word)s”, from which “%(field)s” is read, is no expression. Correct it."),
    "twice": gettext_lazy("“%(field)s” is filled by two rows. Leave one of them."),
    "no_such_field": gettext_lazy("There is no field “%(word)s”. Choose one of the list."),
    "missing": gettext_lazy("No row fills “%(field)s”. Without it no message can be registered."),
    "no_source": gettext_lazy("The row of “%(field)s” is empty. Say where it comes from, or give a preset."),
    "no_such_code": gettext_lazy("“%(word)s” is no code of “%(field)s”. Give one of ours, or leave the word out."),
    "no_such_state": gettext_lazy("“%(word)s” is no status of ours."),
    "no_such_move": gettext_lazy("“%(word)s” is nothing a status of the source can mean."),
}


def label_of(name: str) -> Any:
    """The name of one of our fields as officers read it."""
    return LABELS.get(name, name)


def sentence(fault: Fault) -> str:
    """What is wrong with a mapping and what to do, naming the field by its label."""
    words = {"word": fault.word, "field": label_of(fault.field)}
    return _("The mapping cannot be used. %(fault)s") % {"fault": FAULTS[fault.code] % words}
