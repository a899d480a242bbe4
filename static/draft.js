"use strict";
// What was typed survives an expired login: it waits in this window's sessionStorage, under the
// form's address and its owner, and goes away when the form was accepted or the window is closed.
(function () {
  const PREFIX = "draft:";
  const form = document.querySelector("form[data-draft]");
  const store = safeStore();
  if (!store) return;
  if (!form) return settle();
  const key = PREFIX + form.dataset.owner + ":" + form.dataset.draft;
  const start = JSON.stringify(read());
  let timer = 0;

  if ("kept" in form.dataset) save();
  else restore();
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 400); });
  form.addEventListener("submit", () => { clearTimeout(timer); save(true); });
  const drop = form.querySelector("[data-draft-drop]");
  if (drop) drop.addEventListener("click", () => { clearTimeout(timer); store.removeItem(key); });

  // Some browsers forbid the storage altogether; the page then simply does without.
  function safeStore() {
    try {
      window.sessionStorage.setItem(PREFIX, "");
      window.sessionStorage.removeItem(PREFIX);
      return window.sessionStorage;
    } catch (error) { return null; }
  }

  function fields() {
    return Array.from(form.elements).filter((it) => it.name && !/^(csrf_token|version|then)$/.test(it.name));
  }

  function version() {
    return form.elements.version ? form.elements.version.value : "";
  }

  function read() {
    return fields().map((it) => [it.name, it.value, Boolean(it.checked)]);
  }

  function save(sent) {
    const typed = read();
    try {
      store.setItem(key, JSON.stringify({ sent: sent === true, version: version(), typed: typed }));
    } catch (error) { store.removeItem(key); }
  }

  function restore() {
    const kept = JSON.parse(store.getItem(key) || "null");
    if (!kept || JSON.stringify(kept.typed) === start) return;
    fields().forEach((it, n) => {
      const was = kept.typed[n];
      if (!was || was[0] !== it.name) return;
      if (it.type === "checkbox" || it.type === "radio") it.checked = was[2];
      else it.value = was[1];
      it.dispatchEvent(new Event("input", { bubbles: true }));
    });
    // The version it was typed on: if somebody saved in between, the server compares instead of overwriting.
    if (form.elements.version) form.elements.version.value = kept.version;
    say("上次填写、尚未保存的内容已补上，请核对后保存；不需要的，按“不保存，返回”。");
  }

  function say(words) {
    const note = document.createElement("div");
    note.className = "sentence sentence--warning";
    note.setAttribute("role", "status");
    note.textContent = words;
    document.getElementById("flash").appendChild(note);
  }

  // On a matter's page: the forms that were sent have arrived, their copies may go.
  function settle() {
    Object.keys(store).filter((it) => it.indexOf(PREFIX) === 0).forEach((it) => {
      if (JSON.parse(store.getItem(it) || "{}").sent) store.removeItem(it);
    });
  }
})();
