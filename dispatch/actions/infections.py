"""A virus was found in a file of a case: its uploader and the office hear it, without a word of the file."""

from datetime import datetime

from accounts.models import User
from accounts.roles import Role
from dispatch.actions.notices import notify
from petitions.models import Attachment, Petition


def tell(attachment: Attachment, petition: Petition, *, at: datetime) -> None:
    """Notices to who uploaded it and to the office that registered the case, in the caller's transaction."""
    office = User.objects.filter(
        is_active=True,
        unit=petition.register_unit_id,
        role__in=[Role.CITY_OFFICER, Role.DISTRICT_OFFICER, Role.DISPATCHER],
    )
    people = [*office, *([attachment.uploaded_by] if attachment.uploaded_by else [])]
    notify(people, kind="infected", petition=petition, key=f"infected:{attachment.pk}", at=at)
