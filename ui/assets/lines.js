// Lines of text, as text nodes. Gradio runs this once, with element, props and watch in reach.
"use strict";
const list = element.querySelector("ul");
list.setAttribute("role", element.closest(".vv-alert") ? "alert" : "status");

function update() {
  const lines = Array.isArray(props.value) ? props.value : [];
  list.replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
  list.hidden = lines.length === 0;
}

watch("value", update);
update();
