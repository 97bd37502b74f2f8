// What the viewers of all rooms share: mounting, pointers, keys, wheel, full screen. A viewer `v` has root, stage, canvas, and
// functions resize, redraw, zoom(v, factor, x, y) and move(v, dx, dy) in canvas pixels, which its own files define.
// Every handler hangs on the viewer's own elements and goes with them. A viewer's files are joined into one module.

const viewers = new WeakMap();

// The component: one viewer per mount, kept while the page reruns, told apart by its parent element. `show` takes new data.
function component(create, show) {
  return ({ data, parentElement, setStateValue }) => {
    let v = viewers.get(parentElement);
    if (!v || !v.root.isConnected) {
      v?.watch.disconnect();
      viewers.set(parentElement, (v = create(parentElement, data)));
    }
    v.send = setStateValue;
    show(v, data);
    return () => {
      cancelAnimationFrame(v.pending);
      v.watch.disconnect();
      v.end.abort();
      viewers.delete(parentElement);
    };
  };
}

// The parts that every viewer has, with `more` of its own; `watched` is the element whose size it follows.
function begin(parent, watched, more) {
  const root = parent.querySelector(".viewer"), find = (selector) => root.querySelector(selector);
  const v = { root, stage: find(".stage"), canvas: find("canvas"), hint: find(".hint"), end: new AbortController(),
    scale: 1, ox: 0, oy: 0, hover: null, ...more };
  listen(v, root, { fullscreenchange: () => resize(v) });
  v.watch = new ResizeObserver(() => resize(v));
  v.watch.observe(find(watched) ?? root);
  return v;
}

function listen(v, target, events) {
  for (const [name, handler] of Object.entries(events)) {
    target.addEventListener(name, handler, { signal: v.end.signal, passive: false });
  }
}

function at(v, event) {
  const box = v.canvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

// What a press holds and where it is dragged; two fingers pinch. `grip(v, event, [x, y])` says what a press takes hold of, an
// object with `what`, or null; `drag(v, held, last, now)` moves it; `drop(v, held, finished)` ends it, unfinished where a
// second finger came; `hovered(v)` after each move.
function onPointers(v, { grip, drag, drop, hovered = () => {} }) {
  const down = new Map(); // pointer id -> last position
  let held = null;
  function letGo(event, finished) {
    if (held) drop?.(v, held, finished, event);
    held = null;
    v.canvas.classList.remove("dragging");
    redraw(v);
  }
  function release(event, finished) {
    if (down.delete(event.pointerId)) letGo(event, finished);
  }
  listen(v, v.canvas, {
    pointerdown(event) {
      const now = at(v, event), next = down.size ? null : grip(v, event, now);
      if (!next && !down.size) return;
      down.set(event.pointerId, now);
      v.canvas.setPointerCapture(event.pointerId);
      v.canvas.focus({ preventScroll: true });
      if (down.size > 1) letGo(event, false);
      else held = next;
      v.canvas.classList.toggle("dragging", held?.what === "move");
      redraw(v);
      event.preventDefault();
    },
    pointermove(event) {
      const now = at(v, event), last = down.get(event.pointerId);
      v.hover = event.pointerType === "touch" ? null : now;
      if (last && down.size === 2) pinch(v, down, event.pointerId, now);
      else if (last && held) drag(v, held, last, now);
      if (last) down.set(event.pointerId, now);
      hovered(v);
    },
    pointerup: (event) => release(event, true),
    pointercancel: (event) => release(event, false),
    pointerleave() {
      v.hover = null;
      hovered(v);
    },
  });
}

function pinch(v, down, moving, now) {
  const other = [...down].find(([id]) => id !== moving)[1], last = down.get(moving);
  const spread = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
  zoom(v, spread(now) / spread(last), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
  move(v, (now[0] - last[0]) / 2, (now[1] - last[1]) / 2);
}

// The wheel belongs to the page until the canvas is clicked (or Ctrl held): nobody gets stuck while scrolling by.
function onWheel(v, roll) {
  listen(v, v.canvas, {
    wheel(event) {
      if (!event.ctrlKey && !event.metaKey && !isFocused(v)) return showHint(v);
      event.preventDefault();
      roll(event);
    },
  });
}

function wheelZoom(v, event) {
  const speed = (event.deltaMode ? 0.026 : 0.0016) * (event.ctrlKey ? 3 : 1);
  zoom(v, Math.exp(-event.deltaY * speed), ...at(v, event));
}

function isFocused(v) {
  return v.canvas.getRootNode().activeElement === v.canvas;
}

function showHint(v) {
  v.hint.classList.add("shown");
  clearTimeout(v.hinting);
  v.hinting = setTimeout(() => v.hint.classList.remove("shown"), 1200);
}

// What a control does with a key itself.
const SLIDES = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"]);

function takes(control, key) {
  if (control.matches("button")) return key === " " || key === "Enter";
  if (control.matches("input[type=range]")) return SLIDES.has(key);
  return control.matches("input, select, textarea");
}

// Wherever in the viewer the focus is. `press(event)` returns whether the key was for the viewer.
function onKeys(v, press) {
  listen(v, v.root, {
    keydown(event) {
      if (takes(event.target, event.key) || !press(event)) return;
      event.preventDefault();
      event.stopPropagation(); // the app has shortcuts of its own
    },
  });
}

function fullScreen(v) {
  if (v.root.getRootNode().fullscreenElement) document.exitFullscreen();
  else v.root.requestFullscreen?.();
}

// A canvas of this size in pixels of the page; one that has it already keeps what is drawn.
function sizeCanvas(canvas, wide, high) {
  const [width, height] = [wide, high].map((size) => Math.round(size * (window.devicePixelRatio || 1)));
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
}

// Red, green and blue between the stops (#rrggbb) of a scale; `part` from 0 to 1.
function colourAt(stops, part) {
  const at = part * (stops.length - 1), k = Math.min(Math.floor(at), stops.length - 2);
  const channel = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  return [0, 1, 2].map((i) => Math.round(channel(stops[k], i) + (at - k) * (channel(stops[k + 1], i) - channel(stops[k], i))));
}

function pressed(button, on) {
  button.setAttribute("aria-pressed", Boolean(on));
}
