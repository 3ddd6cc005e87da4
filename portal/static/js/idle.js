// Nobody there: a warning, then the sign-in. What was typed is kept in this tab, for the same person.
(function () {
  "use strict";
  var LOOK_MS = 5000;
  var CONTACT = "portal.contact"; // when any tab was last answered, for all tabs
  var DRAFT = "portal.draft:"; // and the page; kept in this tab
  var SENT = "portal.sent"; // the page whose form was sent last
  var KEPT_MS = 12 * 3600 * 1000;
  var page = document.body.dataset;
  var here = location.pathname + location.search;
  var dialog = document.getElementById("idle");

  // -- What was typed ----------------------------------------------------------------------------

  function fieldsOf(form) {
    return Array.from(form.elements).filter(function (field) {
      return field.name && !field.disabled
        && !["hidden", "password", "file", "submit", "button", "reset"].includes(field.type);
    });
  }

  function isTyped(field) {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.options) {
      return Array.from(field.options).some(function (one) { return one.selected !== one.defaultSelected; });
    }
    return field.value !== field.defaultValue;
  }

  function valueOf(field) {
    if (field.type === "checkbox" || field.type === "radio") return field.checked;
    if (field.multiple) {
      return Array.from(field.selectedOptions).map(function (one) { return one.value; });
    }
    return field.value;
  }

  function posted() {
    return Array.from(document.forms).filter(function (form) {
      return form.method === "post" || form.hasAttribute("hx-post");
    });
  }

  // A form is known by where it is sent and its place among those, a field by its name and place.
  function eachField(act) {
    var forms = {};
    posted().forEach(function (form) {
      var to = form.getAttribute("hx-post") || form.getAttribute("action") || "";
      var place = forms[to] = (forms[to] || 0) + 1;
      var names = {};
      fieldsOf(form).forEach(function (field) {
        var nth = names[field.name] = (names[field.name] || 0) + 1;
        act([to, place, field.name, nth].join("\n"), field);
      });
    });
  }

  function keep() {
    var typed = {};
    eachField(function (key, field) { if (isTyped(field)) typed[key] = valueOf(field); });
    if (!page.visitor || !Object.keys(typed).length) return;
    try {
      var kept = { by: page.visitor, at: Date.now(), typed: typed };
      sessionStorage.setItem(DRAFT + here, JSON.stringify(kept));
    } catch (full) { /* the browser keeps no more: nothing can be done */ }
  }

  function putBack(field, value) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = value;
    else if (field.multiple) {
      Array.from(field.options).forEach(function (one) { one.selected = value.includes(one.value); });
    } else field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function bringBack() {
    var kept = JSON.parse(sessionStorage.getItem(DRAFT + here) || "null");
    if (!kept || !page.visitor) return;
    sessionStorage.removeItem(DRAFT + here);
    if (kept.by !== page.visitor || Date.now() - kept.at > KEPT_MS) return;
    var found = false;
    eachField(function (key, field) {
      if (!(key in kept.typed)) return;
      found = true;
      putBack(field, kept.typed[key]);
    });
    if (found) window.portal.toast("info", document.getElementById("toasts").dataset.restored);
  }

  // Somebody else has signed in here: nothing of the one before stays.
  function forgetOthers() {
    if (!page.visitor) return;
    Object.keys(sessionStorage).forEach(function (key) {
      if (!key.startsWith(DRAFT)) return;
      var kept = JSON.parse(sessionStorage.getItem(key));
      if (kept.by !== page.visitor) sessionStorage.removeItem(key);
    });
  }

  // A form that was sent when the session had ended: its page is asked for again after the sign-in. An answer
  // of any other kind has taken it, or shows it again.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post") || event.defaultPrevented) return;
    keep();
    sessionStorage.setItem(SENT, here);
  });
  function settleSent() {
    var from = sessionStorage.getItem(SENT);
    sessionStorage.removeItem(SENT);
    var link = document.querySelector("[data-signed-out]");
    if (!from) return;
    if (!link) return sessionStorage.removeItem(DRAFT + from);
    link.removeAttribute("target");
    link.querySelector("span").textContent = link.dataset.signedOut;
    link.href += "?next=" + encodeURIComponent(from);
  }

  settleSent();
  forgetOthers();
  document.addEventListener("DOMContentLoaded", bringBack);
  if (!dialog) return;

  // -- Somebody there? ---------------------------------------------------------------------------

  var idle = Number(page.idle) * 1000;
  var warned = idle - Number(page.idleWarning) * 1000;
  var input = 0;
  var leaving = false;

  function contact() { localStorage.setItem(CONTACT, String(Date.now())); }
  function since() { return Date.now() - Number(localStorage.getItem(CONTACT) || 0); }

  function tell(address) {
    var token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
    return fetch(page.root + address, { method: "POST", headers: { "X-CSRFToken": token }, keepalive: true });
  }

  function stay() {
    tell("/account/alive").then(function (answer) {
      if (answer.status === 401) return leave();
      if (!answer.ok) return;
      contact();
      dialog.close();
    }).catch(function () { /* no network: the next look tries again */ });
  }

  // The session ends before the sign-in is asked for: it would lead straight back.
  function leave() {
    if (leaving) return;
    leaving = true;
    keep();
    window.portal.keepsTyped = true;
    var on = function () { location.assign(page.root + "/login?next=" + encodeURIComponent(here)); };
    tell("/account/idle").then(on, on);
  }

  function look() {
    var age = since();
    if (age >= idle) leave();
    else if (age < warned) dialog.close();
    else if (Date.now() - input < age && !dialog.open) stay(); // typed since, and nothing was sent
    else if (!dialog.open) dialog.showModal();
  }

  ["keydown", "pointerdown", "input"].forEach(function (kind) {
    document.addEventListener(kind, function () { if (!dialog.open) input = Date.now(); }, true);
  });
  dialog.addEventListener("cancel", stay);
  dialog.querySelector("[data-idle-stay]").addEventListener("click", stay);
  dialog.querySelector("[data-idle-end]").addEventListener("click", leave);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("pageshow", function (event) { if (event.persisted) look(); });
  contact();
  setInterval(look, LOOK_MS);
})();
