// Starts govuk-frontend's components. Every page works without it.
import { initAll } from "./govuk-frontend.min.js";

// What govuk-frontend looks for before it starts; its own way of setting it is an inline script.
document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

// Parts that htmx swapped in start theirs too.
document.body.addEventListener("htmx:load", (event) => initAll({ scope: event.detail.elt }));
