// What was typed into a form that got no good answer: the session had ended, the network was gone. The
// browser forgets it, since our pages are not stored. This tab keeps it, for the same person only, and fills
// it in when the page of the form is there again.
(function () {
  "use strict";
  var KEY = "sent-form";
  var NEVER = ["hidden", "file", "password", "submit", "button"];

  function person() {
    var name = document.querySelector(".user-text");
    return name ? name.textContent.trim() : "";
  }

  function fieldsOf(form) {
    return Array.from(form.elements).filter(function (field) {
      return field.name && NEVER.indexOf(field.type) < 0;
    });
  }

  function isChosen(field) { return field.type === "checkbox" || field.type === "radio"; }

  function fill(sent) {
    var form = document.forms[sent.place];
    var fields = form && form.action === sent.action ? fieldsOf(form) : [];
    sent.fields.forEach(function (was, place) {
      var field = fields[place];
      if (!field || field.name !== was[0]) return;
      if (isChosen(field)) field.checked = was[1];
      else field.value = was[1];
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.hasAttribute("data-download") || form.querySelector("[type=password]")) return;
    sessionStorage.setItem(KEY, JSON.stringify({
      address: location.href,
      person: person(),
      place: Array.from(document.forms).indexOf(form),
      action: form.action,
      fields: fieldsOf(form).map(function (field) {
        return [field.name, isChosen(field) ? field.checked : field.value];
      }),
    }));
  });

  document.addEventListener("DOMContentLoaded", function () {
    var kept = sessionStorage.getItem(KEY);
    if (!kept || !person() || document.querySelector("[data-error-fragment]")) return;
    sessionStorage.removeItem(KEY);
    var sent = JSON.parse(kept);
    if (sent.address === location.href && sent.person === person()) fill(sent);
  });
})();
