// What pointer, wheel and keys do on the paper.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEYS = { "+": "in", "=": "in", "-": "out", _: "out", 0: "fit", pageup: "earlier", pagedown: "later", c: "calipers", m: "march",
  f: "fiducials", a: "attribution", escape: "clear" };

// The calipers or an end of them, new ones, or the paper.
function gripPaper(v, event, [x, y]) {
  if (event.button) return null;
  const which = grip(v, x, y), mm = [v.ox + x / v.scale, v.oy + y / v.scale];
  v.dragging = true;
  if (which) return { what: which, mm, from: v.caliper };
  if (!v.options.calipers) return { what: "move" };
  v.caliper = { a: mm, b: mm };
  return { what: "b", mm, from: v.caliper };
}

function dragPaper(v, held, last, [x, y]) {
  if (held.what === "move") move(v, x - last[0], y - last[1]);
  else holdCaliper(v, held.what, v.ox + x / v.scale - held.mm[0], v.oy + y / v.scale - held.mm[1], held.from);
}

function dropPaper(v) {
  if (v.caliper && Math.hypot(v.caliper.a[0] - v.caliper.b[0], v.caliper.a[1] - v.caliper.b[1]) * v.scale < 3) v.caliper = null;
  v.dragging = false;
  refresh(v);
}

// Sideways the wheel turns the paper, also where it is not focused: nothing else on the page scrolls that way.
function onSideways(v) {
  listen(v, v.canvas, {
    wheel(event) {
      if (Math.abs(event.deltaX) <= Math.abs(event.deltaY) && !(event.shiftKey && isFocused(v))) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      pan(v, (event.deltaX || event.deltaY) / v.scale, 0);
    },
  });
}

function pressKey(v, event) {
  if (event.ctrlKey || event.metaKey) return false;
  const arrow = ARROWS[event.key], name = KEYS[event.key.toLowerCase()];
  if (arrow && (event.shiftKey || event.altKey)) stepCaliper(v, arrow, event.altKey ? "both" : "b");
  else if (arrow) pan(v, arrow[0] * 10, arrow[1] * 5);
  else if (name) act(v, name);
  return Boolean(arrow || name);
}

function stepCaliper(v, [dx, dy], which) { // 10 ms and 0.05 mV a step
  const { geo } = v;
  if (!v.caliper) {
    const x = v.ox + v.width / v.scale / 2, middle = v.oy + v.height / v.scale / 2;
    const row = geo.bands.reduce((best, r) => (Math.abs(r.base - middle) < Math.abs(best.base - middle) ? r : best));
    v.caliper = { a: [x, row.base], b: [x + 0.2 * geo.speed, row.base - 0.5 * geo.gain] };
  } else holdCaliper(v, which, dx * 0.01 * geo.speed, dy * 0.05 * geo.gain, v.caliper);
  refresh(v);
}
