"""How the invented city is reached: unit channels, quiet hours, a few empty desks, and the drill that found them."""

from datetime import datetime, time

from accounts.models import Unit, User
from dispatch.actions import channels, drills
from dispatch.actions.channels import ChannelData, Preferences
from dispatch.models import CatalogueEntry, WorkOrder
from petitions.states import Refused

# Addresses under .example lead nowhere by design: a demo sends nothing to anybody, and its log shows how that looks.
_CHANNELS = (
    ("330203-HOUSING", "值班工作群", ["due", "overdue_1", "overdue_2"], "jsons://robot.example/housing"),
    ("330212-ENFORCEMENT", "中队值班群", ["due", "overdue_1"], "jsons://robot.example/enforcement"),
    ("NB-PETITION", "督查短信网关", ["overdue_1", "overdue_2"], "jsons://sms.example/petition"),
)
# So many leaders were moved and not replaced yet.
_EMPTY = 3


def _officer() -> User | None:
    return User.objects.filter(role="city_officer", unit__code="NB-PETITION", is_active=True).order_by("pk").first()


def connect(at: datetime) -> None:
    """Give some units channels, before the cases begin, through the real action; harmless a second time."""
    officer = _officer()
    if officer is None:
        return
    units = {unit.code: unit for unit in Unit.objects.filter(code__in=[code for code, *_rest in _CHANNELS])}
    for code, name, rungs, url in _CHANNELS:
        if code in units:
            _keep(officer, units[code], ChannelData(name=name, url=url, kinds=["deadline"], rungs=rungs), at)


def examine(at: datetime) -> None:
    """After the cases: a leader's preferences, a few empty desks, and the drill that finds them."""
    officer = _officer()
    if officer is None:
        return
    leader = User.objects.filter(role="unit_admin", unit__code="330203-HOUSING", is_active=True).order_by("pk").first()
    if leader is not None:
        channels.set_preferences(leader, Preferences(no_mail=["recalled", "cancelled"], digest_at=time(8, 30)))
    # Units no matter of the city is ever sent to, so that the lives of cases stay whole. By ids: an UPDATE over a join
    # is planned without statistics while everything was inserted a moment ago.
    used = CatalogueEntry.objects.values("unit")
    kinds = [Unit.Kind.BUREAU, Unit.Kind.INSTITUTION, Unit.Kind.SERVICE]
    spare = (
        Unit.objects.handling()
        .filter(kind__in=kinds)
        .exclude(pk__in=used)
        .exclude(pk__in=WorkOrder.objects.values("unit"))
    )
    units = list(spare.order_by("code").values_list("pk", flat=True)[:_EMPTY])
    User.objects.filter(role="unit_admin", unit__in=units).update(is_active=False)
    drills.run_drill(officer, at=at)


def _keep(officer: User, unit: Unit, data: ChannelData, at: datetime) -> None:
    try:
        channels.save_channel(officer, unit, data, at=at)
    except Refused:
        # It is there from an earlier run.
        return
