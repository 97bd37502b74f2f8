// A picture in a viewer, for the rooms that show one: 1,024 grey levels in two colour channels of a PNG under a window, a heat
// map, where the picture lies, and the controls of all that. The viewer has film (width, height), range (low and high signal)
// and first (options of a reset); its own files define draw, there(v): what is there to be shown or hidden, on(v): toggles that
// are on, worded(v, signal), and refreshed(v) after the controls.

const LEVELS = 1024;
const FARTHEST = 12; // times the fitted size
const KEYS = { "+": "in", "=": "in", "-": "out", 0: "fit", r: "reset", w: "window", v: "move", a: "shown" };

const RANGES = { // sliders: how each is read, written and worded
  level: { read: (v) => v.options.level, write: (v, value) => setWindow(v, value, v.options.width), words: (v) => worded(v, v.options.level) },
  width: { read: (v) => v.options.width, write: (v, value) => setWindow(v, v.options.level, value), words: (v) => worded(v, v.options.width) },
  heat: percent("heat"),
};

const ACTIONS = { // what a button or a key does; any other name is a tool
  in: (v) => zoom(v, 1.4),
  out: (v) => zoom(v, 1 / 1.4),
  fit: (v) => fit(v),
  full: (v) => fullScreen(v),
  shown: (v) => (v.options.shown = !v.options.shown),
  reset(v) {
    Object.assign(v.options, v.first);
    fit(v);
  },
};

function beginPicture(parent, more) {
  const v = begin(parent, null, { wide: 0, height: 0, fitted: 0, heats: [], ...more });
  Object.assign(v, { state: v.root.querySelector(".state"), below: v.root.querySelector(".below") });
  v.context = v.canvas.getContext("2d", { alpha: false });
  listen(v, v.root, {
    click(event) {
      const button = event.target.closest("button"), name = button?.dataset.do ?? button?.dataset.toggle ?? button?.value;
      if (name && v.film) act(v, name);
    },
    input(event) {
      const range = RANGES[event.target.dataset?.range];
      if (range && v.film) range.write(v, Number(event.target.value));
    },
  });
  listen(v, v.canvas, {
    contextmenu: (event) => event.preventDefault(),
    dblclick(event) {
      if (["window", "move"].includes(v.options.tool)) zoom(v, event.shiftKey ? 0.5 : 2, ...at(v, event));
    },
  });
  return v;
}

function act(v, name) {
  if (ACTIONS[name]) ACTIONS[name](v);
  else Object.assign(v.options, { tool: name, montage: false });
  refresh(v);
}

function percent(name) {
  return { read: (v) => v.options[name], write: (v, value) => set(v, name, value), words: (v) => `${v.options[name]} %` };
}

function set(v, name, value) {
  v.options[name] = value;
  refresh(v);
}

function gripView(v, event) {
  if (!v.film || event.button > 2) return null;
  if (event.button === 2) return { what: "window" };
  return { what: event.button === 1 || event.shiftKey ? "move" : v.options.tool };
}

function dragView(v, held, last, now) {
  const dx = now[0] - last[0], dy = now[1] - last[1], range = v.range.high - v.range.low;
  if (held.what === "move") move(v, dx, dy);
  else if (held.what === "window") setWindow(v, v.options.level - (range * dy) / v.height, v.options.width + (range * dx) / v.wide);
}

async function readFilm(text) {
  const blob = await (await fetch(`data:image/png;base64,${text}`)).blob();
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const { width, height } = bitmap;
  const context = surface(width, height);
  context.drawImage(bitmap, 0, 0);
  const rgba = context.getImageData(0, 0, width, height).data;
  const grey = new Uint16Array(width * height);
  for (let i = 0; i < grey.length; i++) grey[i] = (rgba[4 * i] << 2) | (rgba[4 * i + 1] >> 6);
  return { width, height, grey };
}

function surface(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas.getContext("2d", { willReadFrequently: true });
}

