"""The wall: for who is signed in, for a screen nobody signs in to, and as it stood in a past week."""

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.actors import Actor
from accounts.addresses import caller_address
from accounts.limits import take
from accounts.middleware import public
from accounts.models import Area, User
from accounts.responses import is_htmx
from accounts.roles import Scope
from backlog import board as boards
from backlog.actions.boards import ROTATIONS, digest_of, note_seen
from backlog.board import Board
from backlog.models import BacklogCase, Snapshot, WallScreen
from backlog.querysets import open_cases
from backlog.wall import MAPS, VIEWS, Look, Reach, Wall
from dispatch.views.reading import permitted

# A screen asks two to six times a minute, and a hall may hold dozens behind one network address.
MOST_A_MINUTE = 240
MOST_WRONG = 30
WINDOW = 600


def look_of(query: QueryDict, *, rotate: int = 0) -> Look:
    """What an address asks for; what it does not understand is the default."""
    seconds = query.get("rotate", "")
    wanted = int(seconds) if seconds.isdecimal() and int(seconds[:4]) in ROTATIONS else rotate
    district = query.get("district", "")
    return Look(
        view=_known(query.get("view", ""), VIEWS, "overview"),
        colour=_known(query.get("colour", ""), MAPS, "stock"),
        district=district if re.fullmatch(r"\d{6}", district) else "",
        rotate=wanted,
        week=query.get("week", ""),
    )


def _known(asked: str, known: Iterable[str], default: str) -> str:
    return asked if asked in known else default


def _district(whole: Board, code: str) -> int:
    """The key of a district of the city. Raises Http404."""
    for row in whole["districts"]:
        if row["code"] == code:
            return int(row["id"])
    raise Http404


@require_GET
@never_cache
def wall(request: HttpRequest) -> HttpResponse:
    """The wall of the city, or of one district; who is signed in opens the rows behind every figure."""
    user = permitted(request, "backlog.wall")
    look, at = look_of(request.GET), timezone.now()
    whole = boards.current(at)
    board = boards.current(at, _district(whole, look.district)) if look.district else whole
    shown = Wall(board, whole, look, at=at, hidden=_hidden(user, board), reach=_reach(user, board))
    return _answer(request, shown, {"screen": None, "may_screens": user.may("backlog.wall_screens")}, who=str(user.pk))


def _named(board: Board) -> set[int]:
    return {row["case"] for row in [*board["key"], *(r for rows in board["musts"].values() for r in rows)]}


def district_read(user: User) -> str | None:
    """The code of the district whose rows this reader's own lists hold whole; None: the city's, "-": nobody's."""
    scope = user.scope_for("backlog.view")
    if scope == Scope.CITY:
        return None
    area = user.unit.area if user.unit is not None and scope == Scope.AREA else None
    district = (area.district or area) if area is not None else None
    return district.code if district is not None else "-"


def _reach(user: User, board: Board) -> Reach | None:
    """What opens for somebody whose own lists are shorter than the wall; None for the whole city."""
    district = district_read(user)
    if district is None:
        return None
    cases = BacklogCase.objects.visible_to(user).filter(pk__in=_named(board)).values_list("pk", flat=True)
    return Reach(district, frozenset(cases))


def _hidden(user: User, board: Board) -> frozenset[int]:
    """Cases of the board's lists this person is kept out of (recusal, R22 art. 28)."""
    named = _named(board)
    allowed = BacklogCase.objects.filter(pk__in=named).filter(open_cases(Actor.of(user))).values_list("pk", flat=True)
    return frozenset(named - set(allowed))


def _answer(request: HttpRequest, shown: Wall, context: dict[str, object], *, who: str) -> HttpResponse:
    """The page, or its board alone when htmx asks; 304 while nothing on it has changed."""
    is_part = is_htmx(request)
    tag = f'"{_fingerprint(shown, who, is_part)}"'
    if is_part and request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        answer: HttpResponse = HttpResponseNotModified()
    else:
        template = "backlog/wall.html#board" if is_part else "backlog/wall.html"
        answer = render(request, template, {"wall": shown, "etag": tag, "now": shown.at, **context})
    answer["ETag"] = tag
    # Read by static/js/wall.js: the data are newer although nothing has changed.
    answer["X-As-Of"] = timezone.localtime(shown.as_of).strftime("%H:%M:%S")
    return answer


