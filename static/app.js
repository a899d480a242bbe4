/* Drawer, dialogs, stock opinions, focus, loading, and below the board. Every page works without this file. */
(() => {
  "use strict";
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const closest = (event, selector) => (event.target.closest ? event.target.closest(selector) : null);
  let opener = null;
  let timer = 0;

  function ready(root) {
    all("[data-print],[data-phrases],[data-needs-script],[data-tick-all]", root).forEach((it) => { it.hidden = false; });
    all("[data-autosubmit] .narrow__go", root).forEach((it) => { it.hidden = true; });
    all("dialog[data-open]", root).forEach(openDialog);
  }

  function openDialog(dialog) {
    dialog.removeAttribute("data-open");
    if (dialog.showModal && !dialog.open) dialog.showModal();
    const first = dialog.querySelector(".sentence--refused, .field--wrong .form-control, .form-control, .form-select");
    if (first) first.focus();
    dialog.addEventListener("close", () => {
      dialog.remove();
      document.dispatchEvent(new CustomEvent("dialog:closed"));
      if (opener && document.contains(opener)) opener.focus();
      opener = null;
    });
  }

  function drawer(open) {
    document.body.classList.toggle("nav-open", open);
    const menu = document.querySelector("[data-drawer]");
    if (menu) menu.setAttribute("aria-expanded", String(open));
    const place = open ? document.getElementById("nav") : menu;
    if (place) place.focus();
  }

  function insertPhrase(button) {
    const box = button.closest("[data-phrases]");
    const area = document.getElementById(box.dataset.phrases);
    const at = area.selectionStart === undefined ? area.value.length : area.selectionStart;
    area.setRangeText(button.dataset.phrase, at, area.selectionEnd, "end");
    box.open = false;
    area.focus();
  }

  function fillAccount(button) {
    document.getElementById("account").value = button.dataset.fillAccount;
    const password = document.getElementById("password");
    password.value = button.dataset.fillPassword || "";
    password.focus();
  }

  /* By selection: an intranet without TLS has no clipboard to write to. */
  function copyOut(button) {
    window.getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
    if (document.execCommand("copy")) button.textContent = "已复制";
  }

  document.addEventListener("click", (event) => {
    const button = closest(event, "[data-drawer],[data-drawer-close],[data-dialog-close],[data-print],[data-copy],[data-phrase],[data-fill-account]");
    all("details[data-menu][open]").forEach((it) => { if (!it.contains(event.target)) it.open = false; });
    if (!button) return;
    const data = button.dataset;
    if ("phrase" in data) return insertPhrase(button);
    if ("fillAccount" in data) return fillAccount(button);
    if ("print" in data) return window.print();
    if ("copy" in data) return copyOut(button);
    if ("dialogClose" in data && !button.closest("dialog")) return;
    event.preventDefault();
    if ("dialogClose" in data) button.closest("dialog").close();
    else drawer("drawer" in data && !document.body.classList.contains("nav-open"));
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      all("details[data-menu][open]").forEach((it) => { it.open = false; it.querySelector("summary").focus(); });
      if (document.body.classList.contains("nav-open")) drawer(false);
    }
    if (event.key === "Enter" && event.ctrlKey && event.target.nodeName === "TEXTAREA") {
      const primary = event.target.form.querySelector("button.btn-primary, button.btn-danger");
      if (primary) primary.click();
    }
    if (event.key === " " && event.target.getAttribute("role") === "button") {
      event.preventDefault();
      event.target.click();
    }
  });

  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && "autosubmit" in form.dataset && event.target.nodeName === "SELECT") form.submit();
    if ("tickAll" in event.target.dataset) {
      all("input[type=checkbox]:not([data-alone])", form).forEach((it) => { it.checked = event.target.checked; });
    }
  });

  /* A second press of the same button must not send the move twice. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    /* A file leaves the page standing: nothing tells when it has come. */
    if ("download" in form.dataset) return setTimeout(() => { delete form.dataset.sent; }, 5000);
    loadingSoon();
  });
  window.addEventListener("pageshow", () => { all("form[data-sent]").forEach((it) => { delete it.dataset.sent; }); loaded(); });

  function loadingSoon() {
    clearTimeout(timer);
    timer = setTimeout(() => { document.getElementById("loading").hidden = false; }, 300);
  }

  function loaded() {
    clearTimeout(timer);
    const note = document.getElementById("loading");
    if (note) note.hidden = true;
  }

  /* A refusal is an answer to show, not an error to drop. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.xhr.getResponseHeader("X-Refusal")) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });

  const quiet = (event) => "quiet" in event.detail.elt.dataset;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (quiet(event)) return;
    if (event.detail.elt.getAttribute("role") === "button") opener = event.detail.elt;
    loadingSoon();
  });
  document.addEventListener("htmx:afterRequest", (event) => { if (!quiet(event)) loaded(); });
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.elt.dataset) delete event.detail.elt.dataset.sent; });
  document.addEventListener("htmx:afterSettle", () => { ready(document); showStage(""); });
  document.addEventListener("htmx:sendError", (event) => quiet(event) || say("没有连上服务器，刚才的办理未送出。请检查网络后再办理一次。"));
  document.addEventListener("htmx:responseError", (event) => {
    if (!quiet(event)) say(event.detail.xhr.status === 403 ? "您没有办理这一步的权限，或登录已过期。请刷新页面后再办理。" : "刚才的办理未完成。请刷新页面查看最新情况后再办理。");
  });

  /* A sentence goes where the eye is: into the open dialog, else above the content. */
  function say(words) {
    const note = document.createElement("div");
    note.className = "sentence sentence--refused";
    note.setAttribute("role", "alert");
    note.tabIndex = -1;
    note.textContent = words;
    const dialog = document.querySelector("dialog[open] form");
    const place = dialog || document.getElementById("flash");
    if (!place) return;
    all(":scope > .sentence", place).forEach((it) => it.remove());
    place.insertBefore(note, place.firstChild);
    note.focus();
  }

  /* The stage switcher: one column at a time on a narrow screen, a jump on a wide one. */
  let shown = "";
  function showStage(key) {
    const board = document.getElementById("board");
    if (!board) return;
    const columns = all("[data-column]", board);
    const first = columns.find((it) => it.querySelector(".card")) || columns[0];
    shown = key || shown || (first ? first.dataset.column : "");
    board.classList.add("has-switcher");
    columns.forEach((it) => it.classList.toggle("is-shown", it.dataset.column === shown));
    all("#board-stages [data-stage]").forEach((it) => it.classList.toggle("is-shown", it.dataset.stage === shown));
  }
  document.addEventListener("click", (event) => {
    const link = closest(event, "#board-stages [data-stage]");
    if (!link) return;
    event.preventDefault();
    showStage(link.dataset.stage);
    const column = document.getElementById("column-" + link.dataset.stage);
    if (window.innerWidth > 820) column.scrollIntoView({ inline: "start", block: "nearest" });
    else link.parentElement.scrollLeft = link.offsetLeft - 60;
    const card = column.querySelector(".card__title a");
    if (card && event.detail === 0) card.focus();
  });

  ready(document);
  showStage("");
  const now = document.querySelector(".strip .is-now");
  if (now && now.parentElement.scrollWidth > now.parentElement.clientWidth) now.parentElement.scrollLeft = now.offsetLeft - 120;
  const flash = document.querySelector("#flash .sentence--refused");
  if (flash) flash.focus();
})();

/* Whoever types for long is still there, and the server is told. A page that lies untouched asks once the time is
   over, goes to the login by itself and shows its contents to nobody who passes by. */
(() => {
  "use strict";
  const path = document.body.dataset.presence;
  const idle = Number(document.body.dataset.idle) * 1000;
  if (!path || !idle) return;
  const spacing = Math.min(5 * 60 * 1000, idle / 3);
  let last = Date.now();

  document.addEventListener("input", () => {
    if (Date.now() - last < spacing) return;
    last = Date.now();
    const token = JSON.parse(document.body.getAttribute("hx-headers"));
    fetch(path, { method: "POST", headers: token, credentials: "same-origin" }).catch(() => {});
  });

  setInterval(() => {
    if (Date.now() - last < idle) return;
    const here = { "HX-Request": "true", "HX-Current-URL": window.location.href };
    fetch(path, { headers: here, credentials: "same-origin" }).then((answer) => {
      const login = answer.headers.get("HX-Redirect");
      if (login) window.location.assign(login);
    }).catch(() => {});
  }, 60 * 1000);
})();

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
