"""The board: all that one wall shows of the city or of a district, as plain figures, keys and titles.

Computed once an interval and area whoever looks (`current`), whatever number of walls is open. Language-neutral, so
that it can be kept: a snapshot is this, without its words (`without_words`, `with_words`).
"""

import json
import logging
import time
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError
from django.db.models import Count, Max, Min, Q

from accounts.models import Area
from backlog import counts
from backlog.counts import Scope, Span
from backlog.indicators import targets
from backlog.models import BacklogCase, Meeting, Snapshot, TaskForce
from backlog.score import scores
from backlog.states import OPEN_CASE_STATES, MeetingState
from dispatch.calendar import CITY_TIME
from dispatch.clocks import city_day
from petitions.models import Petition

logger = logging.getLogger(__name__)

# Seconds a board is current; walls ask this often. After STALE_AFTER intervals without a newer one they say so.
INTERVAL = 30
STALE_AFTER = 3
# How long an old board stands in while no newer one can be computed. Titles leave the cache with it.
KEPT = 15 * 60
MUSTS = 10
KEY_CASES = 14
KEY_SECONDS = 5 * 60
WEEKS = 13

Board = dict[str, Any]


def city() -> Area:
    """The city itself. Raises Area.DoesNotExist before the reference data is loaded."""
    return Area.objects.get(kind=Area.Kind.CITY)


def districts() -> list[Area]:
    """The districts of the city by code."""
    return list(Area.objects.filter(kind=Area.Kind.DISTRICT).order_by("code"))


def compute(area: Area, at: datetime, *, is_kept: bool = False) -> Board:
    """The board of the city or one district as of `at`. `is_kept`: its key cases may be KEY_SECONDS old."""
    scope = Scope.now(at, district=None if area.kind == Area.Kind.CITY else area.pk)
    cut = ("district", "force")
    table = counts.merged(
        counts.cases(scope, *cut),
        counts.discussed(scope, *cut),
        counts.hearings(scope, *cut),
    )
    places, at_work = districts(), counts.workgroups(scope)
    total = {**counts.summed(table).get(None, {}), **_apart(scope)}
    shown = places if scope.district is None else [place for place in places if place.pk == scope.district]
    standing = {pk for pk, group in at_work.items() if group.stands}  # type: ignore[attr-defined]
    total |= {"groups": sum(place.pk in standing for place in shown), "districts": len(shown)}
    board = {
        "at": at.isoformat(),
        "area": area.pk,
        "counts": total,
        "districts": [_district(place, counts.summed(table, 0), at_work) for place in shown],
        "forces": _forces(table),
        "campaign": _campaign(at),
        "musts": _musts(scope),
        "key": _kept_key_cases(scope) if is_kept else key_cases(scope),
        "meeting": _meeting(scope, area),
        "trend": _trend(scope),
        "targets": targets(),
        **_past(area, at),
    }
    # Plain values, as the cache and a snapshot give them back.
    return dict(json.loads(json.dumps(board, default=str)))


def _apart(scope: Scope) -> dict[str, int]:
    """What does not hang on cases."""
    return counts.merged(counts.meetings(scope), counts.receptions(scope)).get((), {})


def _district(place: Area, by_district: dict[Any, dict[str, int]], at_work: dict[int, Any]) -> dict[str, Any]:
    group = at_work.get(place.pk)
    return {
        "id": place.pk,
        "code": place.code,
        "name": place.name,
        "name_en": place.name_en,
        "counts": by_district.get(place.pk, {}),
        "has_group": group is not None and group.stands,
        "leader": group.leader.name if group is not None and group.leader else "",
    }


def _forces(table: counts.Table) -> list[dict[str, Any]]:
    by_force = counts.summed(table, 1)
    cells: dict[int, dict[int, dict[str, int]]] = defaultdict(dict)
    for (district, force), found in table.items():
        if force is not None:
            cells[force][district] = {name: found.get(name, 0) for name in ("listed", "settled", "stock", "overdue")}
    rows = TaskForce.objects.filter(Q(is_active=True) | Q(pk__in=[key for key in by_force if key]))
    return [
        {
            "id": force.pk,
            "key": force.key,
            "name": force.name,
            "name_en": force.name_en,
            "focus": force.focus,
            "lead": str(force.lead_unit or ""),
            "leader": force.leader.name if force.leader else "",
            "begins": force.begins_on,
            "ends": force.ends_on,
            "counts": by_force.get(force.pk, {}),
            "cells": cells[force.pk],
        }
        for force in rows.select_related("lead_unit", "leader")
    ]


