// The search across the portal as a dialog: Ctrl K, ⌘K or its button in the frame; arrows walk through what
// was found, Enter goes there, Esc closes. Without script the button leads to the same as a page.
(function () {
  "use strict";
  var opener = document.querySelector("[data-finder-open]");
  if (!opener) return;
  var dialog = null;
  var goWhenFound = false;

  function box() {
    return document.querySelector("[data-finder]");
  }

  function open() {
    if (box()) return box().select();
    if (!dialog) {
      dialog = document.createElement("dialog");
      dialog.className = "dialog finder-dialog";
      dialog.setAttribute("aria-label", opener.querySelector("span").textContent);
      dialog.addEventListener("close", function () { dialog.replaceChildren(); });
      dialog.addEventListener("click", function (event) { if (event.target === dialog) dialog.close(); });
      document.body.append(dialog);
    }
    dialog.showModal();
    htmx.ajax("GET", opener.href, { target: dialog, swap: "innerHTML" }).then(function () {
      if (box()) box().focus();
    });
  }

  function finds() {
    return Array.from(document.querySelectorAll("#found [data-find]"));
  }

  // What stands there is the answer to what is typed now.
  function isCurrent() {
    return document.getElementById("found").dataset.q === box().value.trim();
  }

  function walk(by) {
    var stops = [box()].concat(finds());
    var here = stops.indexOf(document.activeElement);
    stops[(Math.max(here, 0) + by + stops.length) % stops.length].focus();
  }

  opener.addEventListener("click", function (event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });

  document.addEventListener("keydown", function (event) {
    var alone = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (alone && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (dialog && dialog.open) dialog.close(); else open();
      return;
    }
    var finder = event.target.closest(".finder");
    if (!finder || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      walk(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && event.target === box() && box().value.trim()) {
      goWhenFound = true;
      if (!isCurrent()) return; // the form is sent, and its answer followed
      event.preventDefault();
      go();
    }
  });

  document.addEventListener("htmx:afterSettle", function (event) {
    var target = event.detail.target; // none where a script swaps, such as that of files
    if (target && target.id === "found" && goWhenFound && box() && isCurrent()) go();
  });
  document.addEventListener("input", function (event) {
    if (event.target === box()) goWhenFound = false;
  });

  function go() {
    goWhenFound = false;
    if (finds().length) finds()[0].click();
  }
})();
