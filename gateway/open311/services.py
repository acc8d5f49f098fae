"""What can be reported: the content classes of level 2, each with the same further questions."""

from typing import Any

from django.utils.translation import gettext as _

from gateway import reference
from gateway.open311.formats import Fault
from petitions.models import ContentClass


def in_use() -> list[ContentClass]:
    """The services, by code."""
    rows = (row for row in reference.classes().by_id.values() if row.level == 2 and row.is_active)
    return sorted(rows, key=lambda row: row.code)


def require(code: str) -> ContentClass:
    """The service of a code. Raises Fault: 400 for none given, 404 for an unknown one."""
    if not code:
        raise Fault(400, _("Give a service_code from GET services."))
    found = reference.classes().by_code.get(code)
    if found is None or found.level != 2 or not found.is_active:
        raise Fault(404, _("Unknown service_code; the codes are those of GET services."))
    return found


def service(row: ContentClass) -> dict[str, Any]:
    """One row of the list of services."""
    group = reference.classes().by_id.get(row.parent_id or 0)
    return {
        "service_code": row.code,
        "service_name": row.name,
        "description": row.name_en,
        "metadata": True,
        "type": "realtime",
        "keywords": row.hotline_label,
        "group": group.name if group else "",
    }


# The further questions, by the names PetitionInput has for them.
QUESTIONS = ("source_ref", "demand", "occurred_on", "headcount", "is_open_to_public", "is_confidential")


def definition(row: ContentClass) -> dict[str, Any]:
    """The further questions of a service; all are optional."""
    asked = (
        ("source_ref", "string", _("Your own number: the same number is one request for ever."), ()),
        ("demand", "text", _("What the person asks for."), ()),
        ("occurred_on", "datetime", _("Day it happened."), ()),
        ("headcount", "number", _("How many persons report it."), ()),
        ("is_open_to_public", "singlevaluelist", _("May the matter be shown to everybody?"), ("true", "false")),
        ("is_confidential", "singlevaluelist", _("Does the person ask for confidence?"), ("true", "false")),
    )
    words = {"true": _("Yes"), "false": _("No")}
    return {
        "service_code": row.code,
        "attributes": [
            {
                "variable": True,
                "code": code,
                "datatype": kind,
                "required": False,
                "datatype_description": "",
                "order": order,
                "description": text,
                **({"values": [{"key": key, "name": words[key]} for key in choices]} if choices else {}),
            }
            for order, (code, kind, text, choices) in enumerate(asked, 1)
        ],
    }
