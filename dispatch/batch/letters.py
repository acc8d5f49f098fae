"""One text for many: places to fill in for each row, and a stop while any is left open (ui.md, pattern 15)."""

import re
from collections.abc import Callable, Mapping

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.forms.letters import refuse_unfilled
from dispatch.models import Feedback
from petitions.models import Petition, Petitioner
from petitions.states import Refused

PLACE = re.compile(r"[{｛]([^{}｛｝]{0,40})[}｝]")
# Surnames of two characters: addressed without a name rather than by half of it.
_DOUBLE = (
    "欧阳",
    "司马",
    "诸葛",
    "上官",
    "夏侯",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "司徒",
    "令狐",
    "东方",
    "南宫",
    "闻人",
)


def form_of_address(petition: Petition) -> str:
    """How a letter addresses the person: by surname, which the mask shows anyway, and never by the whole name.

    The text of a reply is read by people who see identities masked.
    """
    person = petition.petitioners.filter(is_main=True).first()
    if person is None or petition.is_anonymous or not person.name:
        return "信访人"
    if person.party_type != Petitioner.PartyType.PERSON:
        return "贵单位"
    if not "一" <= person.name[0] <= "鿿" or len(person.name) > 3 or person.name.startswith(_DOUBLE):
        return "信访人"
    return person.name[0] + {"male": "先生", "female": "女士", "1": "先生", "2": "女士"}.get(person.sex, "同志")


def findings_of(petition: Petition) -> str:
    """What the units found and did, from the newest feedback of each that passed the check."""
    rows = Feedback.objects.filter(order__petition=petition, checked_by__isnull=False, order__is_open=True)
    newest = {row.order_id: row.findings for row in rows.order_by("order__seq", "at")}
    return "\n\n".join(newest.values())


PLACES: dict[str, tuple[str, Promise, Callable[[Petition], str]]] = {
    "name": ("称呼", gettext_lazy("form of address"), form_of_address),
    "number": ("编号", gettext_lazy("number"), lambda p: p.number),
    "unit": ("单位", gettext_lazy("lead unit"), lambda p: p.lead_unit.name if p.lead_unit else ""),
    "summary": ("事项", gettext_lazy("matter"), lambda p: p.summary),
    "findings": ("办理情况", gettext_lazy("what the units found and did"), findings_of),
}
# Why a known place stays empty, where there is more to say than that.
EMPTY: dict[str, Promise] = {
    "unit": gettext_lazy("No unit has it yet, so “%(place)s” stays empty."),
    "findings": gettext_lazy("No feedback has passed the check yet, so “%(place)s” stays empty."),
}
_BY_WORD: Mapping[str, str] = {row[0]: key for key, row in PLACES.items()} | {key: key for key in PLACES}


def fill(text: str, petition: Petition) -> str:
    """The text with its places filled in for this petition. Raises Refused naming a place nobody can fill."""

    def value(found: re.Match[str]) -> str:
        key = _BY_WORD.get(found.group(1).strip())
        words = PLACES[key][2](petition) if key else ""
        if not words:
            sentence = (EMPTY.get(key or "") or _("“%(place)s” is not filled in yet.")) % {"place": found.group()}
            raise Refused(sentence, field="text", code="unfilled")
        return words

    try:
        # Before the places are filled: a matter may well be called 【…】 by the person who raised it.
        return PLACE.sub(value, refuse_unfilled(text))
    except ValidationError as error:
        raise Refused(error.messages[0], field="text", code="unfilled") from error


def legend() -> list[tuple[str, str]]:
    """The places a text may have, with what stands there: for the hint below the field."""
    return [(f"{{{word}}}", str(label)) for word, label, _value in PLACES.values()]