def _fingerprint(shown: Wall, who: str, is_part: bool) -> str:
    """Of everything the answer depends on but the moment of counting."""
    boards_ = [{key: value for key, value in each.items() if key != "at"} for each in (shown.board, shown.whole)]
    rest = [vars(shown.look), sorted(shown.hidden), who, is_part, get_language(), shown.is_stale, str(shown.today)]
    return hashlib.sha256(json.dumps([boards_, rest], sort_keys=True).encode()).hexdigest()[:32]


# ---- screens nobody signs in to ----


@public
@require_GET
@never_cache
def wall_screen(request: HttpRequest, token: str) -> HttpResponse:
    """The wall for whoever holds the address: read-only, no figure opens anything."""
    answer = _screen(request, token)
    # The address is the key: it goes nowhere else.
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _screen(request: HttpRequest, token: str) -> HttpResponse:
    digest, at = digest_of(token), timezone.now()
    address = caller_address(request.META)
    screen = WallScreen.objects.filter(digest=digest, revoked_at=None).select_related("area").first()
    if screen is None:
        is_many = not take(f"screen:wrong:{address}", most=MOST_WRONG, seconds=WINDOW)
        return render(request, "backlog/wall_gone.html", {}, status=429 if is_many else 404)
    # One address may hang on many screens; one place asks for it so often and no more.
    if not take(f"screen:{screen.pk}:{address}", most=MOST_A_MINUTE, seconds=60):
        return HttpResponse(status=429)
    note_seen(screen, at=at)
    is_district = screen.area.kind == Area.Kind.DISTRICT
    asked = look_of(request.GET, rotate=screen.rotate)
    look = Look(view=asked.view, colour=asked.colour, rotate=screen.rotate)
    whole = boards.current(at)
    board = boards.current(at, screen.area_id) if is_district else whole
    shown = Wall(board, whole, look, at=at, opens=False)
    return _answer(request, shown, {"screen": screen, "may_screens": False}, who=f"screen {screen.pk}")


# ---- the past ----


@require_GET
@never_cache
def wall_past(request: HttpRequest) -> HttpResponse:
    """The wall as it stood in a week (`?week=` any day of it); the newest snapshot without one."""
    user = permitted(request, "backlog.wall")
    look, at = look_of(request.GET), timezone.now()
    city = boards.city()
    weeks = list(Snapshot.objects.filter(area=city).values_list("week", flat=True)[:200])
    if not weeks:
        return render(request, "backlog/wall_no_past.html", {"nav": "wall"})
    week = _week_of(look.week, weeks)
    look = Look(view=look.view, colour=look.colour, district=look.district, week=week.isoformat())
    whole = _kept(city, week)
    board = whole
    if look.district:
        board = _kept(get_object_or_404(Area, kind=Area.Kind.DISTRICT, code=look.district), week)
    shown = Wall(board, whole, look, at=at, hidden=_hidden(user, board), is_past=True)
    context = {"wall": shown, "weeks": weeks, "week": week, "screen": None, "now": at}
    return render(request, "backlog/wall.html", context)


def _week_of(asked: str, weeks: list[date]) -> date:
    """The week that holds the asked day, else the last one before it, else the first there is."""
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        return weeks[0]
    return next((week for week in weeks if week <= day), weeks[-1])


def _kept(area: Area, week: date) -> Board:
    snapshot = get_object_or_404(Snapshot, area=area, week=week)
    return boards.with_words(snapshot.data)


def seen_lately(screen: WallScreen, at: datetime) -> bool:
    """Whether a screen is on now."""
    return screen.seen_at is not None and at - screen.seen_at < timedelta(minutes=5)
