// Starts govuk-frontend's components. Every page works without it.
import { initAll } from "./govuk-frontend.min.js";

// What govuk-frontend looks for before it starts; its own way of setting it is an inline script.
document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

// Parts that htmx swapped in start theirs too.
document.body.addEventListener("htmx:load", (event) => initAll({ scope: event.detail.elt }));

// The browser's own way to print works anyway; with JavaScript a button says so.
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

// What is saved as it is typed says when: a slow save never undoes what was typed after it.
const mark = (event) => {
  const turn = event.target.closest("form")?.querySelector("input[name=turn]");
  if (turn) turn.value = String(Math.max(Date.now(), Number(turn.value) + 1));
};
document.addEventListener("change", mark, true);
document.addEventListener("submit", mark, true);
