"""How a test chooses rows, looks at the preview and sends a batch."""

from typing import Any

from accounts.models import User
from dispatch.models import Job, JobItem
from tests.city import City
from tests.dispatch.test_views_case import enter


def choose(city: City, who: User, slug: str, ids: list[int], **more: str) -> tuple[Any, Job]:
    """The client and the draft made of these rows."""
    client = enter(who)
    response = client.post(f"/batch/{slug}/", {"ids": ids, **more})
    job = Job.objects.latest("pk")
    assert response.status_code == 302 and response.url == f"/jobs/{job.pk}/"
    return client, job


def fields_of(job: Job, **more: Any) -> dict[str, Any]:
    """What the preview's form sends when nothing is changed."""
    items = list(job.items.all())
    return {"shown": [i.pk for i in items], "page": "1", **{f"in-{i.pk}": "1" for i in items}, **more}


def send(client: Any, job: Job, **more: Any) -> Job:
    """Press the button; a small job is done at once."""
    client.post(f"/jobs/{job.pk}/send/", fields_of(job, send="1", **more))
    job.refresh_from_db()
    return job


def row(job: Job, target: int) -> JobItem:
    return job.items.get(target_id=target)


def stops(response: Any) -> dict[int, str]:
    return {r.item.target_id: r.stop for r in response.context["rows"]}
