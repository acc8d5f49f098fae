"""Editions of the templates: each change is a new one, the old stay readable and can be put in force again."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions.actions.documents.drafting import check_wording
from petitions.actions.documents.moves import kind_of
from petitions.documents.wording import wording_of
from petitions.models import DocumentTemplate
from petitions.states import Refused


@transaction.atomic
def save_template(
    kind: str, *, title: str, body: str, note: str = "", base: int | None = None, actor: User | Actor, at: datetime
) -> DocumentTemplate:
    """Put a new edition of a kind's wording in force. Drafts begun before keep theirs.

    `base`: the edition the person edited (0: the one shipped); refused when somebody else has saved another since.
    Raises Refused for an unknown placeholder, at the field "body".
    """
    who, row = Actor.of(actor), kind_of(kind)
    if not who.is_system and not who.may("petitions.document_templates"):
        raise Refused(_("Your role may not change templates."), code="forbidden")
    title, body = title.strip(), body.replace("\r\n", "\n").strip()
    check_wording(row, title, body)
    last = DocumentTemplate.objects.filter(kind=kind).aggregate(last=Max("no"))["last"] or 0
    if base is not None and base != last:
        raise _outrun(last)
    if (title, body) == wording_of(row):
        raise Refused(_("Nothing was changed."), field="body", code="same")
    try:
        with transaction.atomic():
            return DocumentTemplate.objects.create(
                kind=kind, no=last + 1, title=title, body=body, note=note.strip()[:200], made_by=who.user, made_at=at
            )
    except IntegrityError:
        raise _outrun(last + 1) from None


def _outrun(no: int) -> Refused:
    words = _("Somebody else has saved edition %(no)s meanwhile. Compare and save again.")
    return Refused(words % {"no": no}, code="stale")


def restore_template(kind: str, no: int, *, actor: User | Actor, at: datetime) -> DocumentTemplate:
    """Put an earlier edition in force again, as a new one; 0 is the wording shipped."""
    row = kind_of(kind)
    old = DocumentTemplate.objects.filter(kind=kind, no=no).first()
    if no and old is None:
        raise Refused(_("There is no such edition."), code="unknown")
    title, body = (old.title, old.body) if old else (row.title, row.body)
    return save_template(kind, title=title, body=body, note=_("Edition %(no)s again") % {"no": no}, actor=actor, at=at)
