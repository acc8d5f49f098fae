"""The only code that writes the wall's own tables: targets, screens nobody signs in to, snapshots of the weeks."""

import hashlib
import logging
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Area, User
from accounts.roles import Scope as Reach
from backlog import board
from backlog.counts import monday_of
from backlog.indicators import INDICATORS
from backlog.models import BoardTarget, Snapshot, WallScreen
from backlog.querysets import district_of
from petitions.states import Refused

logger = logging.getLogger(__name__)

# A screen asks every half minute; when it was last seen is worth a write a minute.
SEEN_EVERY = timedelta(minutes=1)
ROTATIONS = (0, 15, 30, 60, 120)


@transaction.atomic
def set_targets(values: Mapping[str, Decimal | None], *, actor: User | Actor) -> int:
    """Set the targets of indicators by key; None takes one away. Who changed what stands in the table's history.

    Returns how many changed. Raises Refused without the permission or for a figure that cannot be.
    """
    if not Actor.of(actor).may("backlog.targets"):
        raise Refused(_("Your role may not set targets."), code="forbidden")
    changed = 0
    for key, value in values.items():
        indicator = INDICATORS[key]
        if value is not None and (value < 0 or (indicator.is_share and value > 100)):
            raise Refused(_("Give a number from 0 on; a share ends at 100."), field=key)
        row = BoardTarget.objects.select_for_update().filter(key=key).first()
        if value is None and row is not None:
            row.delete()
        elif value is not None and (row is None or row.value != value):
            row = row or BoardTarget(key=key)
            row.value = value
            row.save()
        else:
            continue
        changed += 1
    transaction.on_commit(board.forget)
    return changed


def digest_of(token: str) -> str:
    """What is kept of the secret in a screen's address."""
    return hashlib.sha256(token.encode()).hexdigest()


def may_show(actor: User | Actor, area: Area, permission: str = "backlog.wall_screens") -> bool:
    """Whether the actor may make a screen of this area: the city's offices of any, a district's of its own."""
    who = Actor.of(actor)
    scope = who.scope_for(permission)
    return scope == Reach.CITY or (scope == Reach.AREA and district_of(who) == area.pk)


@transaction.atomic
def create_screen(
    name: str, area: Area, *, actor: User | Actor, at: datetime, rotate: int = 0
) -> tuple[WallScreen, str]:
    """A screen nobody signs in to, and the secret of its address (128 bits), which is told this once and never again.

    `rotate`: seconds until the next view comes, one of ROTATIONS. Raises Refused.
    """
    if area.kind not in {Area.Kind.CITY, Area.Kind.DISTRICT}:
        raise Refused(_("A screen shows the city or one district."), field="area")
    if not may_show(actor, area):
        raise Refused(_("You may make screens of your own district only."), field="area", code="forbidden")
    if len(name.strip()) < 2:
        raise Refused(_("Name the screen after the place it hangs in."), field="name")
    if rotate not in ROTATIONS:
        raise Refused(_("Choose one of the given times."), field="rotate")
    token = secrets.token_urlsafe(16)
    screen = WallScreen.objects.create(
        name=name.strip(),
        area=area,
        digest=digest_of(token),
        rotate=rotate,
        created_by=Actor.of(actor).user,
        created_at=at,
    )
    return screen, token


@transaction.atomic
def revoke_screen(screen_id: int, *, actor: User | Actor, at: datetime) -> WallScreen:
    """From now on its address shows nothing. Revoking twice changes nothing. Raises Refused."""
    screen = WallScreen.objects.select_for_update(of=("self",)).select_related("area").get(pk=screen_id)
    if not may_show(actor, screen.area):
        raise Refused(_("You may revoke screens of your own district only."), code="forbidden")
    if screen.revoked_at is None:
        screen.revoked_at, screen.revoked_by = at, Actor.of(actor).user
        screen.save(update_fields=["revoked_at", "revoked_by"])
    return screen


def note_seen(screen: WallScreen, *, at: datetime) -> None:
    """The screen is on: one conditional write a minute, no lock, no transaction of its own."""
    if screen.seen_at is None or at - screen.seen_at >= SEEN_EVERY:
        WallScreen.objects.filter(pk=screen.pk, revoked_at=None).update(seen_at=at)


def take_snapshots(*, at: datetime) -> int:
    """Keep the wall of the city and of each district as it stands, once a week: a week that has one keeps it.

    Returns how many were taken. Called with a past `at` while a year is replayed.
    """
    week = monday_of(at)
    areas = [*Area.objects.filter(kind=Area.Kind.CITY), *board.districts()]
    had = set(Snapshot.objects.filter(week=week).values_list("area_id", flat=True))
    taken = 0
    for area in areas:
        if area.pk in had:
            continue
        try:
            with transaction.atomic():
                # Two workers at once: the constraint lets one row of a week and area stand.
                Snapshot.objects.bulk_create([_snapshot(area, week, at)], ignore_conflicts=True)
        except Exception:
            # One area that cannot be counted must not cost the others their week; tomorrow it is tried again.
            logger.exception("The wall of area %s could not be kept for the week of %s", area.pk, week)
        else:
            taken += 1
    return taken


def _snapshot(area: Area, week: date, at: datetime) -> Snapshot:
    data = board.without_words({**board.compute(area, at), "volume": list(board.volume(area, at, is_kept=False))})
    return Snapshot(week=week, area=area, taken_at=at, data=data)
