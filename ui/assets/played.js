(...given) => {
  // In the browser, before a handler: its last input becomes how many seconds of the present answer have been played; null when
  // nothing is being played, or for the second time.
  const stage = document.querySelector(".vv-stage");
  const video = stage.querySelector("video");
  const on = ["thinking", "speaking", "waiting"].includes(stage.dataset.phase) && !stage.dataset.heard;
  return [...given.slice(0, -1), on ? video.currentTime : null];
}
