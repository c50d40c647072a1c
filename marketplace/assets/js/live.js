// Tells the page that something it shows has changed: a `live` event on <body>, which htmx listens to.
// Without a socket nothing is lost, because the same elements also ask every 30 seconds.
const SLOWEST = 60000;
const topics = (document.body.dataset.liveTopics || "").split(" ").filter(Boolean);
let wait = 1000;

function open() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}/live/`);
  socket.addEventListener("open", () => {
    wait = 1000;
    socket.send(JSON.stringify({ topics }));
  });
  socket.addEventListener("message", (message) => {
    document.body.dispatchEvent(new CustomEvent("live", { detail: message.data }));
  });
  socket.addEventListener("close", (closed) => {
    // 4xxx is the server saying no: asking again would get the same answer.
    if (closed.code >= 4000) return;
    setTimeout(open, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, SLOWEST);
  });
}

if (topics.length && "WebSocket" in window) open();
