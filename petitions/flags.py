"""The seals of a petition in lists and on its page."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from petitions.models import Petition, Purpose, Urgency


def flags_of(petition: Petition) -> list[tuple[str, Any, str]]:
    """Seals for lists: (key, title, tone)."""
    found: list[tuple[str, Any, str]] = []
    if petition.is_restricted:
        found.append(("restricted", _("Accusation (class A)"), "red"))
    if petition.supervision_level:
        found.append(("supervised", _("Under supervision"), "red"))
    if petition.repeat_of_id:
        label = _("Repeat petition, time %(n)d") % {"n": petition.recurrence}
        found.append(("repeat", label, "red" if petition.is_priority else "violet"))
    if petition.is_group:
        found.append(("group", _("Group petition"), "amber"))
    if petition.urgency in {Urgency.EXTRA, Urgency.URGENT}:
        found.append(("urgent", petition.get_urgency_display(), "red"))
    if petition.is_anonymous:
        found.append(("anonymous", _("Anonymous"), "grey"))
    if petition.purpose == Purpose.SUGGEST:
        found.append(("suggestion", _("Suggestion"), "grey"))
    return found
