// The quick order: products while one types, Ctrl+Enter to check, and a sheet that this tab keeps until it is
// in the cart. Without script the same form is sent and answered as a page.
(function () {
  "use strict";
  var SETTLED_MS = 200;
  var LEAST = 2; // characters before products are looked for

  // -- Products while one types (a combobox with a list, as WAI-ARIA describes it) -----------------

  var asked = null; // the field that products are looked for
  var waiting;

  function list() { return document.getElementById("found-products"); }
  function options() { return Array.from(list().querySelectorAll("[role=option]")); }
  function isOpen() { return asked !== null && !list().hidden; }
  function active() { return list().querySelector("[aria-selected=true]"); }

  function close() {
    if (list()) list().hidden = true;
    if (!asked) return;
    asked.setAttribute("aria-expanded", "false");
    asked.removeAttribute("aria-activedescendant");
  }

  function look(field) {
    asked = field;
    var q = field.value.trim();
    if (q.length < LEAST || document.activeElement !== field) return close();
    var address = field.form.dataset.products + "?q=" + encodeURIComponent(q);
    htmx.ajax("GET", address, { source: field, target: "#found-products", swap: "outerHTML" });
  }

  function show() {
    var now = list();
    var fits = asked && document.activeElement === asked && now.dataset.q === asked.value.trim();
    if (!fits || !options().length) return close();
    asked.after(now);
    now.hidden = false;
    asked.setAttribute("aria-expanded", "true");
  }

  function mark(option) {
    options().forEach(function (one) { one.setAttribute("aria-selected", String(one === option)); });
    asked.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function walk(by) {
    var all = options();
    var next = all.indexOf(active()) + by;
    mark(all[(next + all.length) % all.length]);
  }

  function take(option) {
    var field = asked;
    field.value = option.dataset.sku;
    close();
    keep();
    var next = field.id === "entry-code"
      ? document.getElementById("field-count")
      : field.closest("[data-entry]").querySelector("[name=quantity]");
    next.focus();
    next.select();
  }

  document.addEventListener("input", function (event) {
    if (!event.target.matches("[data-combobox]") || event.isComposing) return;
    clearTimeout(waiting);
    waiting = setTimeout(look, SETTLED_MS, event.target);
  });
  document.addEventListener("compositionend", function (event) {
    if (event.target.matches("[data-combobox]")) look(event.target);
  });
  document.addEventListener("focusout", function (event) { if (event.target === asked) setTimeout(close); });
  document.addEventListener("mousedown", function (event) {
    var option = event.target.closest("#found-products [role=option]");
    if (!option) return;
    event.preventDefault(); // the field keeps the focus until the product is taken
    take(option);
  });

  // Before what Enter means elsewhere: it takes the product that is marked.
  document.addEventListener("keydown", function (event) {
    if (event.isComposing) return;
    var form = event.target.closest("[data-kept-sheet]");
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(document.getElementById("check"));
      return;
    }
    if (event.target !== asked || !isOpen()) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      walk(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && active()) {
      event.preventDefault();
      event.stopPropagation();
      take(active());
    }
  }, true);

  // -- Nothing typed is lost ------------------------------------------------------------------------
  // The tab keeps what stands in the form: codes and quantities, no prices. It comes back with the page, for
  // the same person only, and goes when the sheet has become a cart.

  var KEY = "quick-order";
  var ROW = ["row", "line", "sku", "quantity"];

  function form() { return document.querySelector("[data-kept-sheet]"); }

  function keep() {
    var here = form();
    if (!here) return;
    var rows = Array.from(here.querySelectorAll("[name=row]")).map(function (first, place) {
      return ROW.map(function (name) { return here.querySelectorAll("[name=" + name + "]")[place].value; });
    });
    var kept = {
      person: here.dataset.keptSheet, rows: rows,
      pasted: here.elements.pasted.value, code: here.elements.code.value, count: here.elements.count.value,
    };
    var isEmpty = !rows.length && !kept.pasted && !kept.code && !kept.count;
    if (isEmpty) sessionStorage.removeItem(KEY); else sessionStorage.setItem(KEY, JSON.stringify(kept));
  }

  function put_back() {
    var here = form();
    var kept = JSON.parse(sessionStorage.getItem(KEY) || "null");
    if (!here || !kept || kept.person !== here.dataset.keptSheet) return sessionStorage.removeItem(KEY);
    if (here.querySelector("[name=row]") || here.elements.pasted.value) return keep();
    here.elements.pasted.value = kept.pasted;
    here.elements.code.value = kept.code;
    here.elements.count.value = kept.count;
    if (!kept.rows.length) return;
    kept.rows.forEach(function (row) {
      row.forEach(function (value, place) {
        var field = document.createElement("input");
        field.type = "hidden";
        field.name = ROW[place];
        field.value = value;
        here.append(field);
      });
    });
    here.requestSubmit(document.getElementById("check"));
  }

  document.addEventListener("DOMContentLoaded", put_back);
  document.addEventListener("input", function (event) {
    if (event.target.closest("[data-kept-sheet]")) keep();
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    if (event.detail.target.id === "found-products") show();
    else keep();
  });
  document.addEventListener("portal:sheet-taken", function () { sessionStorage.removeItem(KEY); });
})();