def _campaign(at: datetime) -> dict[str, Any]:
    """From when to when the campaign runs: that of the task forces, else the calendar year."""
    found = TaskForce.objects.filter(is_active=True).aggregate(begins=Min("begins_on"), ends=Max("ends_on"))
    today = city_day(at)
    return {
        "begins": found["begins"] or today.replace(month=1, day=1),
        "ends": found["ends"] or today.replace(month=12, day=31),
    }


def _musts(scope: Scope) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {"overdue": [], "today": [], "week": []}
    for row in counts.musts(scope, MUSTS):
        row["due_on"] = city_day(row.pop("due_at"))
        found[row.pop("urgency")].append(row)
    return found


def _kept_key_cases(scope: Scope) -> list[dict[str, Any]]:
    """The score reads every open case and everything it misses: the order of the hardest moves slowly."""
    key = f"wall:key:{scope.district or 'city'}"
    held = cache.get(key)
    if held is None:
        held = json.loads(json.dumps(key_cases(scope), default=str))
        cache.set(key, held, KEY_SECONDS)
    return [row for row in held if row["case"] not in scope.hidden]


def key_cases(scope: Scope) -> list[dict[str, Any]]:
    """The cases that most need a leader: the hardest, by the score that proposes them for the weekly dispatch."""
    rows = BacklogCase.objects.filter(scope.cases(), state__in=OPEN_CASE_STATES, is_open=True)
    hardest = scores(rows, at=scope.at, limit=KEY_CASES)
    found = BacklogCase.objects.select_related("leader", "lead_unit").in_bulk([score.case_id for score in hardest])
    return [
        {
            "case": row.pk,
            "score": score.total,
            "title": row.title,
            "number": row.number,
            "district": row.district_id,
            "force": row.force_id,
            "state": row.state,
            "since": row.since,
            "people": row.people,
            "rebounds": row.rebounds,
            "moved": city_day(row.progressed_at or row.listed_at or row.nominated_at),
            "target": row.target_on,
            "unit": str(row.lead_unit or ""),
            "leader": row.leader.name if row.leader else "",
        }
        for score in hardest
        for row in [found[score.case_id]]
    ]


def _meeting(scope: Scope, area: Area) -> dict[str, Any] | None:
    """The next meeting, or the one in session."""
    rows = Meeting.objects.filter(
        Q(area=area) | Q(area__kind=Area.Kind.CITY),
        Q(state=MeetingState.LIVE) | Q(state=MeetingState.PLANNED, starts_at__gte=scope.at - timedelta(hours=6)),
    )
    rows = rows.annotate(cases=Count("items")).select_related("chair").order_by("starts_at", "id")
    meeting = rows.first()
    if meeting is None:
        return None
    return {
        "id": meeting.pk,
        "title": meeting.title,
        "number": meeting.number,
        "starts_at": meeting.starts_at.astimezone(CITY_TIME).isoformat(),
        "is_live": meeting.state == MeetingState.LIVE,
        "chair": meeting.chair.name if meeting.chair else "",
        "cases": meeting.cases,
    }


def _trend(scope: Scope) -> list[dict[str, Any]]:
    """Taken up and settled in each of the last weeks, this one last."""
    last = counts.monday_of(scope.at)
    mondays = [last - timedelta(weeks=i) for i in reversed(range(WEEKS))]
    found = counts.flow(scope.over(Span.days(mondays[0], last + timedelta(days=6))), "week")
    return [{"week": monday, **found.get(monday, {"new": 0, "settled_in": 0})} for monday in mondays]


