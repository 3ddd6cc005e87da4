// Keys of a page that is worked off: an element with data-key="a" is clicked by that letter, links with
// data-key-row are walked by j and k. They only open what asks before it sends; the one key that sends is a,
// in a queue whose rows have a button data-key-accept: there the page says so, and the act is undone easily.
(function () {
  "use strict";

  function rows() { return Array.from(document.querySelectorAll("[data-key-row]")); }

  function walk(by) {
    var all = rows();
    if (!all.length) return false;
    var next = all.indexOf(document.activeElement) + by;
    all[Math.min(Math.max(next, 0), all.length - 1)].focus();
    return true;
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    var typing = "input:not([type=checkbox]), textarea, select, [contenteditable], dialog";
    if (event.target.closest(typing)) return;
    if (document.querySelector("dialog[open]")) return;
    var key = event.key.toLowerCase();
    if ((key === "j" || key === "k") && walk(key === "j" ? 1 : -1)) return event.preventDefault();
    if (key === "x" && document.activeElement.matches("[data-key-row]")) {
      var choice = document.activeElement.closest("tr").querySelector("[data-key-choice]");
      if (choice) choice.click();
      return;
    }
    if (key === "a" && document.activeElement.matches("[data-key-row]")) {
      var accept = document.activeElement.closest("tr").querySelector("[data-key-accept]");
      if (accept) {
        event.preventDefault();
        accept.click();
        return;
      }
    }
    if (!/^[a-z]$/.test(key)) return;
    var target = document.querySelector("[data-key=" + key + "]");
    if (!target) return;
    event.preventDefault();
    target.click();
  });
})();
