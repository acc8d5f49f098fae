"""`{% load qr %}{% qr url %}`: a QR code as inline SVG, black on white, sized by CSS."""

import segno
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def qr(text: str, label: str = "") -> SafeString:
    """Error correction M: a slip is folded. `label` is what a screen reader says instead."""
    # segno writes numbers and one path; nothing of the text stands in the markup.
    svg = segno.make(str(text), error="m").svg_inline(omitsize=True, border=4)
    return format_html('<span class="qr" role="img" aria-label="{}">{}</span>', label, mark_safe(svg))  # noqa: S308
