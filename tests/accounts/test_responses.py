"""Leaving for another page, by a redirect or through htmx."""

import pytest
from django.test import RequestFactory

from accounts.responses import go_to

HERE = "http://testserver/petitions/5/?tab=record#entry-1"


@pytest.mark.parametrize(
    ("shown", "to", "header"),
    [
        (HERE, "/petitions/5/?tab=record#entry-1", "HX-Refresh"),
        (HERE, "/petitions/5/?tab=record#entry-2", "HX-Redirect"),
        (HERE, "/petitions/5/?tab=record", "HX-Redirect"),
        ("", "/petitions/5/#event-1", "HX-Redirect"),
    ],
)
def test_the_address_the_browser_shows_already_is_loaded_anew(shown: str, to: str, header: str) -> None:
    request = RequestFactory().post("/", headers={"HX-Request": "true", "HX-Current-URL": shown})
    assert header in go_to(request, to).headers


def test_without_htmx_it_is_a_redirect() -> None:
    response = go_to(RequestFactory().post("/"), "/petitions/")
    assert (response.status_code, response.headers["Location"]) == (302, "/petitions/")
