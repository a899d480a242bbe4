/* Dragging cards, and a board that follows what others do. Without this file 移动 does everything. */
(() => {
  "use strict";
  const board = document.getElementById("board");
  if (!board || !window.Sortable || !window.htmx) return;
  const all = (selector) => Array.from(board.querySelectorAll(selector));
  const column = (key) => document.getElementById("column-" + key);
  const wide = window.matchMedia("(min-width: 821px)");
  let drag = null;      /* {card, from, next, moves, over}: from lifting a card until its answer has come */
  let asking = 0;       /* requests under way that may change cards */
  let fading = 0;

  const options = {
    group: "board", draggable: ".card", sort: false, animation: 120, delay: 250, delayOnTouchOnly: true,
    filter: ".card__move, .sentence", preventOnFilter: false, forceFallback: true, fallbackOnBody: true,
    fallbackTolerance: 5, scrollSensitivity: 70, scrollSpeed: 16, fallbackClass: "card--lifted", ghostClass: "card--ghost", chosenClass: "card--chosen",
    onStart: lift, onMove: pass, onEnd: put,
  };

  const busy = () => drag !== null || asking > 0 || document.querySelector("dialog[open]") !== null;

  function settle() {
    all("[data-cards]").forEach((list) => {
      const sortable = window.Sortable.get(list) || new window.Sortable(list, options);
      sortable.option("disabled", !wide.matches || asking > 0 || (drag !== null && drag.put));
    });
  }

  function lift(event) {
    const card = event.item;
    const form = card.querySelector("form");
    drag = { card, form, from: event.from, next: card.nextElementSibling, put: false, back: false, cancelled: false };
    drag.moves = fetch(form.action, { headers: { Accept: "application/json" }, credentials: "same-origin" })
      .then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
    card.querySelectorAll(".sentence").forEach((it) => it.remove());
    board.classList.add("is-dragging");
    event.from.closest(".column").classList.add("is-source");
    drag.moves.then(lightUp);
  }

  function lightUp(found) {
    if (!found || !drag || drag.put) return;
    Object.keys(found.columns).forEach((key) => {
      const it = column(key);
      if (!it) return;
      it.classList.add("may-enter");
      it.querySelector(".column__drop").textContent = found.columns[key].title;
    });
  }

  function pass(event) {
    all(".is-over").forEach((it) => it.classList.remove("is-over"));
    event.to.closest(".column").classList.add("is-over");
  }

  function dim() {
    board.classList.remove("is-dragging");
    all(".column").forEach((it) => it.classList.remove("may-enter", "is-source", "is-over"));
    all(".column__drop").forEach((it) => { it.textContent = ""; });
  }

  function put(event) {
    dim();
    if (drag.cancelled || event.to === event.from || !over(event)) { giveBack(); return finish(); }
    drag.put = true;
    settle();
    const held = drag;
    held.moves.then((found) => { if (drag === held) drop(event.to.dataset.cards, found); });
  }

  /* Sortable keeps the last column crossed; only where the hand lets go counts. */
  function over(event) {
    const at = event.originalEvent && (event.originalEvent.changedTouches || [event.originalEvent])[0];
    if (!at) return true;
    const there = document.elementFromPoint(at.clientX, at.clientY);
    const column = there && there.closest(".column");
    return Boolean(column && column.contains(event.to));
  }

  function drop(key, found) {
    /* Somebody else was first: let the server say so, whatever may be done now. */
    const fresh = found && String(found.version) === drag.form.elements.version.value;
    const way = fresh ? found.columns[key] : null;
    if (way && way.url) return window.htmx.ajax("GET", way.url, { source: board, target: "#dialogs", swap: "innerHTML" });
    const values = { move: way ? way.move : "", column: key };
    return window.htmx.ajax("POST", drag.form.getAttribute("action"), { source: drag.form, target: "#dialogs", swap: "innerHTML", values });
  }

  /* The card lies again where it was lifted; what the server answers then moves it. */
  function giveBack() {
    if (!drag || drag.back) return;
    drag.back = true;
    drag.from.insertBefore(drag.card, drag.next && drag.next.parentElement === drag.from ? drag.next : null);
  }

  function finish() {
    drag = null;
    settle();
  }

  function cancel() {
    drag.cancelled = true;
    ["pointerup", "mouseup"].forEach((name) => document.dispatchEvent(new MouseEvent(name, { bubbles: true })));
  }

  function show(card) {
    if (!card) return;
    const link = card.querySelector(".card__title a");
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (link) link.focus({ preventScroll: true });
  }

  function fade() {
    clearTimeout(fading);
    fading = setTimeout(() => {
      const note = document.querySelector("#board-message .board__said");
      if (note) note.remove();
      all(".is-changed").forEach((it) => it.classList.remove("is-changed"));
    }, 8000);
  }

  const isPoll = (event) => event.detail.elt && event.detail.elt.id === "board-poll";
  const isPost = (event) => event.detail.requestConfig && event.detail.requestConfig.verb === "post";
  const isOurs = (event) => isPost(event) || event.detail.elt === board;
  const opensDialog = (event) => event.detail.xhr.responseText.indexOf("<dialog") >= 0;

  document.addEventListener("htmx:configRequest", (event) => {
    const poll = document.getElementById("board-poll");
    if (event.detail.verb === "post" && poll) event.detail.parameters.since = poll.dataset.stamp;
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isPoll(event)) {
      if (busy() || document.hidden) event.preventDefault();
      return;
    }
    if (isPost(event)) asking += 1;
    settle();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (isPoll(event) && (busy() || event.detail.xhr.status >= 400)) { event.detail.shouldSwap = false; return; }
    if (isPost(event) && event.detail.shouldSwap && !opensDialog(event)) giveBack();
    all("[data-cards]").forEach((list) => { const it = window.Sortable.get(list); if (it) it.option("disabled", true); });
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (isPoll(event)) return settle();
    if (isPost(event)) asking = Math.max(0, asking - 1);
    if (isOurs(event) && (event.detail.failed || !opensDialog(event))) {
      giveBack();
      finish();
      show(board.querySelector(".card--refused, .is-changed"));
    }
    return fade();
  });
  document.addEventListener("visibilitychange", () => {
    const poll = document.getElementById("board-poll");
    if (!document.hidden && poll) window.htmx.trigger(poll, "refresh");
  });
  document.addEventListener("htmx:afterSettle", settle);
  document.addEventListener("dialog:closed", () => {
    if (!drag) return;
    const card = drag.card;
    giveBack();
    finish();
    show(card);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && drag && !drag.put) cancel();
  });
  wide.addListener(settle);
  settle();
})();
