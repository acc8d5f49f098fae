// Node 18 or later; set YQ_URL and YQ_KEY.
const api = (path, options = {}) =>
  fetch(`${process.env.YQ_URL}/api/v1${path}`, {
    ...options,
    headers: { Authorization: `Bearer ${process.env.YQ_KEY}`, ...options.headers },
  });

const posted = await api("/petitions", {
  method: "POST",
  headers: { "Idempotency-Key": crypto.randomUUID(), "Content-Type": "application/json" },
  body: JSON.stringify({ content: "小区三号楼电梯停运两个月。", area: "330203" }),
});
const petition = await posted.json();
if (!posted.ok) throw new Error(petition.detail);

const read = await api(`/petitions/${petition.id}`);
console.log(petition.number, read.headers.get("ETag"));

let cursor = null;
do {
  const page = await (await api(`/petitions?limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`)).json();
  console.log(page.items.length);
  cursor = page.next;
} while (cursor);

const feed = await (await api("/petitions?updated_after=2026-11-16T00:00:00Z")).json();
console.log(feed.items.length, feed.resume);
