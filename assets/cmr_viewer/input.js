// Pointer, wheel and keys.

const NEAR = { mouse: 12, pen: 14, touch: 24 }; // canvas pixels around a handle
const NOTCH = 50; // wheel travel that turns one slice

// What a press at (x, y) takes hold of.
function gripAt(v, event, [x, y]) {
  const close = (point) => Math.hypot(point[0] - x, point[1] - y) < (NEAR[event.pointerType] ?? NEAR.mouse);
  if (v.montage) return { what: "tile" };
  if (event.button === 2) return { what: "window" };
  if (event.button === 1 || event.shiftKey) return { what: "move" };
  if (v.ring && close(polar(v.ring.centre, v.ring.radius, v.angle))) return { what: "insertion" };
  const bend = bendOf(v);
  if (bend) {
    const moved = bend.points.findIndex((point) => close(seen(v, point)));
    return moved < 0 ? { what: "move" } : { what: "bend", moved };
  }
  if (brushOf(v) !== null) return { what: "brush", before: snapshot(v, [v.index]) };
  return { what: v.options.tool };
}

function place(v, [x, y]) {
  return [(x - v.ox) / v.scale, (y - v.oy) / v.scale];
}

function drag(v, held, last, now) {
  const dx = now[0] - last[0], dy = now[1] - last[1], range = v.stack.high - v.stack.low;
  if (held.what === "move") move(v, dx, dy);
  else if (held.what === "window") setWindow(v, v.options.level - (range * dy) / v.height, v.options.width + (range * dx) / v.wide);
  else if (held.what === "brush") dab(v, place(v, last), place(v, now));
  else if (held.what === "bend") v.bend.points[held.moved] = place(v, now);
  else if (held.what === "insertion") setAngle(v, angleOf(v.ring.centre, now));
  redraw(v);
}

function onPointers(v) {
  const down = new Map(); // pointer id -> last position
  let held = null; // what the first pointer holds
  listen(v, v.canvas, {
    pointerdown(event) {
      if (!v.stack || event.button > 2) return;
      const now = at(v, event);
      down.set(event.pointerId, now);
      v.canvas.setPointerCapture(event.pointerId);
      v.canvas.focus({ preventScroll: true });
      if (down.size > 1) letGo(false);
      else {
        held = gripAt(v, event, now);
        if (held.what === "brush") dab(v, place(v, now), place(v, now));
      }
      v.canvas.classList.toggle("dragging", held?.what === "move");
      redraw(v);
      event.preventDefault();
    },
    pointermove(event) {
      const now = at(v, event), last = down.get(event.pointerId);
      v.hover = event.pointerType === "touch" ? null : now;
      if (last && down.size === 2 && !v.montage) pinch(v, down, event.pointerId, now);
      else if (last && held) drag(v, held, last, now);
      else if (brushOf(v) !== null) redraw(v);
      if (last) down.set(event.pointerId, now);
    },
    pointerup(event) {
      if (held?.what === "tile") openTile(v, at(v, event));
      end(event, true);
    },
    pointercancel: (event) => end(event, false),
    pointerleave() {
      v.hover = null;
      redraw(v);
    },
    contextmenu: (event) => event.preventDefault(),
    dblclick: (event) => v.options.tool === "move" && !v.montage && zoom(v, event.shiftKey ? 0.5 : 2, ...at(v, event)),
    wheel(event) {
      if (!event.ctrlKey && !isFocused(v)) return showHint(v);
      event.preventDefault();
      if (event.ctrlKey) return v.montage || zoom(v, Math.exp(-event.deltaY * (event.deltaMode ? 0.1 : 0.004)), ...at(v, event));
      v.rolled = (v.rolled ?? 0) + event.deltaY * (event.deltaMode ? 30 : 1);
      const slices = Math.trunc(v.rolled / NOTCH);
      v.rolled -= slices * NOTCH;
      if (slices) turn(v, v.index + Math.sign(slices)); // a fast wheel still shows every slice
    },
  });
  // Ends what is held; without `finish` (a second finger came) an edit begun is taken back.
  function letGo(finish) {
    if (held?.what === "brush") {
      if (!finish) restore(v, held.before);
      keep(v, held.before);
    } else if (held?.what === "bend") {
      if (finish) refill(v, held.moved);
      v.bend = null;
    }
    held = null;
    v.canvas.classList.remove("dragging");
    redraw(v);
  }
  function end(event, finish) {
    if (!down.delete(event.pointerId)) return;
    letGo(finish);
  }
}

const KEYS = { "+": "in", "=": "in", "-": "out", 0: "fit", h: "heart", r: "reset", w: "window", v: "move", m: "montage",
  c: "style", s: "segments", a: "shown", Enter: "open", "[": "smaller", "]": "larger" };
const TURNS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, PageUp: -3, PageDown: 3, Home: -Infinity, End: Infinity };

function onKeys(v) {
  listen(v, v.canvas, {
    keydown(event) {
      const name = KEYS[event.key] ?? KEYS[event.key.toLowerCase()], turned = TURNS[event.key];
      if (!v.stack) return;
      if (event.altKey && turned && REGION[v.options.tool]) grow(v, -turned);
      else if (event.ctrlKey || event.metaKey) {
        const key = event.key.toLowerCase();
        if (key === "z") act(v, event.shiftKey ? "redo" : "undo");
        else if (key === "y") act(v, "redo");
        else return;
      } else if (event.altKey) return;
      else if (turned) turn(v, v.index + turned);
      else if (name) act(v, name);
      else return;
      event.preventDefault();
      event.stopPropagation(); // the app has shortcuts of its own
    },
  });
}
