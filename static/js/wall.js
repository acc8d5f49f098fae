// The wall goes on without this file: htmx asks for a newer board, the page works by links. Here: the clock, the notice
// that nothing new comes, and turning over from view to view.

const $ = (css, root = document) => root.querySelector(css);
const $$ = (css, root = document) => [...root.querySelectorAll(css)];

document.documentElement.classList.add("js");

const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
let lastAnswer = performance.now();
let shownSince = performance.now();
let isPaused = false;

const board = () => $("#board");

function tick() {
  const clock = $("[data-clock]");
  const now = new Date();
  if (clock) clock.textContent = now.toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hour12: false });
  const after = Number(board()?.dataset.staleAfter ?? 0);
  // Counted by this machine's own steady clock: whether its time of day is right does not matter.
  if (after && (performance.now() - lastAnswer) / 1000 > after) showStale(true);
  turnOver();
}

function showStale(isStale) {
  const notice = $("[data-stale]");
  if (notice && notice.hidden === isStale) notice.hidden = !isStale;
  board()?.classList.toggle("is-stale", isStale);
}

function onAnswer({ detail }) {
  const { xhr } = detail;
  if (xhr.status !== 200 && xhr.status !== 304) return;
  lastAnswer = performance.now();
  const asOf = xhr.getResponseHeader("X-As-Of");
  if (!asOf || xhr.status === 200) return;
  // The same figures, counted anew.
  $$("[data-as-of]").forEach((out) => (out.textContent = asOf));
  showStale(false);
}

function turnOver() {
  const seconds = Number(board()?.dataset.rotate ?? 0);
  const mayTurn = seconds > 0 && !isPaused && !calm.matches && !document.hidden;
  if (!mayTurn || (performance.now() - shownSince) / 1000 < seconds) return;
  shownSince = performance.now();
  const next = board().dataset.following;
  history.replaceState(null, "", next);
  window.htmx?.ajax("GET", location.pathname + next, { target: "#board", swap: "outerHTML" });
}

function init() {
  shownSince = performance.now();
  const button = $("[data-pause]");
  if (button) {
    button.hidden = !Number(board()?.dataset.rotate ?? 0) || calm.matches;
    button.setAttribute("aria-pressed", String(isPaused));
  }
  tick();
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-pause]");
  if (button) {
    isPaused = !isPaused;
    button.setAttribute("aria-pressed", String(isPaused));
    shownSince = performance.now();
  }
  $$("[data-menu][open]").forEach((menu) => menu.contains(target) || (menu.open = false));
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && $("[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  $("summary", menu).focus();
});
// A swap would close an open menu and move the focus: it can wait until the next time.
document.addEventListener("htmx:beforeRequest", (event) => {
  const isBusy = $("[data-menu][open]") || (document.activeElement !== document.body && board()?.contains(document.activeElement) && !document.activeElement.matches("main"));
  if (isBusy && event.detail.elt?.id === "board") event.preventDefault();
});
document.addEventListener("htmx:beforeOnLoad", onAnswer);
document.addEventListener("htmx:afterSettle", init);
setInterval(tick, 1000);
init();
