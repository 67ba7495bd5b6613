// What was said, as text nodes. Gradio runs this once, with element, props and watch in reach.
"use strict";
const log = element.querySelector(".vv-log");
const list = element.querySelector("ol");
const welcome = element.querySelector(".vv-welcome");
const NAMES = { user: "You", assistant: "The portrait" };

function bubble(role) {
  const item = document.createElement("li");
  item.className = `vv-${role}`;
  const name = Object.assign(document.createElement("span"), { className: "vv-unseen", textContent: `${NAMES[role]}: ` });
  const words = document.createElement("span");
  words.dir = "auto";
  item.append(name, words);
  return item;
}

function update() {
  const { turns = [], busy = false } = props.value || {};
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  log.setAttribute("aria-busy", String(busy));
  turns.forEach(({ role, text }, index) => {
    const item = list.children[index] ?? list.appendChild(bubble(role));
    if (item.lastChild.textContent !== text) item.lastChild.textContent = text;
  });
  while (list.children.length > turns.length) list.lastChild.remove();
  welcome.hidden = turns.length > 0;
  if (atEnd || turns.at(-1)?.role === "user") log.scrollTop = log.scrollHeight;
}

watch("value", update);
update();
