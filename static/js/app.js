// Progressive enhancement only: every action has a plain link or form underneath, and works without this file.
// Strict CSP: no inline handlers, no eval; words come from data-* attributes the templates translate.

const $ = (css, root = document) => root.querySelector(css);
const $$ = (css, root = document) => [...root.querySelectorAll(css)];
const htmx = () => window.htmx;
const LEFT_ROW = "yq:left"; // only the row's number is kept: no petition content in browser storage

document.documentElement.classList.add("js");

/* ---- worklist: rows, selection, bulk bar ---- */

const rows = () => $$("[data-row]");
const box = (row) => $("input[type=checkbox]", row);
const currentRow = () => $("[data-row].is-cur");

function setCurrent(row, { focus = true } = {}) {
  currentRow()?.classList.remove("is-cur");
  if (!row) return;
  row.classList.add("is-cur");
  row.scrollIntoView({ block: "nearest" });
  if (focus) $("a.t", row)?.focus({ preventScroll: true });
}

function step(by) {
  const all = rows();
  const at = all.indexOf(currentRow());
  setCurrent(all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))]);
}

function syncBulk() {
  const boxes = rows().map(box).filter(Boolean);
  const chosen = boxes.filter((b) => b.checked).length;
  const bar = $(".bulk");
  if (bar) bar.hidden = !chosen;
  $$("[data-seln]").forEach((out) => (out.textContent = chosen));
  $$("[data-all]").forEach((all) => {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  });
}

function choose(checked, which = rows()) {
  which.map(box).forEach((b) => b && (b.checked = checked));
  syncBulk();
}

let lastBox = null; // Shift + click chooses everything between the last box and this one

function onBoxClick(event) {
  const mine = event.target.closest?.("[data-row] input[type=checkbox]");
  if (!mine) return;
  if (event.shiftKey && lastBox?.isConnected) {
    const boxes = rows().map(box);
    const [from, to] = [boxes.indexOf(lastBox), boxes.indexOf(mine)].sort((a, b) => a - b);
    boxes.slice(from, to + 1).forEach((b) => b && (b.checked = mine.checked));
  }
  lastBox = mine;
  syncBulk();
}

function markLeftRow() {
  let left = null;
  try {
    left = sessionStorage.getItem(LEFT_ROW);
  } catch {
    return; // storage switched off by policy
  }
  const row = left && rows().find((r) => r.dataset.row === left);
  if (!row) return;
  row.classList.add("is-left");
  if (!currentRow()) setCurrent(row, { focus: false });
}

function rememberRow(link) {
  const row = link.closest("[data-row]");
  if (!row) return;
  try {
    sessionStorage.setItem(LEFT_ROW, row.dataset.row);
  } catch {
    /* nothing to remember it in */
  }
}

/* ---- keys ---- */

const isTyping = (target) => target.matches?.("input:not([type=checkbox]):not([type=radio]),textarea,select,[contenteditable]");
// keyCode 229: some input methods report the composing key this way and leave isComposing false.
const isComposing = (event) => event.isComposing || event.keyCode === 229;

function press(letter) {
  const target = $(`[data-key="${letter}"]`);
  if (!target || target.closest("[hidden]")) return false;
  target.click();
  return true;
}

const KEYS = {
  j: () => (rows().length ? step(1) : press("j")),
  k: () => (rows().length ? step(-1) : press("k")),
  x: () => {
    const mine = currentRow() && box(currentRow());
    if (!mine) return;
    mine.checked = !mine.checked;
    syncBulk();
  },
  a: () => {
    const none = !rows().some((r) => box(r)?.checked);
    if (none && currentRow()) choose(true, [currentRow()]);
    press("a");
  },
  Enter: (event) => {
    const link = event.target.closest("a,button,summary,input") ? null : currentRow() && $("a.t", currentRow());
    link?.click();
  },
  n: (event) => press("n") && event.preventDefault(),
  "/": (event) => {
    event.preventDefault();
    const field = $("#sq") ?? $("#gq");
    field?.focus();
    field?.select();
  },
  ArrowDown: (event) => stepResults(event, 1),
  ArrowUp: (event) => stepResults(event, -1),
  "?": () => $("#keys")?.showModal(),
};

// A page of results is walked with the arrows, from its search box on; elsewhere they scroll.
function stepResults(event, by) {
  if (!$("[data-results]")) return;
  event.preventDefault();
  const isFirst = rows()[0] === currentRow();
  if (by < 0 && isFirst && $("#sq")) $("#sq").focus();
  else step(by);
}

function onKey(event) {
  if (document.body.dataset.shortcuts !== "on" || $("dialog[open]")) return;
  if (isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  const leavesBox = event.target.id === "sq" && event.key === "ArrowDown";
  if (isTyping(event.target) && !leavesBox) return;
  KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key]?.(event);
}

