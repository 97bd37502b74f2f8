// What the viewers of all rooms share. Every handler hangs on the viewer's own elements and goes with them.

function listen(v, target, events) {
  for (const [name, handler] of Object.entries(events)) {
    target.addEventListener(name, handler, { signal: v.end.signal, passive: false });
  }
}

function at(v, event) {
  const box = v.canvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

// The wheel belongs to the page until the canvas is clicked (or Ctrl held): nobody gets stuck while scrolling by.
function isFocused(v) {
  return v.canvas.getRootNode().activeElement === v.canvas;
}

function showHint(v) {
  v.hint.classList.add("shown");
  clearTimeout(v.hinting);
  v.hinting = setTimeout(() => v.hint.classList.remove("shown"), 1200);
}
