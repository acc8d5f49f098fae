"""What every letter to a petitioner is checked for before it goes out (ui.md, pattern 15)."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# What a template leaves behind when nobody fills it in: 【姓名】, ____, ××, {{ name }}.
UNFILLED = re.compile(r"【[^】]*】|_{3,}|×{2,}|X{3,}|\{\{.*?\}\}")


def refuse_unfilled(text: str) -> str:
    """The text when nothing in it waits to be filled in; raises ValidationError naming the place otherwise."""
    left = UNFILLED.search(text)
    if left:
        raise ValidationError(_("“%(place)s” is not filled in yet.") % {"place": left.group()}, code="unfilled")
    return text
