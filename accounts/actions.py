"""The writers of this room: reference data, the demo cast, the access log.

Reference data is loaded, never synchronised: a row that exists is left alone, whatever the release says, because an
operator may have renamed, moved or closed it. Rows missing by their key are created when the release's data changes;
as long as it does not, nothing is even looked at, so a row an operator deleted stays deleted until then.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.actors import Actor
from accounts.demo import CastMember, cast
from accounts.models import AccessLog, Area, ReferenceLoad, Unit, User
from accounts.reference.areas import AreaSpec, build_areas
from accounts.reference.staff import StaffSpec, staff_specs
from accounts.reference.units import UnitSpec, build_units
from accounts.roles import Role

_BATCH = 1000


def digest_of(rows: Iterable[object]) -> str:
    """SHA-256 over the rows' `repr`; the rows must be plain data (tuples, frozen dataclasses)."""
    return hashlib.sha256("\n".join(map(repr, rows)).encode()).hexdigest()


@transaction.atomic
def load_once(name: str, rows: Sequence[object], create: Callable[[], int], *, at: datetime) -> int | None:
    """Run `create` unless this database was already given exactly these rows under this name.

    Returns the number of rows created, or None when there was nothing to do. `create` must leave existing rows alone.
    """
    digest = digest_of(rows)
    if ReferenceLoad.objects.filter(name=name, digest=digest).exists():
        return None
    created = create()
    ReferenceLoad.objects.update_or_create(name=name, defaults={"digest": digest, "at": at})
    return created


def load_areas(*, at: datetime) -> int | None:
    """City, districts, functional areas and towns (domain-facts §4.3–4.5). Returns the number created, or None."""
    specs = build_areas()
    return load_once("areas", specs, lambda: _create_areas(specs), at=at)


def _create_areas(specs: list[AreaSpec]) -> int:
    ids = dict(Area.objects.values_list("code", "id"))
    known = len(ids)
    # One statement per level, because a child needs its parent's id.
    for _kind, level in groupby(specs, key=lambda spec: spec.kind):
        missing = [spec for spec in level if spec.code not in ids]
        rows = Area.objects.bulk_create(_area(spec, ids) for spec in missing)
        ids.update((row.code, row.pk) for row in rows)
        # A district is its own district, which it cannot say before it has an id.
        own = [row for row in rows if row.kind == Area.Kind.DISTRICT]
        for row in own:
            row.district_id = row.pk
        Area.objects.bulk_update(own, ["district"])
    return len(ids) - known


def _area(spec: AreaSpec, ids: dict[str, int]) -> Area:
    return Area(
        code=spec.code,
        name=spec.name,
        name_en=spec.name_en,
        kind=spec.kind,
        parent_id=ids.get(spec.parent),
        district_id=ids.get(spec.district),
        lat=spec.lat,
        lng=spec.lng,
        population=spec.population,
        is_delegated=spec.is_delegated,
    )


def load_units(*, at: datetime) -> int | None:
    """The 1,345 units (domain-facts §4.4–4.6); areas must be loaded. Returns the number created, or None."""
    specs = build_units()
    return load_once("units", specs, lambda: _create_units(specs), at=at)


def _create_units(specs: list[UnitSpec]) -> int:
    areas = dict(Area.objects.values_list("code", "id"))
    placed = {code: (pk, path) for code, pk, path in Unit.objects.values_list("code", "id", "path")}
    known = len(placed)
    by_depth = sorted(specs, key=lambda spec: spec.path.count("/"))
    for _depth, level in groupby(by_depth, key=lambda spec: spec.path.count("/")):
        missing = [_unit(spec, areas, placed) for spec in level if spec.code not in placed]
        rows = Unit.objects.bulk_create(missing, batch_size=_BATCH)
        placed.update((row.code, (row.pk, row.path)) for row in rows)
    return len(placed) - known