/* ---- dialogs ---- */

function openInDialog(url) {
  const dialog = $("#dlg");
  if (!dialog || !htmx()) return false;
  htmx().ajax("GET", url, { target: "#dlg", swap: "innerHTML" });
  return true;
}

function dialogUrl(trigger) {
  if (trigger.href) return trigger.href;
  // A button of a form: the form's fields (the selected rows) go into the address, as they would without this file.
  const action = trigger.getAttribute("formaction") ?? trigger.form.getAttribute("action") ?? "";
  const url = new URL(action, location.href);
  url.search = new URLSearchParams(new FormData(trigger.form)).toString();
  return url.href;
}

function onDialogClick(event) {
  const trigger = event.target.closest("[data-dialog]");
  const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
  if (trigger && isPlain && openInDialog(dialogUrl(trigger))) event.preventDefault();
  const opener = event.target.closest("[data-open-dialog]");
  if (opener) $(`#${opener.dataset.openDialog}`)?.showModal();
  if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog")?.close();
}

// A whole page has no place in the dialog: the address redirects, or its template knows no fragment. Go there instead.
function leaveForWholePage(event) {
  const { target, xhr } = event.detail;
  if (target?.id !== "dlg" || !/<html/i.test(xhr.responseText.slice(0, 2000))) return;
  event.detail.shouldSwap = false;
  location.assign(xhr.responseURL);
}

function showLoadedDialog(event) {
  const dialog = event.detail?.target;
  if (dialog?.id !== "dlg" || !dialog.firstElementChild) return;
  if (!dialog.open) dialog.showModal();
  const first = $("[data-form-errors],[autofocus],[aria-invalid]", dialog);
  (first ?? $(".dlg__b :is(input:not([type=hidden]),select,textarea)", dialog))?.focus();
}

/* ---- confirm: data-confirm on a form, a submit button or a link ---- */

const confirmed = new WeakSet();

function ask(text) {
  const dialog = $("#ask");
  if (!dialog) return Promise.resolve(window.confirm(text));
  $("[data-ask-text]", dialog).textContent = text;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

async function onSubmit(event) {
  const { target: form, submitter } = event;
  const text = submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!text || confirmed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!(await ask(text))) return;
  confirmed.add(form);
  form.requestSubmit(submitter);
}

async function onConfirmLink(event) {
  const link = event.target.closest("a[data-confirm]");
  if (!link || confirmed.delete(link)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!(await ask(link.dataset.confirm))) return;
  confirmed.add(link);
  link.click();
}

/* ---- toasts ---- */

const TOAST_MS = { success: 6000, info: 8000, warning: 12000 }; // an error stays until it is closed

function dismissLater(toast) {
  const wait = TOAST_MS[toast.dataset.toast];
  if (!wait) return;
  let timer = setTimeout(() => toast.remove(), wait);
  for (const stop of ["pointerenter", "focusin"]) toast.addEventListener(stop, () => clearTimeout(timer));
  for (const go of ["pointerleave", "focusout"]) {
    toast.addEventListener(go, () => (timer = setTimeout(() => toast.remove(), 2000)));
  }
}

function showToast(text, level = "info") {
  const host = $("#toasts");
  if (!host || !text) return;
  const toast = document.createElement("div");
  toast.className = `toast toast--${level}`;
  toast.dataset.toast = level;
  const words = document.createElement("p");
  words.textContent = text;
  const close = document.createElement("button");
  Object.assign(close, { type: "button", className: "ib ib--sm", textContent: "×" });
  close.setAttribute("aria-label", host.dataset.close);
  close.dataset.toastClose = "";
  toast.append(words, close);
  host.append(toast);
  dismissLater(toast);
}

function onResponseError(event) {
  const words = $("#toasts")?.dataset ?? {};
  const status = event.detail.xhr?.status;
  showToast({ 403: words.forbidden, 404: words.gone }[status] ?? words.failed, "error");
}

/* ---- forms: counters, files, passwords, drafts ---- */

function count(control) {
  const out = document.getElementById(control.dataset.counter);
  if (!out) return;
  const limit = Number(out.dataset.limit);
  out.textContent = `${control.value.length} / ${limit}`;
  out.classList.toggle("is-near", control.value.length > limit * 0.9);
}

function toggleSecret(button) {
  const input = document.getElementById(button.dataset.reveal);
  const show = input.type === "password";
  input.type = show ? "text" : "password";
  button.setAttribute("aria-pressed", String(show));
}

const drafts = new Map(); // form → timer of its next save

function draftBody(form) {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  return new URLSearchParams(data);
}

