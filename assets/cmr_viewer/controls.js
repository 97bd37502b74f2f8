// Buttons, sliders and legend: what they do, and how they say what is on.

const RANGES = {
  slice: { read: (v) => v.index + 1, write: (v, value) => turn(v, value - 1), words: (v) => `${v.index + 1} of ${v.stack.count}` },
  level: ofWindow("level", (v, value) => setWindow(v, value, v.options.width)),
  width: ofWindow("width", (v, value) => setWindow(v, v.options.level, value)),
  angle: { read: (v) => v.angle, write: setAngle, words: (v) => `${Math.round(v.angle)}°` },
  opacity: percent("opacity"), heat: percent("heat"),
  radius: { read: (v) => v.options.radius, write: (v, value) => set(v, "radius", value), words: (v) => `${v.options.radius} px` },
};

function ofWindow(name, write) {
  return { read: (v) => v.options[name], write, words: (v) => signal(v, v.options[name]) };
}

function percent(name) {
  return { read: (v) => v.options[name], write: (v, value) => set(v, name, value), words: (v) => `${v.options[name]} %` };
}

function set(v, name, value) {
  v.options[name] = value;
  refresh(v);
}

function onControls(v) {
  listen(v, v.root, {
    click(event) {
      const button = event.target.closest("button");
      if (!button || !v.stack) return;
      const { do: name, toggle, layer } = button.dataset;
      if (layer) {
        v.hidden.has(Number(layer)) ? v.hidden.delete(Number(layer)) : v.hidden.add(Number(layer));
        v.fills.length = 0;
        refresh(v);
      } else act(v, name ?? toggle ?? button.value);
    },
    input(event) {
      const range = RANGES[event.target.dataset?.range];
      if (range && v.stack) range.write(v, Number(event.target.value));
    },
  });
}

const ACTIONS = {
  in: (v) => v.montage || zoom(v, 1.4),
  out: (v) => v.montage || zoom(v, 1 / 1.4),
  fit: (v) => fit(v),
  heart: (v) => heart(v),
  earlier: (v) => turn(v, v.index - 1),
  later: (v) => turn(v, v.index + 1),
  open: (v) => (v.montage = false),
  smaller: (v) => (v.options.radius = Math.max(0.5, v.options.radius - 0.5)),
  larger: (v) => (v.options.radius = Math.min(15, v.options.radius + 0.5)),
  style: (v) => (v.options.style = v.options.style === "fill" ? "contour" : "fill"),
  segments: (v) => (v.options.segments = !v.options.segments),
  shown: (v) => (v.options.shown = !v.options.shown),
  undo: (v) => step(v, v.done, v.undone),
  redo: (v) => step(v, v.undone, v.done),
  model: (v) => setAll(v, v.model),
  discard: (v) => setAll(v, v.applied),
  apply: (v) => apply(v),
  montage(v) {
    v.box = heartBox(v);
    v.montage = !v.montage;
  },
  correct(v) {
    v.correct = !v.correct;
    if (!v.correct) v.options.tool = "window";
  },
  excluded(v) {
    v.excluded.has(v.index) ? v.excluded.delete(v.index) : v.excluded.add(v.index);
    changed(v);
  },
  reset(v) {
    firstWindow(v);
    fit(v);
  },
  full(v) {
    if (v.root.getRootNode().fullscreenElement) document.exitFullscreen();
    else v.root.requestFullscreen?.();
  },
};
const OF_MASK = ["style", "segments", "excluded", "correct", "undo", "redo", "model", "discard", "apply"];

function act(v, name) {
  if (!v.labels && OF_MASK.includes(name)) return;
  if (name === "contour" || name === "fill") v.options.style = name;
  else if (ACTIONS[name]) ACTIONS[name](v);
  else {
    v.options.tool = name; // window, move, a brush or a contour
    v.montage = false;
  }
  refresh(v);
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

function refresh(v) {
  const { root, options, stack } = v, find = (selector) => root.querySelector(selector);
  if (!stack) return;
  const press = (button, on) => button.setAttribute("aria-pressed", Boolean(on));
  for (const button of root.querySelectorAll("[data-option] button")) {
    press(button, options[button.closest("[data-option]").dataset.option] === button.value);
  }
  for (const button of root.querySelectorAll("[data-layer]")) press(button, !v.hidden.has(Number(button.dataset.layer)));
  const { montage, correct } = v, { segments, shown } = options;
  const on = { montage, correct, segments, shown, excluded: v.excluded.has(v.index) };
  for (const button of root.querySelectorAll("[data-toggle]")) press(button, on[button.dataset.toggle]);
  find('[data-toggle="correct"]').setAttribute("aria-expanded", v.correct);
  find('[data-range="slice"]').max = stack.count;
  const range = stack.high - stack.low;
  Object.assign(find('[data-range="level"]'), { min: stack.low, max: stack.high, step: range / 500 });
  Object.assign(find('[data-range="width"]'), { min: range / 200, max: 1.5 * range, step: range / 500 });
  for (const slider of root.querySelectorAll("[data-range]")) {
    const { read, words } = RANGES[slider.dataset.range];
    slider.value = read(v);
    slider.setAttribute("aria-valuetext", words(v));
    const said = find(`[data-of="${slider.dataset.range}"]`);
    if (said) said.textContent = words(v);
  }
  const there = { mask: v.labels, heat: v.heat, correct: v.labels && correct, segments: v.labels && segments, dirty: v.dirty };
  for (const part of root.querySelectorAll("[data-needs]")) part.hidden = !there[part.dataset.needs];
  find('[data-do="undo"]').disabled = !v.done.length;
  find('[data-do="redo"]').disabled = !v.undone.length;
  v.canvas.classList.toggle("moving", options.tool === "move");
  v.canvas.classList.toggle("tiled", v.montage);
  if (v.heat) legend(v, v.heat);
  redraw(v);
}

function legend(v, { title, method, signed, stops }) {
  v.root.querySelector(".head strong").textContent = title;
  v.root.querySelector(".head small").textContent = method;
  v.root.querySelector(".ramp").style.background = `linear-gradient(90deg, ${stops.join(",")})`;
  const ends = v.root.querySelectorAll(".ends span");
  (signed ? ["against", "none", "for"] : ["none", "", "most"]).forEach((word, k) => { ends[k].textContent = word; });
}
