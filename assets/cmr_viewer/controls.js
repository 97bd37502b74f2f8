// Buttons and sliders of the late-enhancement viewer, beside those of any picture.

Object.assign(KEYS, { h: "heart", m: "montage", c: "style", s: "segments", Enter: "open", "[": "smaller", "]": "larger" });

Object.assign(RANGES, {
  slice: { read: (v) => v.index + 1, write: (v, value) => turn(v, value - 1), words: (v) => `${v.index + 1} of ${v.stack.count}` },
  angle: { read: (v) => v.angle, write: setAngle, words: (v) => `${Math.round(v.angle)}°` },
  opacity: percent("opacity"),
  radius: { read: (v) => v.options.radius, write: (v, value) => set(v, "radius", value), words: (v) => `${v.options.radius} px` },
});

Object.assign(ACTIONS, {
  heart: (v) => heart(v),
  earlier: (v) => turn(v, v.index - 1),
  later: (v) => turn(v, v.index + 1),
  open: (v) => (v.options.montage = false),
  smaller: (v) => (v.options.radius = Math.max(0.5, v.options.radius - 0.5)),
  larger: (v) => (v.options.radius = Math.min(15, v.options.radius + 0.5)),
  montage(v) {
    v.box = heartBox(v);
    v.options.montage = !v.options.montage;
  },
  ...ofMask({
    style: (v) => (v.options.style = v.options.style === "fill" ? "contour" : "fill"),
    contour: (v) => (v.options.style = "contour"),
    fill: (v) => (v.options.style = "fill"),
    segments: (v) => (v.options.segments = !v.options.segments),
    undo: (v) => step(v, v.done, v.undone),
    redo: (v) => step(v, v.undone, v.done),
    model: (v) => setAll(v, v.model),
    discard: (v) => setAll(v, v.applied),
    apply: (v) => apply(v),
    correct(v) {
      v.options.correct = !v.options.correct;
      if (!v.options.correct) v.options.tool = "window";
    },
    excluded(v) {
      v.excluded.has(v.index) ? v.excluded.delete(v.index) : v.excluded.add(v.index);
      changed(v);
    },
  }),
});

// Actions that do nothing where there is no mask.
function ofMask(actions) {
  return Object.fromEntries(Object.entries(actions).map(([name, action]) => [name, (v) => v.labels && action(v)]));
}

const on = (v) => ({ ...v.options, excluded: v.excluded.has(v.index) });
const there = (v) => ({ mask: v.labels, correct: v.labels && v.options.correct, segments: v.labels && v.options.segments, dirty: v.dirty });

// Signal with as many digits as its range is worth.
function worded({ stack }, value) {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(stack.high - stack.low)));
  return value.toFixed(Math.min(digits, 6));
}

function onLayers(v) {
  listen(v, v.root.querySelector("[data-layers]"), {
    click(event) {
      const layer = Number(event.target.closest("button")?.dataset.layer);
      if (!layer) return;
      v.hidden.has(layer) ? v.hidden.delete(layer) : v.hidden.add(layer);
      v.fills.length = 0;
      refresh(v);
    },
  });
}

function layerButtons(v, classes) {
  v.root.querySelector("[data-layers]").replaceChildren(...classes.map(({ label, name, colour }) => {
    const button = document.createElement("button"), swatch = document.createElement("i");
    Object.assign(button, { type: "button", title: `Show or hide: ${name}` });
    button.dataset.layer = label;
    swatch.style.background = colour;
    button.append(swatch, name);
    return button;
  }));
  for (const button of v.root.querySelectorAll('[data-option="tool"] button[value^="paint"] i')) {
    button.style.background = v.colours[button.parentElement.value.slice(5)] ?? "transparent";
  }
}

function refreshed(v) {
  const { root, options, stack } = v, find = (selector) => root.querySelector(selector);
  for (const button of root.querySelectorAll("[data-layer]")) pressed(button, !v.hidden.has(Number(button.dataset.layer)));
  find('[data-toggle="correct"]').setAttribute("aria-expanded", options.correct);
  Object.assign(find('[data-range="slice"]'), { max: stack.count, value: v.index + 1 });
  find('[data-do="undo"]').disabled = !v.done.length;
  find('[data-do="redo"]').disabled = !v.undone.length;
  v.canvas.classList.toggle("tiled", options.montage);
}