async function saveDraft(form) {
  clearTimeout(drafts.get(form));
  drafts.delete(form);
  const out = $("[data-draft-status]", form);
  try {
    const answer = await fetch(form.dataset.draftUrl, { method: "POST", body: draftBody(form), keepalive: true });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    const time = new Date().toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", timeStyle: "short" });
    if (out) out.textContent = out.dataset.saved.replace("{time}", time);
  } catch {
    if (out) out.textContent = out.dataset.failed;
  }
}

function onInput(event) {
  const control = event.target;
  if (control.dataset.counter) count(control);
  const form = control.closest("form[data-draft-url]");
  if (!form || control.type === "file") return;
  clearTimeout(drafts.get(form));
  drafts.set(form, setTimeout(() => saveDraft(form), 1500));
}

/* ---- what is changed while an answer is on its way outlives the swap ---- */

const late = new WeakMap(); // request → what its answer knows nothing of: [id, name, checked, value]

function rememberLate({ detail }) {
  const sent = detail.requestConfig?.formData;
  if (!sent || !detail.target) return;
  const controls = $$("input[id]:not([type=hidden],[type=file]),select[id],textarea[id]", detail.target).filter((c) => sent.has(c.name));
  const changed = (c) => (c.type === "checkbox" ? sent.getAll(c.name).includes(c.value) !== c.checked : (c.type !== "radio" || c.checked) && sent.get(c.name) !== c.value);
  // Copied now: the new radio buttons take the mark from the old ones when they come in beside them.
  late.set(detail.xhr, controls.filter(changed).map((c) => [c.id, c.name, c.checked, c.value]));
}

function restoreLate({ detail }) {
  for (const [id, name, checked, value] of late.get(detail.xhr) ?? []) {
    const now = document.getElementById(id);
    if (now?.name !== name) continue;
    if (/radio|checkbox/.test(now.type)) now.checked = checked;
    else now.value = value;
  }
  late.delete(detail.xhr);
}

/* ---- after load and after every swap ---- */

function init(root = document) {
  $$("[data-counter]", root).forEach(count);
  $$("[data-reveal]", root).forEach((button) => (button.hidden = false));
  $$(".toast[data-toast]", root).forEach(dismissLater);
  const fresh = $("[data-fresh]", root);
  fresh?.scrollIntoView({ block: "nearest" });
  syncBulk();
  markLeftRow();
}

function highlightTarget() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && !target.matches("main")) target.dataset.fresh = "";
}

const controlIn = (holder) => holder && $("input:not([type=hidden]),select,textarea", holder);

document.addEventListener("submit", onSubmit, true);
document.addEventListener("submit", (event) => {
  clearTimeout(drafts.get(event.target)); // what is sent needs no draft any more
  drafts.delete(event.target);
});
document.addEventListener("click", onConfirmLink, true);
document.addEventListener("click", (event) => {
  const { target } = event;
  onBoxClick(event);
  onDialogClick(event);
  if (target.closest("[data-clear]")) choose(false);
  if (target.closest("[data-toast-close]")) target.closest(".toast").remove();
  const reveal = target.closest("[data-reveal]");
  if (reveal) toggleSecret(reveal);
  const link = target.closest("a");
  if (link) rememberRow(link);
  const jump = link?.closest("[data-form-errors]") && document.getElementById(link.hash.slice(1));
  if (jump) setTimeout(() => controlIn(jump)?.focus());
  $$("[data-menu][open]").forEach((menu) => menu.contains(target) || (menu.open = false));
  if (target.matches("dialog.dlg")) target.close(); // a click on the backdrop reaches the dialog itself
});
document.addEventListener("change", (event) => {
  const { target } = event;
  if (target.matches("[data-all]")) choose(target.checked);
  else if (target.matches("[data-row] input")) syncBulk();
});
document.addEventListener("input", onInput);
document.addEventListener("keydown", onKey);
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && $("[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  $("summary", menu).focus();
});
document.addEventListener("animationend", (event) => event.target.removeAttribute?.("data-fresh"));
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") [...drafts.keys()].forEach(saveDraft);
});
document.addEventListener("toast", (event) => showToast(event.detail.text, event.detail.level));
document.addEventListener("htmx:responseError", onResponseError);
document.addEventListener("htmx:sendError", () => showToast($("#toasts")?.dataset.offline, "error"));
document.addEventListener("htmx:beforeSwap", leaveForWholePage);
document.addEventListener("htmx:beforeSwap", rememberLate);
document.addEventListener("htmx:afterSwap", restoreLate);
document.addEventListener("htmx:afterSwap", showLoadedDialog);
document.addEventListener("htmx:afterSettle", (event) => init(event.detail.elt ?? document));
window.addEventListener("hashchange", highlightTarget);

$("#dlg")?.addEventListener("close", (event) => event.target.replaceChildren());
init();
highlightTarget();