def _unit(spec: UnitSpec, areas: dict[str, int], placed: dict[str, tuple[int, str]]) -> Unit:
    # The parent's stored path, not the release's: an operator may have moved the parent.
    parent_id, parent_path = placed[spec.parent] if spec.parent else (None, "")
    return Unit(
        code=spec.code,
        name=spec.name,
        short_name=spec.short_name,
        kind=spec.kind,
        duty=spec.duty,
        area_id=areas[spec.area],
        parent_id=parent_id,
        path=f"{parent_path}{spec.code}/",
        phone=spec.phone,
        email=spec.email,
        takes_orders=spec.takes_orders,
    )


def load_staff(*, at: datetime) -> int | None:
    """Leaders, handlers and officers of every unit; units must be loaded. Returns the number created, or None."""
    specs = staff_specs(build_units())
    return load_once("staff", specs, lambda: _create_staff(specs, at), at=at)


def _create_staff(specs: list[StaffSpec], at: datetime) -> int:
    units = {code: (pk, phone) for code, pk, phone in Unit.objects.values_list("code", "id", "phone")}
    known = set(User.objects.values_list("username", flat=True))
    missing = [spec for spec in specs if spec.username not in known and spec.unit_code in units]
    users = [
        User(
            username=spec.username,
            # Unusable and unhashed: nobody signs in with these accounts until an administrator sets a password.
            password=make_password(None),
            name=spec.name,
            role=spec.role,
            unit_id=units[spec.unit_code][0],
            title=spec.title,
            phone=units[spec.unit_code][1],
            email=spec.email,
            date_joined=at,
            must_change_password=True,
        )
        for spec in missing
    ]
    return len(User.objects.bulk_create(users, batch_size=_BATCH))


@transaction.atomic
def create_cast(*, at: datetime, members: Sequence[CastMember] | None = None) -> int:
    """Create the missing accounts of accounts/demo.py; units must be loaded. Returns the number created."""
    wanted = cast() if members is None else members
    known = set(User.objects.filter(username__in=[m.username for m in wanted]).values_list("username", flat=True))
    missing = [member for member in wanted if member.username not in known]
    units = dict(Unit.objects.filter(code__in=[m.unit_code for m in missing]).values_list("code", "id"))
    # One password for all of them is public anyway, so one hash serves all: hashing takes most of the loader's time.
    hashes = {password: make_password(password) for password in {member.password for member in missing}}
    users = [_cast_user(member, units[member.unit_code], hashes[member.password], at) for member in missing]
    return len(User.objects.bulk_create(users))


def _cast_user(member: CastMember, unit_id: int, password_hash: str, at: datetime) -> User:
    return User(
        username=member.username,
        password=password_hash,
        name=member.name,
        role=member.role,
        unit_id=unit_id,
        title=member.title,
        email=member.email,
        date_joined=at,
        # The administrator keeps the dictionaries in the admin; no role is a superuser (domain-facts §4.2, last line).
        is_staff=member.role == Role.SYSTEM_ADMIN,
        handles_accusations=member.role == Role.CITY_OFFICER,
    )


def log_access(
    *,
    user: User | Actor,
    action: str,
    target: str,
    at: datetime,
    detail: str = "",
    reason: str = "",
    ip: str | None = None,
) -> AccessLog:
    """Record who saw what was masked, and why (domain-facts §1.17). `action` is an `AccessLog.Action`.

    An actor without an account is named by its label: another system. Call it inside the transaction that reveals: no
    record, no reveal. Detail and reason are cut to 200 characters.
    Raises ValueError for an action the log does not know.
    """
    kind, _colon, number = target.partition(":")
    who = Actor.of(user)
    return AccessLog.objects.create(
        user=who.user,
        client="" if who.user else who.label[:60],
        action=AccessLog.Action(action),
        target=target,
        subject=int(number) if kind == "petition" and number.isdigit() else None,
        unit=who.unit,
        detail=detail[:200],
        reason=reason[:200],
        ip=ip,
        at=at,
    )
