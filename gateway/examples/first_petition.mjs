// Node 18 or later; set YQ_URL and YQ_KEY.
import { setTimeout as sleep } from "node:timers/promises";

const api = (path, options = {}) =>
  fetch(`${process.env.YQ_URL}/api/v1${path}`, {
    ...options,
    headers: { Authorization: `Bearer ${process.env.YQ_KEY}`, ...options.headers },
  });

// POST under one Idempotency-Key, kept over all retries: nothing happens twice.
async function post(path, body) {
  const headers = { "Idempotency-Key": crypto.randomUUID(), "Content-Type": "application/json" };
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const answer = await api(path, { method: "POST", headers, body: JSON.stringify(body) }).catch(() => null);
    const inFlight = answer?.status === 409 && (await answer.clone().json()).type === "/problems/in_flight";
    if (answer && !inFlight && ![429, 500, 503].includes(answer.status)) return answer;
    await sleep(1000 * Number(answer?.headers.get("Retry-After") ?? 2));
  }
  throw new Error(`no answer: ${path}`);
}

const posted = await post("/petitions", { content: "小区三号楼电梯停运两个月。", area: "330203" });
const petition = await posted.json();
if (!posted.ok) throw new Error(petition.detail);
console.log("registered", petition.number, petition.query_code);

const read = await api(`/petitions/${petition.id}`);
console.log("state", (await read.json()).state, "version", read.headers.get("ETag")); // back as If-Match with a step

let cursor = null;
let listed = 0;
do {
  const query = new URLSearchParams({ limit: 100, ...(cursor && { cursor }) });
  const page = await (await api(`/petitions?${query}`)).json();
  listed += page.items.length;
  cursor = page.next;
} while (cursor);
console.log("listed", listed);

const feed = await (await api("/petitions?updated_after=2026-01-01T00:00:00Z")).json();
console.log("changes", feed.items.length, "go on from", feed.resume);
