// The page itself: dialogs, keys, and tables that are cards on a phone.
(function () {
  "use strict";

  document.addEventListener("click", function (event) {
    var opener = event.target.closest("[data-dialog]");
    if (opener) open(document.getElementById(opener.dataset.dialog), event.detail === 0);
    if (event.target.closest("[data-dialog-close]")) event.target.closest("dialog").close();
    if (event.target.closest("[data-back]")) back(event.target);
  });

  // A long menu begins where one is in it, not always at its top.
  var here = document.querySelector(".sidebar .frame-nav [aria-current]");
  if (here) here.scrollIntoView({ block: "nearest" });

  document.querySelectorAll("dialog[data-opened]").forEach(function (dialog) { dialog.showModal(); });

  // What is to be filled in is ready to be typed into, but on a phone, whose keys would hide the question.
  // Who opened it by a key goes on by keys, also where nothing is asked.
  function open(dialog, byKey) {
    dialog.showModal();
    var field = dialog.querySelector(".dialog-body :is(input:not([type=hidden]), textarea, select)");
    var first = field || dialog.querySelector("[type=submit]:not(.btn-danger)");
    var types = byKey || (field && window.matchMedia("(pointer: fine)").matches);
    if (types && first) first.focus();
  }

  // From an error page to the page before; from an error above a form that is still there, to the form.
  function back(button) {
    var region = button.closest("#page-error");
    if (region) region.replaceChildren(); else history.back();
  }

  // A dialog whose form was taken has done its work; one that was refused shows why.
  document.addEventListener("htmx:afterRequest", function (event) {
    var dialog = event.detail.elt.closest && event.detail.elt.closest("dialog[open]:not(.finder-dialog)");
    if (dialog && event.detail.successful && event.detail.xhr.status < 400) dialog.close();
  });

  // The scanner comes with its first use: its script, the dialog, and in a worker the decoder.
  var scannerAddress = document.currentScript.dataset.scanner;
  var scanner = null;
  function scan(opener) {
    scanner = scanner || new Promise(function (resolve, reject) {
      var script = document.createElement("script");
      script.src = scannerAddress;
      script.onload = function () { resolve(window.portalScanner); };
      script.onerror = reject;
      document.head.append(script);
    });
    scanner.then(function (it) { return it.open(opener); }).catch(function () {
      scanner = null;
      window.portal.toast("error", document.getElementById("toasts").dataset.noAnswer);
    });
  }

  document.addEventListener("click", function (event) {
    var opener = event.target.closest("[data-scan]");
    if (opener) scan(opener);
  });

  // Somebody goes on with the next code: the page that answers the last one opens the camera again, unless it
  // has something to say about that code.
  function goOn() {
    var into = sessionStorage.getItem("scanner");
    sessionStorage.removeItem("scanner");
    var opener = into && document.querySelector("[data-scan-into='" + into + "']");
    if (opener && !document.querySelector("[aria-invalid]")) scan(opener);
  }

  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    var box = document.querySelector("[data-search]");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });

  // On a phone the rows of .table-cards are laid out as blocks, and a table whose display has
  // changed is no table to a screen reader. The roles say again what the elements are.
  var ROLES = { THEAD: "rowgroup", TBODY: "rowgroup", TFOOT: "rowgroup", TR: "row", TD: "cell" };
  function nameRoles(table) {
    table.setAttribute("role", "table");
    table.querySelectorAll("thead, tbody, tfoot, tr, td, th").forEach(function (part) {
      var head = part.scope === "row" ? "rowheader" : "columnheader";
      part.setAttribute("role", part.tagName === "TH" ? head : ROLES[part.tagName]);
    });
  }

  // A box that scrolls must be reachable by keyboard; one that does not must not be a stop on the way.
  function reach(box) {
    var scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    if (scrolls) box.tabIndex = 0; else box.removeAttribute("tabindex");
  }

  var boxes = new ResizeObserver(function (entries) {
    entries.forEach(function (entry) { reach(entry.target); });
  });

  function settle(scope) {
    scope.querySelectorAll(".table-cards").forEach(nameRoles);
    scope.querySelectorAll(".table-box").forEach(function (box) {
      reach(box); // at once: the observer tells only with the next frame
      boxes.observe(box);
    });
    var summary = scope.querySelector("[data-focus]");
    if (!summary) return;
    summary.removeAttribute("data-focus"); // once: a later swap elsewhere must not take the focus back
    summary.focus();
  }

  document.addEventListener("DOMContentLoaded", function () {
    settle(document);
    goOn();
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    var target = event.detail.target;
    settle((target && target.isConnected && target.parentElement) || document);
  });
})();
