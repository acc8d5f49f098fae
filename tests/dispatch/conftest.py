"""What the tests of this room share."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.city import City


@pytest.fixture
def lately(city: City) -> City:
    city.at = timezone.now() - timedelta(hours=8)
    return city
