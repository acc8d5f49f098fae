"""Links: issued with a lifetime, kept as a digest, dead with the code."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions import actions as petitions
from petitions import events
from petitions.models import Petition
from petitions.states import Refused
from portal.models import Link

# How long a link opens its matter: days on a telephone, minutes at the counter.
LIFE = {Link.Way.LINK: timedelta(days=14), Link.Way.COUNTER: timedelta(minutes=15)}

# What a screen at the counter may show; nothing there is received, asked for or withdrawn.
AT_COUNTER = (Link.Goal.TRACK, Link.Goal.RATE)


def digest_of(token: str) -> str:
    """What is kept of a token. It has 128 random bits of its own, so a plain hash cannot be searched."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def issue(
    petition_id: int, goal: str, *, way: str = Link.Way.LINK, actor: User | Actor, at: datetime
) -> tuple[Link, str]:
    """Make a link; returns it with its token, which is told once and never again.

    Raises Refused when the permission does not reach the matter, and for letters at the counter: whoever sits there
    would receive them in the petitioner's name.
    """
    if way == Link.Way.COUNTER and goal not in AT_COUNTER:
        raise Refused(_("Letters are not opened at the counter. Hand the letter over and record its delivery."))
    who = Actor.of(actor)
    petition = petitions.lock(petition_id)
    petitions.require(petition, "portal.send_link", who)
    token = secrets.token_urlsafe(16)
    link = Link.objects.create(
        petition=petition,
        goal=goal,
        way=way,
        digest=digest_of(token),
        created_at=at,
        by=who.user,
        expires_at=at + LIFE[Link.Way(way)],
    )
    events.record(petition_id, "citizen_link", actor=who, at=at, data={"goal": str(goal), "way": str(way)})
    petitions.touch(petition, at)
    return link, token


def open_link(token: str, *, at: datetime) -> Link | None:
    """The link of a token if it still lives, marked as opened; None for every other."""
    rows = Link.objects.filter(digest=digest_of(token), expires_at__gt=at, ended_at=None)
    link = rows.select_related("petition").first()
    if link is not None and link.opened_at is None:
        Link.objects.filter(pk=link.pk, opened_at=None).update(opened_at=at)
    return link


def end_link(petition: Petition, *, way: str, at: datetime) -> None:
    """End what was shown at the counter: the next person at that screen opens nothing with it."""
    Link.objects.filter(petition=petition, way=way, ended_at=None).update(ended_at=at)


@transaction.atomic
def renew_code(petition_id: int, *, reason: str, actor: User | Actor, at: datetime) -> Petition:
    """Give the matter a new query code. The old one, its open sessions and all links are dead from here.

    Raises Refused without a reason.
    """
    petition = petitions.new_code(petition_id, reason=reason, permission="portal.new_code", actor=actor, at=at)
    Link.objects.filter(Q(petition=petition), ended_at=None).update(ended_at=at)
    return petition