def _past(area: Area, at: datetime) -> dict[str, Any]:
    """The figures of the weeks before, from their snapshots: what the sparklines and the changes rest on."""
    rows = Snapshot.objects.filter(area=area, taken_at__lt=at).order_by("-week")
    found = list(rows.values_list("week", "data__counts")[:WEEKS])
    return {"past": [{"week": week, "counts": values or {}} for week, values in reversed(found)]}


def volume(area: Area, at: datetime, *, is_kept: bool = True) -> tuple[int, int]:
    """Petitions of the last 30 days and of the 30 before (降总量). Counted once in half an hour: it moves slowly."""
    key = f"wall:volume:{area.pk}"
    held = cache.get(key) if is_kept else None
    if held is not None:
        return int(held[0]), int(held[1])
    month = timedelta(days=30)
    rows = Petition.objects.filter(registered_at__gte=at - 2 * month, registered_at__lt=at)
    if area.kind != Area.Kind.CITY:
        rows = rows.filter(district=area)
    found = rows.aggregate(now=Count("pk", Q(registered_at__gte=at - month)), all=Count("pk"))
    answer = (found["now"], found["all"] - found["now"])
    if is_kept:
        cache.set(key, answer, 1800)
    return answer


# ---- one computation an interval, however many ask ----


def current(at: datetime, area_id: int | None = None) -> Board:
    """The board of a district, of the city without one: at most INTERVAL seconds old while it can be computed.

    While somebody renews it, everybody else is shown the last one. Raises Area.DoesNotExist.
    """
    key = f"wall:board:{area_id or 'city'}"
    held = cache.get(key)
    if held is not None and _age(held, at) < INTERVAL:
        return dict(held)
    # One request renews it, the others take what there is: 200 walls are one computation.
    if not cache.add(f"{key}:renewing", 1, 20):
        found = held if held is not None else _awaited(key)
        if found is not None:
            return dict(found)
    try:
        return _renewed(key, area_id, at)
    except DatabaseError:
        if held is None:
            raise
        # The wall says by itself how old its data is.
        logger.exception("The board of area %s could not be computed; the wall shows the last one", area_id or "city")
        return dict(held)
    finally:
        cache.delete(f"{key}:renewing")


def _renewed(key: str, area_id: int | None, at: datetime) -> Board:
    area = Area.objects.get(pk=area_id) if area_id else city()
    board = compute(area, at, is_kept=True)
    board["volume"] = list(volume(area, at))
    cache.set(key, board, KEPT)
    return board


def _awaited(key: str) -> Board | None:
    """What another request is computing just now for the first time; None when that takes too long."""
    for _try in range(20):
        time.sleep(0.1)
        found = cache.get(key)
        if found is not None:
            return dict(found)
    return None


def _age(board: Board, at: datetime) -> float:
    return abs((at - datetime.fromisoformat(board["at"])).total_seconds())


def forget() -> None:
    """Compute anew for the next who asks: a target has changed, a year has been replayed."""
    areas = ["city", *Area.objects.values_list("pk", flat=True)]
    cache.delete_many([f"wall:{part}:{area}" for part in ("board", "key") for area in areas])


# ---- words: the past keeps figures and keys ----

_WORDS = ("title",)


def without_words(board: Board) -> Board:
    """The board as a snapshot keeps it: titles are looked up when it is shown, so erasure and confidence reach it."""
    copy = json.loads(json.dumps(board))
    for row in _rows_of(copy):
        for name in _WORDS:
            row.pop(name, None)
    copy.pop("meeting", None)
    return dict(copy)


def with_words(board: Board) -> Board:
    """A kept board with the titles its cases have today; cases that hold class A by now are left out."""
    ids = {row["case"] for row in _rows_of(board)}
    titles = dict(BacklogCase.objects.filter(pk__in=ids).values_list("pk", "title"))
    hidden = set(counts.hidden_cases())
    for row in _rows_of(board):
        row["title"] = titles.get(row["case"], "")
    board["musts"] = {key: [r for r in rows if r["case"] not in hidden] for key, rows in board["musts"].items()}
    board["key"] = [row for row in board["key"] if row["case"] not in hidden]
    return board


def _rows_of(board: Board) -> list[dict[str, Any]]:
    return [*board["key"], *(row for rows in board["musts"].values() for row in rows)]
