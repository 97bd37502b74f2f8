// The film viewer: one picture, its window in percent of the film's range, inversion.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

Object.assign(KEYS, { i: "invert", m: "shown" });
Object.assign(ACTIONS, { invert: (v) => (v.options.invert = !v.options.invert) });

const on = (v) => v.options;
const there = () => ({});
const worded = (v, value) => `${Math.round(value)} %`;

function refreshed(v) {
  v.canvas.classList.toggle("held", zoomed(v) > 0);
}

function draw(v) {
  const { context, film, options } = v;
  clear(v);
  if (!film) return;
  const place = [v.ox, v.oy, v.scale * film.width, v.scale * film.height];
  context.imageSmoothingEnabled = v.scale * (window.devicePixelRatio || 1) < 3;
  context.drawImage(painted(v, film, film.grey, film.width, film.height), ...place);
  drawHeat(v, 0, place);
  refreshed(v);
  const times = zoomed(v);
  v.state.textContent = [v.data.size, times && `zoom ${times.toFixed(1)}`, options.invert && "inverted"].filter(Boolean).join(", ");
}

function create(parent) {
  const first = { level: 50, width: 100, invert: false, tool: "window" };
  const v = beginPicture(parent, { tall: 0.7, range: { low: 0, high: 100 }, first, options: { ...first, heat: 55, shown: true } });
  onPointers(v, { grip: gripView, drag: dragView });
  onWheel(v, (event) => wheelZoom(v, event));
  onKeys(v, (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const arrow = ARROWS[event.key], name = KEYS[event.key.toLowerCase()];
    if (arrow && v.options.tool === "move") move(v, -40 * arrow[0], -40 * arrow[1]);
    else if (arrow) setWindow(v, v.options.level - 2 * arrow[1], v.options.width + 2 * arrow[0]);
    else if (name) act(v, name);
    return Boolean(arrow || name);
  });
  return v;
}

async function show(v, data) {
  const before = v.data;
  if (before === data) return;
  v.data = data;
  v.canvas.setAttribute("aria-label", data.description);
  takeHeat(v, data.heat);
  if (before?.id !== data.id) {
    const film = await readFilm(data.film);
    if (v.data.id !== data.id) return; // another film came meanwhile
    Object.assign(v, { film, wide: 0, fitted: 0 });
    Object.assign(v.options, v.first);
    resize(v);
  }
  refresh(v);
}

export default component(create, show);