// Grey levels as a canvas, painted anew when the window has changed; `made` keeps it.
function painted(v, made, grey, width, height) {
  const { level, width: span, invert } = v.options, window = `${level} ${span} ${invert}`;
  made.context ??= surface(width, height);
  if (made.window === window) return made.context.canvas;
  const { low, high } = v.range, step = (high - low) / (LEVELS - 1), black = level - span / 2;
  const shades = Uint32Array.from({ length: LEVELS }, (_, k) => {
    const part = Math.min(1, Math.max(0, (low + k * step - black) / span)), shade = Math.round(255 * (invert ? 1 - part : part));
    return (0xff000000 | (shade << 16) | (shade << 8) | shade) >>> 0;
  });
  const picture = made.context.createImageData(width, height), pixels = new Uint32Array(picture.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = shades[grey[i]];
  made.context.putImageData(picture, 0, 0);
  made.window = window;
  return made.context.canvas;
}

function setWindow(v, level, width) {
  const { low, high } = v.range, range = high - low;
  v.options.level = Math.min(high, Math.max(low, level));
  v.options.width = Math.min(1.5 * range, Math.max(range / 200, width));
  refresh(v);
}

// Colour and cover both grow with the weight: the film shows unchanged where the map is nothing. `slice`: of a stack of maps.
function paintMap({ values, rows, columns, signed, stops }, slice = 0) {
  const size = rows * columns, raw = atob(values).slice(slice * size, (slice + 1) * size), context = surface(columns, rows);
  const picture = context.createImageData(columns, rows);
  for (let i = 0; i < raw.length; i++) {
    const byte = raw.charCodeAt(i), value = (byte > 127 ? byte - 256 : byte) / 127;
    const shown = signed ? value : Math.max(0, value);
    picture.data.set([...colourAt(stops, signed ? (shown + 1) / 2 : shown), Math.round(255 * Math.abs(shown))], 4 * i);
  }
  context.putImageData(picture, 0, 0);
  return context.canvas;
}

function takeHeat(v, heat) {
  if (v.heat?.id === heat?.id) return;
  Object.assign(v, { heat, heats: [] });
  if (heat) v.options.shown = true;
}

function drawHeat(v, slice, place) {
  if (!v.heat || !v.options.shown) return;
  v.heats[slice] ??= paintMap(v.heat, slice);
  v.context.imageSmoothingEnabled = true;
  v.context.globalAlpha = v.options.heat / 100;
  v.context.drawImage(v.heats[slice], ...place);
  v.context.globalAlpha = 1;
}

// Scale and offset are in canvas pixels of the page; the film keeps its place in view.
function fit(v) {
  if (!v.film) return;
  v.scale = v.fitted = Math.min(v.wide / v.film.width, v.height / v.film.height);
  v.ox = (v.wide - v.scale * v.film.width) / 2;
  v.oy = (v.height - v.scale * v.film.height) / 2;
  redraw(v);
}

function zoom(v, factor, x = v.wide / 2, y = v.height / 2) {
  if (!v.film || v.options.montage) return;
  const scale = Math.min(FARTHEST * v.fitted, Math.max(v.fitted, v.scale * factor));
  v.ox = x - ((x - v.ox) * scale) / v.scale;
  v.oy = y - ((y - v.oy) * scale) / v.scale;
  v.scale = scale;
  move(v, 0, 0);
}

function move(v, dx, dy) {
  if (!v.film) return;
  const kept = (offset, room, size) => (size <= room ? (room - size) / 2 : Math.min(0, Math.max(room - size, offset)));
  v.ox = kept(v.ox + dx, v.wide, v.scale * v.film.width);
  v.oy = kept(v.oy + dy, v.height, v.scale * v.film.height);
  redraw(v);
}

function zoomed(v) {
  const times = v.scale / v.fitted;
  return times > 1.001 && !v.options.montage ? times : 0;
}

function resize(v) {
  v.root.classList.toggle("narrow", v.root.clientWidth < 560);
  const full = v.root.matches(":fullscreen"), below = v.below ? v.below.offsetHeight + 16 : 0;
  const wide = v.stage.clientWidth, shape = v.film ? v.film.height / v.film.width : 1;
  const room = full ? innerHeight - 24 - below : Math.max(320, v.tall * innerHeight);
  const height = full ? room : Math.min(wide * shape, room);
  if (!wide || (wide === v.wide && height === v.height)) return;
  const wasFitted = !v.fitted || v.scale <= v.fitted * 1.001;
  Object.assign(v, { ox: v.ox + (wide - v.wide) / 2, oy: v.oy + (height - v.height) / 2, wide, height }); // the middle stays
  sizeCanvas(v.canvas, wide, height);
  v.canvas.style.height = `${height}px`;
  if (wasFitted) return fit(v);
  if (v.film) v.fitted = Math.min(wide / v.film.width, height / v.film.height);
  zoom(v, 1);
}

function redraw(v) {
  cancelAnimationFrame(v.pending);
  v.pending = requestAnimationFrame(() => draw(v));
}

// A black canvas, in pixels of the page.
function clear({ context, wide, height }) {
  const ratio = window.devicePixelRatio || 1;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = "#000";
  context.fillRect(0, 0, wide, height);
  context.imageSmoothingQuality = "high";
}

// Buttons, sliders and legend say what is on.
function refresh(v) {
  const { root, options } = v, toggles = on(v), shown = { heat: v.heat, ...there(v) };
  if (!v.film) return;
  for (const button of root.querySelectorAll("[data-option] button")) {
    pressed(button, options[button.closest("[data-option]").dataset.option] === button.value);
  }
  for (const button of root.querySelectorAll("[data-toggle]")) pressed(button, toggles[button.dataset.toggle]);
  const { low, high } = v.range, range = high - low;
  Object.assign(root.querySelector('[data-range="level"]'), { min: low, max: high, step: range / 200 });
  Object.assign(root.querySelector('[data-range="width"]'), { min: range / 200, max: 1.5 * range, step: range / 200 });
  for (const slider of root.querySelectorAll("[data-range]")) {
    const { read, words } = RANGES[slider.dataset.range];
    slider.value = read(v);
    slider.setAttribute("aria-valuetext", words(v));
    const place = root.querySelector(`[data-of="${slider.dataset.range}"]`);
    if (place) place.textContent = words(v);
  }
  for (const part of root.querySelectorAll("[data-needs]")) part.hidden = !shown[part.dataset.needs];
  v.canvas.classList.toggle("moving", options.tool === "move");
  if (v.heat) legend(v, v.heat);
  refreshed(v);
  redraw(v);
}

function legend({ root }, { title, method, signed, stops }) {
  root.querySelector(".head strong").textContent = title;
  root.querySelector(".head small").textContent = method;
  root.querySelector(".ramp").style.background = `linear-gradient(90deg, ${stops.join(",")})`;
  const ends = root.querySelectorAll(".ends span");
  (signed ? ["against", "none", "for"] : ["none", "", "most"]).forEach((word, k) => { ends[k].textContent = word; });
}
