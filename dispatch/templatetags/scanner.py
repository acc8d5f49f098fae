"""The line about the virus scanner on the administrators' first page: numbers only, no names."""

from typing import Any

from django import template
from django.utils import timezone

from petitions.scanning import report

register = template.Library()


@register.simple_tag
def scanner_report() -> dict[str, Any]:
    """How the scanner does now (`petitions.scanning.report`)."""
    return report(at=timezone.now())
