"""A citizen's browser with one matter open."""

from collections.abc import Callable

import pytest
from django.test import Client

from petitions.models import Petition


@pytest.fixture
def opened() -> Callable[[Petition], Client]:
    """`opened(petition)` is a browser that has entered the petition's code."""

    def enter(petition: Petition) -> Client:
        client = Client()
        answer = client.post("/portal/track/", {"code": petition.query_code})
        assert answer.status_code == 302, answer.content.decode()
        return client

    return enter
