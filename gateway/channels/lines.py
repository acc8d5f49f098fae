"""The line a citizen dialled hints at the unit that has answered it since the merger."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts.models import Unit
from gateway.models import InboundItem
from petitions.models import Petition


def unit_of_line(petition: Petition) -> Iterator[tuple[Unit, str]]:
    """The unit behind the dialled line, for what came from another system under its number."""
    if not petition.source_ref:
        return
    rows = InboundItem.objects.filter(petition=petition, line__unit__isnull=False, line__is_active=True)
    for item in rows.select_related("line__unit")[:1]:
        if item.line is not None and item.line.unit is not None:
            yield item.line.unit, _("Line that was dialled: %(line)s") % {"line": item.line}
