"use strict";
// What was typed survives an expired login, a fault, a reload: it waits in this window's sessionStorage,
// under its owner and the form's address, until the server says that it arrived or the window is closed.
(function () {
  const PREFIX = "draft:";
  const store = safeStore();
  if (!store) return;
  settle();
  start(document);
  document.addEventListener("htmx:load", (event) => { settle(); start(event.detail.elt); });
  document.addEventListener("draft-arrived", (event) => forget(event.detail.value));

  // Some browsers forbid the storage altogether; the page then simply does without.
  function safeStore() {
    try {
      window.sessionStorage.setItem(PREFIX, "");
      window.sessionStorage.removeItem(PREFIX);
      return window.sessionStorage;
    } catch (error) { return null; }
  }

  function settle() {
    document.querySelectorAll("[data-arrived]").forEach((it) => { forget(it.dataset.arrived); it.remove(); });
  }

  function forget(name) {
    Object.keys(store).filter((key) => key === PREFIX + name || key.indexOf(PREFIX + name + "/") === 0)
      .forEach((key) => store.removeItem(key));
  }

  function start(root) {
    root.querySelectorAll("form[data-draft]").forEach((form) => {
      if ("draftReady" in form.dataset) return;
      form.dataset.draftReady = "";
      track(form);
    });
  }

  function fields(form) {
    return Array.from(form.elements).filter((it) => it.name && !/^(hidden|file|submit|button)$/.test(it.type));
  }

  function read(form) {
    return fields(form).map((it) => [it.name, it.value, Boolean(it.checked)]);
  }

  function version(form) {
    return form.elements.version ? form.elements.version.value : "";
  }

  function track(form) {
    const key = PREFIX + form.dataset.draft;
    const begun = "kept" in form.dataset ? "" : JSON.stringify(read(form));
    let timer = 0;

    function save() {
      clearTimeout(timer);
      timer = 0;
      if (!document.contains(form)) return;
      const typed = read(form);
      if (JSON.stringify(typed) === begun) return store.removeItem(key);
      try {
        store.setItem(key, JSON.stringify({ version: version(form), typed: typed }));
      } catch (error) { store.removeItem(key); }
    }

    function soon() {
      clearTimeout(timer);
      timer = setTimeout(save, 400);
    }

    function drop() {
      clearTimeout(timer);
      timer = 0;
      store.removeItem(key);
    }

    if (begun) restore(form, key, begun);
    else save();
    form.addEventListener("input", soon);
    form.addEventListener("click", (event) => {
      if (event.target.closest("[data-draft-drop]")) drop();
      else if (event.target.closest("[data-phrase]")) soon(); // inserted without an input event
    });
    form.addEventListener("submit", save);
    // An upload beside it raises the version on which the opinion is written, even a moment before one leaves.
    function again() { if (timer || store.getItem(key)) save(); }
    document.addEventListener("htmx:afterSettle", again);
    window.addEventListener("pagehide", again);
  }

  function restore(form, key, begun) {
    const kept = JSON.parse(store.getItem(key) || "null");
    if (!kept || JSON.stringify(kept.typed) === begun) return;
    // An opinion belongs to the version it was written on: another round asks for another one.
    const opinion = "draftOpinion" in form.dataset;
    if (opinion && kept.version !== version(form)) return store.removeItem(key);
    fields(form).forEach((it, n) => {
      const was = kept.typed[n];
      if (!was || was[0] !== it.name) return;
      if (it.type === "checkbox" || it.type === "radio") it.checked = was[2];
      else it.value = was[1];
      it.dispatchEvent(new Event("input", { bubbles: true }));
    });
    // The version a text was typed on: if somebody saved in between, the server compares instead of overwriting.
    if (form.elements.version) form.elements.version.value = kept.version;
    if (opinion) say("刚才填写、尚未送出的内容已补上，请核对后再办理。", form);
    else say("上次填写、尚未保存的内容已补上，请核对后保存；不需要的，按“不保存，返回”。", document.getElementById("flash"));
  }

  function say(words, place) {
    const note = document.createElement("div");
    note.className = "sentence sentence--warning";
    note.setAttribute("role", "status");
    note.textContent = words;
    place.insertBefore(note, place.firstChild);
  }
})();
