// Starts govuk-frontend's components. Every page works without it.
import { initAll } from "./govuk-frontend.min.js";

initAll();

// Parts that htmx swapped in start theirs too.
document.body.addEventListener("htmx:load", (event) => initAll({ scope: event.detail.elt }));
