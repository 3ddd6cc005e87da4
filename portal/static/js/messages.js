// How requests are made, toasts, and what a failed request says. The words come from the page, in its
// language.
(function () {
  "use strict";
  // Read by htmx when the document is ready, so after this.
  Object.assign(htmx.config, {
    includeIndicatorStyles: false,
    allowEval: false,
    allowScriptTags: false,
    selfRequestsOnly: true,
    defaultSwapStyle: "outerHTML",
    defaultSettleDelay: 0,
    attributesToSettle: ["class"],
    historyCacheSize: 0,
    refreshOnHistoryMiss: true,
    historyRestoreAsHxRequest: false,
    timeout: 30000,
    responseHandling: [
      { code: "204", swap: false },
      { code: "[23]..", swap: true },
      { code: "409|422", swap: true },
      { code: "[45]..", swap: false, error: true }
    ]
  });
  var KEPT_ON_SCREEN_MS = 6000;
  var TONES = { success: "green", error: "red", warning: "amber", info: "blue" };

  function toast(kind, text) {
    // What passes floats; what stays takes room of its own at the top, or it would lie on a button that
    // somebody needs.
    var stays = kind === "error";
    var page = document.getElementById("toasts");
    var stack = stays ? document.getElementById("failures") : page;
    var box = document.createElement("div");
    box.className = "toast-note tone-" + (TONES[kind] || "blue");
    var words = document.createElement("span");
    words.textContent = text;
    var close = document.createElement("button");
    close.type = "button";
    close.className = "btn-close";
    close.setAttribute("aria-label", page.dataset.close);
    close.addEventListener("click", function () { box.remove(); });
    box.append(words, close);
    stack.append(box);
    while (stack.children.length > (stays ? 2 : 4)) stack.firstElementChild.remove();
    if (!stays) setTimeout(function () { box.remove(); }, KEPT_ON_SCREEN_MS);
  }

  function say(key) {
    toast("error", document.getElementById("toasts").dataset[key]);
  }

  // The server: HX-Trigger: {"toast": {"kind": "success", "text": "…"}}
  document.addEventListener("toast", function (event) {
    toast(event.detail.kind, event.detail.text);
  });

  // An error page, full or fragment, goes to #page-error and leaves what was typed where it is.
  // Anything else that failed (a proxy's page, say) is never swapped in.
  document.addEventListener("htmx:beforeSwap", function (event) {
    var answer = event.detail;
    var region = document.getElementById("page-error");
    if (answer.xhr.status < 400) {
      if (region && answer.requestConfig.verb !== "get") region.replaceChildren();
      return;
    }
    if (region && answer.serverResponse.includes("data-error-fragment")) {
      answer.shouldSwap = true;
      answer.target = region;
      answer.swapOverride = "innerHTML";
      answer.selectOverride = "[data-error-fragment]";
      answer.isError = false;
      requestAnimationFrame(function () { region.focus(); });
    } else if (answer.isError || /<html/i.test(answer.serverResponse)) {
      answer.shouldSwap = false;
      say("failed");
    }
  });

  document.addEventListener("htmx:sendError", function () {
    say(navigator.onLine ? "noAnswer" : "offline");
  });
  document.addEventListener("htmx:timeout", function () { say("noAnswer"); });
  window.addEventListener("offline", function () { say("offline"); });

  window.portal = { toast: toast };
})();
