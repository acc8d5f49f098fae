"""`{% opens figure url %}`: a figure that opens its rows, plain text where nothing opens."""

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def opens(text: object, url: str = "") -> SafeString:
    """A link to the rows, or the text alone."""
    return format_html('<a href="{}">{}</a>', url, text) if url else conditional_escape(str(text))
