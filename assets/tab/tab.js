// The name of this tab's session, kept by the tab alone: it survives a reload and is gone with the tab. Leaving a tab with a
// study in it is asked about.

const KEY = "cardioscope.tab";

function kept() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null; // the browser allows no storage: a reload begins anew
  }
}

function keep(name) {
  try {
    sessionStorage.setItem(KEY, name);
  } catch {
    // as above
  }
}

export default function ({ data, setStateValue }) {
  if (window.cardioscopeHolds === undefined) {
    window.addEventListener("beforeunload", (event) => window.cardioscopeHolds && event.preventDefault());
  }
  window.cardioscopeHolds = data.holds;
  const before = kept();
  if (before === data.tab) return;
  keep(data.tab);
  if (before) setStateValue("before", before);
}
