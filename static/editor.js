"use strict";
// Makes <textarea name="body"> pleasanter: clean pasting from Word or WPS, level
// marks that number on (GB/T 9704, 7.3.3), a count, a height that follows the text.
// Without this file the textarea works and the server cleans what was pasted.
(function () {
  const HAN = "一二三四五六七八九十";
  const BLOCKS = /^(P|DIV|LI|TR|H[1-6]|TABLE|UL|OL|SECTION|ARTICLE|BLOCKQUOTE|HR|BR)$/;
  const SKIPPED = /^(STYLE|SCRIPT|HEAD|TITLE|META|LINK|DEL|TEMPLATE|NOSCRIPT|OBJECT)$/;
  const MARKS = [
    null,
    /^([一二三四五六七八九十百]{1,4})、/,
    /^（([一二三四五六七八九十百]{1,4})）/,
    /^([0-9]{1,2})\.(?=\d{4}年|\D|$)/,
    /^（([0-9]{1,2})）/,
  ];
  const LONG = 4000;

  function inHan(n) {
    const tens = Math.floor(n / 10), ones = n % 10;
    return (tens > 1 ? HAN[tens - 1] : "") + (tens ? "十" : "") + (ones ? HAN[ones - 1] : "");
  }

  function fromHan(text) {
    const at = text.indexOf("十");
    if (at < 0) return HAN.indexOf(text) + 1;
    return (at ? HAN.indexOf(text[0]) + 1 : 1) * 10 + HAN.indexOf(text[at + 1] || " ") + 1;
  }

  function mark(level, n) {
    return ["", inHan(n) + "、", "（" + inHan(n) + "）", n + ".", "（" + n + "）"][level];
  }

  function levelOf(line) {
    for (let level = 1; level < MARKS.length; level += 1) {
      const found = MARKS[level].exec(line);
      if (found) return { level: level, n: level < 3 ? fromHan(found[1]) : Number(found[1]), length: found[0].length };
    }
    return { level: 0, n: 0, length: 0 };
  }

  // The number that follows the nearest mark of this level above, unless a higher level began since.
  function nextNumber(lines, level) {
    for (let i = lines.length - 1; i >= 0; i -= 1) {
      const above = levelOf(lines[i].trim());
      if (above.level === level) return above.n + 1;
      if (above.level && above.level < level) return 1;
    }
    return 1;
  }

  function tidy(line) {
    return line
      .replace(/[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\uf000-\uf0ff]/g, "")
      .replace(/[\t\u00a0\u2000-\u200a\u202f]/g, " ")
      .replace(/ {2,}/g, " ")
      .replace(/^[ \u3000]+|[ \u3000]+$/g, "")
      .replace(/^(?:[•▪◦‣➢◆●■]+[ \u3000]+)+/, "")
      .replace(/^([一二三四五六七八九十百]{1,4}) ?[、.．](?![一二三四五六七八九十百])[ \u3000]*/, "$1、")
      .replace(/^[(（] ?([一二三四五六七八九十百]{1,4}) ?[)）][、.． \u3000]*/, "（$1）")
      .replace(/^[(（]? ?([0-9]{1,2}) ?[)）][、.． \u3000]*/, "（$1）")
      .replace(/^([0-9]{1,2}) ?[、.．][ \u3000]*(?=\d{4}年|[^\d \u3000])/, "$1.");
  }

  // A list that the browser numbers has no numbers in its text; they are written out here.
  function listMark(item) {
    const list = item.parentNode;
    if (!list || list.nodeName !== "OL" || MARKS.some((m) => m && m.test(tidy(item.textContent)))) return "";
    const before = Array.prototype.filter.call(list.children, (one) => one.nodeName === "LI");
    const n = (parseInt(list.getAttribute("start"), 10) || 1) + before.indexOf(item);
    return mark(list.parentNode && list.parentNode.closest("ol") ? 4 : 3, n);
  }

  function walk(node, out) {
    if (node.nodeType === 3) {
      out.push(node.data.replace(/([\u2e80-\uffef])\s*\n\s*/g, "$1").replace(/\s*\n\s*(?=[\u2e80-\uffef])/g, "").replace(/\s*\n\s*/g, " "));
      return;
    }
    if (node.nodeType !== 1 || SKIPPED.test(node.nodeName)) return;
    const block = BLOCKS.test(node.nodeName);
    if (block) out.push("\n");
    if (node.nodeName === "LI") out.push(listMark(node));
    Array.prototype.forEach.call(node.childNodes, (child) => walk(child, out));
    if (node.nodeName === "TD" || node.nodeName === "TH") out.push(" ");
    if (block) out.push("\n");
  }

  // DOMParser's document is inert: nothing in it loads, runs or reaches the page. It has
  // the page's policy, though, and each style attribute of Word's would be reported.
  function withoutStyles(html) {
    return html
      .replace(/<style[\s\S]*?<\/style>/gi, "")
      .replace(/<[a-z][^<>]*>/gi, (tag) => tag.replace(/\s(?:style|on\w+)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi, ""));
  }

  function textOfHtml(html) {
    const out = [];
    walk(new DOMParser().parseFromString(withoutStyles(html), "text/html").body, out);
    return out.join("").split("\n").map(tidy).filter(Boolean).join("\n");
  }

  function textOfPlain(text) {
    return text.replace(/\r\n?|[\u000b\u000c\u2028\u2029]/g, "\n").split("\n").map(tidy).join("\n").replace(/\n{3,}/g, "\n\n");
  }

  // execCommand keeps the browser's own undo; setRangeText is for browsers that dropped it.
  function insert(area, text, start, end) {
    area.focus();
    area.setSelectionRange(start, end);
    if (text ? document.execCommand("insertText", false, text) : document.execCommand("delete")) return;
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function paste(event) {
    const data = event.clipboardData;
    const html = data && data.getData("text/html");
    const text = html ? textOfHtml(html) : data ? textOfPlain(data.getData("text/plain")) : "";
    if (!text) return;
    event.preventDefault();
    insert(event.target, text, event.target.selectionStart, event.target.selectionEnd);
  }

  function setLevel(area, level) {
    const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const stop = area.value.indexOf("\n", start);
    const line = area.value.slice(start, stop < 0 ? undefined : stop);
    const blank = line.length - line.replace(/^[ \u3000]+/, "").length;
    const old = levelOf(line.slice(blank));
    const above = area.value.slice(0, start).split("\n");
    const caret = area.selectionStart - start - blank - old.length;
    const written = old.level === level || !level ? "" : mark(level, nextNumber(above, level));
    if (written || blank + old.length) insert(area, written, start, start + blank + old.length);
    const at = start + written.length + Math.max(0, caret);
    area.setSelectionRange(at, at);
  }

  function count(area, output) {
    const n = Array.from(area.value.replace(/\s/g, "")).length;
    const words = "全文" + n.toLocaleString("zh-CN") + "字";
    output.textContent = n > LONG ? words + "，超过4000字，请精简：专项性文件一般不超过4000字" : words;
    output.classList.toggle("is-long", n > LONG);
  }

  // Rows, not a style: the height needs no inline style and survives without a script.
  function fit(area) {
    const least = Number(area.dataset.rows || area.rows);
    const scroll = window.pageYOffset;
    area.dataset.rows = least;
    area.rows = least;
    const style = getComputedStyle(area);
    const padding = parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
    const line = parseFloat(style.lineHeight) || (area.clientHeight - padding) / least;
    const needed = Math.ceil((area.scrollHeight - padding) / line - 0.1);
    area.rows = Math.max(least, needed || least);
    window.scrollTo(window.pageXOffset, scroll);
  }

  function start(editor) {
    const area = editor.querySelector("textarea");
    const tools = editor.querySelector("[data-editor-tools]");
    const output = editor.querySelector("[data-editor-count]");
    if (!area || editor.dataset.ready) return;
    editor.dataset.ready = "yes";
    if (area.readOnly || area.disabled) return;
    const follow = () => { fit(area); if (output) count(area, output); };
    area.addEventListener("paste", paste);
    area.addEventListener("input", follow);
    if (tools) {
      tools.hidden = false;
      tools.addEventListener("click", (event) => {
        const button = event.target.closest("[data-level]");
        if (button) setLevel(area, Number(button.dataset.level));
      });
    }
    if (output) output.hidden = false;
    follow();
  }

  function startAll(root) {
    Array.prototype.forEach.call(root.querySelectorAll("[data-editor]"), start);
  }

  document.addEventListener("DOMContentLoaded", () => startAll(document));
  document.addEventListener("htmx:load", () => startAll(document));
  if (document.readyState !== "loading") startAll(document);
})();
