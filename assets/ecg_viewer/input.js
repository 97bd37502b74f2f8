// Pointer, wheel and keys.

function onPointers(v) {
  const down = new Map(); // pointer id -> last position
  let held = null; // what the first pointer holds
  listen(v, v.canvas, {
    pointerdown(event) {
      if (event.button) return;
      const [x, y] = at(v, event);
      down.set(event.pointerId, [x, y]);
      v.canvas.setPointerCapture(event.pointerId);
      v.canvas.focus({ preventScroll: true });
      const which = grip(v, x, y);
      const mm = [v.ox + x / v.scale, v.oy + y / v.scale];
      if (down.size > 1) held = null;
      else if (which) held = { which, mm, from: v.caliper };
      else if (v.options.calipers) {
        v.caliper = { a: mm, b: mm };
        held = { which: "b", mm, from: v.caliper };
      } else held = { which: "paper" };
      v.dragging = true;
      v.canvas.classList.toggle("dragging", held?.which === "paper");
      redraw(v, true);
    },
    pointermove(event) {
      const [x, y] = at(v, event);
      const last = down.get(event.pointerId);
      v.hover = [x, y];
      if (last && down.size === 2) pinch(v, down, event.pointerId, [x, y]);
      else if (last && held?.which === "paper") pan(v, (last[0] - x) / v.scale, (last[1] - y) / v.scale);
      else if (last && held) {
        holdCaliper(v, held.which, v.ox + x / v.scale - held.mm[0], v.oy + y / v.scale - held.mm[1], held.from);
      }
      if (last) down.set(event.pointerId, [x, y]);
      redraw(v, true);
    },
    pointerup: release,
    pointercancel: release,
    pointerleave() {
      v.hover = null;
      redraw(v, true);
    },
    dblclick(event) {
      if (!v.options.calipers) zoom(v, event.shiftKey ? 0.5 : 2, ...at(v, event));
    },
  });
  function release(event) {
    down.delete(event.pointerId);
    if (v.caliper && Math.hypot(v.caliper.a[0] - v.caliper.b[0], v.caliper.a[1] - v.caliper.b[1]) * v.scale < 3) v.caliper = null;
    held = null;
    v.dragging = false;
    v.canvas.classList.remove("dragging");
    v.refresh();
  }
}

function pinch(v, down, id, now) {
  const [other] = [...down].filter(([key]) => key !== id).map(([, value]) => value);
  const before = down.get(id);
  const spread = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]);
  const middle = (p) => [(p[0] + other[0]) / 2, (p[1] + other[1]) / 2];
  const [mx, my] = middle(now), [bx, by] = middle(before);
  zoom(v, spread(now) / Math.max(1, spread(before)), mx, my);
  pan(v, (bx - mx) / v.scale, (by - my) / v.scale);
}

function onWheel(v) {
  listen(v, v.canvas, {
    wheel(event) {
      const focused = isFocused(v);
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || (event.shiftKey && focused)) {
        event.preventDefault();
        return pan(v, (event.deltaX || event.deltaY) / v.scale, 0);
      }
      if (!focused && !event.ctrlKey && !event.metaKey) return showHint(v);
      event.preventDefault();
      const rows = event.deltaMode === 1 ? 16 : 1;
      zoom(v, Math.exp(-event.deltaY * rows * (event.ctrlKey ? 0.006 : 0.0016)), ...at(v, event));
    },
  });
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function onKeys(v, act) {
  const plain = { "+": "in", "=": "in", "-": "out", _: "out", 0: "fit", PageUp: "earlier", PageDown: "later",
    c: "calipers", m: "march", f: "fiducials", a: "attribution", Escape: "clear" };
  listen(v, v.canvas, {
    keydown(event) {
      if (event.ctrlKey || event.metaKey) return;
      const arrow = ARROWS[event.key];
      if (arrow && (event.shiftKey || event.altKey)) stepCaliper(v, arrow, event.altKey ? "both" : "b");
      else if (arrow) pan(v, arrow[0] * 10, arrow[1] * 5);
      else if (!plain[event.key] && !plain[event.key.toLowerCase()]) return;
      else act(plain[event.key] ?? plain[event.key.toLowerCase()]);
      event.preventDefault();
      event.stopPropagation(); // the app has shortcuts of its own
    },
  });
}

function stepCaliper(v, [dx, dy], which) { // 10 ms and 0.05 mV a step
  const { geo } = v;
  if (!v.caliper) {
    const x = v.ox + v.width / v.scale / 2, middle = v.oy + v.height / v.scale / 2;
    const row = geo.bands.reduce((best, r) => (Math.abs(r.base - middle) < Math.abs(best.base - middle) ? r : best));
    v.caliper = { a: [x, row.base], b: [x + 0.2 * geo.speed, row.base - 0.5 * geo.gain] };
  } else holdCaliper(v, which, dx * 0.01 * geo.speed, dy * 0.05 * geo.gain, v.caliper);
  v.refresh();
}
