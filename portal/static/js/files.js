// Files of a form: sent as soon as they are picked, one after the other, each shown with what became of it.
// Without this script they go with the form.
(function () {
  "use strict";
  var queue = Promise.resolve();
  var PIECE = 512 * 1024, TURNS = 6, ANSWER_WITHIN = 60000;
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
    var said = document.createElement("span"); // a list may hold items only, so the alert is within
    said.setAttribute("role", "alert");
    said.textContent = name + " " + reason;
    item.replaceChildren(said);
  }

  // Resolves with the answer of the server, whatever it said; rejects without one.
  function ask(method, address, fields, progress) {
    return new Promise(function (resolve, reject) {
      var request = new XMLHttpRequest(), form = new FormData();
      Object.entries(fields).forEach(function (entry) {
        if (entry[1] instanceof Blob) form.append(entry[0], entry[1], entry[1].name || "piece");
        else if (entry[1] !== undefined) form.append(entry[0], entry[1]);
      });
      request.open(method, address);
      Object.entries(headers()).forEach(function (header) {
        request.setRequestHeader(header[0], header[1]);
      });
      if (progress) request.upload.onprogress = function (event) { progress(event.loaded); };
      request.onerror = request.ontimeout = reject;
      request.timeout = ANSWER_WITHIN;
      request.onload = function () {
        if (request.status >= 500 || request.status === 429) return reject();
        resolve(request);
      };
      request.send(method === "GET" ? null : form);
    });
  }

  // Shows what the server says of the file; rejects where that is none of its answers.
  function show(item, answer) {
    if (answer.status !== 201 && answer.status !== 422) return Promise.reject();
    htmx.swap(item, answer.responseText, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });
  }

  // Asks again after a break, at longer and longer intervals, and at once when the line is back.
  function persist(act, turn) {
    return act().catch(function () {
      if (turn >= TURNS) return Promise.reject();
      return new Promise(function (resolve) {
        var timer = setTimeout(go, 1000 * Math.pow(2, turn));
        function go() {
          clearTimeout(timer);
          removeEventListener("online", go);
          resolve();
        }
        addEventListener("online", go);
      }).then(function () { return persist(act, turn + 1); });
    });
  }

  // A small file at once, a large one in pieces, as a small one whose line broke: after a break it goes on
  // where it has come to.
  function send(address, name, file, item) {
    var bar = item.querySelector("progress"), place = null;
    function moved(bytes) { bar.value = bytes / file.size; }
    function next(offset) {
      moved(offset);
      return persist(function () {
        var piece = file.slice(offset, offset + PIECE);
        var fields = { files: piece, offset: offset, name: file.name, field: name };
        return ask("POST", place, fields, function (sent) { moved(offset + sent); }).catch(function () {
          return ask("GET", place, {});
        });
      }, 0).then(function (answer) {
        if (answer.status !== 200) return show(item, answer);
        var come = JSON.parse(answer.responseText);
        // whole, but its line was lost with the answer: what ends there is answered with it again
        return next(come.whole ? file.size : come.offset);
      });
    }
    function inPieces() {
      return persist(function () {
        return ask("POST", address + "/uploads", { name: file.name, size: file.size });
      }, 0).then(function (answer) {
        if (answer.status === 422) return show(item, answer);
        if (answer.status !== 201) return Promise.reject();
        place = address + "/uploads/" + JSON.parse(answer.responseText).id;
        return next(0);
      });
    }
    if (file.size > PIECE) return inPieces();
    return ask("POST", address, { files: file, field: name }, moved)
      .then(show.bind(null, item)).catch(inPieces);
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
