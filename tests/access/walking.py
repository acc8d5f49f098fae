"""Every address of the site with the keys of one case in it."""

from collections.abc import Iterator

from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.city import City

# Answered by their own rules: the API and Open311 by keys (tests/gateway), the admin by its own sign-in and single
# sign-on by the provider (tests/accounts).
ELSEWHERE = ("api/", "^open311/", "admin/", "oidc/", "static/", "i18n/")


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for part in resolver.url_patterns:
        route = prefix + str(part.pattern)
        if isinstance(part, URLResolver):
            yield from patterns(part, route)
        elif not route.startswith(ELSEWHERE) and part.name:
            yield route, part


ALL = sorted({(route, part.name or "") for route, part in patterns(get_resolver())})
NAMES = sorted({name for _route, name in ALL})
# Those that name a row.
ROWS = sorted({name for route, name in ALL if "<int:" in route})


def keys_apart() -> None:
    """Let the next case and order have keys no row of another kind has: what answers to a key is then theirs."""
    with connection.cursor() as cursor:
        for table in ("petitions_petition", "dispatch_workorder"):
            sequence = f"pg_get_serial_sequence('{table}', 'id')"
            cursor.execute(f"SELECT setval({sequence}, greatest(nextval({sequence}), 50_000_000))")


def address(name: str, city: City) -> str:
    """The address with real primary keys and plausible words in it."""
    order = city.__dict__["order"]
    values = {
        "move": "dispatch" if "petition" in name else "sign",
        "key": "petition_new",
        "name": "suggest",
        "part": "suggest",
        "form": "pdf",
    }
    for route, found in ALL:
        if found != name:
            continue
        arguments = {}
        for word in route.replace(">", "<").split("<")[1::2]:
            kind, _colon, key = word.rpartition(":")
            pk = order.pk if name.startswith("order") else order.petition_id
            # A pattern by regular expression names no kind; of a meeting the papers are two.
            is_number = kind == "int" or key == "pk"
            arguments[key] = (
                pk if is_number else "minutes" if name == "meeting_paper" and key == "kind" else values.get(key, "x")
            )
        return reverse(name, kwargs=arguments)
    raise AssertionError(name)
