// Runs before the first paint. The server has written the chosen theme into data-theme (from the
// cookie); only "auto" needs the browser, which alone knows what the device prefers.
(function () {
  "use strict";
  var root = document.documentElement;
  var prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

  function apply() {
    var chosen = root.dataset.theme;
    var dark = chosen === "dark" || (chosen === "auto" && prefersDark.matches);
    root.setAttribute("data-bs-theme", dark ? "dark" : "light");
    document.dispatchEvent(new CustomEvent("portal:theme"));
  }

  prefersDark.addEventListener("change", apply);
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-set-theme]");
    if (!button) return;
    root.dataset.theme = button.dataset.setTheme;
    document.cookie = "theme=" + root.dataset.theme + ";path=/;max-age=31536000;samesite=lax";
    document.querySelectorAll("[data-set-theme]").forEach(function (other) {
      other.setAttribute("aria-pressed", String(other.dataset.setTheme === root.dataset.theme));
    });
    apply();
  });
  apply();
})();
