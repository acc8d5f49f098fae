"""Post a petition, read it, list, follow changes. Needs httpx; set YQ_URL and YQ_KEY."""

import os
import time
import uuid

import httpx

api = httpx.Client(
    base_url=os.environ["YQ_URL"] + "/api/v1",
    headers={"Authorization": "Bearer " + os.environ["YQ_KEY"], "Accept-Language": "en"},
    timeout=30,
)


def post(path, body, **headers):
    """POST under one Idempotency-Key, kept over all retries: nothing happens twice."""
    headers["Idempotency-Key"] = str(uuid.uuid4())
    for _attempt in range(5):
        try:
            answer = api.post(path, json=body, headers=headers)
        except httpx.TransportError:
            time.sleep(2)
            continue
        if answer.status_code not in (429, 500, 503) and "in_flight" not in answer.text:
            return answer
        time.sleep(int(answer.headers.get("Retry-After", 2)))
    raise TimeoutError(path)


answer = post("/petitions", {"content": "小区三号楼电梯停运两个月，物业一直未修。", "area": "330203"})
if answer.is_error:
    raise SystemExit(answer.json()["errors"] or answer.json()["detail"])
petition = answer.json()
print("registered", petition["number"], petition["query_code"])

answer = api.get(f"/petitions/{petition['id']}")
version = answer.headers["ETag"]  # send it back as If-Match with a step
print("state", answer.json()["state"], "version", version)

cursor, seen = None, 0
while True:
    page = api.get("/petitions", params={"limit": 100, **({"cursor": cursor} if cursor else {})}).json()
    seen, cursor = seen + len(page["items"]), page["next"]
    if cursor is None:
        break
print("listed", seen)

feed = api.get("/petitions", params={"updated_after": "2026-01-01T00:00:00Z"}).json()
print("changes", len(feed["items"]), "go on from", feed.get("resume"))
