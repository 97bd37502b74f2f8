// The replay: which hour is shown, what is said of it, and how it moves on.

function go(v, row) {
  v.row = Math.min(Math.max(row, 0), rowsOf(v) - 1);
  refresh(v);
}

function play(v, on) {
  clearTimeout(v.timer);
  v.playing = on;
  if (on && v.row >= rowsOf(v) - 1) v.row = 0;
  refresh(v);
  if (on) v.timer = setTimeout(() => onward(v), 1000 / v.speed);
}

function onward(v) {
  if (!v.root.isConnected || !v.playing) return;
  v.row = Math.min(v.row + 1, rowsOf(v) - 1);
  if (v.row === rowsOf(v) - 1) return play(v, (v.playing = false));
  refresh(v);
  v.timer = setTimeout(() => onward(v), 1000 / v.speed);
}

function act(v, name) {
  if (name === "play") return play(v, !v.playing);
  play(v, false);
  if (name === "explain") return v.send("explain", { row: v.row, at: Date.now() }); // the same hour may be asked for again
  const rows = { first: 0, back: v.row - 1, forward: v.row + 1, last: rowsOf(v) - 1 };
  go(v, rows[name]);
}

// Numbers, sentences and buttons say what is shown.
function refresh(v) {
  const said = v.stay.said[v.row], find = (name) => v.root.querySelector(`[data-say="${name}"]`);
  for (const name of ["hour", "risk", "interval", "without", "score", "response"]) find(name).textContent = said[name];
  v.root.querySelector('[data-needs="without"]').style.visibility = said.without ? "visible" : "hidden";
  const risk = v.root.querySelector(".said .risk"), over = sounds(v, v.row);
  risk.classList.toggle("over", over);
  risk.classList.toggle("thin", Boolean(said.thin));
  find("interval").textContent = over ? `${said.interval}, alarm` : said.interval;
  const changed = find("changed"), words = said.changed.join("; ");
  changed.replaceChildren();
  if (said.thin) changed.append(Object.assign(document.createElement("em"), { textContent: `${said.thin} ` }));
  changed.append(words ? `${words[0].toUpperCase()}${words.slice(1)}.` : "The first hour.");
  v.scrub.value = v.row;
  v.scrub.setAttribute("aria-valuetext", said.hour);
  v.root.classList.toggle("playing", v.playing);
  const button = v.root.querySelector('[data-do="play"]');
  button.setAttribute("aria-label", v.playing ? "Pause" : "Play");
  for (const one of v.root.querySelectorAll("[data-speed]")) pressed(one, Number(one.dataset.speed) === v.speed);
  const legend = v.root.querySelector(".why"), { why } = v.stay;
  legend.hidden = !why;
  if (why) legend.querySelector(".of").textContent = `Strips: what each value adds to the risk at ${why.hour} h`;
  v.root.querySelector('[data-do="explain"]').hidden = !v.stay.explains;
  v.canvas.setAttribute("aria-label", `${said.hour}: risk ${said.risk}, ${said.interval}; NEWS2 ${said.score}. ${said.thin}`);
  redraw(v);
}

function redraw(v) {
  cancelAnimationFrame(v.pending);
  v.pending = requestAnimationFrame(() => v.wide > 0 && paint(v));
}

function resize(v) {
  v.wide = v.root.clientWidth;
  v.canvas.style.height = `${v.high}px`;
  redraw(v);
}

// Neither is of use here: the hour axis always shows the whole stay.
const zoom = () => {}, move = () => {};

// The theme is Streamlit's: its ground tells light from dark.
function theme(v) {
  const style = getComputedStyle(v.root);
  const [r, g, b] = (style.backgroundColor.match(/[\d.]+/g) ?? [255, 255, 255]).map(Number);
  v.colours = v.stay.palettes[0.299 * r + 0.587 * g + 0.114 * b < 128 ? "dark" : "light"];
  v.font = style.fontFamily || "sans-serif";
  for (const name of ["muted", "attention"]) v.root.style.setProperty(`--${name}`, v.colours[name]);
  const { surface, sequential, opposing } = v.colours;
  v.root.querySelector(".ramp").style.background =
    `linear-gradient(90deg, ${[...opposing.toReversed(), surface, ...sequential].join(",")})`;
}

const KEYS = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last", " ": "play" };

function create(parent, data) {
  const v = begin(parent, ".stage", { stay: data, row: 0, wide: 0, high: 0, playing: false, speed: 4 });
  v.front = v.canvas.getContext("2d");
  v.scrub = v.root.querySelector(".scrub");
  const drag = (_, __, ___, now) => go(v, rowAt(v, now[0]));
  onPointers(v, {
    grip(_, event, now) {
      play(v, false);
      go(v, rowAt(v, now[0]));
      return { what: "hour" };
    },
    drag,
  });
  onKeys(v, (event) => {
    const name = event.altKey || event.ctrlKey || event.metaKey ? null : KEYS[event.key];
    if (name) act(v, name);
    return Boolean(name);
  });
  listen(v, v.scrub, {
    input() {
      const row = Number(v.scrub.value);
      play(v, false);
      go(v, row);
    },
  });
  listen(v, v.root, {
    click(event) {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.speed) {
        v.speed = Number(button.dataset.speed);
        refresh(v);
      } else act(v, button.dataset.do);
    },
  });
  return v;
}

function show(v, data) {
  const other = v.id !== data.id;
  v.stay = data;
  v.id = data.id;
  theme(v);
  arrange(v);
  v.scrub.max = rowsOf(v) - 1;
  if (other) {
    play(v, false);
    v.row = rowsOf(v) - 1;
  }
  resize(v);
  refresh(v);
}

export default component(create, show);
