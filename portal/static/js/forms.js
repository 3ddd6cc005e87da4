// Forms: one submission at a time, quantities by keyboard, filters that send themselves.
(function () {
  "use strict";
  var SETTLED_MS = 300;

  // -- Double submission -------------------------------------------------------------------------
  // The server refuses a repeated key anyway; this spares the buyer the surprise.

  function hold(form, button) {
    form.setAttribute("aria-busy", "true");
    if (!button) return;
    form.heldButton = button;
    form.heldFocus = document.activeElement === button;
    // After this turn, or the browser would leave the button's own name and value out.
    setTimeout(function () {
      if (form.getAttribute("aria-busy") !== "true") return;
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
    });
  }

  function release(form) {
    form.removeAttribute("aria-busy");
    var button = form.heldButton;
    if (!button) return;
    button.disabled = false;
    button.removeAttribute("aria-busy");
    if (form.heldFocus && document.activeElement === document.body) button.focus();
    form.heldButton = null;
  }

  function releaseAll() {
    document.querySelectorAll("form[aria-busy]").forEach(release);
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post" && !form.hasAttribute("hx-post")) return;
    if (form.hasAttribute("data-download")) return; // the answer is a file: the page stays
    if (form.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    hold(form, event.submitter);
  }, true);

  window.addEventListener("pageshow", releaseAll); // also when the page comes back from the cache
  window.addEventListener("offline", releaseAll);

  // Requests by htmx. A button that asks by itself is its own form.
  document.addEventListener("htmx:beforeRequest", function (event) {
    var element = event.detail.elt;
    if (element.matches("button")) hold(element, element);
    if (event.detail.target) event.detail.target.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    var element = event.detail.elt;
    // It stays held until the next page is there.
    var leaving = event.detail.xhr.getResponseHeader("HX-Redirect");
    if (element.matches("form, button") && !leaving) release(element);
    if (event.detail.target) event.detail.target.removeAttribute("aria-busy");
  });

  // -- Sliders -----------------------------------------------------------------------------------
  // data-slider names the field that one writes into; the form is sent when it is let go.

  function showSliders() {
    document.querySelectorAll("[data-slider]").forEach(function (slider) {
      slider.hidden = false;
      var typed = Number(document.getElementById(slider.dataset.slider).value);
      if (typed > 0) slider.querySelector("input").value = typed;
    });
  }

  function slide(event) {
    var slider = event.target.closest("[data-slider]");
    if (!slider) return;
    var field = document.getElementById(slider.dataset.slider);
    field.form.querySelectorAll("[data-slider-clears]").forEach(function (other) { other.value = ""; });
    field.value = event.target.value;
    if (event.type === "change" && Number(field.value) > 0) field.form.requestSubmit();
  }

  document.addEventListener("DOMContentLoaded", showSliders);
  document.addEventListener("htmx:afterSwap", showSliders);
  document.addEventListener("input", slide);
  document.addEventListener("change", slide);

  // -- Quantities --------------------------------------------------------------------------------

  // By the rules of portal.kernel.typed: plain digits or groups of three, in either width, blanks around.
  // Null for anything else.
  var LENGTH_MAX = 40;
  function quantityIn(text) {
    if (text.length > LENGTH_MAX) return null;
    var plain = text.replace(/[０-９，－]/g, function (wide) {
      return String.fromCharCode(wide.charCodeAt(0) - 0xFEE0);
    });
    // \s and trim() take a byte order mark for a blank.
    plain = plain.replace(/^[^\S\uFEFF]+|[^\S\uFEFF]+$/g, "");
    if (plain === "") return 0;
    return /^-?([0-9]+|[1-9][0-9]{0,2}(,[0-9]{3})+)$/.test(plain) ? Number(plain.replace(/,/g, "")) : null;
  }

  // What was typed stays, and is neither sent nor counted from until somebody has changed it.
  function refuse(input, words) {
    input.setCustomValidity(words);
    input.reportValidity();
  }

  function stepBy(input, step) {
    var words = document.getElementById("toasts").dataset;
    var most = Number(words.quantityMax);
    var pack = Math.abs(step);
    var now = quantityIn(input.value);
    if (now === null) return refuse(input, words.notWhole);
    var next = step > 0
      ? Math.max(Math.floor(now / pack) * pack + pack, pack)
      : Math.ceil(now / pack) * pack - pack;
    if (now > most || next > most) return refuse(input, words.tooMany);
    if (next < pack) return;
    input.value = String(next);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  document.addEventListener("input", function (event) {
    if (event.target.matches("[data-quantity]")) event.target.setCustomValidity("");
  });

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-step]");
    if (button) stepBy(button.parentElement.querySelector("[data-quantity]"), Number(button.dataset.step));
  });

  document.addEventListener("keydown", function (event) {
    var input = event.target;
    if (!(input instanceof HTMLInputElement) || event.isComposing) return;
    if (input.matches("[data-quantity]") && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      stepBy(input, (event.key === "ArrowUp" ? 1 : -1) * Number(input.dataset.pack));
    }
    // In a form of many rows, the button of this one.
    if (event.key === "Enter" && input.form && input.form.matches("[data-buttons-ask]")) {
      event.preventDefault();
      input.closest("tr").querySelector("[type=submit]").click();
    }
    if (event.key === "Enter" && input.matches("[data-enter-next]")) {
      var all = Array.from((input.form || document).querySelectorAll("[data-enter-next]"));
      var next = all[all.indexOf(input) + 1];
      if (!next) return; // the last one: Enter sends the form
      event.preventDefault();
      next.focus();
      next.select();
    }
  });

  document.addEventListener("focusin", function (event) {
    if (event.target.matches("[data-quantity], [data-enter-next], [data-select-all]")) event.target.select();
  });

  // The answer to a form with data-one-of-many brings all lines: what was typed into others meanwhile is put
  // back and sent.
  var typing = [];
  document.addEventListener("htmx:beforeSwap", function (event) {
    var form = event.detail.requestConfig.elt;
    if (!form.matches("[data-one-of-many]")) return;
    typing = Array.from(event.detail.target.querySelectorAll("[data-quantity][id]")).filter(function (input) {
      return input.value !== input.defaultValue && !form.contains(input);
    });
  });
  document.addEventListener("htmx:afterSwap", function () {
    typing.splice(0).forEach(function (before) {
      var input = document.getElementById(before.id);
      if (!input || input === before) return;
      input.value = before.value;
      if (document.activeElement !== input) input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  });

  // -- Filters -----------------------------------------------------------------------------------
  // "portal:filter" fires on the form when a choice is made or typing has settled. Not while a
  // Chinese input method is still composing: "xin" is not yet 心.

  var waiting;
  function filtersChanged(form) {
    clearTimeout(waiting);
    form.dispatchEvent(new CustomEvent("portal:filter"));
  }

  document.addEventListener("input", function (event) {
    var form = event.target.closest("[data-filter-bar]");
    if (!form || event.target.type !== "search" || event.isComposing) return;
    clearTimeout(waiting);
    waiting = setTimeout(filtersChanged, SETTLED_MS, form);
  });
  document.addEventListener("compositionend", function (event) {
    event.target.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("change", function (event) {
    var form = event.target.form;
    if (form && form.matches("[data-filter-bar]") && event.target.type !== "search") filtersChanged(form);
  });
  document.addEventListener("htmx:configRequest", function (event) {
    if (!event.detail.elt.matches("[data-filter-bar]")) return;
    clearTimeout(waiting);
    var parameters = event.detail.parameters;
    Object.keys(parameters).forEach(function (name) {
      if (parameters[name] === "") delete parameters[name];
    });
  });

  // -- What was typed and not sent ---------------------------------------------------------------
  // A form with data-unsaved holds what should not get lost: the page asks before it is left or that part of
  // it is replaced. Its rows, data-unsaved-row, show which of them are not saved; data-typed marks what was
  // typed before and refused.

  function typedInto(part) {
    if (part.matches("[data-typed]") || part.querySelector("[data-typed]")) return true;
    return Array.from(part.querySelectorAll("input, select, textarea")).some(function (field) {
      if (field.options) {
        var chosen = Array.from(field.options).findIndex(function (option) {
          return option.defaultSelected;
        });
        return field.selectedIndex !== Math.max(chosen, 0);
      }
      return field.type !== "hidden" && field.value !== field.defaultValue;
    });
  }

  function markUnsaved(form) {
    var rows = Array.from(form.querySelectorAll("[data-unsaved-row]"));
    var count = rows.filter(function (row) {
      var typed = typedInto(row);
      row.classList.toggle("row-unsaved", typed);
      row.querySelector("[data-unsaved-mark]").hidden = !typed;
      return typed;
    }).length;
    var said = form.querySelector("[data-unsaved-count]");
    if (said) said.textContent = count ? said.dataset.unsavedCount.replace("#", count) : "";
  }

  function markAll() { document.querySelectorAll("form[data-unsaved]").forEach(markUnsaved); }
  document.addEventListener("input", function (event) {
    var form = event.target.closest("form[data-unsaved]");
    if (form) markUnsaved(form);
  });
  window.addEventListener("pageshow", markAll); // a browser may bring typed values back with the page
  document.addEventListener("htmx:afterSwap", markAll);

  var sent = null;
  function wouldBeLost(part) {
    return Array.from(part.querySelectorAll("form[data-unsaved]")).filter(function (form) {
      return form !== sent && typedInto(form);
    });
  }

  document.addEventListener("submit", function (event) { sent = event.target; });
  window.addEventListener("beforeunload", function (event) {
    if (window.portal.keepsTyped || !wouldBeLost(document).length) return; // `js/idle.js` brings it back
    event.preventDefault();
    setTimeout(function () { if (sent) release(sent); sent = null; }); // only who stays gets here
  });
  document.addEventListener("htmx:confirm", function (event) {
    var lost = event.detail.target ? wouldBeLost(event.detail.target) : [];
    if (!lost.length) return;
    event.preventDefault();
    if (window.confirm(lost[0].dataset.unsaved)) event.detail.issueRequest(true);
  });
})();
