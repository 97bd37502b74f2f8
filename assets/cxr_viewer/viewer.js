// The component: one viewer per mount, kept while the page reruns; its film and map change with the data.

const viewers = new WeakMap();
const FIRST = { level: 50, width: 100, invert: false, tool: "window" };

// What level and width (percent of the film's range) make of each grey level.
function paintFilm(film, { level, width, invert }) {
  const low = (level - width / 2) / 100, shades = new Uint32Array(LEVELS);
  for (let k = 0; k < LEVELS; k++) {
    const part = Math.min(1, Math.max(0, (k / (LEVELS - 1) - low) / (width / 100)));
    const g = Math.round(255 * (invert ? 1 - part : part));
    shades[k] = (0xff000000 | (g << 16) | (g << 8) | g) >>> 0;
  }
  const picture = film.context.createImageData(film.width, film.height);
  const pixels = new Uint32Array(picture.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = shades[film.grey[i]];
  film.context.putImageData(picture, 0, 0);
}

function setWindow(v, level, width) {
  v.options.level = Math.min(100, Math.max(0, level));
  v.options.width = Math.min(150, Math.max(1, width));
  v.stale = true;
  refresh(v);
}

function draw(v) {
  const { context, film, options } = v, ratio = devicePixelRatio || 1;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = "#000";
  context.fillRect(0, 0, v.wide, v.height);
  if (!film) return;
  if (v.stale) paintFilm(film, options);
  v.stale = false;
  context.imageSmoothingEnabled = v.scale * ratio < 3;
  context.imageSmoothingQuality = "high";
  const place = [v.ox, v.oy, v.scale * film.width, v.scale * film.height];
  context.drawImage(film.context.canvas, ...place);
  if (v.map && options.shown) {
    context.imageSmoothingEnabled = true;
    context.globalAlpha = options.opacity / 100;
    context.drawImage(v.map, ...place);
    context.globalAlpha = 1;
  }
  v.canvas.classList.toggle("zoomed", v.scale > v.fitted * 1.001);
  const times = v.scale / v.fitted;
  v.state.textContent = [v.data.size, times > 1.001 && `zoom ${times.toFixed(1)}`, options.invert && "inverted"].filter(Boolean).join(", ");
}

function resize(v) {
  const full = v.root.matches(":fullscreen");
  v.root.classList.toggle("narrow", v.root.clientWidth < 520);
  const wide = v.stage.clientWidth, shape = v.film ? v.film.height / v.film.width : 1;
  const room = full ? innerHeight - 24 : Math.max(320, 0.7 * innerHeight);
  const height = full ? room : Math.min(wide * shape, room);
  if (!wide || (wide === v.wide && height === v.height)) return;
  const wasFitted = !v.fitted || v.scale <= v.fitted * 1.001;
  Object.assign(v, { wide, height });
  const ratio = devicePixelRatio || 1;
  v.canvas.width = Math.round(wide * ratio);
  v.canvas.height = Math.round(height * ratio);
  v.canvas.style.height = `${height}px`;
  if (wasFitted) return fit(v);
  if (v.film) v.fitted = Math.min(wide / v.film.width, height / v.film.height);
  zoom(v, 1);
}

function act(v, name) {
  const { options } = v;
  if (name === "in" || name === "out") zoom(v, name === "in" ? 1.4 : 1 / 1.4);
  else if (name === "fit") fit(v);
  else if (name === "window" || name === "move") options.tool = name;
  else if (name === "invert" || (name === "shown" && v.map)) options[name] = !options[name];
  else if (name === "reset") {
    Object.assign(options, FIRST);
    fit(v);
  } else if (name === "full") {
    if (v.root.getRootNode().fullscreenElement) document.exitFullscreen();
    else v.root.requestFullscreen?.();
  }
  v.stale = true;
  refresh(v);
}

// Buttons, sliders and legend say what is on.
function refresh(v) {
  const { options, root } = v;
  for (const button of root.querySelectorAll("[data-option] button")) {
    button.setAttribute("aria-pressed", options.tool === button.value);
  }
  for (const button of root.querySelectorAll("[data-toggle]")) button.setAttribute("aria-pressed", Boolean(options[button.dataset.toggle]));
  for (const slider of root.querySelectorAll("[data-range]")) {
    slider.value = options[slider.dataset.range];
    root.querySelector(`[data-of="${slider.dataset.range}"]`).textContent = `${Math.round(options[slider.dataset.range])} %`;
  }
  v.canvas.classList.toggle("moving", options.tool === "move");
  root.querySelector(".map").hidden = !v.map;
  redraw(v);
}

function legend(v, { title, method, signed, stops }) {
  v.root.querySelector(".head strong").textContent = title;
  v.root.querySelector(".head small").textContent = method;
  v.root.querySelector(".ramp").style.background = `linear-gradient(90deg, ${stops.join(",")})`;
  const ends = v.root.querySelectorAll(".ends span");
  (signed ? ["against", "none", "for"] : ["none", "", "most"]).forEach((word, k) => { ends[k].textContent = word; });
}

function create(parent) {
  const root = parent.querySelector(".film"), find = (selector) => root.querySelector(selector);
  const v = {
    root, stage: find(".stage"), canvas: find("canvas"), hint: find(".hint"), state: find(".state"), end: new AbortController(),
    wide: 0, height: 0, scale: 1, ox: 0, oy: 0, options: { ...FIRST, opacity: 55, shown: true },
  };
  v.context = v.canvas.getContext("2d", { alpha: false });
  onPointers(v);
  onKeys(v, act);
  listen(v, root, {
    click(event) {
      const button = event.target.closest("button");
      if (button) act(v, button.dataset.do ?? button.dataset.toggle ?? button.value);
    },
    input(event) {
      const name = event.target.dataset?.range;
      if (!name) return;
      v.options[name] = Number(event.target.value);
      v.stale ||= name !== "opacity";
      refresh(v);
    },
    fullscreenchange: () => resize(v),
  });
  v.watch = new ResizeObserver(() => resize(v));
  v.watch.observe(root);
  return v;
}

async function show(v, data) {
  const before = v.data;
  v.data = data;
  v.canvas.setAttribute("aria-label", data.description);
  if (before?.map?.id !== data.map?.id) {
    v.map = data.map ? paintMap(data.map) : null;
    if (data.map) v.options.shown = true;
  }
  if (data.map) legend(v, data.map);
  if (before?.id !== data.id) {
    const film = await readFilm(data.film);
    if (v.data.id !== data.id) return; // another film came meanwhile
    Object.assign(v, { film, stale: true, wide: 0 });
    Object.assign(v.options, FIRST);
    v.fitted = 0;
    resize(v);
  }
  refresh(v);
}

export default function ({ data, parentElement }) {
  let v = viewers.get(parentElement);
  if (!v || !v.root.isConnected) {
    v?.watch.disconnect();
    viewers.set(parentElement, (v = create(parentElement)));
  }
  if (v.data !== data) show(v, data);
  return () => {
    cancelAnimationFrame(v.pending);
    v.watch.disconnect();
    v.end.abort();
    viewers.delete(parentElement);
  };
}
