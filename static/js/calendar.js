/* Arrow keys on the year's page: one tab stop for the whole calendar instead of 365. Without script every day is one. */
const days = [...document.querySelectorAll("[data-calendar] [data-day]")];
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

function choose(day) {
  for (const other of days) other.tabIndex = other === day ? 0 : -1;
}

if (days.length) {
  choose(days.find((day) => day.classList.contains("is-today")) || days[0]);
  document.querySelector("[data-calendar]").addEventListener("keydown", (event) => {
    const place = days.indexOf(event.target);
    const step = STEPS[event.key];
    if (place < 0 || !step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = days[Math.min(days.length - 1, Math.max(0, place + step))];
    choose(next);
    next.focus();
  });
}
