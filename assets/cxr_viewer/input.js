// Pointer, wheel and keys.

function onPointers(v) {
  const down = new Map(); // pointer id -> last position
  listen(v, v.canvas, {
    pointerdown(event) {
      if (event.button > 1) return;
      down.set(event.pointerId, at(v, event));
      v.canvas.setPointerCapture(event.pointerId);
      v.canvas.focus({ preventScroll: true });
      v.grip = event.button === 1 || event.shiftKey ? "move" : v.options.tool;
      v.canvas.classList.toggle("dragging", v.grip === "move");
      event.preventDefault();
    },
    pointermove(event) {
      const last = down.get(event.pointerId);
      if (!last) return;
      const [x, y] = at(v, event);
      if (down.size === 2) pinch(v, down, event.pointerId, [x, y]);
      else if (v.grip === "move") move(v, x - last[0], y - last[1]);
      else setWindow(v, v.options.level - (100 * (y - last[1])) / v.height, v.options.width + (100 * (x - last[0])) / v.wide);
      down.set(event.pointerId, [x, y]);
    },
    pointerup: release,
    pointercancel: release,
    dblclick: (event) => zoom(v, event.shiftKey ? 0.5 : 2, ...at(v, event)),
    wheel(event) {
      if (!event.ctrlKey && !isFocused(v)) return showHint(v);
      event.preventDefault();
      zoom(v, Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), ...at(v, event));
    },
  });
  function release(event) {
    down.delete(event.pointerId);
    v.canvas.classList.remove("dragging");
  }
}

const KEYS = { "+": "in", "=": "in", "-": "out", 0: "fit", i: "invert", m: "shown", r: "reset", w: "window", v: "move" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function onKeys(v, act) {
  listen(v, v.canvas, {
    keydown(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const arrow = ARROWS[event.key], name = KEYS[event.key.toLowerCase()];
      if (arrow && v.options.tool === "move") move(v, -40 * arrow[0], -40 * arrow[1]);
      else if (arrow) setWindow(v, v.options.level - 2 * arrow[1], v.options.width + 2 * arrow[0]);
      else if (name) act(v, name);
      else return;
      event.preventDefault();
    },
  });
}
