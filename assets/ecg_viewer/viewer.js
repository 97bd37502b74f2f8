// The ECG viewer: what its buttons do, what they say is on, and what the page sends.

function act(v, name) {
  const { options, study } = v;
  const able = { calipers: true, march: v.caliper, fiducials: study.fiducials, attribution: study.attribution };
  if (name in able) {
    if (able[name]) options[name] = !options[name];
    if (name === "calipers" && !options.calipers) v.caliper = null;
  } else if (name === "in" || name === "out") zoom(v, name === "in" ? 1.25 : 0.8);
  else if (name === "fit") fit(v);
  else if (name === "actual") zoom(v, ACTUAL / v.scale);
  else if (name === "earlier" || name === "later") page(v, name === "later" ? 1 : -1);
  else if (name === "clear") v.caliper = null;
  else if (name === "save") save(v);
  else if (name === "full") fullScreen(v);
  refresh(v);
}

function save(v) {
  draw({ ...v, hover: null, cross: {} }); // without the crosshair
  v.canvas.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = "ecg.png";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    redraw(v);
  });
}

// Buttons and legends say what is on.
function refresh(v) {
  const { options, study, root } = v;
  for (const button of root.querySelectorAll("[data-option] button")) {
    pressed(button, String(options[button.parentElement.dataset.option]) === button.value);
  }
  for (const button of root.querySelectorAll("[data-toggle]")) {
    const name = button.dataset.toggle;
    button.disabled = name in study && !study[name];
    pressed(button, options[name] && !button.disabled);
  }
  root.querySelector('[data-toggle="march"]').hidden = !v.caliper;
  v.canvas.classList.toggle("measuring", options.calipers);
  const paging = root.querySelector(".paging"), from = options.layout === "12x1" ? 0 : options.start;
  paging.hidden = study.duration <= SHEET_SECONDS + 0.1;
  const to = options.layout === "12x1" ? study.duration : Math.min(study.duration, from + SHEET_SECONDS);
  paging.querySelector(".when").textContent = `${+from.toFixed(1)}\u2013${+to.toFixed(1)} s of ${+study.duration.toFixed(1)} s`;
  legends(v);
  redraw(v);
}

function legends(v) {
  const { options, study, root, colours } = v;
  const waves = root.querySelector(".waves"), why = root.querySelector(".why");
  waves.hidden = !(options.fiducials && study.fiducials);
  waves.replaceChildren(...WAVES.flatMap((name, k) => {
    const chip = document.createElement("i");
    chip.style.background = colours.waves[k];
    return [chip, name];
  }));
  why.hidden = !(options.attribution && study.attribution);
  if (why.hidden) return;
  const { signed, title } = study.attribution;
  const stops = Array.from({ length: 17 }, (_, k) => attributionColour(v, signed ? k / 8 - 1 : k / 16));
  const ramp = document.createElement("span"), small = (text) => Object.assign(document.createElement("small"), { textContent: text });
  ramp.className = "ramp";
  ramp.style.background = `linear-gradient(90deg, ${stops.join(",")}), ${colours.ecg_paper}`;
  why.replaceChildren(small(title), small(signed ? "against" : "little"), ramp, small(signed ? "for" : "much"));
}

// The theme is Streamlit's: its ground tells light from dark.
function theme(v) {
  const style = getComputedStyle(v.root);
  const [r, g, b] = (style.backgroundColor.match(/[\d.]+/g) ?? [255, 255, 255]).map(Number);
  v.colours = v.palettes[0.299 * r + 0.587 * g + 0.114 * b < 128 ? "dark" : "light"];
  v.font = style.fontFamily || "sans-serif";
}

function create(parent, data) {
  const v = begin(parent, ".stage", {
    width: 0, height: 0, fitted: true, caliper: null,
    options: { ...data.options, start: 0, calipers: false, march: false, fiducials: false, attribution: true },
  });
  Object.assign(v, { reading: v.root.querySelector(".reading"), cross: v.root.querySelector(".cross") });
  v.front = v.canvas.getContext("2d", { alpha: false });
  v.sheet = document.createElement("canvas").getContext("2d", { alpha: false });
  v.x = (mm) => (mm - v.ox) * v.scale;
  v.y = (mm) => (mm - v.oy) * v.scale;
  onPointers(v, { grip: gripPaper, drag: dragPaper, drop: dropPaper, hovered: () => redraw(v, true) });
  onSideways(v);
  onWheel(v, (event) => wheelZoom(v, event));
  onKeys(v, (event) => pressKey(v, event));
  listen(v, v.canvas, {
    dblclick(event) {
      if (!v.options.calipers) zoom(v, event.shiftKey ? 0.5 : 2, ...at(v, event));
    },
  });
  listen(v, v.root, {
    click(event) {
      const button = event.target.closest("button");
      if (!button) return;
      const option = button.parentElement.dataset.option;
      if (option) {
        v.options[option] = option === "layout" ? button.value : Number(button.value);
        relayout(v);
        refresh(v);
      } else act(v, button.dataset.do ?? button.dataset.toggle);
    },
  });
  return v;
}

function show(v, data) {
  const before = v.study;
  if (v.data !== data) {
    v.data = data;
    v.palettes = data.palettes;
    v.study = readStudy(data);
    v.canvas.setAttribute("aria-label", v.study.description);
    if (v.study.attribution && v.study.attribution.id !== before?.attribution?.id) v.options.attribution = true;
  }
  theme(v);
  if (before?.id !== v.study.id) {
    v.options.start = 0;
    relayout(v);
  }
  refresh(v);
}

export default component(create, show);
