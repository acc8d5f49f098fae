"""Sign-off and issue: drafter, check, signature, number (domain-facts §1.8)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions.actions.documents.drafting import add_version, check_addressee
from petitions.actions.documents.moves import check_version, kind_of, lock_document, move, require_on
from petitions.actions.documents.numbering import next_number
from petitions.documents.checks import problems_of
from petitions.documents.kinds import ChainStep, DocumentKind
from petitions.documents.places import chinese_date
from petitions.models import Document, Petition, SignOff
from petitions.signals import document_issued
from petitions.states import Refused, check_move
from petitions.states.documents import DOCUMENT_MOVES


def _complete(document: Document) -> None:
    """Refuse while anything is missing; the sentence lists all of it, the field is that of the first."""
    found = problems_of(document, document.current)
    if found:
        sentence = _("Not complete yet: %(list)s")
        words = " ".join(problem.sentence for problem in found)
        raise Refused(sentence % {"list": words}, field=found[0].field, code="incomplete")


@transaction.atomic
def submit(
    document_id: int, *, to: User | None = None, actor: User | Actor, at: datetime, version: int | None = None
) -> Document:
    """Hand the draft to the first of its chain. `to`: whose turn it is, None for anybody of the unit who may.

    Raises Refused with everything that is missing.
    """
    who = Actor.of(actor)
    document = lock_document(document_id)
    check_version(document, version)
    check_move(DOCUMENT_MOVES, "submit", document.state, document.get_state_display())
    require_on(document, "petitions.document_draft", who)
    kind = kind_of(document.kind)
    _renew(document, who, at)
    _complete(document)
    check_addressee(document.petition, kind, document.addressee_unit)
    if to is not None:
        _check_next(document, kind, kind.chain[0], to)
    changes: dict[str, Any] = {"drafter": who.user, "signed_steps": 0, "waits_for": to}
    return move(document_id, "submit", actor=who, at=at, changes=changes, data={"to": to.pk if to else None})


def _renew(document: Document, who: Actor, at: datetime) -> None:
    """What the case says may have changed since the draft was begun: the version to be signed says what it says now."""
    newest = document.current
    fresh = add_version(document, title=newest.title, body=newest.body, entries=newest.values, who=who, at=at, note="")
    if fresh.digest == newest.digest:
        fresh.delete()


def _check_next(document: Document, kind: DocumentKind, step: ChainStep, person: User) -> None:
    is_able = person.is_active and person.unit_id == document.unit_id and person.may(step.permission)
    if not is_able or (kind.is_four_eyes and person.pk == document.drafter_id):
        raise Refused(
            _("%(name)s may not give this signature. Choose somebody of %(unit)s who may.")
            % {"name": person, "unit": document.unit},
            field="to",
        )


def next_step(document: Document) -> ChainStep | None:
    """The signature the document waits for, None when none is open."""
    chain = kind_of(document.kind).chain
    is_waiting = document.state == "in_review" and document.signed_steps < len(chain)
    return chain[document.signed_steps] if is_waiting else None


@transaction.atomic
def sign(
    document_id: int,
    *,
    comment: str = "",
    to: User | None = None,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Document:
    """Give the signature that is due; after the last one the document is signed. `to`: who is next, if named.

    Raises Refused for the wrong person, a second signature of the same hand where four eyes are asked for, a deputy
    where the head of the unit has to sign, and an incomplete document.
    """
    who = Actor.of(actor)
    document = lock_document(document_id)
    check_version(document, version)
    step, kind = next_step(document), kind_of(document.kind)
    if step is None:
        check_move(DOCUMENT_MOVES, "sign", document.state, document.get_state_display())
        raise Refused(_("No signature is open."), code="illegal_move")
    require_on(document, step.permission, who)
    _check_hand(document, kind, step, who)
    _complete(document)
    is_last = document.signed_steps + 1 == len(kind.chain)
    if to is not None and not is_last:
        _check_next(document, kind, kind.chain[document.signed_steps + 1], to)
    _keep_decision(document, step, SignOff.Decision.PASSED, who, at, comment)
    changes = {"signed_steps": document.signed_steps + 1, "waits_for": None if is_last else to}
    return move(
        document_id, "sign" if is_last else "check", actor=who, at=at, changes=changes, text=comment.strip()[:500],
        data={"step": step.key},
    )  # fmt: skip


def _check_hand(document: Document, kind: DocumentKind, step: ChainStep, who: Actor) -> None:
    user = who.user
    if user is None:
        return
    if document.waits_for_id is not None and document.waits_for_id != user.pk:
        raise Refused(_("This waits for %(name)s.") % {"name": document.waits_for}, code="forbidden")
    if kind.is_four_eyes:
        hands = {document.drafter_id, *_hands(document)}
        if user.pk in hands:
            raise Refused(_("Two signatures of one hand do not count; another person has to check or sign."))
    if step.key == "sign" and document.is_major and not user.is_head and _heads(document):
        raise Refused(_("A major matter is signed by the head of the unit (%(names)s).") % {"names": _heads(document)})


def _hands(document: Document) -> list[int | None]:
    """Who has signed since it was last submitted."""
    back = document.sign_offs.filter(decision=SignOff.Decision.SENT_BACK).order_by("-pk").first()
    rows = document.sign_offs.filter(decision=SignOff.Decision.PASSED, pk__gt=back.pk if back else 0)
    return list(rows.values_list("by_id", flat=True))


def _heads(document: Document) -> str:
    people = User.objects.filter(unit=document.unit, is_head=True, is_active=True)
    return _(", ").join(person.name for person in people)


def _keep_decision(
    document: Document, step: ChainStep, decision: str, who: Actor, at: datetime, comment: str
) -> SignOff:
    return SignOff.objects.create(
        document=document,
        version=document.current,
        step=step.key,
        decision=decision,
        by=who.user,
        by_label=who.label[:60],
        at=at,
        comment=comment.strip()[:500],
    )


@transaction.atomic
def send_back(
    document_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Document:
    """Give a document in sign-off, or signed and not issued, back to its drafter; the text stays. Needs a reason."""
    who, reason = Actor.of(actor), _reason(reason)
    document = lock_document(document_id)
    check_version(document, version)
    check_move(DOCUMENT_MOVES, "send_back", document.state, document.get_state_display())
    require_on(document, "petitions.document_check", who)
    step = next_step(document) or kind_of(document.kind).chain[-1]
    _keep_decision(document, step, SignOff.Decision.SENT_BACK, who, at, reason)
    changes: dict[str, Any] = {"signed_steps": 0, "waits_for": None}
    return move(document_id, "send_back", actor=who, at=at, text=reason, changes=changes)


def _reason(reason: str) -> str:
    if len(reason.strip()) < 2:
        raise Refused(_("Please write the reason."), field="reason")
    return reason.strip()[:500]


@transaction.atomic
def issue(document_id: int, *, actor: User | Actor, at: datetime, version: int | None = None) -> Document:
    """Give a signed document its number and date, and so issue it. Its files are made afterwards, outside any lock.

    Raises Refused while anything is missing. Sends `document_issued`.
    """
    who = Actor.of(actor)
    document = lock_document(document_id)
    check_version(document, version)
    check_move(DOCUMENT_MOVES, "issue", document.state, document.get_state_display())
    require_on(document, "petitions.document_issue", who)
    _complete(document)
    kind, newest = kind_of(document.kind), document.current
    check_addressee(document.petition, kind, document.addressee_unit)
    changes: dict[str, Any] = {"issued_at": at, "issued_by": who.user}
    changes |= next_number(document.unit, kind.series, at) if kind.series else {}
    if not kind.series:
        # A paper that has its number already, for example a supervision order.
        changes["number"] = str(newest.values.get("own_number", ""))
    document.number = changes.get("number", "")
    fixed = {**newest.values, "issue_date": chinese_date(at), "number": document.number}
    add_version(document, title=newest.title, body=newest.body, entries={}, who=who, at=at, note="", fixed=fixed)
    document = move(document_id, "issue", actor=who, at=at, changes=changes)
    document_issued.send(Document, document=document, actor=who, at=at)
    return document


def void(document_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None) -> Document:
    """Declare a document void, with a reason; a number once given stays in the register. Not after delivery."""
    reason = _reason(reason)
    changes = {"void_reason": reason[:300], "waits_for": None}
    return move(document_id, "void", actor=actor, at=at, text=reason, changes=changes, version=version)


def person_recused(petition: Petition, person: User) -> list[Document]:
    """What waited for a recused person waits for anybody of the unit who may; the caller holds the petition's lock."""
    freed = list(Document.objects.select_for_update(of=("self",)).filter(petition=petition, waits_for=person))
    for document in freed:
        document.waits_for = None
        document.version += 1
        document.save(update_fields=["waits_for", "version"])
    return freed
