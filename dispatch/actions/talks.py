"""The only code that writes explanations, verification talks and the rules of talks (domain-facts §9.2 no. 13)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from dispatch.actions import orders
from dispatch.models import ContactRecord, Explanation, TalkRule, WorkOrder
from dispatch.talks import forget_talk_rules, last_lead
from petitions.models import ContentClass
from petitions.states import Refused


@transaction.atomic
def explain(
    order_id: int,
    *,
    explained_by: str,
    explained_at: datetime,
    means: str,
    legal_basis: str,
    text: str,
    stance: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> WorkOrder:
    """Record how an unsolved or groundless matter was explained. Raises Refused without basis or words."""
    for field, value, words in (
        ("explained_by", explained_by, _("Please say who explained it.")),
        ("legal_basis", legal_basis, _("An explanation names the law or policy it rests on.")),
        ("text", text, _("Please note what was explained, in at least ten characters.")),
    ):
        if len(value.strip()) < (10 if field == "text" else 2):
            raise Refused(words, field=field)
    if explained_at > at:
        raise Refused(_("This time has not come yet."), field="explained_at")
    who = Actor.of(actor)
    data = {"means": means, "stance": stance}
    order, _event = orders.move(order_id, "explain", actor=who, at=at, data=data, text=text.strip(), version=version)
    Explanation.objects.create(
        order=order,
        explained_by=explained_by.strip(),
        explained_at=explained_at,
        means=means,
        legal_basis=legal_basis.strip(),
        text=text.strip(),
        stance=stance,
        at=at,
        by=who.user,
    )
    return order


@transaction.atomic
def verify(
    petition_id: int,
    *,
    means: str,
    said: str,
    result: str = ContactRecord.Result.REACHED,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> WorkOrder:
    """The office verifies the outcome with the person, or notes a try. `version` is the petition's."""
    from petitions import actions as petitions

    if not said.strip():
        raise Refused(_("Please note what was said."), field="said")
    petition = petitions.lock(petition_id)
    if version is not None and version != petition.version:
        raise Refused(
            _("Somebody else has changed this petition meanwhile. Please look at it again and repeat the step."),
            code="stale",
        )
    order = last_lead(petition)
    if order is None:
        raise Refused(_("No unit has handled this petition; dispatch it instead."))
    who = Actor.of(actor)
    data = {"means": means, "result": result, "stage": ContactRecord.Stage.VERIFICATION.value}
    order, _event = orders.move(order.pk, "verify", actor=who, at=at, data=data, text=said.strip())
    ContactRecord.objects.create(
        order=order,
        stage=ContactRecord.Stage.VERIFICATION,
        means=means,
        result=result,
        said=said.strip(),
        at=at,
        by=who.user,
    )
    return order


@transaction.atomic
def set_talk_rule(content_class: ContentClass | None, *, actor: User, at: datetime, **values: Any) -> TalkRule:
    """Set which talks a class needs, and the words of its callbacks; None sets the general rule."""
    if not actor.may("dispatch.limits"):
        raise Refused(_("Your role may not change the limits."), code="forbidden")
    row = TalkRule.objects.select_for_update().filter(content_class=content_class).first()
    row = row or TalkRule(content_class=content_class)
    for name, value in values.items():
        setattr(row, name, value)
    history: Any = row
    history._history_user, history._history_date = actor, at
    row.save()
    transaction.on_commit(forget_talk_rules)
    forget_talk_rules()
    return row


@transaction.atomic
def drop_talk_rule(rule: TalkRule, *, actor: User) -> None:
    """Let a class follow the general rule again; the general one falls back to what Yongqing comes with."""
    if not actor.may("dispatch.limits"):
        raise Refused(_("Your role may not change the limits."), code="forbidden")
    history: Any = rule
    history._history_user = actor
    rule.delete()
    transaction.on_commit(forget_talk_rules)
    forget_talk_rules()
