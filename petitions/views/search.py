"""The search page: one box over numbers, persons, texts and replies, narrowed by the filters of the worklist."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django_htmx.http import push_url, replace_url

from accounts.addresses import address_of
from accounts.models import Unit, User
from accounts.responses import go_to, is_htmx
from petitions.filters import PetitionFilters
from petitions.finding import RANKED, Findings, find
from petitions.models import Petition
from petitions.phrases import LONGEST, Phrases
from petitions.results import results_of
from petitions.search import by_number, few_of
from petitions.views.worklist import controls, filter_choices, note_person_search
from petitions.worklist import LineMaker

PAGE = 20
ORDERS = {"new": pgettext_lazy("search", "newest first"), "best": _("best first")}
FIRST_FILTERS = ("open", "state", "district", "class", "channel")
MORE_FILTERS = ("purpose", "urgency", "unit", "since", "until", "repeat", "group", "supervised", "anonymous")
UNITS_SHOWN = 3


class Search:
    """One person's question at one moment, as an address asks it."""

    def __init__(self, user: User, query: QueryDict) -> None:
        self.user, self.at = user, timezone.now()
        self.phrases = Phrases.read(query.get("q", ""))
        self.filters = PetitionFilters(query, who=user, at=self.at)
        self.order = query.get("order", "") if query.get("order") in ORDERS else "new"
        self.cursor = query.get("cursor", "")

    @property
    def is_best(self) -> bool:
        return self.order == "best"

    def find(self) -> Findings:
        """The page of hits."""
        condition = self.filters.condition
        return find(self.phrases, self.user, condition=condition, is_best=self.is_best, cursor=self.cursor, size=PAGE)

    def query(self, **changes: str) -> str:
        """The question as an address, with changes."""
        query = self.filters.query()
        query["q"] = self.phrases.typed
        query["order"] = self.order
        for name, value in changes.items():
            query[name] = value
        if query["order"] == "new":
            del query["order"]
        return query.urlencode()

    def exact(self) -> Petition | None:
        """The one petition a number means, when nothing else narrows the question."""
        number = by_number(self.phrases.typed) if self.phrases.typed and not self.filters.values else None
        if number is None:
            return None
        found = list(Petition.objects.visible_to(self.user).filter(few_of(number)).only("pk")[:2])
        return found[0] if len(found) == 1 else None

    def tags(self) -> list[dict[str, str]]:
        """The set filters, each with the address that has all the others."""
        found = []
        for tag in self.filters.tags():
            if tag.name == "q":
                continue
            query = QueryDict(self.query(), mutable=True)
            query.setlist(tag.name, [value for value in query.getlist(tag.name) if value != tag.value])
            found.append({"label": tag.label, "words": tag.words, "without": f"?{query.urlencode()}"})
        return found

    def units(self) -> list[Unit]:
        """Units of that name: their petitions are a filter away."""
        if len(self.phrases.wanted) != 1 or not 2 <= len(self.phrases.whole) <= 30 or "unit" in self.filters.values:
            return []
        named = Q(name__icontains=self.phrases.typed) | Q(short_name__icontains=self.phrases.typed)
        return list(Unit.objects.filter(named).order_by("path")[:UNITS_SHOWN])


@require_GET
@never_cache
def search_page(request: HttpRequest) -> HttpResponse:
    """The page, whole or as the fragment htmx swaps in. A number that means one petition opens it."""
    user = request.user
    if not isinstance(user, User) or not user.may("petitions.view"):
        raise PermissionDenied
    asked = Search(user, request.GET)
    note_person_search(user, asked.phrases.typed, address_of(request), asked.at)
    hit = asked.exact() if not asked.cursor else None
    if hit is not None:
        return go_to(request, "petition", pk=hit.pk)
    response = render(request, f"petitions/search.html{'#found' if is_htmx(request) else ''}", _context(asked))
    # Whole page and fragment share an address: a browser going back must not show the fragment.
    patch_vary_headers(response, ["HX-Request"])
    if is_htmx(request):
        # Looking further back by itself is no place to go back to.
        show = replace_url if request.headers.get("HX-Trigger") == "further" else push_url
        show(response, f"{reverse('search')}?{asked.query(**_page(asked.cursor))}")
    return response


def _page(cursor: str) -> dict[str, str]:
    return {"cursor": cursor} if cursor else {}


def _context(asked: Search) -> dict[str, Any]:
    findings = asked.find()
    choices = {**filter_choices(), "open": [("1", _("still open")), ("0", _("finished"))]}
    maker = LineMaker(asked.at)
    results = results_of(findings, asked.phrases, maker, is_ranked=asked.is_best)
    return {
        "asked": asked,
        "results": results,
        "longest": LONGEST,
        "orders": [(key, words, f"?{asked.query(order=key)}") for key, words in ORDERS.items()],
        "filters": controls(asked, FIRST_FILTERS, choices),
        "more_filters": controls(asked, MORE_FILTERS, choices),
        "more_open": any(name in asked.filters.values for name in MORE_FILTERS),
        "tags": asked.tags(),
        "units": [(unit, f"?{urlencode({'unit': unit.code, 'view': 'all'})}") for unit in asked.units()],
        "next": f"?{asked.query(cursor=findings.next)}" if findings.next else "",
        "first": f"?{asked.query()}",
        "back_to": findings.back_to,
        "further": f"?{asked.query(order='new', cursor=findings.further)}" if findings.further else "",
        "is_cut": findings.is_cut,
        "ranked": RANKED,
        "everywhere": f"?{urlencode({'q': asked.phrases.typed})}",
        "may_find_names": asked.user.may("petitions.reveal"),
        "may_find_numbers": asked.user.may("petitions.reveal") or asked.user.may("petitions.register"),
        "now": asked.at,
    }
