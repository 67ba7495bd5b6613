// What was remembered, as text nodes. Gradio runs this once, with element, props, watch and trigger in reach.
"use strict";
const KINDS = { user: "you said", agent: "I said", fact: "about you", knowledge: "looked up" };
const list = element.querySelector("[data-role=list]");
const none = element.querySelector("[data-role=none]");

function make(name, text, ...classes) {
  const made = document.createElement(name);
  made.textContent = text;
  made.classList.add(...classes);
  return made;
}

function row({ id, kind, speaker, text, why, source, at }) {
  const item = document.createElement("li");
  const about = [KINDS[speaker] ?? KINDS[kind] ?? speaker, source, at].filter(Boolean).join(" · ");
  const words = make("div", "", "vv-words");
  words.append(make("p", text), make("small", about));
  if (why) words.title = why;
  item.append(words);
  if (kind !== "knowledge") {
    const button = make("button", "Forget");
    button.type = "button";
    button.setAttribute("aria-label", `Forget: ${text}`);
    button.addEventListener("click", () => { button.disabled = true; trigger("forget", { id }); });
    item.append(button);
  }
  return item;
}

function update() {
  const rows = Array.isArray(props.value) ? props.value : [];
  list.replaceChildren(...rows.map(row));
  none.hidden = rows.length > 0;
}

if (matchMedia("(max-width: 860px)").matches) element.querySelector("details").open = false;   // long lists, small screens
watch("value", update);
update();
