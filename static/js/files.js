// Files of forms: each is sent ahead by itself, with its progress, and named in the form; and the viewer's arrow keys.
// Without this file an input sends its files with the form, as browsers do.

const $ = (selector, root = document) => root.querySelector(selector);
const AT_ONCE = 3;
const queue = [];
let underWay = 0;

const listOf = (input) => $(`[data-files-for="${input.id}"]`);
const inputsIn = (form) => [...(form?.querySelectorAll("[data-files]") ?? [])];
const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`);
const make = (tag, className, text = "") => Object.assign(document.createElement(tag), { className, textContent: text });

function lineFor(input, name, bytes) {
  const list = listOf(input);
  const line = document.createElement("li");
  const label = Object.assign(make("span", "name", name), { title: name });
  const bar = Object.assign(document.createElement("progress"), { max: 100, value: 0, hidden: true });
  const state = make("span", "size num", size(bytes));
  const remove = Object.assign(make("button", "ib ib--sm", "×"), { type: "button" });
  remove.setAttribute("aria-label", list.dataset.remove.replace("{name}", name));
  line.append(label, bar, state, remove);
  list.append(line);
  return { line, bar, state, remove, input, list };
}

function say(row, text, isBad = false) {
  row.line.classList.toggle("is-bad", isBad);
  row.bar.hidden = true;
  row.state.textContent = text;
}

function nameInForm(row, token) {
  const hidden = Object.assign(document.createElement("input"), { type: "hidden", name: `${row.input.name}_held`, value: token });
  row.line.append(hidden);
  row.line.dataset.held = token;
}

const isBusy = (input) => [...(listOf(input)?.children ?? [])].some((line) => line.dataset.busy);
const waiting = new WeakMap(); // form → the button pressed while its files were still under way

// Who has pressed "send" need not press again when the last file is in; a file that failed, or another word typed
// meanwhile, leaves it to them.
function sendWaiting(form) {
  const button = waiting.get(form);
  if (!button || inputsIn(form).some(isBusy)) return;
  waiting.delete(form);
  if (button.isConnected && !form.querySelector(".files .is-bad")) form.requestSubmit(button);
}

function settleInput(input) {
  const list = listOf(input);
  input.setCustomValidity(isBusy(input) ? list.dataset.busy : "");
  if (input.dataset.needed === undefined) input.dataset.needed = String(input.required);
  input.required = input.dataset.needed === "true" && !list.querySelector("[data-held]");
}

function drop(row, token) {
  row.line.remove();
  settleInput(row.input);
  if (!token) return;
  const body = new URLSearchParams({ token });
  const url = row.input.dataset.holdUrl.replace(/hold\/$/, "drop/");
  fetch(url, { method: "POST", body, headers: { "X-CSRFToken": tokenOf(row.input) } }).catch(() => {});
}

const tokenOf = (input) => $("[name=csrfmiddlewaretoken]", input.form ?? document)?.value ?? "";

function send(row, file) {
  const { input, list } = row;
  const limit = Number(input.dataset.maxBytes) || Infinity;
  row.remove.onclick = () => drop(row);
  if (file.size > limit) return say(row, `${size(file.size)} · ${list.dataset.tooLarge} (> ${size(limit)})`, true);
  row.line.dataset.busy = "1";
  settleInput(input);
  queue.push({ row, file });
  return next();
}

function next() {
  while (underWay < AT_ONCE && queue.length) {
    underWay += 1;
    upload(queue.shift()).finally(() => {
      underWay -= 1;
      next();
    });
  }
}

function upload({ row, file }) {
  const { input, list } = row;
  const request = new XMLHttpRequest();
  const body = new FormData();
  body.append("file", file, file.name);
  const place = input.form?.elements[`${input.name}_keep_place`];
  if (place?.checked) body.append("keep_place", "1");
  row.remove.onclick = () => {
    request.abort();
    drop(row);
  };
  row.bar.hidden = false;
  return new Promise((done) => {
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      const percent = Math.round((100 * loaded) / (total || 1));
      row.bar.value = percent;
      row.state.textContent = percent < 100 ? list.dataset.sending.replace("{percent}", percent) : list.dataset.checking;
    });
    request.addEventListener("loadend", () => {
      delete row.line.dataset.busy;
      finish(row, file, request);
      settleInput(input);
      sendWaiting(input.form);
      done();
    });
    request.open("POST", input.dataset.holdUrl);
    request.setRequestHeader("X-CSRFToken", tokenOf(input));
    request.responseType = "json";
    request.send(body);
  });
}

function finish(row, file, request) {
  const { list } = row;
  const answer = request.response;
  if (request.status === 200 && answer?.token) {
    say(row, `${size(answer.size)} · ${list.dataset.done}${answer.keeps_place ? ` · ${list.dataset.place}` : ""}`);
    nameInForm(row, answer.token);
    row.remove.onclick = () => drop(row, answer.token);
    return;
  }
  if (request.status === 422 && answer?.error) return say(row, answer.error, true);
  if (!row.line.isConnected) return;
  say(row, list.dataset.failed, true);
  const again = Object.assign(make("button", "btn btn--sm", list.dataset.retry), { type: "button" });
  again.onclick = () => {
    again.remove();
    send(row, file);
  };
  row.remove.before(again);
}

function take(input, files) {
  if (!input || !listOf(input)) return;
  [...files].forEach((file) => send(lineFor(input, file.name, file.size), file));
}

// Where files cannot be sent ahead, they are listed and sent with the form.
function listOnly(input) {
  listOf(input)?.replaceChildren();
  [...input.files].forEach((file, index) => {
    const row = lineFor(input, file.name, file.size);
    const limit = Number(input.dataset.maxBytes) || Infinity;
    if (file.size > limit) say(row, `${size(file.size)} · ${row.list.dataset.tooLarge} (> ${size(limit)})`, true);
    row.remove.onclick = () => {
      const rest = new DataTransfer();
      [...input.files].forEach((other, place) => place !== index && rest.items.add(other));
      input.files = rest.files;
      listOnly(input);
    };
  });
}

function onChosen(input) {
  if (!input.dataset.holdUrl) return listOnly(input);
  take(input, [...input.files]);
  input.value = "";
  return settleInput(input);
}

// A refused form comes back with what it holds.
function showHeld(root = document) {
  for (const input of root.querySelectorAll("[data-files]")) {
    for (const hidden of input.parentElement.querySelectorAll(`input[type=hidden][name="${input.name}_held"]`)) {
      if (hidden.closest(".files")) continue;
      const row = lineFor(input, hidden.dataset.name, Number(hidden.dataset.size));
      say(row, `${size(Number(hidden.dataset.size))} · ${row.list.dataset.done}`);
      row.line.append(hidden);
      row.line.dataset.held = hidden.value;
      row.remove.onclick = () => drop(row, hidden.value);
    }
  }
  const isTouch = matchMedia("(pointer: coarse)").matches;
  for (const button of root.querySelectorAll("[data-camera]")) button.hidden = !isTouch;
}

function openCamera(button) {
  const camera = Object.assign(document.createElement("input"), { type: "file", accept: "image/*", capture: "environment" });
  camera.addEventListener("change", () => take(document.getElementById(button.dataset.camera), camera.files));
  camera.click();
}

const targetOf = (event) => inputsIn(event.target.closest?.("form"))[0];
const hasFiles = (transfer) => [...(transfer?.types ?? [])].includes("Files");

document.addEventListener("change", ({ target }) => target.matches?.("[data-files]") && onChosen(target));
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-camera]");
  if (button) openCamera(button);
  const send = target.closest?.("button:not([type=button])");
  if (send?.form && inputsIn(send.form).some(isBusy)) waiting.set(send.form, send);
});
document.addEventListener("input", ({ target }) => target.type !== "file" && waiting.delete(target.form));
document.addEventListener("paste", (event) => {
  const input = targetOf(event);
  if (!input?.dataset.holdUrl || !event.clipboardData?.files.length) return;
  event.preventDefault();
  take(input, event.clipboardData.files);
});
document.addEventListener("dragover", (event) => {
  const input = targetOf(event);
  if (!input || !hasFiles(event.dataTransfer)) return;
  event.preventDefault();
  input.form.dataset.dragging = "";
});
const endDrag = (event) => event.target.closest?.("form")?.removeAttribute("data-dragging");
document.addEventListener("dragleave", endDrag);
document.addEventListener("drop", (event) => {
  endDrag(event);
  const input = targetOf(event);
  if (!input?.dataset.holdUrl || !event.dataTransfer?.files.length) return;
  event.preventDefault();
  take(input, event.dataTransfer.files);
});
document.addEventListener("keydown", (event) => {
  const turn = { ArrowLeft: "back", ArrowRight: "on" }[event.key];
  if (!turn || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const link = $(`[data-viewer] [data-turn="${turn}"]`);
  if (!link || event.target.closest("input,textarea,select")) return;
  event.preventDefault();
  link.click();
});
document.addEventListener("htmx:afterSwap", (event) => showHeld(event.detail?.target ?? document));
showHeld();
