"""What the forms of intake choose from, and what they propose."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Area, User
from accounts.roles import Scope
from petitions.models import ContentClass, Urgency

PROPOSED_LENGTH = 60
# What the clerk may see of an urgency before choosing it (domain-facts §2.4).
URGENCY_MEANING = {
    Urgency.EXTRA: gettext_lazy("done within 4 hours; for danger to life or property"),
    Urgency.URGENT: gettext_lazy("done within 24 hours; water, power, gas, safety"),
    Urgency.NORMAL: gettext_lazy("fed back within 7 days"),
    Urgency.DIFFICULT: gettext_lazy("case by case; several units or old history"),
}

Choices = list[tuple[str, Any]]


def class_choices(words: str = "", *, always: str = "") -> Choices:
    """The active classes grouped by their head; with `words` only those whose name or code holds them.

    `always` stays in the list whatever is searched for: what has been chosen must not vanish.
    """
    rows = ContentClass.objects.filter(is_active=True).select_related("parent").order_by("code")
    found = list(rows)
    if words:
        small = words.casefold()
        found = [c for c in found if _names(c, small) or (c.parent and _names(c.parent, small)) or str(c.pk) == always]
    groups: Choices = []
    for head, members in groupby(found, key=lambda c: c.parent or c):
        listed = [(str(c.pk), f"{c.code} {c.label}") for c in members]
        groups.append((head.label, listed))
    return [("", _("– choose –")), *groups]


def _names(content_class: ContentClass, words: str) -> bool:
    names = (content_class.name, content_class.name_en.casefold(), content_class.code, content_class.hotline_label)
    return any(words in name for name in names)


def district_choices(user: User) -> list[Area]:
    """The districts this person may register for: all, or the own one."""
    rows = Area.objects.filter(kind=Area.Kind.DISTRICT).order_by("code")
    if user.scope_for("petitions.register") == Scope.AREA and user.unit is not None:
        rows = rows.filter(pk=user.unit.area.district_id or user.unit.area_id)
    return list(rows)


def town_choices(districts: Iterable[Area], chosen: str = "") -> Choices:
    """The towns and functional areas of a district, or of all under their district's name."""
    wanted = [area for area in districts if not chosen or str(area.pk) == chosen]
    kinds = [Area.Kind.TOWN, Area.Kind.FUNCTIONAL]
    towns = list(Area.objects.filter(district__in=wanted, kind__in=kinds).order_by("district__code", "kind", "code"))
    labels = {area.pk: area.label for area in wanted}
    groups: Choices = [
        (labels[district or 0], [(str(t.pk), t.label) for t in members])
        for district, members in groupby(towns, key=lambda t: t.district_id)
    ]
    return [("", _("– not known –")), *(groups[0][1] if chosen and groups else groups)]


def propose_summary(content: str) -> str:
    """The first sentence of the content, cut to a line of the list."""
    text = " ".join(content.split())
    for mark in "。！？!?；;\n":
        text = text.split(mark, 1)[0]
    return text if len(text) <= PROPOSED_LENGTH else text[: PROPOSED_LENGTH - 1] + "…"
