/* Drawer, dialogs, stock opinions, focus and loading. Every page works without this file. */
(() => {
  "use strict";
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const closest = (event, selector) => (event.target.closest ? event.target.closest(selector) : null);
  let opener = null;
  let timer = 0;

  function ready(root) {
    all("[data-print],[data-phrases],[data-needs-script]", root).forEach((it) => { it.hidden = false; });
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

  document.addEventListener("click", (event) => {
    const button = closest(event, "[data-drawer],[data-drawer-close],[data-dialog-close],[data-print],[data-phrase],[data-fill-account]");
    all("details[data-menu][open]").forEach((it) => { if (!it.contains(event.target)) it.open = false; });
    if (!button) return;
    const data = button.dataset;
    if ("phrase" in data) return insertPhrase(button);
    if ("fillAccount" in data) return fillAccount(button);
    if ("print" in data) return window.print();
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
  });

  /* A second press of the same button must not send the move twice. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
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
