// What pointer, wheel and keys do on a slice.

const NEAR = { mouse: 12, pen: 14, touch: 24 }; // canvas pixels around a handle
const NOTCH = 50; // wheel travel that turns one slice
const TURNS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, PageUp: -3, PageDown: 3, Home: -Infinity, End: Infinity };

// What a press at (x, y) takes hold of.
function gripSlice(v, event, [x, y]) {
  const close = (point) => Math.hypot(point[0] - x, point[1] - y) < (NEAR[event.pointerType] ?? NEAR.mouse);
  const held = gripView(v, event);
  if (!held) return null;
  if (v.options.montage) return { what: "tile" };
  if (event.button || event.shiftKey) return held;
  if (v.ring && close(polar(v.ring.centre, v.ring.radius, v.angle))) return { what: "insertion" };
  const bend = bendOf(v);
  if (bend) {
    const moved = bend.points.findIndex((point) => close(seen(v, point)));
    return moved < 0 ? { what: "move" } : { what: "bend", moved };
  }
  if (brushOf(v) === null) return held;
  const before = snapshot(v, [v.index]);
  dab(v, place(v, [x, y]), place(v, [x, y]));
  return { what: "brush", before };
}

function place(v, [x, y]) {
  return [(x - v.ox) / v.scale, (y - v.oy) / v.scale];
}

function dragSlice(v, held, last, now) {
  if (held.what === "brush") dab(v, place(v, last), place(v, now));
  else if (held.what === "bend") v.bend.points[held.moved] = place(v, now);
  else if (held.what === "insertion") setAngle(v, angleOf(v.ring.centre, now));
  else return dragView(v, held, last, now);
  redraw(v);
}

// Ends what is held; an edit that was not finished (a second finger came) is taken back.
function dropSlice(v, held, finished, event) {
  if (held.what === "tile" && finished) openTile(v, at(v, event));
  else if (held.what === "brush") {
    if (!finished) restore(v, held.before);
    keep(v, held.before);
  } else if (held.what === "bend") {
    if (finished) refill(v, held.moved);
    v.bend = null;
  }
}

function rollSlices(v, event) {
  if (event.ctrlKey) return wheelZoom(v, event);
  v.rolled = (v.rolled ?? 0) + event.deltaY * (event.deltaMode ? 30 : 1);
  const slices = Math.trunc(v.rolled / NOTCH);
  v.rolled -= slices * NOTCH;
  if (slices) turn(v, v.index + Math.sign(slices)); // a fast wheel still shows every slice
}

function pressKey(v, event) {
  const name = KEYS[event.key] ?? KEYS[event.key.toLowerCase()], turned = TURNS[event.key], key = event.key.toLowerCase();
  if (!v.stack) return false;
  if (event.ctrlKey || event.metaKey) {
    if (key !== "z" && key !== "y") return false;
    act(v, key === "y" || event.shiftKey ? "redo" : "undo");
  } else if (event.altKey) {
    if (!turned || !REGION[v.options.tool]) return false;
    grow(v, -turned);
  } else if (turned) turn(v, v.index + turned);
  else if (name) act(v, name);
  else return false;
  return true;
}
