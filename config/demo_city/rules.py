"""Changes of rules as an office makes them: one in force with what it moved, one that waits for a second person."""

from datetime import datetime, timedelta

from accounts.models import User
from dispatch.actions import changes, jobs
from dispatch.models import RuleChange


def change_rules(until: datetime) -> None:
    """Play both; nothing when they were played before, or the cast is not there."""
    people = {user.username: user for user in User.objects.filter(username__in=["panyuan", "shenyiming"])}
    if len(people) < 2 or RuleChange.objects.exists():
        return
    keeper, officer = people["panyuan"], people["shenyiming"]
    at = until - timedelta(minutes=40)
    longer = changes.prepare_policy(
        "O_reply", {"length": 3}, reason="年末集中答复，办公室人手紧张，适当放宽。", actor=officer, at=at
    )
    changes.apply(longer.pk, actor=officer, at=at)
    jobs.drain(now=lambda: at)
    changes.prepare_policy(
        "D01_route", {"length": 10}, reason="提速登记分办，拟由十五日压缩至十日。", actor=keeper, at=until
    )
