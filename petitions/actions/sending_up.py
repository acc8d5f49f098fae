"""An accusation that belongs to a higher organ is sent up and leaves nothing of its content here (art. 30).

Rules on Accusations (纪检监察机关处理检举控告工作规则): sent up within five working days, not copied, not entered.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions.actions.moves import lock, move
from petitions.models import Petition
from petitions.retention import copies, find_words
from petitions.states import Refused


@transaction.atomic
def send_up(petition_id: int, *, organ: str, actor: User | Actor, at: datetime, version: int | None = None) -> Petition:
    """Send the papers up and empty every copy of words kept of the matter; number, date and organ stay.

    Raises Refused for anything but an accusation, without the organ's name, and when a copy could not be emptied:
    then nothing has happened.
    """
    name = organ.strip()
    if len(name) < 2:
        raise Refused(_("Please write which organ it was sent up to."), field="organ")
    petition = lock(petition_id)
    if not petition.is_restricted:
        raise Refused(_("Only an accusation is sent up without a trace of its content."), code="no_accusation")
    changes = {"close_type": "sent_up", "closed_at": at}
    data = {"organ": name[:60]}
    move(petition_id, "send_up", actor=actor, at=at, data=data, changes=changes, version=version)
    for copy in copies():
        copy.anonymise([petition_id], at)
    left = find_words([petition_id], is_committed=False)
    if left:
        raise Refused(
            _("Words of it would stay in: %(copies)s. Nothing was changed; please tell the administrator.")
            % {"copies": _(", ").join(sorted(left))},
            code="words_left",
        )
    return Petition.objects.get(pk=petition_id)
