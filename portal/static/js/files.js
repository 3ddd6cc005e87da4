// Files of a form: sent as soon as they are picked, one after the other, each shown with what became of it.
// Without this script they go with the form.
(function () {
  "use strict";
  var queue = Promise.resolve();
  document.querySelectorAll("[data-file-field][hidden]").forEach(function (field) { field.hidden = false; });

  function headers() {
    return JSON.parse(document.body.getAttribute("hx-headers"));
  }

  function waiting(file) {
    var item = document.createElement("li");
    item.className = "file-item";
    item.setAttribute("aria-busy", "true");
    var name = document.createElement("span");
    name.className = "file-name";
    name.textContent = file.name;
    var bar = document.createElement("progress");
    bar.max = 1;
    item.append(name, bar);
    return item;
  }

  function failed(item, name, reason) {
    item.className = "file-item file-refused";
    item.removeAttribute("aria-busy");
    item.setAttribute("role", "alert");
    item.replaceChildren(name + " " + reason);
  }

  // Resolves when the server has answered, whatever it said; rejects without an answer of ours.
  function send(address, name, file, item) {
    return new Promise(function (resolve, reject) {
      var request = new XMLHttpRequest(), form = new FormData(), bar = item.querySelector("progress");
      form.append("files", file, file.name);
      if (name) form.append("field", name);
      request.open("POST", address);
      Object.entries(headers()).forEach(function (header) {
        request.setRequestHeader(header[0], header[1]);
      });
      request.upload.onprogress = function (event) { bar.value = event.loaded / event.total; };
      request.onerror = reject;
      request.onload = function () {
        if (request.status !== 201 && request.status !== 422) return reject();
        htmx.swap(item, request.responseText, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });
        resolve();
      };
      request.send(form);
    });
  }

  document.addEventListener("change", function (event) {
    var field = event.target.closest("[data-file-field]");
    if (!field || event.target.type !== "file") return;
    var list = field.querySelector("[data-file-list]");
    list.querySelectorAll(".file-refused").forEach(function (item) { item.remove(); });
    Array.from(event.target.files).forEach(function (file) {
      var item = list.appendChild(waiting(file));
      queue = queue
        .then(function () { return send(field.dataset.fileField, field.dataset.fileName, file, item); })
        .catch(function () { failed(item, file.name, field.dataset.failed); });
    });
    event.target.value = ""; // or the form would send them once more
  });

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-file-remove]");
    if (!button) return;
    var field = button.closest("[data-file-field]");
    fetch(button.dataset.fileRemove, { method: "POST", headers: headers() });
    button.closest("[data-file]").remove();
    field.querySelector("input[type=file]").focus();
  });

  // What is still on its way would be missing from the form.
  document.addEventListener("submit", function (event) {
    if (!event.target.querySelector("[data-file-list] [aria-busy]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    queue.then(function () { event.target.requestSubmit(event.submitter); });
  }, true);
})();
