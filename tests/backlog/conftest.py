"""Cities with backlog cases that several modules of tests start from."""

from datetime import date

import pytest

from tests.backlog.cases import make_case
from tests.city import City


@pytest.fixture
def ready(city: City) -> City:
    """Two cases, the second the harder one."""
    city.__dict__["easy"] = make_case(city, leader=city.lead_official, title="某路口噪声扰民问题")
    city.__dict__["hard"] = make_case(city, since=date(2012, 1, 1), people=80, title="某村土地征收补偿问题")
    return city
