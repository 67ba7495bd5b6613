// What is held about the visitor, as text nodes. Gradio runs this once, with element, props, watch and trigger in reach.
"use strict";
const part = (role) => element.querySelector(`[data-role="${role}"]`);
const [count, turns, list, tools, download, ask, keep, confirm] =
  ["count", "turns", "list", "tools", "download", "ask", "keep", "confirm"].map(part);
const dialog = element.querySelector("dialog");
const FORGOTTEN = "visavis-forgotten";
const stranger = sessionStorage.getItem(FORGOTTEN) !== null;
sessionStorage.removeItem(FORGOTTEN);

function row({ id, text, since }) {
  const item = document.createElement("li");
  const words = document.createElement("div");
  words.className = "vv-words";
  words.append(
    Object.assign(document.createElement("p"), { textContent: text, dir: "auto" }),
    Object.assign(document.createElement("small"), { textContent: `you said so on ${since}` }),
  );
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Forget" });
  button.setAttribute("aria-label", `Forget: ${text}`);
  button.addEventListener("click", () => { button.disabled = true; trigger("forget", { id }); });
  item.append(words, button);
  return item;
}

function save(text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  Object.assign(document.createElement("a"), { href: url, download: "what-visavis-knows-about-me.json" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

// A fresh page has nothing of the old one on it, whatever may still be under way.
function start_again(name) {
  localStorage.removeItem(name);
  sessionStorage.setItem(FORGOTTEN, "");
  location.reload();
}

function told({ turns, known }) {
  if (!turns && stranger) return "Everything about you is deleted.";
  if (!turns) return "Nothing yet. What you tell me is kept for your next visit, for you alone, until you delete it.";
  const kept = turns === 1 ? "One message of ours is kept" : `${turns} messages of ours are kept`;
  return known.length ? `${kept}, and from them I know:` : `${kept}.`;
}

function update() {
  const held = props.value;
  if (!held) return;
  if (held.forgotten) {
    start_again(held.forgotten);
    return;
  }
  count.textContent = held.known.length || "";
  turns.textContent = told(held);
  list.replaceChildren(...held.known.map(row));
  tools.hidden = !held.turns;
  if (held.file) save(held.file);
}

download.addEventListener("click", () => trigger("download", { asked: Date.now() }));
ask.addEventListener("click", () => dialog.showModal());
keep.addEventListener("click", () => dialog.close());
confirm.addEventListener("click", () => { dialog.close(); trigger("forget_me"); });
if (stranger) element.querySelector("details").open = true;
watch("value", update);
update();
