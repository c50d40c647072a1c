// The table of agreements by keyboard: arrow keys go from cell to cell, Enter follows a cell's link,
// n and p go to the next and the last cell that waits for the reader. Without it, Tab goes everywhere.
// Keys count only while the focus is in the table, so that nobody sets them off by speaking or by chance.
const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

for (const table of document.querySelectorAll("table[data-matrix]")) start(table);

function start(table) {
  const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].slice(1));
  const cells = rows.flat();
  const target = (cell) => cell.querySelector("a") ?? cell;
  const waiting = cells.filter((cell) => "waiting" in cell.dataset);

  // One stop for Tab, where the reader was last; from there the arrows.
  function hold(cell) {
    for (const one of cells) target(one).tabIndex = -1;
    target(cell).tabIndex = 0;
  }

  function go(cell) {
    if (!cell) return;
    hold(cell);
    target(cell).focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function beside(cell, [down, right]) {
    const row = rows.findIndex((all) => all.includes(cell));
    return rows[row + down]?.[rows[row].indexOf(cell) + right];
  }

  function nextWaiting(cell, by) {
    const all = waiting.includes(cell) ? waiting : [...waiting, cell].sort(inOrder);
    return all[(all.indexOf(cell) + by + all.length) % all.length];
  }

  const inOrder = (one, other) => cells.indexOf(one) - cells.indexOf(other);

  function found(event, cell) {
    const row = rows.find((all) => all.includes(cell));
    if (event.key in STEPS) return beside(cell, STEPS[event.key]);
    if (event.key === "Home") return event.ctrlKey ? cells[0] : row[0];
    if (event.key === "End") return event.ctrlKey ? cells.at(-1) : row.at(-1);
    if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
    if (event.key === "n") return nextWaiting(cell, 1);
    if (event.key === "p") return nextWaiting(cell, -1);
    return undefined;
  }

  hold(waiting[0] ?? cells[0]);
  table.addEventListener("focusin", (event) => {
    const cell = event.target.closest("td");
    if (cell) hold(cell);
  });
  table.closest("[role=region]").addEventListener("keydown", (event) => {
    const cell = event.target.closest("td");
    if (cell) {
      const to = found(event, cell);
      if (to || event.key in STEPS) event.preventDefault();
      go(to);
    } else if (event.key === "n" || event.key === "p") {
      go(event.key === "n" ? waiting[0] : waiting.at(-1));
    } else if (event.key === "ArrowDown" || event.key === "ArrowRight") {
      event.preventDefault();
      go(waiting[0] ?? cells[0]);
    }
  });
}
