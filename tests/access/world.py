"""What the matrix of pages is tried on: a case near, a case far, an accusation."""

from dataclasses import dataclass, field

from dispatch.actions import orders
from dispatch.models import Clock
from petitions import actions
from petitions.models import Petition, Purpose
from tests.city import City, build_city, make_order, make_petition


@dataclass
class World:
    """The city and the keys of what stands in it, by kind."""

    city: City
    near: Petition
    far: Petition
    secret: Petition
    keys: dict[str, int] = field(default_factory=dict)


def build_world() -> World:
    """The city with three cases: one handled in Haishu, one in Xiangshan, one accusation of Haishu's housing bureau."""
    city = build_city()
    order = make_order(city)
    orders.assign(order.pk, handler=city.handler, actor=city.leader, at=city.at)
    far = make_petition(city, area=city.areas["330225"])
    far_order = orders.dispatch(far.pk, lead=city.transport, actor=city.officer, at=city.at)[0]
    orders.assign(far_order.pk, handler=city.outsider, actor=city.outside_leader, at=city.at)
    secret = make_petition(city, purpose=Purpose.ACCUSE, respondent_unit=city.housing)
    actions.name_person(secret.pk, user=city.other_leader, reason="查处", actor=city.officer, at=city.at)
    orders.dispatch(secret.pk, lead=city.enforcement, actor=city.officer, at=city.at)
    world = World(city, order.petition, far, secret)
    world.keys = {
        "order": order.pk,
        "far_order": far_order.pk,
        "clock": Clock.objects.filter(order=order).first().pk,  # type: ignore[union-attr]
    }
    return world
