// The player. Gradio runs this once, with element, props, watch and server in reach.
"use strict";
const part = (role) => element.querySelector(`[data-role="${role}"]`);
const stage = element.querySelector(".vv-stage");
const [still, video, caption, status, play, again, captions, save] =
  ["still", "video", "caption", "status", "play", "again", "captions", "save"].map(part);
const SAYS = { idle: "", thinking: "Thinking …", speaking: "Speaking", waiting: "One moment …", done: "" };

let watching = "";      // key of the broadcast that is played
let finished = null;    // the scene with the clip of the present answer
let track = null;

function phase(name) {
  stage.dataset.phase = name;
  status.textContent = SAYS[name];
}

function start() {
  video.hidden = false;
  again.hidden = true;
  video.play().then(() => { play.hidden = true; }, (error) => {
    if (error.name !== "NotAllowedError") return;
    play.hidden = false;
    phase("idle");
  });
}

function clear() {
  delete stage.dataset.heard;
  watching = "";
  finished = null;
  video.pause();
  video.removeAttribute("src");
  video.replaceChildren();
  video.load();
  track = null;
  caption.textContent = "";
  for (const each of [video, play, again, captions, save]) each.hidden = true;
}

// Captions are written by the page itself: the browser's own hide under its controls and look different everywhere.
function caption_with(lines) {
  track = lines;
  track.mode = "hidden";
  track.addEventListener("cuechange", write);
  captions.hidden = false;
}

function write() {
  const wanted = captions.getAttribute("aria-pressed") === "true" && track;
  const cues = wanted ? [...track.activeCues ?? []] : [];
  caption.textContent = cues.map((cue) => cue.getCueAsHTML().textContent).join(" ");
}

function add({ start_s, end_s, text }) {
  const escaped = text.replace(/[<>&]/g, (sign) => ({ "<": "&lt;", ">": "&gt;", "&": "&amp;" })[sign]);
  track.addCue(new VTTCue(start_s, end_s, escaped));
}

const happens = (target, name) => new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));

async function follow(key) {
  const media = new MediaSource();
  video.src = URL.createObjectURL(media);
  caption_with(video.addTextTrack("captions", "Captions"));
  await happens(media, "sourceopen");
  let buffer = null, chunks = 0, cues = 0;
  for (;;) {
    const news = await server.more({ key, chunks, cues });
    if (watching !== key) return;
    if (!news) break;
    news.cues.forEach(add);
    cues += news.cues.length;
    for (const chunk of news.chunks) {
      buffer ??= media.addSourceBuffer(news.mime);
      buffer.appendBuffer(Uint8Array.from(atob(chunk), (sign) => sign.charCodeAt(0)));
      await happens(buffer, "updateend");
      if (watching !== key) return;
      if (++chunks === 2) { phase("speaking"); start(); }   // the header, then the first fragment
    }
    if (news.ended) break;
  }
  if (!buffer) throw new Error("The broadcast was empty.");
  media.endOfStream();
}

// Where a broadcast cannot be played, the clip is, once it is there.
function give_up(key, error) {
  if (watching !== key) return;
  console.warn(error);
  watching = "";
  if (finished) open(finished);
}

function open({ clip, captions: vtt }) {
  clear();
  const lines = Object.assign(document.createElement("track"), { kind: "captions", label: "Captions", src: vtt.url });
  video.append(lines);
  caption_with(lines.track);
  video.src = clip.url;
  phase("speaking");
  start();
}

function update() {
  const scene = props.value;
  if (!scene) return;
  if (scene.still) {
    still.src = scene.still.url;
    still.hidden = false;
  }
  if (scene.phase === "thinking" && scene.live !== watching) {
    clear();
    phase("thinking");
    if (window.MediaSource) {
      watching = scene.live;
      follow(scene.live).catch((error) => give_up(scene.live, error));
    }
  }
  if (scene.phase === "done" && scene.clip) {
    finished = scene;
    if (watching !== scene.live) open(scene);
    save.href = scene.clip.url;
    save.hidden = false;
  }
  if (scene.phase === "idle") {
    clear();
    phase("idle");
  }
}

video.addEventListener("playing", () => { phase("speaking"); });
video.addEventListener("waiting", () => { if (!video.ended) phase("waiting"); });
video.addEventListener("ended", () => { phase("done"); stage.dataset.heard = "whole"; again.hidden = false; });
video.addEventListener("keydown", (event) => {
  if (event.key !== " ") return;
  event.preventDefault();
  if (video.paused) video.play(); else video.pause();
});
play.addEventListener("click", start);
again.addEventListener("click", () => { video.currentTime = 0; start(); });
captions.addEventListener("click", () => {
  captions.setAttribute("aria-pressed", String(captions.getAttribute("aria-pressed") !== "true"));
  write();
});
// At once, without waiting for the server.
document.addEventListener("click", (event) => { if (event.target.closest("#vv-stop")) video.pause(); }, { capture: true });
watch("value", update);
update();
